/* What stands on the stage: a movement with its solutions, what is asked of it, and what Python told of it. */

import type { ViewName } from "./body";
import type { Outcome } from "./compare";
import type { Entry } from "./glossary";
import type { Scene } from "./scene";
import type { Solution } from "./sharing";
import type { State } from "./state";
import { nameTarget } from "./targets";

/** What came with the page beside its scenes. */
export interface Facts {
  task: string;
  sentence: string; // of what the page opens with; Python knows who must and who may
  ensemble: string | null;
  bands: { note: string; rows: { words: string; before: string; now: string; says: string }[] } | null;
  adapted: { adapted: string; held: string; say: string[] } | null; // two postures of one movement
  people: { task: string; target: string; say: string; source: string }[];
  glossary: Entry[];
  notice: string;
}

/** Another posture of the same movement, to stand beside. */
export interface Left {
  scene: Scene;
  baseline: Solution;
}

/** Everything that belongs to the movement on the stage. */
export interface Stage {
  scene: Scene;
  baseline: Solution;
  outcome: Outcome;
  left: Left | null;
}

/** What every part of the page shows; parts of the page change `state` and nothing else of it. */
export interface Shown {
  stage: Stage;
  state: State;
  facts: Facts;
}

/** Whether the page shows what it was made with: only that was asked of all published bodies. */
export function isOpening({ stage, state, facts }: Shown): boolean {
  const { scene } = stage, opening = scene.header.opening.map((t) => ({ ...t, target: nameTarget(scene, t) }));
  return state.task === facts.task && JSON.stringify(state.terms) === JSON.stringify(opening);
}

/** Whether two bodies stand side by side. */
export function isSplit({ stage, state }: Shown): boolean {
  return state.beside && (state.terms.length > 0 || stage.left !== null);
}

/** From where one sees most of it: of two sides, the one that is changed. */
export function bestView({ stage, state }: Shown): ViewName {
  const { view } = stage.scene.header.task;
  if (view !== "side") return view;
  return state.terms[0]?.side === "l" ? "left" : "right";
}

/** Where to look first: the frame in which activations change most, as in the picture before the script; where nothing
 * changes, the one that is hardest for the undisturbed body. */
export function tellingFrame({ scene, baseline, outcome: { changed } }: Stage): number {
  const { muscles: M } = scene, before = baseline.activation, now = changed.activation;
  const change = baseline.effort.map((_, t) => {
    let sum = 0;
    for (let i = t * M; i < (t + 1) * M; i++) sum += Math.abs(now[i]! - before[i]!);
    return sum;
  });
  const told = change.some((sum) => sum > 0) ? change : baseline.effort;
  return told.reduce((best, size, t) => (size > told[best]! ? t : best), 0);
}
