/* Targets of terms in words. */

import { findJoint, findStrategy, findTarget, general, plain } from "./condition";
import { splitReading } from "./effects";
import type { Scene, Side, Term } from "./scene";

/** Kinds whose targets are no muscles, groups or nerves. */
const OTHER_TARGETS = ["strength-loss", "pain", "effusion", "strategy", "fatigue"];

const SIDE_WORDS: Record<Side, string> = { r: "right ", l: "left ", both: "" };

/** What a term acts on, by the scene's own name for it: "superior gluteal" is the superior gluteal nerve. */
export function nameTarget(scene: Scene, { kind, target }: Term): string {
  if (OTHER_TARGETS.includes(kind)) return target;
  const [name, reading] = splitReading(target), known = findTarget(scene, name).name;
  return reading ? `${known}:${reading}` : known;
}

/** What a term acts on, with its side. */
export function describeTarget(scene: Scene, term: Term): string {
  const side = SIDE_WORDS[term.side];
  if (term.kind === "strength-loss") return side + plain(term.target);
  if (term.kind === "pain" || term.kind === "effusion") return side + findJoint(scene, term).words;
  if (term.kind === "strategy")
    return scene.header.effects.strategies[findStrategy(scene, term.target)]!.words[term.side].replace("{value}", general(term.value, 6));
  if (term.kind === "fatigue") return "";
  return side + findTarget(scene, splitReading(term.target)[0]).words;
}
