/* Files that people open: scenes, and pages or reports that carry scenes. Whatever else comes gets a sentence. */

import { BadScene, fromBase64, MOST_BYTES, unzip } from "./container";
import { readScene, type Scene } from "./scene";

export interface Opened {
  name: string;
  title: string;
  scene: Scene;
}

/** What to do about files that need Python, by their first bytes or the ending of their name. */
const ELSEWHERE: [RegExp, string][] = [
  [/\.(nc|zarr|h5)$/i, "A result holds numbers and no body in motion: open the report of the same simulation or study (--out report.html) here instead."],
  [/\.(c3d|trc|mot|sto|osim|toml)$/i, "A recording or model needs its mechanics first: gluteal see FOLDER --out body.html, then open that page here."],
  [/\.(zip|gz|tar)$/i, "Unpack this archive first; a page opens a scene (.gluteal) or a page of gluteal (.html)."],
];
/** Most scenes that one page may bring. */
const MOST_SCENES = 100;

const starts = (bytes: Uint8Array, ...first: number[]) => first.every((b, i) => bytes[i] === b);

/** Read what a person opened; raises BadScene with one sentence. */
export async function readOpened(file: Blob & { name?: string }): Promise<Opened[]> {
  if (file.size > MOST_BYTES) throw new BadScene("This file is larger than 256 MB.");
  let bytes: Uint8Array = new Uint8Array(await file.arrayBuffer());
  const known = ELSEWHERE.find(([ending]) => ending.test(file.name ?? ""));
  // netCDF, of either kind, whatever its name
  if (starts(bytes, 0x43, 0x44, 0x46) || starts(bytes, 0x89, 0x48, 0x44, 0x46)) throw new BadScene(ELSEWHERE[0]![1]);
  if (starts(bytes, 0x1f, 0x8b)) bytes = await unzip(bytes);
  if (starts(bytes, 0x47, 0x4c, 0x55, 0x54)) {
    const scene = readScene(bytes);
    return [{ name: `file: ${scene.header.task.name}`, title: scene.header.task.title, scene }];
  }
  const head = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart().toLowerCase();
  if (head.startsWith("<!doctype html") || head.startsWith("<html")) return readPage(bytes);
  throw new BadScene(known ? known[1] : "This is no scene of gluteal.");
}

/** A scene as `gluteal.show.live.page` writes it into a page. */
const SCENE = /<script\b([^>]*)\bclass="scene"([^>]*)>([^<]*)<\/script>/g;
const ESCAPED: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&" };

function attribute(text: string, name: string): string {
  const found = new RegExp(`\\bdata-${name}="([^"]*)"`).exec(text)?.[1] ?? "";
  return found.replace(/&(lt|gt|amp|#34|#39);/g, (code) => ESCAPED[code]!).slice(0, 200);
}

/** The scenes within a page or a report, found as text: nothing of the page itself is built, run or shown. */
async function readPage(bytes: Uint8Array): Promise<Opened[]> {
  const elements = [...new TextDecoder().decode(bytes).matchAll(SCENE)];
  if (!elements.length) throw new BadScene("This page has no body in motion in it: open one that gluteal see or a report with a movement wrote.");
  if (elements.length > MOST_SCENES) throw new BadScene(`This page brings more than ${MOST_SCENES} movements; open one with fewer.`);
  const found: Opened[] = [];
  let size = 0;
  for (const [, , attributes, text] of elements as unknown as [string, string, string, string][]) {
    let packed: Uint8Array;
    try {
      packed = fromBase64(text);
    } catch {
      throw new BadScene("A movement in this page is damaged.");
    }
    const whole = await unzip(packed);
    size += whole.length;
    if (size > MOST_BYTES) throw new BadScene("The movements of this page unzip to more than 256 MB.");
    const scene = readScene(whole), { name, title } = scene.header.task;
    found.push({ name: `file: ${attribute(attributes, "name") || name}`, title: attribute(attributes, "title") || title, scene });
  }
  return found;
}
