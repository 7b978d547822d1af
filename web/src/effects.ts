/* What single terms leave: pain and fluid by their doses, drive held back, strategies, a late start; to Python's bits. */

import { findJoint, findStrategy, Unmet } from "./condition";
import type { Scene, Side, Term } from "./scene";
import { numpySum } from "./numpy";

const SIDES: Side[] = ["r", "l", "both"];

/** Part a target from the reading asked for; empty where both hold: `gluteal.nerves.hold_back`. */
export function splitReading(target: string): [string, string] {
  const at = target.indexOf(":");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

/** Ceiling and reluctance of a term's muscles: `gluteal.nerves.joint_term` and `hold_back`. */
export function heldBack(scene: Scene, term: Term, columns: number[]): { ceiling: Float64Array; reluctance: Float64Array } {
  const held = new Float64Array(columns.length).fill(term.kind === "hold-back" ? term.value : 0);
  if (term.kind !== "hold-back")
    for (const dose of findJoint(scene, term).doses) {
      if (dose.cause !== term.kind) continue;
      const share = dose.most * Math.min(1, Math.max(0, (term.value - dose.start) / (dose.end - dose.start)));
      const rows = new Set(dose.rows[term.side]);
      columns.forEach((m, i) => rows.has(m) && (held[i] = Math.max(held[i]!, share)));
    }
  const reading = splitReading(term.target)[1];
  const left = held.map((share) => 1 - share);
  return {
    ceiling: reading === "price" ? left.map(() => 1) : left,
    reluctance: reading === "ceiling" ? left.map(() => 1) : left.map((x) => 1 / (Math.max(x, 1e-3) * Math.max(x, 1e-3))),
  };
}

/** What a strategy makes of each activation's weight, (muscles,): `gluteal.nerves.strategy`. */
export function strategyPrice(scene: Scene, term: Term): Float64Array {
  const row = 3 * findStrategy(scene, term.target) + SIDES.indexOf(term.side), M = scene.muscles;
  const concern = scene.doubles("concern").subarray(row * M, (row + 1) * M), leg = scene.array("leg");
  const price = concern.map((q) => 1 + (term.value - 1) * q);
  const legs = Array.from(price).filter((_, m) => leg[m]);
  const mean = numpySum(legs) / legs.length;
  return price.map((x) => x / mean);
}

/** The ceiling that a late start sets, (frames, columns): `gluteal.nerves.delay`. */
export function delayed(scene: Scene, term: Term, columns: number[], undisturbed?: Float64Array): Float64Array {
  const { frames } = scene;
  if (frames < 2) throw new Unmet("A delay needs a movement over time; this is one posture.");
  if (!undisturbed) throw new Error("A delay needs the undisturbed activation.");
  if (scene.header.task.cyclic) return earlier(scene, term, columns, undisturbed);
  const out = new Float64Array(frames * columns.length).fill(1);
  if (term.value === 0) return out;
  let started = false;
  for (const side of ["r", "l", null]) {
    const mine = columns.flatMap((m, i) => (scene.header.body.muscles[m]!.side === side ? [i] : []));
    const onset = mine.length ? findOnset(scene, columns, mine, undisturbed) : Infinity;
    if (onset === Infinity) continue;
    started = true;
    lateCeiling(scene, columns, mine, undisturbed, onset + term.value, out);
  }
  if (!started) throw new Unmet("Undisturbed, this movement never calls for it, so there is no start to delay; name a muscle that works in it.");
  return out;
}

/** When the first of some muscles starts, s; infinite where none does. */
function findOnset(scene: Scene, columns: number[], mine: number[], undisturbed: Float64Array): number {
  const { started } = scene.header.effects.late, { time } = scene.header.task;
  const works = (t: number) => mine.some((i) => undisturbed[t * scene.muscles + columns[i]!]! > started);
  if (works(0))
    throw new Unmet(
      "In the first frame of this movement it already works, so there is no start to delay; " +
        "name a muscle that is silent at first, or a movement that starts from rest.",
    );
  const first = time.findIndex((_, t) => works(t));
  return first < 0 ? Infinity : time[first]!;
}

function lateCeiling(scene: Scene, columns: number[], mine: number[], undisturbed: Float64Array, until: number, out: Float64Array): void {
  const { rise, fall } = scene.header.effects.late, { time } = scene.header.task;
  for (let t = 0; t < scene.frames; t++) {
    const left = Math.exp(-(Math.min(time[t]!, until) - time[0]!) / fall);
    const lacks = Math.exp(-Math.max(time[t]! - until, 0) / rise);
    for (const i of mine) {
      const silent = undisturbed[columns[i]!]! * left;
      out[t * columns.length + i] = time[t]! <= until ? silent : 1 - (1 - silent) * lacks;
    }
  }
}

/** In a cycle: what the muscle would have done so much earlier. */
function earlier(scene: Scene, term: Term, columns: number[], undisturbed: Float64Array): Float64Array {
  const { frames, muscles } = scene, { time } = scene.header.task;
  const out = new Float64Array(frames * columns.length);
  const first = time[0]!, span = time[frames - 1]! - first;
  for (let t = 0; t < frames; t++) {
    const rest = (time[t]! - term.value - first) % span;
    const at = first + (rest < 0 ? rest + span : rest);
    columns.forEach((m, i) => {
      out[t * columns.length + i] = interpolate(at, time, (k) => undisturbed[k * muscles + m]!);
    });
  }
  return out;
}

/** NumPy's `interp` at one place. */
function interpolate(x: number, time: number[], value: (k: number) => number): number {
  const last = time.length - 1;
  if (!(x > time[0]!)) return value(0);
  if (x >= time[last]!) return value(last);
  let low = 0, high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (time[middle]! <= x) low = middle;
    else high = middle;
  }
  if (time[low] === x) return value(low);
  const slope = (value(low + 1) - value(low)) / (time[low + 1]! - time[low]!);
  return slope * (x - time[low]!) + value(low);
}
