/* The largest loss of some muscles that every frame tolerates: `gluteal.kernels.tolerance`, with its certificate. */

import { assemble } from "./condition";
import type { Costs, Given, Kernel } from "./kernel";
import type { Scene } from "./scene";
import { costsOf, makeProblem } from "./sharing";

export interface Tolerated {
  loss: number; // the smallest over the frames, 1 where all can be lost
  frame: number;
  coordinate: number; // what lacks a moment first; -1 where nothing does
}

class Search {
  private readonly costs: Costs;

  constructor(
    private readonly scene: Scene,
    private readonly kernel: Kernel,
    private readonly given: Given,
    private readonly target: Uint8Array,
  ) {
    this.costs = { ...costsOf(scene), exponent: 2, reserve: scene.header.search.reserve };
  }

  /** Raise what is left from `left` until a frame works or needs more than all there is. */
  run(left: Float64Array): { left: Float64Array; normal: Float64Array; missing: Float64Array } {
    const { frames: T, rows: Q } = this.scene;
    const shift = new Float64Array(T * Q), normal = new Float64Array(T * Q), missing = new Float64Array(T * Q);
    const { limit, rise, met } = this.scene.header.search;
    let active = Array.from({ length: T }, (_, t) => t);
    for (let step = 0; step < limit && active.length; step++) {
      const part = this.take(active, left, shift);
      const found = this.kernel.solve(part, this.costs);
      const { bound, direction } = this.kernel.bound({ ...part, capacity: undefined as never, b: this.shifted(active) }, this.costs, found, this.target);
      active.forEach((t, i) => {
        const rises = bound[i]! > left[t]! + rise;
        for (let q = 0; q < Q; q++) {
          const reserve = found.reserve[i * Q + q]!;
          missing[t * Q + q] = reserve - shift[t * Q + q]!;
          if (rises) normal[t * Q + q] = direction[i * Q + q]!;
          shift[t * Q + q] = rises ? 0 : reserve;
        }
        if (rises) left[t] = bound[i]!;
      });
      active = active.filter((t) => {
        let size = 0;
        for (let q = 0; q < Q; q++) size += missing[t * Q + q]! ** 2;
        return !(size <= met ** 2) && left[t]! <= 1;
      });
    }
    return { left, normal, missing };
  }

  private some(array: Float64Array, frames: number[], size: number): Float64Array {
    const out = new Float64Array(frames.length * size);
    frames.forEach((t, i) => out.set(array.subarray(t * size, (t + 1) * size), i * size));
    return out;
  }

  private shifted(frames: number[]): Float64Array {
    return this.some(this.given.b, frames, this.scene.rows);
  }

  private take(frames: number[], left: Float64Array, shift: Float64Array): Given {
    const { rows: Q, muscles: M, rays: R } = this.scene, g = this.given, n = frames.length;
    const b = this.shifted(frames);
    frames.forEach((t, i) => {
      for (let q = 0; q < Q; q++) b[i * Q + q]! += shift[t * Q + q]!;
    });
    const capacity = new Float64Array(n * M);
    frames.forEach((t, i) => {
      for (let m = 0; m < M; m++) capacity[i * M + m] = this.target[m] ? left[t]! : 1;
    });
    return {
      frames: n,
      rows: Q,
      muscles: M,
      rays: R,
      A: this.some(g.A, frames, Q * M),
      S: this.some(g.S, frames, Q * R),
      b,
      lower: this.some(g.lower, frames, M),
      upper: this.some(g.upper, frames, M),
      weight: new Float64Array(n * M).fill(1),
      capacity,
    };
  }
}

/** The largest loss of the muscles in `columns`, together; null where the undisturbed movement already lacks something. */
export function tolerance(scene: Scene, kernel: Kernel, columns: number[]): Tolerated | null {
  const { frames: T, rows: Q, muscles: M, rays: R } = scene;
  const all = makeProblem(scene, assemble(scene, []));
  const cut = (array: Float64Array, width: number) => {
    const out = new Float64Array(T * Q * width);
    for (let t = 0; t < T; t++) out.set(array.subarray(t * all.rows * width, (t * all.rows + Q) * width), t * Q * width);
    return out;
  };
  // Weak rows make nothing impossible and take no part.
  const given: Given = { ...all, rows: Q, A: cut(all.A, M), S: cut(all.S, R), b: cut(all.b, 1) };
  const anything = new Search(scene, kernel, given, new Uint8Array(M).fill(1));
  const before = anything.run(new Float64Array(T).fill(1));
  const scale = scene.doubles("scale");
  const lacking = before.missing.map((x, i) => (before.left[Math.floor(i / Q)]! > 1 ? x : 0));
  const { lacking_moment, lacking_force, complete } = scene.header.search;
  const most = scene.header.coordinates.map((c) => (c.turns ? lacking_moment : lacking_force));
  if (lacking.some((x, i) => !(Math.abs(x) / scale[i % Q]! <= most[i % Q]!))) return null;
  const target = new Uint8Array(M);
  for (const m of columns) target[m] = 1;
  const search = new Search(scene, kernel, { ...given, b: given.b.map((x, i) => x - lacking[i]!) }, target);
  const { left, normal } = search.run(new Float64Array(T));
  let frame = 0;
  const loss = left.map((x) => 1 - Math.min(x, 1));
  for (let t = 1; t < T; t++) if (loss[t]! < loss[frame]!) frame = t;
  if (loss[frame]! >= 1 - complete) return { loss: 1, frame, coordinate: -1 };
  let coordinate = 0;
  for (let q = 1; q < Q; q++)
    if (Math.abs(normal[frame * Q + q]!) > Math.abs(normal[frame * Q + coordinate]!)) coordinate = q;
  return { loss: Math.max(loss[frame]!, 0), frame, coordinate };
}
