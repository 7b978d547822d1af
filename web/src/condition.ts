/* What a condition leaves of every muscle in every frame: `gluteal.nerves.condition.assemble`, to the bit. */

import type { Scene, Side, Target, Term, TermKind } from "./scene";

/** (frames, muscles) each, as `gluteal.nerves.share.Share`. */
export interface Share {
  floor: Float64Array;
  ceiling: Float64Array;
  capacity: Float64Array;
  price: Float64Array;
}

/** A condition that cannot be met, in words. */
export class Unmet extends Error {}

export function termKind(scene: Scene, kind: string): TermKind {
  const found = scene.header.terms.find((t) => t.kind === kind);
  if (!found) throw new Unmet(`This page knows no condition of the kind ${kind}.`);
  return found;
}

/** Names are alike whatever their case and blanks; a nerve may stand without the word. */
const plain = (name: string) => name.toLowerCase().replace(/[-_. ]+/g, " ").trim();

export function findTarget(scene: Scene, name: string): Target {
  const wanted = plain(name);
  const found = scene.header.targets.find((t) => plain(t.name) === wanted || plain(t.name) === `${wanted} nerve`);
  if (!found) throw new Unmet(`This body has no muscle, group or nerve called ${name}.`);
  return found;
}

export function columnsOf(scene: Scene, term: Term): number[] {
  const target = findTarget(scene, term.target);
  const columns = target.rows[term.side];
  if (!columns?.length) throw new Unmet(`There is no ${target.words} on that side.`);
  return columns;
}

const SIDE_WORDS: Record<Side, string> = { r: "right ", l: "left ", both: "" };

/** Turn losses of strength into the block that causes them; as `gluteal.simulate.dynamometer.settle_strength_loss`. */
export function settle(scene: Scene, terms: readonly Term[]): Term[] {
  return terms.map((term) => {
    if (term.kind !== "strength-loss") return term;
    const row = scene.header.strength.find((s) => plain(s.name) === plain(term.target));
    if (!row) throw new Unmet(`This page knows no movement called ${term.target}.`);
    const side: Side = row.sided ? term.side : "both";
    const sides: ("r" | "l")[] = !row.sided ? ["r"] : side === "both" ? ["r", "l"] : [side];
    const depths = sides.map((s) => {
      const share = row.share[s] ?? 0;
      if (term.value > share)
        throw new Unmet(
          `A loss of ${general(100 * term.value)} % is out of reach: a complete block of the ${row.block} takes ` +
            `${general(100 * share)} % of this strength on this body.`,
        );
      return term.value / share;
    });
    const depth = depths.length === 1 ? depths[0]! : (depths[0]! + depths[1]!) / 2;
    return { kind: row.block.endsWith("nerve") ? "block" : "weaken", target: row.block, value: depth, side };
  });
}

/** A term in words, by the template that came with the scene. */
export function describeTerm(scene: Scene, term: Term): string {
  const kind = termKind(scene, term.kind);
  const words = term.kind === "strength-loss" ? plain(term.target) : findTarget(scene, term.target).words;
  const where = SIDE_WORDS[term.side] + words;
  const text = term.value || !kind.sentence_at_zero ? kind.sentence : kind.sentence_at_zero;
  return text
    .replace("{percent}", () => `${general(100 * term.value)} %`)
    .replace("{milliseconds}", () => general(1000 * term.value))
    .replace("{where}", () => where);
}

export function describeCondition(scene: Scene, terms: readonly Term[]): string {
  return terms.length ? terms.map((t) => describeTerm(scene, t)).join(", ") : scene.header.sentences["no condition"]!;
}

/** Python's format ".3g". */
export function general(value: number, digits = 3): string {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  const power = Number(exponent);
  const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power < -4 || power >= digits)
    return `${trim(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return trim(value.toFixed(Math.max(0, digits - 1 - power)));
}

/** Python's format ".0f": halves go to the even number. */
export function whole(value: number): string {
  const low = Math.floor(value);
  if (value - low === 0.5) return String(low % 2 ? low + 1 : low);
  return value.toFixed(0);
}

export function assemble(scene: Scene, terms: readonly Term[], undisturbed?: Float64Array): Share {
  const { frames, muscles } = scene;
  const fill = (value: number) => new Float64Array(frames * muscles).fill(value);
  const share: Share = { floor: fill(0), ceiling: fill(1), capacity: fill(1), price: fill(1) };
  for (const term of terms) {
    const columns = columnsOf(scene, term);
    const ceiling = term.kind === "delay" ? delayed(scene, term, columns, undisturbed) : undefined;
    for (let t = 0; t < frames; t++)
      columns.forEach((m, i) => {
        const at = t * muscles + m;
        if (term.kind === "weaken" || term.kind === "block") share.capacity[at]! *= 1 - term.value;
        else if (term.kind === "inhibit") share.ceiling[at] = Math.min(share.ceiling[at]!, term.value);
        else if (term.kind === "squeeze") share.floor[at] = Math.max(share.floor[at]!, term.value);
        else if (ceiling) share.ceiling[at] = Math.min(share.ceiling[at]!, ceiling[t * columns.length + i]!);
        else throw new Unmet(`This page cannot solve a condition of the kind ${term.kind}.`);
      });
  }
  share.floor.forEach((low, at) => {
    if (low > share.ceiling[at]!) {
      const muscle = scene.header.body.muscles[at % muscles]!.label;
      throw new Unmet(
        `The condition asks the ${muscle} for at least ${general(100 * low)} % and at most ` +
          `${general(100 * share.ceiling[at]!)} % activation; lower the one or raise the other.`,
      );
    }
  });
  return share;
}

/** The ceiling that a muscle's own earlier course sets, (frames, columns). */
function delayed(scene: Scene, term: Term, columns: number[], undisturbed?: Float64Array): Float64Array {
  const { frames, muscles } = scene;
  const { time, cyclic } = scene.header.task;
  if (frames < 2) throw new Unmet("A delay needs a movement over time; this is one posture.");
  if (!undisturbed) throw new Error("A delay needs the undisturbed activation.");
  const out = new Float64Array(frames * columns.length);
  const first = time[0]!, span = time[frames - 1]! - first;
  for (let t = 0; t < frames; t++) {
    let earlier = time[t]! - term.value;
    if (cyclic) {
      const rest = (earlier - first) % span;
      earlier = first + (rest < 0 ? rest + span : rest);
    }
    columns.forEach((m, i) => {
      out[t * columns.length + i] = interpolate(earlier, time, (k) => undisturbed[k * muscles + m]!);
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
