/* What stands on the stage: a movement with its solutions, what is asked of it, and what Python told of it. */

import type { ViewName } from "./body";
import type { Outcome } from "./compare";
import type { Entry } from "./glossary";
import type { Scene } from "./scene";
import type { Solution } from "./sharing";
import type { State } from "./state";

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
  return state.task === facts.task && JSON.stringify(state.terms) === JSON.stringify(stage.scene.header.opening);
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

/** The frame that is hardest for the undisturbed body. */
export function hardestFrame({ effort }: Solution): number {
  return effort.reduce((best, cost, t) => (cost > effort[best]! ? t : best), 0);
}
