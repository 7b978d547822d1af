/* The verdict in plain language: the words are the scene's (`gluteal.outcome.sentences`), only their choice is here. */

import { type Change, compensators, type Deficit, listWishes, type Outcome } from "./compare";
import { describeCondition, general, termKind, whole } from "./condition";
import type { Scene } from "./scene";

const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");

const listWords = (words: string[]): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;

const amount = (d: Deficit): string => `${general(d.peak)} ${d.coordinate.unit}`;

function missingWords(scene: Scene, outcome: Outcome): string {
  const say = scene.header.sentences, first = outcome.deciding;
  const rest = outcome.deficits.filter((d) => d.missing && d.coordinate.unit === first.coordinate.unit && d !== first);
  const parts = [first, ...rest.slice(0, 1)].map((d, i) => {
    const text = fill(say[i ? "missing other" : "missing first"]!, { amount: amount(d), where: d.coordinate.words });
    return d.fraction <= 1 ? text + fill(say["missing share"]!, { percent: whole(100 * d.fraction) }) : text;
  });
  return listWords(parts);
}

export function sayOutcome(scene: Scene, outcome: Outcome): string {
  const say = scene.header.sentences, { rule, task } = scene.header;
  if (task.cause !== null) return fill(say["cannot-be-judged"]!, { cause: task.cause });
  const start = outcome.terms.length
    ? fill(say["start"]!, { condition: describeCondition(scene, outcome.terms), title: task.title_within })
    : task.title_first;
  let core: string;
  if (outcome.verdict === "impossible")
    core = fill(say["impossible"]!, { start, missing: missingWords(scene, outcome) });
  else if (!outcome.terms.length) core = fill(say["nothing"]!, { start });
  else if (outcome.verdict === "unchanged") core = fill(say["unchanged"]!, { start });
  else {
    core = fill(say["compensated"]!, { start });
    const names = compensators(scene, outcome)
      .filter((c) => c.peak - c.peakBefore > rule.changed_activation)
      .slice(0, rule.most_named)
      .map((c) => c.muscle);
    if (names.length) core += fill(say["least effort"]!, { who: listWords(names) });
    core += sayRemainder(scene, outcome);
  }
  const remarks = outcome.terms.map((term) => termKind(scene, term.kind).remark);
  return [
    `${core}.`,
    ...sayWishes(scene, outcome),
    sayBaseline(scene, outcome),
    outcome.changed.swept ? say["dynamics"]! : "",
    ...new Set(remarks),
    say["fixed"]!,
  ].filter(Boolean).join(" ");
}

function sayWishes(scene: Scene, outcome: Outcome): string[] {
  const percent = (share: number) => whole(100 * share);
  return listWishes(scene, outcome).map((met) =>
    fill(scene.header.effects.wish.sentence, {
      name: met.words,
      asked: percent(met.asked),
      mean: percent(met.mean),
      least: percent(met.least),
      before: percent(met.before),
    }));
}

function sayBaseline(scene: Scene, outcome: Outcome): string {
  if (outcome.baselineOk || scene.header.task.cause !== null) return "";
  const d = outcome.baselineDeficit;
  return fill(scene.header.sentences["baseline"]!, { amount: amount(d), where: d.coordinate.words });
}

function sayRemainder(scene: Scene, outcome: Outcome): string {
  const working = outcome.actedOn.filter((c) => c.peak - c.peakBefore > scene.header.rule.changed_activation);
  if (!outcome.takesCapacity || !working.length) return "";
  const row = working.reduce((most: Change, c) => (c.forceBefore > most.forceBefore ? c : most));
  return fill(scene.header.sentences["remainder"]!, {
    muscle: row.muscle,
    percent: whole(100 * row.peak),
    percent_before: whole(100 * row.peakBefore),
  });
}
