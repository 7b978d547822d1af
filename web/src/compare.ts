/* A movement under a condition beside the undisturbed one: `gluteal.outcome.compare`, `verdict` and `tables`. */

import { assemble, columnsOf, settle, termKind, Unmet } from "./condition";
import type { Kernel } from "./kernel";
import type { Coordinate, Scene, Term } from "./scene";
import { settleFatigue } from "./endurance";
import { numpySum } from "./numpy";
import { share, type Solution } from "./sharing";
import { wishedColumns } from "./soft";
import { sweep, undisturbedSwept } from "./sweep";
import { describeTarget } from "./targets";

export type Verdict = "unchanged" | "compensated" | "impossible" | "cannot-be-judged";

export interface Deficit {
  coordinate: Coordinate;
  peak: number;
  frame: number;
  fraction: number;
  rise: number;
  limit: number;
  missing: boolean;
}

/** An anatomical muscle on one side: mean force (N) and peak activation before and now. */
export interface Change {
  muscle: string;
  side: "r" | "l" | null;
  rows: number[];
  forceBefore: number;
  force: number;
  change: number;
  peakBefore: number;
  peak: number;
}

export interface Outcome {
  terms: Term[]; // settled
  baseline: Solution;
  changed: Solution;
  verdict: Verdict;
  deficits: Deficit[];
  deciding: Deficit;
  baselineDeficit: Deficit;
  limit: Float64Array; // (Q,) what may be missing, N m or N
  baselineOk: boolean;
  effortRatio: number;
  changes: Change[];
  actedOn: Change[];
  /** Muscles whose activation the last digits decide; found out when first asked for, by two more solutions. */
  notDetermined(): Set<string>;
  missingFrames: boolean[];
  takesCapacity: boolean;
}

const peakOf = (values: Float64Array, frames: number, width: number, at: number): number => {
  let most = -Infinity;
  for (let t = 0; t < frames; t++) most = Math.max(most, values[t * width + at]!);
  return most;
};

const meanOf = (values: Float64Array, frames: number, width: number, at: number): number => {
  let sum = 0;
  for (let t = 0; t < frames; t++) sum += values[t * width + at]!;
  return sum / frames;
};

/** Mean activation of some muscles over time, weighted by their strength, (T,). */
function pooled(scene: Scene, activation: Float64Array, rows: number[]): Float64Array {
  const strength = scene.doubles("strength"), { frames: T, muscles: M } = scene, mean = new Float64Array(T);
  const all = rows.reduce((sum, m) => sum + strength[m]!, 0);
  for (const m of rows) {
    const share = strength[m]! / (all > 0 ? all : 1);
    for (let t = 0; t < T; t++) mean[t]! += share * activation[t * M + m]!;
  }
  return mean;
}

const pooledPeak = (scene: Scene, activation: Float64Array, rows: number[]): number =>
  pooled(scene, activation, rows).reduce((most, a) => Math.max(most, a), -Infinity);

function poolMuscles(scene: Scene, rows: number[], before: Solution, now: Solution): Change[] {
  const by = new Map<string, number[]>();
  for (const m of rows) {
    const label = scene.header.body.muscles[m]!.label;
    by.set(label, [...(by.get(label) ?? []), m]);
  }
  const labels = [...by.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const found = labels.map((muscle) => {
    const members = by.get(muscle)!;
    const force = (s: Solution) => members.reduce((sum, m) => sum + meanOf(s.force, scene.frames, scene.muscles, m), 0);
    const was = force(before), is = force(now);
    return {
      muscle,
      side: scene.header.body.muscles[members[0]!]!.side,
      rows: members,
      forceBefore: was,
      force: is,
      change: is - was,
      peakBefore: pooledPeak(scene, before.activation, members),
      peak: pooledPeak(scene, now.activation, members),
    };
  });
  return found.sort((a, b) => b.change - a.change);
}

/** Largest |net moment| of each coordinate undisturbed, N m or N. */
function demandOf(scene: Scene, baseline: Solution): Float64Array {
  const { frames: T, rows: Q, rays: R, carried } = scene;
  const net = scene.doubles("joint_moment").slice();
  const count = carried.row.length;
  for (let t = 0; t < T; t++)
    for (let i = 0; i < count; i++)
      net[t * Q + carried.row[i]!]! -= carried.value[t * count + i]! * baseline.support[t * R + carried.column[i]!]!;
  const most = new Float64Array(Q);
  net.forEach((x, i) => (most[i % Q] = Math.max(most[i % Q]!, Math.abs(x))));
  return most;
}

function listDeficits(scene: Scene, least: Float64Array, demand: Float64Array, rise: Float64Array, limit: Float64Array): Deficit[] {
  const { frames: T, rows: Q } = scene;
  const all = scene.header.coordinates.map((coordinate, q) => {
    let frame = 0;
    for (let t = 1; t < T; t++) if (Math.abs(least[t * Q + q]!) > Math.abs(least[frame * Q + q]!)) frame = t;
    const peak = Math.abs(least[frame * Q + q]!);
    return {
      coordinate,
      peak,
      frame,
      fraction: demand[q]! > 0 ? peak / demand[q]! : NaN,
      rise: rise[q]!,
      limit: limit[q]!,
      missing: !(rise[q]! <= limit[q]!),
    };
  });
  const rank = (d: Deficit) => (d.coordinate.turns ? 0 : 2) + (d.coordinate.root ? 1 : 0);
  return all.sort((a, b) => rank(a) - rank(b) || b.peak - a.peak);
}

/**
 * Solve the movement under a condition and judge it. `start` is a neighbouring solution; it changes the steps only.
 *
 * A condition that is a matter of time is compared with the movement undisturbed under the same activation dynamics.
 */
export function simulate(scene: Scene, kernel: Kernel, asked: readonly Term[], baseline: Solution, start?: Solution): Outcome {
  const terms = settle(scene, asked);
  const late = terms.some((term) => termKind(scene, term.kind).needs_undisturbed);
  if (late && scene.frames < 2) throw new Unmet("A delay needs a movement over time; this is one posture.");
  const before = late ? undisturbedSwept(scene, kernel) : baseline;
  const tired = settleFatigue(scene, kernel, terms, before.activation);
  const left = assemble(scene, terms, before.activation, tired);
  const changed = late
    ? sweep(scene, kernel, left, terms, start)
    : share(scene, kernel, left, { terms, start: start?.start });
  return compare(scene, kernel, terms, before, changed);
}

export function compare(scene: Scene, kernel: Kernel, terms: Term[], baseline: Solution, changed: Solution): Outcome {
  const { frames: T, rows: Q, muscles: M } = scene, { rule, coordinates } = scene.header;
  const demand = demandOf(scene, baseline);
  const limit = demand.map((d, q) =>
    Math.max(coordinates[q]!.turns ? rule.missing_moment : rule.missing_force, rule.missing_share * d),
  );
  const rise = new Float64Array(Q).fill(-Infinity), before = new Float64Array(Q);
  const missingFrames: boolean[] = [];
  for (let t = 0; t < T; t++) {
    missingFrames[t] = false;
    for (let q = 0; q < Q; q++) {
      const was = Math.abs(baseline.least[t * Q + q]!), more = Math.abs(changed.least[t * Q + q]!) - was;
      rise[q] = Math.max(rise[q]!, more);
      before[q] = Math.max(before[q]!, was);
      if (!(more <= limit[q]!)) missingFrames[t] = true;
    }
  }
  const deficits = listDeficits(scene, changed.least, demand, rise, limit);
  const undisturbed = listDeficits(scene, baseline.least, demand, new Float64Array(Q), limit);
  const missing = deficits.some((d) => d.missing);
  const naming = terms.filter((term) => termKind(scene, term.kind).names_muscles);
  const acted = new Set(naming.flatMap((term) => columnsOf(scene, term)));
  let quiet = true;
  for (let m = 0; m < M; m++)
    if (!acted.has(m)) {
      const change = peakOf(changed.activation, T, M, m) - peakOf(baseline.activation, T, M, m);
      if (!(Math.abs(change) <= rule.changed_activation)) quiet = false;
    }
  const was = numpySum(baseline.effort) / T, now = numpySum(changed.effort) / T;
  const ratio = was === now ? 1 : now / was;
  const same = quiet && Math.abs(ratio - 1) < rule.changed_effort;
  const rows = Array.from({ length: M }, (_, m) => m);
  let undetermined: Set<string> | undefined;
  return {
    terms,
    baseline,
    changed,
    verdict: scene.header.task.cause !== null ? "cannot-be-judged" : missing ? "impossible" : same ? "unchanged" : "compensated",
    deficits,
    deciding: deficits.find((d) => d.missing) ?? deficits[0]!,
    baselineDeficit: undisturbed.reduce((worst, d) => (d.peak / d.limit > worst.peak / worst.limit ? d : worst)),
    limit,
    baselineOk: before.every((x, q) => x <= limit[q]!),
    effortRatio: ratio,
    changes: poolMuscles(scene, rows.filter((m) => !acted.has(m)), baseline, changed),
    actedOn: poolMuscles(scene, rows.filter((m) => acted.has(m)), baseline, changed),
    notDetermined: () => (undetermined ??= findUndetermined(scene, kernel, [baseline, changed])),
    missingFrames,
    takesCapacity: terms.every((t) => termKind(scene, t.kind).takes_capacity),
  };
}

const SENSITIVITY = new WeakMap<Solution, Float64Array>();

/** Largest change of each muscle's activation when every input is off by a millionth; `Solution.sensitivity`. */
function sensitivity(scene: Scene, kernel: Kernel, solution: Solution): Float64Array {
  const known = SENSITIVITY.get(solution);
  if (known) return known;
  const beside = share(scene, kernel, solution.share, {
    terms: solution.terms,
    start: solution.start,
    off: scene.header.rule.perturbation,
  });
  const moved = new Float64Array(scene.muscles);
  beside.activation.forEach((a, i) => {
    const m = i % scene.muscles;
    moved[m] = Math.max(moved[m]!, Math.abs(a - solution.activation[i]!));
  });
  SENSITIVITY.set(solution, moved);
  return moved;
}

function findUndetermined(scene: Scene, kernel: Kernel, pair: Solution[]): Set<string> {
  const found = new Set<string>();
  for (const solution of pair) {
    sensitivity(scene, kernel, solution).forEach((moved, m) => {
      if (moved > scene.header.rule.determined) found.add(scene.header.body.muscles[m]!.label);
    });
  }
  return found;
}

const NONE: ReadonlySet<string> = new Set();

/** Rows of `changes` that gain at least a newton of mean force; those not determined are left out unless `quick`. */
export function compensators(scene: Scene, outcome: Outcome, quick = false): Change[] {
  const out = quick ? NONE : outcome.notDetermined();
  return outcome.changes.filter((c) => c.change >= scene.header.rule.changed_force && !out.has(c.muscle));
}

/** Rows that lose at least a newton, most first. */
export function relieved(scene: Scene, outcome: Outcome, quick = false): Change[] {
  const out = quick ? NONE : outcome.notDetermined();
  return outcome.changes.filter((c) => c.change <= -scene.header.rule.changed_force && !out.has(c.muscle)).reverse();
}

/** How far a wish was met on one side, activation 1: `gluteal.outcome.wishes`. */
export interface Met {
  words: string;
  asked: number;
  before: number;
  mean: number;
  least: number;
}

export function listWishes(scene: Scene, outcome: Outcome): Met[] {
  return outcome.terms
    .filter((term) => term.kind === "wish")
    .flatMap((term) =>
      wishedColumns(scene, term).map((columns) => {
        const [before, now] = [outcome.baseline, outcome.changed].map((s) => pooled(scene, s.activation, columns));
        const mean = (values: Float64Array) => values.reduce((sum, a) => sum + a, 0) / scene.frames;
        const side = scene.header.body.muscles[columns[0]!]!.side;
        const words = describeTarget(scene, { ...term, side: side ?? "both" });
        return { words, asked: term.value, before: mean(before!), mean: mean(now!), least: Math.min(...now!) };
      }),
    );
}
