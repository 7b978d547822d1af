/* What a condition leaves of every muscle in every frame: `gluteal.nerves.condition.assemble`, to the bit. */

import { delayed, heldBack, splitReading, strategyPrice } from "./effects";
import type { Scene, Side, Target, Term, TermKind } from "./scene";
import { describeTarget } from "./targets";

/** (frames, muscles) each, as `gluteal.nerves.share.Share`. */
export interface Share {
  floor: Float64Array;
  ceiling: Float64Array;
  capacity: Float64Array;
  price: Float64Array;
  reluctance: Float64Array;
}

/** A condition that cannot be met, in words. */
export class Unmet extends Error {}

export function termKind(scene: Scene, kind: string): TermKind {
  const found = scene.header.terms.find((t) => t.kind === kind);
  if (!found) throw new Unmet(`This page knows no condition of the kind ${kind}.`);
  return found;
}

/** Names are alike whatever their case and blanks; a nerve may stand without the word. */
export const plain = (name: string) => name.toLowerCase().replace(/[-_. ]+/g, " ").trim();

export function findTarget(scene: Scene, name: string): Target {
  const wanted = plain(name);
  const found = scene.header.targets.find((t) => plain(t.name) === wanted || plain(t.name) === `${wanted} nerve`);
  if (!found) throw new Unmet(`This body has no muscle, group or nerve called ${name}.`);
  return found;
}

export function findJoint(scene: Scene, term: Term): Scene["header"]["effects"]["joints"][number] {
  const [name] = splitReading(term.target);
  const found = scene.header.effects.joints.find((j) => plain(j.name) === plain(name));
  if (!found?.doses.some((d) => d.cause === term.kind))
    throw new Unmet(`Nothing published says what ${term.kind} in the ${name} joint holds back.`);
  return found;
}

export function findStrategy(scene: Scene, name: string): number {
  const at = scene.header.effects.strategies.findIndex((s) => plain(s.name) === plain(name));
  if (at < 0) throw new Unmet(`This page knows no strategy called ${name}.`);
  return at;
}

/** The muscles a term acts on, in the body's order where a joint holds them back. */
export function columnsOf(scene: Scene, term: Term): number[] {
  if (!termKind(scene, term.kind).names_muscles) return Array.from({ length: scene.muscles }, (_, m) => m);
  if (term.kind === "pain" || term.kind === "effusion") {
    const doses = findJoint(scene, term).doses.filter((d) => d.cause === term.kind);
    const columns = [...new Set(doses.flatMap((d) => d.rows[term.side]))].sort((a, b) => a - b);
    if (!columns.length) throw new Unmet(`There is no ${findJoint(scene, term).words} on that side.`);
    return columns;
  }
  const target = findTarget(scene, splitReading(term.target)[0]);
  const columns = target.rows[term.side];
  if (!columns?.length) throw new Unmet(`There is no ${target.words} on that side.`);
  return columns;
}

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
  const kind = termKind(scene, term.kind), { tiring, readings } = scene.header.effects;
  const fatigue = tiring.targets[term.target];
  if (term.kind === "fatigue" && !fatigue) throw new Unmet("Fatigue follows a hold of a posture, or repetitions of a movement.");
  const text = term.kind === "fatigue" ? fatigue! : term.value || !kind.sentence_at_zero ? kind.sentence : kind.sentence_at_zero;
  const reads = term.kind === "pain" || term.kind === "effusion" || term.kind === "hold-back";
  return (
    text
      .replace("{percent}", () => `${general(100 * term.value)} %`)
      .replace("{milliseconds}", () => general(1000 * term.value))
      .replace("{where}", () => describeTarget(scene, term))
      .replace("{value}", () => general(term.value, 6)) + (reads ? (readings[splitReading(term.target)[1]] ?? "") : "")
  );
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

/** `tired` (muscles,) is the most that settled fatigue leaves. */
export function assemble(scene: Scene, terms: readonly Term[], undisturbed?: Float64Array, tired?: Float64Array): Share {
  const { frames, muscles } = scene;
  const fill = (value: number) => new Float64Array(frames * muscles).fill(value);
  const share: Share = { floor: fill(0), ceiling: fill(1), capacity: fill(1), price: fill(1), reluctance: fill(1) };
  for (const term of terms) {
    const columns = columnsOf(scene, term);
    const every = (array: Float64Array, combine: (old: number, column: number, t: number) => number) => {
      for (let t = 0; t < frames; t++)
        columns.forEach((m, i) => (array[t * muscles + m] = combine(array[t * muscles + m]!, i, t)));
    };
    if (term.kind === "weaken" || term.kind === "block") every(share.capacity, (old) => old * (1 - term.value));
    else if (term.kind === "inhibit") every(share.ceiling, (old) => Math.min(old, term.value));
    else if (term.kind === "squeeze") every(share.floor, (old) => Math.max(old, term.value));
    else if (term.kind === "delay") {
      const late = delayed(scene, term, columns, undisturbed);
      every(share.ceiling, (old, i, t) => Math.min(old, late[t * columns.length + i]!));
    } else if (term.kind === "pain" || term.kind === "effusion" || term.kind === "hold-back") {
      const held = heldBack(scene, term, columns);
      every(share.ceiling, (old, i) => Math.min(old, held.ceiling[i]!));
      every(share.reluctance, (old, i) => Math.max(old, held.reluctance[i]!));
    } else if (term.kind === "strategy") {
      const price = strategyPrice(scene, term);
      every(share.price, (old, i) => old * price[i]!);
    } else if (term.kind === "fatigue") {
      if (!tired) throw new Error("Fatigue has to be settled first.");
      every(share.ceiling, (old, i) => Math.min(old, tired[i]!));
    } else if (term.kind !== "wish") throw new Unmet(`This page cannot solve a condition of the kind ${term.kind}.`);
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
