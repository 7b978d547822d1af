/* Load sharing over time, as a muscle can come and go only so fast: `gluteal.sharing.sweep`, in the same order. */

import { assemble, type Share } from "./condition";
import type { Kernel } from "./kernel";
import type { Scene, Term } from "./scene";
import { frameOfProblem, makeProblem, type Problem, share, shareFrames, type Solution } from "./sharing";
import { frameOf, makeSoft, oneSidedRows, type SoftRows, stackRows } from "./soft";

const UNDISTURBED = new WeakMap<Scene, Solution>();

/** The undisturbed movement, swept: what a condition that is a matter of time is compared with. */
export function undisturbedSwept(scene: Scene, kernel: Kernel): Solution {
  const known = UNDISTURBED.get(scene) ?? sweep(scene, kernel, assemble(scene, []), []);
  UNDISTURBED.set(scene, known);
  return known;
}

/**
 * Share a movement's load under activation dynamics. `start` is a neighbouring solution, swept as well: every frame then
 * starts from what it found there, which changes the steps only.
 */
export function sweep(scene: Scene, kernel: Kernel, left: Share, terms: readonly Term[], start?: Solution): Solution {
  const known = start?.course, soft = makeSoft(scene, left, terms), problem = makeProblem(scene, left, soft);
  const free = share(scene, kernel, left, { terms, problem, start: known?.free });
  if (scene.frames < 2) return free;
  const course = new Sweep(scene, kernel, left, soft, problem, free, known?.multiplier);
  const [floor, ceiling] = course.run();
  const swept = share(scene, kernel, { ...left, floor, ceiling }, {
    terms,
    problem: { ...problem, lower: floor, upper: ceiling },
    swept: true,
    start: known && course.multiplier,
  });
  return { ...swept, course: { free: free.start, multiplier: course.multiplier } };
}

const isSame = (one: Float64Array, other: Float64Array): boolean => {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
};

type Bounds = [Float64Array, Float64Array];

class Sweep {
  private readonly wanted: Float64Array;
  private readonly least: Float64Array;
  private readonly cyclic: boolean;
  private readonly course: Float64Array;
  readonly multiplier: Float64Array; // (T, Q), of each frame as it was last solved
  private readonly problems: Problem[] = []; // of each frame, but for its bounds
  private readonly solved: { low: Float64Array; high: Float64Array; lacks: number }[] = []; // of each frame, the last time
  private readonly fade: Float64Array; // what is left of an activation after each step
  private readonly lack: Float64Array; // of what is missing to the whole
  private readonly lackBefore: Float64Array;
  private readonly fadeBefore: Float64Array;

  constructor(
    private readonly scene: Scene,
    private readonly kernel: Kernel,
    private readonly left: Share,
    private readonly soft: SoftRows | null,
    private readonly whole: Problem,
    free: Solution,
    private readonly start?: Float64Array,
  ) {
    const n = scene.frames - 1, pace = scene.doubles("pace"), scale = scene.doubles("scale");
    [this.fade, this.lack, this.lackBefore, this.fadeBefore] = [0, 1, 2, 3].map((k) => pace.subarray(k * n, (k + 1) * n)) as [
      Float64Array, Float64Array, Float64Array, Float64Array,
    ];
    this.wanted = free.activation;
    this.least = free.least.map(Math.abs);
    this.cyclic = scene.header.task.cyclic;
    this.course = free.activation.slice();
    this.multiplier = start?.slice() ?? free.multiplier.map((y, i) => (y * scale[i % scene.rows]!) / scale[i % scene.rows]!);
  }

  run(): Bounds {
    const floor = this.left.floor.slice(), ceiling = this.left.ceiling.slice();
    const known = new Set<number>(), { lacking, passes } = this.scene.header.effects.late;
    let low: Float64Array = floor, high: Float64Array = ceiling;
    for (let pass = 0; pass < passes; pass++) {
      const lap = this.lap(floor, ceiling);
      [low, high] = [lap.low, lap.high];
      const fresh = Array.from(lap.lacking).flatMap((x, t) => (x > lacking && !known.has(t) ? [t] : []));
      if (!fresh.length) break;
      for (const t of fresh) known.add(t);
      for (const t of fresh) this.startEarlier(floor, ceiling, t);
    }
    if (known.size) this.relax(low, high);
    return [low, high];
  }

  private frame(array: Float64Array, t: number): Float64Array {
    const { muscles: M } = this.scene;
    return array.subarray(t * M, (t + 1) * M);
  }

  /** Sweep forward, a cycle until it closes. */
  private lap(floor: Float64Array, ceiling: Float64Array): { low: Float64Array; high: Float64Array; lacking: Float64Array } {
    const { laps, closed } = this.scene.header.effects.late, last = this.scene.frames - 1;
    let before = this.cyclic ? this.frame(this.wanted, last).slice() : null;
    let found!: { low: Float64Array; high: Float64Array; lacking: Float64Array };
    for (let lap = 0; lap < laps; lap++) {
      found = this.forward(floor, ceiling, before);
      if (!before) break;
      const end = this.frame(this.course, last);
      if (end.every((a, m) => Math.abs(a - before![m]!) < closed)) break;
      before = end.slice();
    }
    return found;
  }

  private forward(floor: Float64Array, ceiling: Float64Array, before: Float64Array | null): ReturnType<Sweep["lap"]> {
    const { frames: T, muscles: M } = this.scene, low = floor.slice(), high = ceiling.slice();
    if (before)
      for (let m = 0; m < M; m++) low[m] = high[m] = Math.min(Math.max(before[m]!, low[m]!), high[m]!);
    const lacking = new Float64Array(T);
    for (let t = 0; t < T; t++) {
      if (t)
        for (let m = 0; m < M; m++) {
          const a = this.course[(t - 1) * M + m]!, at = t * M + m;
          const most = 1 - (1 - a) * this.lack[t - 1]!, least = a * this.fade[t - 1]!;
          high[at] = Math.min(Math.max(ceiling[at]!, least), most);
          low[at] = Math.min(Math.max(floor[at]!, least), high[at]!);
        }
      lacking[t] = this.solve(low, high, t);
    }
    return { low, high, lacking };
  }

  /** The problem of a frame. With soft rows it has an order of rows of its own. */
  private problem(t: number): Problem {
    const { scene, left, soft, whole } = this;
    return (this.problems[t] ??= soft ? makeProblem(scene, left, soft, { from: t, to: t + 1 }) : frameOfProblem(whole, t));
  }

  /** Solve one frame between its bounds; return how much more it lacks than without dynamics. */
  private solve(allLow: Float64Array, allHigh: Float64Array, t: number): number {
    const low = this.frame(allLow, t), high = this.frame(allHigh, t), last = this.solved[t];
    // Between the same bounds again it would take steps of the last digits; without a start they are Python's as well.
    if (this.start && last && isSame(last.low, low) && isSame(last.high, high)) return last.lacks;
    const lacks = this.solveAnew({ ...this.problem(t), lower: low, upper: high }, t);
    if (this.start) this.solved[t] = { low: low.slice(), high: high.slice(), lacks };
    return lacks;
  }

  private solveAnew(given: Problem, t: number): number {
    const { rows: Q } = this.scene, scale = this.scene.doubles("scale");
    const found = shareFrames(this.scene, this.kernel, given, this.multiplier.slice(t * Q, (t + 1) * Q));
    this.multiplier.set(found.multiplier, t * Q);
    this.frame(this.course, t).set(found.activation);
    let most = -Infinity;
    for (let q = 0; q < Q; q++) most = Math.max(most, Math.abs(found.least[q]! / scale[q]!) - this.least[t * Q + q]!);
    return most;
  }

  /** Solve every frame once more, backward, between what both neighbours allow. */
  private relax(low: Float64Array, high: Float64Array): void {
    const { muscles: M, frames } = this.scene, last = frames - 1;
    for (let t = this.cyclic ? last - 1 : last; t > (this.cyclic ? 0 : -1); t--) {
      for (let m = 0; m < M; m++) {
        const at = t * M + m;
        let least = this.left.floor[at]!, most = this.left.ceiling[at]!;
        if (t) {
          const before = this.course[at - M]!;
          least = Math.max(least, before * this.fade[t - 1]!);
          most = Math.min(most, 1 - (1 - before) * this.lack[t - 1]!);
        }
        if (t < last) {
          const after = this.course[at + M]!;
          least = Math.max(least, this.startBefore(after, t));
          most = Math.min(most, this.leaveBefore(after, t));
        }
        low[at] = Math.min(least, this.course[at]!);
        high[at] = Math.max(most, this.course[at]!);
      }
      this.solve(low, high, t);
    }
  }

  /** The least a muscle must have been before step t, and the most it may. */
  private startBefore(activation: number, t: number): number {
    return Math.max(0, 1 - (1 - activation) * this.lackBefore[t]!);
  }

  private leaveBefore(activation: number, t: number): number {
    return Math.min(1, activation * this.fadeBefore[t]!);
  }

  /** Make muscles start and stop early enough for what a frame lacks. */
  private startEarlier(floor: Float64Array, ceiling: Float64Array, t: number): void {
    const { muscles: M } = this.scene;
    let up = this.findWanted(t), down = up;
    for (let k = t - 1; k >= 0; k--) {
      up = up.map((a) => this.startBefore(a, k));
      down = down.map((a) => this.leaveBefore(a, k));
      for (let m = 0; m < M; m++) {
        const at = k * M + m;
        floor[at] = Math.min(Math.max(floor[at]!, up[m]!), ceiling[at]!);
        ceiling[at] = Math.max(Math.min(ceiling[at]!, down[m]!), floor[at]!);
      }
      if (up.every((a) => a === 0) && down.every((a) => a >= 1)) break;
    }
  }

  /** The activations that a frame is worth preparing: what is beyond a muscle's reach costs what it takes there. */
  private findWanted(t: number): Float64Array {
    if (!t) return this.frame(this.wanted, 0);
    const { scene } = this, { muscles: M } = scene;
    const reach = this.frame(this.course, t - 1).map((a) => 1 - (1 - a) * this.lack[t - 1]!);
    const beyond = Array.from(this.frame(this.wanted, t)).flatMap((a, m) => (a > reach[m]! ? [m] : []));
    const weight = scene.doubles("weight"), places = beyond.map((_, i) => i);
    const price = beyond.map((m) => {
      const at = t * M + m, whole = weight[at]! * (this.left.price[at]! * this.left.reluctance[at]!);
      return this.lackBefore[t - 1]! * Math.sqrt(whole);
    });
    const worth = oneSidedRows(t, 1, places, beyond, price.map((x) => -x), places.map((i) => -(price[i]! * reach[beyond[i]!]!)));
    const rows = this.soft ? stackRows(1, frameOf(this.soft, t), worth) : worth;
    const given = makeProblem(scene, this.left, rows, { from: t, to: t + 1 });
    return shareFrames(scene, this.kernel, given).activation;
  }
}
