/* The native kernel as WebAssembly: the same bits as in Python. `Problem` of kernels/native/problem.h, with 32-bit addresses. */

/** The arrays of T problems, dense, the last index fastest; as `gluteal.kernels.recruitment.solve_frames` takes them. */
export interface Given {
  frames: number;
  rows: number;
  muscles: number;
  rays: number;
  A: Float64Array;
  S: Float64Array;
  b: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  weight: Float64Array;
  capacity?: Float64Array;
  start?: Float64Array | undefined;
}

export interface Costs {
  exponent: number;
  reserve: number;
  support: number;
  support_scale: number;
  tolerance: number;
  limit: number;
}

export interface Found {
  activation: Float64Array;
  support: Float64Array;
  reserve: Float64Array;
  multiplier: Float64Array;
  certificate: Float64Array;
  iterations: number[];
  converged: boolean[];
}

interface Exports {
  memory: WebAssembly.Memory;
  __heap_base: WebAssembly.Global;
  _initialize?(): void;
  share_stamp(): number;
  share_memory(problem: number): bigint;
  share_check(problem: number, solving: number, at: number): number;
  share_solve(problem: number, start: bigint, stop: bigint, memory: number): void;
  share_bound(problem: number, target: number, bound: number, direction: number, memory: number): void;
}

export class Kernel {
  private readonly exports: Exports;
  private next = 0;

  private constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as Exports;
    this.exports._initialize?.();
  }

  static async load(bytes: Uint8Array): Promise<Kernel> {
    const { instance } = await WebAssembly.instantiate(bytes as BufferSource, {});
    return new Kernel(instance);
  }

  /** Which sources the kernel was built from. */
  get stamp(): string {
    const from = this.exports.share_stamp();
    const memory = new Uint8Array(this.exports.memory.buffer);
    let text = "";
    for (let i = from; memory[i]; i++) text += String.fromCharCode(memory[i]!);
    return text;
  }

  private reset(): void {
    this.next = (Number(this.exports.__heap_base.value) + 63) & ~63;
  }

  private take(bytes: number): number {
    const at = this.next;
    this.next = (at + bytes + 63) & ~63;
    const missing = Math.ceil((this.next - this.exports.memory.buffer.byteLength) / 65536);
    if (missing > 0) this.exports.memory.grow(missing);
    return at;
  }

  private put(values: Float64Array): number {
    const at = this.take(values.byteLength);
    new Float64Array(this.exports.memory.buffer, at, values.length).set(values);
    return at;
  }

  private room(count: number): number {
    const at = this.take(8 * count);
    new Uint8Array(this.exports.memory.buffer, at, 8 * count).fill(0);
    return at;
  }

  private doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.exports.memory.buffer, at, count).slice();
  }

  /** Write the record; `found` holds the addresses of what is found, in the record's order. */
  private record(given: Given, costs: Costs, found: number[], converged: number): number {
    const { A, S, b, lower, upper, weight, capacity } = given;
    const addresses = [A, S, b, lower, upper, weight].map((v) => this.put(v));
    addresses.push(capacity ? this.put(capacity) : 0);
    const at = this.take(256);
    const view = new DataView(this.exports.memory.buffer);
    [given.frames, given.rows, given.muscles, given.rays].forEach((n, i) => view.setBigInt64(at + 8 * i, BigInt(n), true));
    addresses.forEach((a, i) => view.setUint32(at + 32 + 4 * i, a, true));
    [costs.exponent, costs.reserve, costs.support, costs.support_scale, costs.tolerance].forEach((c, i) =>
      view.setFloat64(at + 64 + 8 * i, c, true),
    );
    [...found, converged].forEach((a, i) => view.setUint32(at + 104 + 4 * i, a, true));
    view.setBigInt64(at + 144, BigInt(costs.limit), true);
    return at;
  }

  solve(given: Given, costs: Costs): Found {
    this.reset();
    const { frames: T, rows: Q, muscles: M, rays: R } = given;
    const sizes = [T * M, T * R, T * Q, T * Q, T, T, T, T];
    const found = sizes.map((count) => this.room(count));
    if (given.start) new Float64Array(this.exports.memory.buffer, found[3], T * Q).set(given.start);
    const converged = this.room(T);
    const problem = this.record(given, costs, found, converged);
    const wrong = this.exports.share_check(problem, 1, this.take(8));
    if (wrong) throw new Error(`The problem is none (${wrong}).`);
    const memory = this.take(Number(this.exports.share_memory(problem)));
    this.exports.share_solve(problem, 0n, BigInt(T), memory);
    const parts = [4, 5, 6].map((i) => this.doubles(found[i]!, T));
    const steps = new BigInt64Array(this.exports.memory.buffer, found[7], T);
    return {
      activation: this.doubles(found[0]!, T * M),
      support: this.doubles(found[1]!, T * R),
      reserve: this.doubles(found[2]!, T * Q),
      multiplier: this.doubles(found[3]!, T * Q),
      certificate: parts[0]!.map((x, t) => Math.max(x, parts[1]![t]!, parts[2]![t]!)),
      iterations: Array.from(steps, Number),
      converged: Array.from(new Uint8Array(this.exports.memory.buffer, converged, T), Boolean),
    };
  }

  /** Least share of the targets' capacity that each frame's reserve proves to be needed, and its direction. */
  bound(given: Given, costs: Costs, part: Found, target: Uint8Array): { bound: Float64Array; direction: Float64Array } {
    this.reset();
    const { frames: T, rows: Q } = given;
    const found = [part.activation, part.support, part.reserve, part.multiplier].map((v) => this.put(v));
    found.push(...[0, 1, 2, 3].map(() => this.room(T)));
    const problem = this.record(given, costs, found, this.room(T));
    const which = this.take(target.length);
    new Uint8Array(this.exports.memory.buffer, which, target.length).set(target);
    const bound = this.room(T), direction = this.room(T * Q);
    const memory = this.take(Number(this.exports.share_memory(problem)));
    this.exports.share_bound(problem, which, bound, direction, memory);
    return { bound: this.doubles(bound, T), direction: this.doubles(direction, T * Q) };
  }
}
