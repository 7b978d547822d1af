/* Reads what `gluteal.show.live.container` writes, and refuses what does not add up: a file may come from anybody. */

/** Most bytes of a header, and of a scene once it is unzipped. */
const MOST_HEADER = 4 << 20;
export const MOST_BYTES = 256 << 20;

const MAGIC = [0x47, 0x4c, 0x55, 0x54, 0x45, 0x41, 0x4c, 0x01];

export type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array | Int16Array | Uint8Array;

const TYPES = {
  f8: Float64Array,
  f4: Float32Array,
  u4: Uint32Array,
  u2: Uint16Array,
  i2: Int16Array,
  u1: Uint8Array,
} as const;

export interface ArrayEntry {
  name: string;
  dtype: keyof typeof TYPES;
  shape: number[];
  offset: number;
}

export interface Container {
  header: Record<string, unknown>;
  arrays: Map<string, { shape: number[]; values: Numbers }>;
}

/** What a person reads where a file cannot be used. */
export class BadScene extends Error {}

export function readContainer(bytes: Uint8Array): Container {
  if (bytes.length < 12 || MAGIC.some((b, i) => bytes[i] !== b)) throw new BadScene("This is no scene of gluteal.");
  if (bytes.length > MOST_BYTES) throw new BadScene("This scene is larger than 256 MB; make one of fewer frames.");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (length > MOST_HEADER || 12 + length > bytes.length) throw new BadScene("The scene's header is cut off.");
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(12, 12 + length)));
  } catch {
    throw new BadScene("The scene's header cannot be read.");
  }
  const start = (12 + length + 7) & ~7;
  const arrays: Container["arrays"] = new Map();
  const listed = header?.["arrays"];
  if (!Array.isArray(listed) || listed.length > 200) throw new BadScene("The scene lists no arrays.");
  for (const entry of listed as ArrayEntry[]) {
    const type = TYPES[entry?.dtype];
    const fine =
      type &&
      typeof entry.name === "string" &&
      Array.isArray(entry.shape) &&
      entry.shape.length <= 5 &&
      [entry.offset, ...entry.shape].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!fine) throw new BadScene("An array of the scene is not described as it should be.");
    const count = entry.shape.reduce((a, b) => a * b, 1);
    const at = start + entry.offset;
    if (entry.offset % 8 || at + count * type.BYTES_PER_ELEMENT > bytes.length)
      throw new BadScene(`The scene's array ${entry.name} is cut off.`);
    // A copy: arrays are aligned, and the file's bytes can go.
    const values = new type(bytes.slice(at, at + count * type.BYTES_PER_ELEMENT).buffer);
    if (values instanceof Float64Array || values instanceof Float32Array)
      for (const x of values) if (!Number.isFinite(x)) throw new BadScene(`${entry.name} holds what is no number.`);
    arrays.set(entry.name, { shape: entry.shape, values });
  }
  return { header, arrays };
}

/** Unzip, and stop where a small file turns out to be huge. */
export async function unzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > MOST_BYTES) {
        await reader.cancel();
        throw new BadScene("This scene unzips to more than 256 MB.");
      }
      pieces.push(value);
    }
  } catch (error) {
    if (error instanceof BadScene) throw error;
    throw new BadScene("The scene is damaged: it cannot be unzipped.");
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
