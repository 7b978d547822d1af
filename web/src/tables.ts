/* Numbers in words and tables: who does more, loads, the certificate, bands, what people did, and curves. */

import { activityColour, changeColour } from "./colours";
import { type Change, compensators, relieved } from "./compare";
import { general } from "./condition";
import { drawCurve, percent } from "./curves";
import { $, make } from "./dom";
import { jointLoads, peakSupports } from "./forces";
import { isOpening, type Shown } from "./stage";

/** Most rows of the table: muscles that are changed themselves, that do more, that do less; undisturbed, the busiest. */
const MOST_ACTED = 6, MOST_MORE = 8, MOST_LESS = 4, MOST_BUSY = 14;

/** Fill all tables; `quick` while a slider moves, when which muscles are not determined is not yet found out. */
export function showNumbers(shown: Shown, choose: (muscle: string) => void, quick = false): void {
  showMuscles(shown, choose, quick);
  showLoads(shown);
  showCertificate(shown);
  showBands(shown);
  showPeople(shown);
  showCurves(shown);
}

const bodyOf = (table: string): HTMLTableSectionElement => $<HTMLTableElement>(table).tBodies[0]!;

/** A row of numbers under the name of what they belong to. */
const numberRow = (words: string, ...cells: string[]): HTMLTableRowElement =>
  make("tr", {}, make("th", { scope: "row" }, words), ...cells.map((cell) => make("td", {}, cell)));

function showMuscles(shown: Shown, choose: (muscle: string) => void, quick: boolean): void {
  const changed = shown.state.terms.length > 0;
  $("morehead").textContent = changed ? "Who does more, and who less" : "Who works";
  const rows = changed ? changedRows(shown, quick) : busiestRows(shown);
  const none = `no muscle changes its mean force by ${general(shown.stage.scene.header.rule.changed_force)} N`;
  bodyOf("table").replaceChildren(
    ...(rows.length ? rows.map((change) => muscleRow(shown, change, choose)) : [make("tr", {}, make("td", { colspan: "4" }, none))]),
  );
}

function changedRows({ stage: { scene, outcome } }: Shown, quick: boolean): Change[] {
  const more = compensators(scene, outcome, quick).slice(0, MOST_MORE), less = relieved(scene, outcome, quick).slice(0, MOST_LESS);
  return [...outcome.actedOn.slice(0, MOST_ACTED), ...more, ...less.reverse()];
}

const busiestRows = ({ stage }: Shown): Change[] =>
  [...stage.outcome.changes].sort((a, b) => b.peak - a.peak).slice(0, MOST_BUSY);

function muscleRow({ stage: { scene }, state }: Shown, change: Change, choose: (muscle: string) => void): HTMLTableRowElement {
  const changed = state.terms.length > 0;
  const colour = state.look === "change" && changed ? changeColour(scene, change.peak - change.peakBefore) : activityColour(scene, change.peak);
  const swatch = make("span", { class: "swatch" });
  swatch.style.background = `#${colour.getHexString()}`;
  const button = make("button", { "aria-pressed": String(state.muscles.includes(change.muscle)) }, swatch, change.muscle);
  button.addEventListener("click", () => choose(change.muscle));
  const more = change.change.toFixed(0), signed = (change.change > 0 ? "+" : "") + more.replace("-", "−");
  return make("tr", {},
    make("td", {}, button),
    make("td", {}, percent(change.peakBefore)),
    make("td", {}, percent(change.peak)),
    make("td", {}, changed ? signed : change.force.toFixed(0)));
}

function showLoads({ stage: { scene, outcome } }: Shown): void {
  const joints = jointLoads(scene, outcome).map((j) => [j.words, Math.max(...j.before), Math.max(...j.now)] as const);
  const before = peakSupports(scene, outcome.baseline), now = peakSupports(scene, outcome.changed);
  const ground = scene.header.supports.map((s, p) => [`ground under ${s.words}`, before[p]!, now[p]!] as const);
  const bodyWeights = (force: number) => `× ${force.toFixed(2)}`;
  bodyOf("loads").replaceChildren(
    ...[...joints, ...ground].map(([words, was, is]) => numberRow(words, bodyWeights(was), bodyWeights(is))),
  );
}

function showCertificate(shown: Shown): void {
  const { stage: { scene, outcome: { changed, baseline, effortRatio } }, facts } = shown;
  $("certificate").textContent = changed.solved && baseline.solved
    ? `Each frame is solved exactly: off the optimum by at most ${general(Math.max(changed.certificate, baseline.certificate), 2)} (${scene.header.rule.tolerance} is allowed). Effort is ${general(effortRatio)} times that of the undisturbed movement.`
    : "Some frames were not solved; nothing should be concluded from this.";
  $("sure").textContent =
    (facts.ensemble && isOpening(shown) ? `${facts.ensemble} ` : "") +
    "This is one body by one way of sharing load, least effort. Published anatomies of the hip differ; gluteal simulate asks 24 of them.";
}

/** Bands of the opening condition, which Python worked out; of another condition nobody did. */
function showBands(shown: Shown): void {
  const { bands } = shown.facts;
  $("bands").hidden = !bands || !isOpening(shown);
  if (!bands || bodyOf("bandstable").rows.length) return;
  $("bandsnote").textContent = bands.note;
  bodyOf("bandstable").replaceChildren(...bands.rows.map((r) => numberRow(r.words, r.before, r.now, r.says)));
}

function showPeople({ state, facts }: Shown): void {
  const targets = state.terms.map((t) => t.target);
  const fact = facts.people.find((p) => p.task === state.task && targets.includes(p.target));
  $("people").hidden = !fact;
  if (fact) $("people").replaceChildren(make("strong", {}, "What people did: "), `${fact.say} (${fact.source})`);
}

/** The courses of chosen muscles. */
function showCurves({ stage: { scene, outcome }, state }: Shown): void {
  const all = [...outcome.actedOn, ...outcome.changes];
  const chosen = state.muscles.map((name) => all.find((c) => c.muscle === name)).filter((c): c is Change => !!c);
  $("curves").replaceChildren(...chosen.map((c) => drawCurve(scene, outcome, c, state.frame)));
}
