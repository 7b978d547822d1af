/* Controls of what is changed: kind, target, side, and a slider that carries the tolerance as a mark. */

import type { Held } from "./answers";
import { columnsOf, describeTerm, general, termKind, Unmet } from "./condition";
import { make } from "./dom";
import { splitReading } from "./effects";
import type { Scene, Side, Term, TermKind } from "./scene";
import { nameTarget } from "./targets";

export interface TermEvents {
  /** The slider was moved. */
  moved(): void;
  /** Another kind, target or side was chosen, which has other controls. */
  chosen(): void;
  remove(): void;
  /** The largest loss of these muscles that the movement tolerates; null where none can be told. */
  tolerated(): Promise<number | null>;
  /** How long the posture is held under the other changes; null where that cannot be told. */
  held(): Promise<Held | null>;
}

const SIDE_WORDS: [Side, string][] = [["r", "right"], ["l", "left"], ["both", "both"]];

/** What a term of this kind may act on, in groups. */
function targetsFor(scene: Scene, kind: string): { label: string; options: [string, string][] }[] {
  const { effects, strength } = scene.header;
  if (kind === "strength-loss") return [{ label: "strength of", options: strength.map((s) => [s.name, s.name.replace(/-/g, " ")]) }];
  if (kind === "pain" || kind === "effusion") {
    const joints = effects.joints.filter((j) => j.doses.some((d) => d.cause === kind));
    return [{ label: "joints", options: joints.map((j) => [j.name, j.words]) }];
  }
  if (kind === "strategy")
    return [{ label: "strategies", options: effects.strategies.map((s) => [s.name, s.words.both.replace(/ \(.*/, "")]) }];
  if (kind === "fatigue")
    return [{ label: "after", options: scene.frames > 1 ? [["cycles", "repeating it"]] : [["hold", "holding it"]] }];
  const of = (wanted: string): [string, string][] =>
    scene.header.targets.filter((t) => t.kind === wanted).map((t) => [t.name, t.words]);
  const nerves = { label: "nerves", options: of("nerve") };
  if (kind === "block") return [nerves];
  return [{ label: "groups", options: of("group") }, { label: "muscles", options: of("muscle") }, nerves];
}

/** What can be asked of this movement. */
function kindsFor(scene: Scene): TermKind[] {
  return scene.header.terms.filter(
    (k) => !(k.needs_undisturbed && scene.frames < 2) && targetsFor(scene, k.kind).some((g) => g.options.length),
  );
}

/** A value as the slider shows it. */
function valueWords(scene: Scene, term: Term): string {
  const { unit } = termKind(scene, term.kind);
  if (term.kind === "fatigue") return term.target === "hold" ? `${general(term.value, 6)} s` : `${general(term.value, 6)} times`;
  if (unit === "%") return `${general(100 * term.value)} %`;
  return unit === "ms" ? `${general(1000 * term.value)} ms` : general(term.value, 6) + unit;
}

/** Which targets are proposed first, where the last one does not fit. */
const FIRST = ["superior gluteal nerve", "hip-abduction", "glmed", "hip", "hip-sparing"];

export function termControl(scene: Scene, term: Term, at: number, events: TermEvents): HTMLElement {
  const id = `term${at}`, kind = termKind(scene, term.kind);
  const box = make("div", { class: "term", role: "group", "aria-label": `Change ${at + 1}` });
  const kinds = make("select", { id: `${id}kind` });
  for (const k of kindsFor(scene))
    kinds.append(make("option", { value: k.kind, ...(k.kind === term.kind ? { selected: "" } : {}) }, k.words));
  const [named, reading] = splitReading(term.target);
  const targets = make("select", { id: `${id}target` });
  for (const group of targetsFor(scene, term.kind)) {
    const part = make("optgroup", { label: group.label });
    for (const [name, words] of group.options)
      part.append(make("option", { value: name, ...(name === named ? { selected: "" } : {}) }, words));
    targets.append(part);
  }
  kinds.addEventListener("change", () => {
    term.kind = kinds.value;
    const known = targetsFor(scene, term.kind).flatMap((g) => g.options.map((o) => o[0]));
    if (!known.includes(named)) term.target = known.find((n) => FIRST.includes(n)) ?? known[0]!;
    else term.target = named;
    const next = termKind(scene, term.kind);
    term.value = next.slider.high === kind.slider.high ? term.value : next.slider.begins;
    if (!next.names_muscles && next.kind === "fatigue") term.side = "both";
    events.chosen();
  });
  targets.addEventListener("change", () => {
    term.target = targets.value + (reading ? `:${reading}` : "");
    events.chosen();
  });
  const readings = readingChoice(scene, term, id, events);
  const sides = make("div", { class: "sides", role: "radiogroup", "aria-label": "Side" });
  for (const [side, words] of SIDE_WORDS) {
    const input = make("input", { type: "radio", name: `${id}side`, value: side, ...(side === term.side ? { checked: "" } : {}) });
    input.addEventListener("change", () => {
      term.side = side;
      events.chosen();
    });
    sides.append(make("label", {}, input, words));
  }
  const { high, step } = kind.slider;
  const slider = make("input", {
    id: `${id}value`, type: "range", min: String(kind.low), max: String(Math.max(high, term.value)), step: String(step), value: String(term.value),
    "aria-label": `${kind.value} of ${term.target}`, "aria-valuetext": valueWords(scene, term),
  });
  const output = make("output", { for: slider.id }, valueWords(scene, term));
  slider.addEventListener("input", () => {
    term.value = Number(slider.value);
    output.textContent = valueWords(scene, term);
    slider.setAttribute("aria-valuetext", valueWords(scene, term));
    events.moved();
  });
  const remove = make("button", { class: "plain", "aria-label": `Remove change ${at + 1}` }, "remove");
  remove.addEventListener("click", () => events.remove());
  box.append(
    make("div", { class: "pair" },
      make("div", {}, make("label", { for: kinds.id }, "What happens"), kinds),
      make("div", {}, make("label", { for: targets.id }, "to"), targets)),
    ...(term.kind === "fatigue" ? [] : [sides]),
    ...readings,
    make("div", { class: "value" }, make("label", { for: slider.id }, kind.kind === "fatigue" ? scene.header.effects.tiring.words[term.target]! : kind.value), output),
    slider,
  );
  if (kind.takes_capacity) {
    const gauge = make("div", { class: "gauge" }), words = make("p", { class: "note" });
    box.append(gauge, words);
    void events.tolerated().then((loss) => {
      if (loss === null) return;
      const fill = make("i"), mark = make("b");
      fill.style.width = `${100 * loss}%`;
      mark.style.left = `${100 * loss}%`;
      gauge.append(fill, mark);
      words.textContent = loss >= 1 ? "This movement still works without it." : `This movement tolerates up to ${(100 * loss).toFixed(0)} % exactly as it is.`;
    }).catch(() => undefined);
  }
  if (kind.kind === "fatigue" && term.target === "hold") {
    const words = make("p", { class: "note", id: `${id}hold` }, "…");
    box.append(words, playHold(slider));
    void events.held().then((found) => {
      words.textContent = found?.sentence ?? "";
      if (found && Number.isFinite(found.seconds)) slider.max = String(Math.max(Math.ceil(1.1 * found.seconds), term.value));
    }).catch(() => (words.textContent = ""));
  }
  box.append(remove);
  return box;
}

/** A button that lets time pass, from fresh to failure: the slider moves, and everything with it. */
function playHold(slider: HTMLInputElement): HTMLElement {
  const button = make("button", { class: "plain" }, "watch it tire");
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "watch it tire";
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    button.textContent = "stop";
    slider.value = "0";
    timer = window.setInterval(() => {
      const next = Number(slider.value) + Number(slider.max) / STEPS_OF_HOLD;
      slider.value = String(next);
      slider.dispatchEvent(new Event("input"));
      if (next >= Number(slider.max) || !slider.isConnected) stop();
    }, 150);
  });
  return button;
}

/** In how many steps a hold is played. */
const STEPS_OF_HOLD = 40;

/** Which reading of drive that is held back holds: both, or one alone. */
function readingChoice(scene: Scene, term: Term, id: string, events: TermEvents): HTMLElement[] {
  if (!["pain", "effusion", "hold-back"].includes(term.kind)) return [];
  const [named, reading] = splitReading(term.target);
  const choice = make("select", { id: `${id}reading` });
  for (const [name, words] of Object.entries(scene.header.effects.readings))
    choice.append(make("option", { value: name, ...(name === reading ? { selected: "" } : {}) }, words.replace(/^ \(|\)$/g, "") || "less at most, and dearer"));
  choice.addEventListener("change", () => {
    term.target = named + (choice.value ? `:${choice.value}` : "");
    events.chosen();
  });
  return [make("div", {}, make("label", { for: choice.id }, "how it is held back"), choice)];
}

/** Make a term fit the scene, or say that it cannot. */
export function fitTerm(scene: Scene, term: Term): Term | null {
  try {
    const kind = termKind(scene, term.kind);
    describeTerm(scene, term);
    if (!(term.value >= kind.low && term.value <= kind.high)) return null;
    if (kind.needs_undisturbed && scene.frames < 2) return null;
    if (kind.kind === "fatigue" && (term.target === "hold") !== scene.frames < 2) return null;
    if (kind.kind !== "strength-loss") columnsOf(scene, term);
    return { ...term, target: nameTarget(scene, term) };
  } catch (error) {
    if (error instanceof Unmet) return null;
    throw error;
  }
}
