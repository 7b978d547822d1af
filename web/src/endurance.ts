/* How long a posture is held: muscles tire, and the load is shared anew all along: `gluteal.simulate.endurance`. */

import { assemble, type Share, Unmet, whole } from "./condition";
import type { Kernel } from "./kernel";
import type { Scene, Term } from "./scene";
import { makeProblem, shareFrames, type Solution } from "./sharing";
import { makeSoft, type SoftRows } from "./soft";

/** A hold until it fails. */
export interface Hold {
  seconds: number; // infinite where nothing fails
  coordinate: number; // what is missing then; -1 where nothing is
  time: number[];
  activation: Float64Array[]; // (muscles,) at each time
  fatigued: Float64Array[];
}

/** Load sharing on tiring muscles, from one state to the next. */
class Course {
  private readonly soft: SoftRows | null;
  multiplier: Float64Array | undefined; // of the last sharing, to start the next from
  readonly frames: number; // the last frame of a cycle is its first one again
  readonly step: number;

  constructor(
    private readonly scene: Scene,
    private readonly kernel: Kernel,
    terms: readonly Term[],
    private readonly left: Share,
  ) {
    const { time, cyclic } = scene.header.task, { step } = scene.header.effects.tiring;
    const period = time[scene.frames - 1]! - time[0]!;
    this.step = period ? period * Math.max(1, Math.ceil(step / period)) : step;
    this.frames = cyclic ? scene.frames - 1 : scene.frames;
    this.soft = makeSoft(scene, left, terms);
  }

  /** Activations (T, M) and what is missing at the least (T, Q), with so much of each muscle fatigued. */
  share(fatigued: Float64Array): { activation: Float64Array; least: Float64Array } {
    const { left, scene } = this, { muscles: M, rows: Q } = scene, scale = scene.doubles("scale");
    const ceiling = left.ceiling.map((most, i) => Math.min(most, 1 - fatigued[i % M]!));
    const floor = left.floor.map((low, i) => Math.min(low, ceiling[i]!));
    const given = makeProblem(scene, { ...left, floor, ceiling }, this.soft);
    const found = shareFrames(scene, this.kernel, given, this.multiplier);
    if (!found.solved) throw new Unmet("The load sharing of tired muscles was not solved from where it was before.");
    this.multiplier = found.multiplier;
    return { activation: found.activation, least: found.least.map((x, i) => Math.abs(x / scale[i % Q]!)) };
  }

  /** The fatigued share after so long at activations (T, M): `gluteal.nerves.fatigue.Tiring.step`. */
  tire(fatigued: Float64Array, activation: Float64Array, seconds: number): Float64Array {
    const { muscles: M } = this.scene, rates = this.scene.doubles("tiring"), T = this.frames;
    const { resting } = this.scene.header.effects.tiring;
    return fatigued.map((was, m) => {
      let rests = 0, sum = 0;
      for (let t = 0; t < T; t++) {
        const a = activation[t * M + m]!;
        if (a <= resting) rests++;
        sum += a;
      }
      const rate = rates[M + m]! * (1 + (rates[2 * M + m]! - 1) * (rests / T));
      const settled = (rates[m]! * (sum / T)) / rate;
      return Math.min(1, Math.max(0, settled + (was - settled) * Math.exp(-rate * seconds)));
    });
  }
}

/** The terms without fatigue. */
const others = (terms: readonly Term[]) => terms.filter((t) => t.kind !== "fatigue");

/** States at whole steps under some terms, kept so that a slider need not begin fresh at every move. */
interface Kept {
  key: string;
  course: Course;
  states: { passed: number; fatigued: Float64Array; multiplier: Float64Array | undefined }[];
}
const KEPT = new WeakMap<Scene, Kept>();

/** The fatigued share of each muscle after so many seconds, begun fresh, (muscles,). */
function tireUntil(
  scene: Scene, kernel: Kernel, terms: readonly Term[], undisturbed: Float64Array | undefined, until: number,
): Float64Array {
  const key = JSON.stringify(terms);
  let kept = KEPT.get(scene);
  if (kept?.key !== key) {
    const course = new Course(scene, kernel, terms, assemble(scene, terms, undisturbed));
    kept = { key, course, states: [{ passed: 0, fatigued: new Float64Array(scene.muscles), multiplier: undefined }] };
    KEPT.set(scene, kept);
  }
  const { course, states } = kept;
  let k = states.length - 1;
  while (states[k]!.passed > until) k--;
  let { passed, fatigued } = states[k]!;
  course.multiplier = states[k]!.multiplier;
  while (passed < until) {
    const dt = Math.min(course.step, until - passed);
    fatigued = course.tire(fatigued, course.share(fatigued).activation, dt);
    passed += dt;
    if (dt === course.step) states[++k] ??= { passed, fatigued, multiplier: course.multiplier };
  }
  return fatigued;
}

/** What each muscle can still do at most after the fatigue that terms ask for, (muscles,); undefined where none. */
export function settleFatigue(scene: Scene, kernel: Kernel, terms: readonly Term[], undisturbed?: Float64Array): Float64Array | undefined {
  const asked = terms.filter((t) => t.kind === "fatigue");
  if (!asked.length) return undefined;
  const rest = others(terms), moves = scene.frames > 1, { time } = scene.header.task;
  let most: Float64Array | undefined;
  for (const term of asked) {
    if (moves === (term.target === "hold"))
      throw new Unmet(moves ? "This is a motion: it is repeated, not held." : "This is a posture held still, not repeated.");
    const until = term.value * (moves ? time[scene.frames - 1]! - time[0]! : 1);
    const fatigued = tireUntil(scene, kernel, rest, undisturbed, until);
    const left = fatigued.map((x) => 1 - x);
    most = most ? most.map((x, m) => Math.min(x, left[m]!)) : left;
  }
  return most;
}

/** Hold a posture under the terms (fatigue among them is left out: a hold begins fresh) until it fails. */
export function hold(scene: Scene, kernel: Kernel, terms: readonly Term[], baseline: Solution, limit: Float64Array): Hold {
  const rest = others(terms), { rows: Q } = scene, { longest, halvings } = scene.header.effects.tiring;
  const course = new Course(scene, kernel, rest, assemble(scene, rest, baseline.activation));
  const missing = (least: Float64Array): number => {
    let worst = -1, most = -Infinity;
    for (let q = 0; q < Q; q++)
      for (let t = 0; t < scene.frames; t++) {
        const over = (least[t * Q + q]! - Math.abs(baseline.least[t * Q + q]!)) / limit[q]!;
        if (over > most) [most, worst] = [over, q];
      }
    return most > 1 ? worst : -1;
  };
  let state: Float64Array = new Float64Array(scene.muscles), failed = -1;
  const time = [0], activation: Float64Array[] = [], fatigued = [state];
  for (;;) {
    const found = course.share(state);
    activation.push(found.activation);
    failed = missing(found.least);
    if (failed >= 0 || time[time.length - 1]! >= longest) break;
    time.push(time[time.length - 1]! + course.step);
    state = course.tire(state, found.activation, course.step);
    fatigued.push(state);
  }
  const last = time.length - 1;
  if (failed >= 0 && last > 0) {
    let low = 0, high = course.step;
    for (let k = 0; k < halvings; k++) {
      const middle = 0.5 * (low + high), there = course.tire(fatigued[last - 1]!, activation[last - 1]!, middle);
      const found = course.share(there), at = missing(found.least);
      if (at < 0) low = middle;
      else {
        high = middle;
        [failed, fatigued[last], activation[last]] = [at, there, found.activation];
      }
    }
    time[last] = time[last - 1]! + high;
  }
  return { seconds: failed >= 0 ? time[last]! : Infinity, coordinate: failed, time, activation, fatigued };
}

/** When and where a hold fails, by the templates that came with the scene. */
export function sayHold(scene: Scene, found: Hold): string {
  const { sentences: say, longest } = scene.header.effects.tiring;
  const what = say["held"]!.replace("{title}", () => scene.header.task.title);
  if (found.coordinate < 0) return say["for ever"]!.replace("{what}", () => what).replace("{minutes}", String(longest / 60));
  return say["fails"]!
    .replace("{what}", () => what)
    .replace("{seconds}", whole(found.seconds))
    .replace("{often}", "")
    .replace("{where}", () => scene.header.coordinates[found.coordinate]!.words);
}
