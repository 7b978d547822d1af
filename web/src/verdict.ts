/* The verdict at the top of the page: shape, word and sentence. */

import { $ } from "./dom";
import { writeExplained } from "./glossary";
import { sayOutcome } from "./sentences";
import { isOpening, type Shown } from "./stage";

const SHAPES: Record<string, string> = { unchanged: "●", compensated: "◐", impossible: "✕", "cannot-be-judged": "?" };

/** Undisturbed there is no verdict but this: that it cannot be judged. */
const isJudged = ({ stage, state }: Shown): boolean => state.terms.length > 0 || stage.outcome.verdict === "cannot-be-judged";

/** Shape and colour, at every move of a slider. */
export function showShape(shown: Shown): void {
  const { verdict } = shown.stage.outcome;
  $("verdict").className = `verdict ${isJudged(shown) ? verdict : ""}`;
  $("shape").textContent = SHAPES[verdict] ?? "";
}

/** Who listens hears the verdict when the slider rests, not every one on the way. */
export function holdVerdict(): void {
  $("spoken").setAttribute("aria-busy", "true");
}

/** Word and sentence, once the slider rests. */
export function sayVerdict(shown: Shown): void {
  const { stage: { scene, outcome }, facts } = shown;
  const word = scene.header.verdicts[outcome.verdict] ?? outcome.verdict;
  $("word").textContent = isJudged(shown) ? word[0]!.toUpperCase() + word.slice(1) : "Undisturbed";
  $("sentence").classList.remove("problem");
  writeExplained($("sentence"), isOpening(shown) ? facts.sentence : sayOutcome(scene, outcome), facts.glossary);
  $("spoken").setAttribute("aria-busy", "false");
}

/** Say at once what cannot be asked, and why. */
export function sayUnmet(why: string): void {
  $("verdict").className = "verdict";
  $("shape").textContent = "";
  $("word").textContent = "This cannot be asked.";
  $("sentence").textContent = why;
  $("sentence").classList.add("problem");
  $("spoken").setAttribute("aria-busy", "false");
}
