/* Controls of what is changed: kind, target, side, and a slider that carries the tolerance as a mark. */

import { describeTerm, general, termKind, Unmet } from "./condition";
import { make } from "./dom";
import type { Scene, Side, Term } from "./scene";

export interface TermEvents {
  change(): void;
  remove(at: number): void;
  /** The largest loss of these muscles that the movement tolerates; null where none can be told. */
  tolerated(term: Term): Promise<number | null>;
}

const KIND_WORDS: Record<string, string> = {
  weaken: "strength gone",
  block: "nerve blocked",
  inhibit: "held back",
  squeeze: "squeezed on purpose",
  delay: "late",
  "strength-loss": "strength lost on a dynamometer",
};

const SIDE_WORDS: [Side, string][] = [["r", "right"], ["l", "left"], ["both", "both"]];

export function kindWords(scene: Scene, kind: string): string {
  return KIND_WORDS[kind] ?? termKind(scene, kind).option.replace(/-/g, " ");
}

function targetsFor(scene: Scene, kind: string): { label: string; options: [string, string][] }[] {
  if (kind === "strength-loss")
    return [{ label: "strength of", options: scene.header.strength.map((s) => [s.name, s.name.replace(/-/g, " ")]) }];
  const of = (wanted: string): [string, string][] =>
    scene.header.targets.filter((t) => t.kind === wanted).map((t) => [t.name, t.words]);
  const nerves = { label: "nerves", options: of("nerve") };
  if (kind === "block") return [nerves];
  return [{ label: "groups", options: of("group") }, { label: "muscles", options: of("muscle") }, nerves];
}

/** A value as the slider shows it. */
export function valueWords(term: Term): string {
  return term.kind === "delay" ? `${general(1000 * term.value)} ms` : `${general(100 * term.value)} %`;
}

export function termControl(scene: Scene, term: Term, at: number, events: TermEvents): HTMLElement {
  const id = `term${at}`, kind = termKind(scene, term.kind);
  const box = make("div", { class: "term", role: "group", "aria-label": `Change ${at + 1}` });
  const kinds = make("select", { id: `${id}kind` });
  for (const k of scene.header.terms) {
    if (k.needs_undisturbed && scene.frames < 2) continue;
    if (k.kind === "strength-loss" && !scene.header.strength.length) continue;
    kinds.append(make("option", { value: k.kind, ...(k.kind === term.kind ? { selected: "" } : {}) }, kindWords(scene, k.kind)));
  }
  const targets = make("select", { id: `${id}target` });
  for (const group of targetsFor(scene, term.kind)) {
    const part = make("optgroup", { label: group.label });
    for (const [name, words] of group.options)
      part.append(make("option", { value: name, ...(name === term.target ? { selected: "" } : {}) }, words));
    targets.append(part);
  }
  kinds.addEventListener("change", () => {
    term.kind = kinds.value;
    const known = targetsFor(scene, term.kind).flatMap((g) => g.options.map((o) => o[0]));
    if (!known.includes(term.target)) term.target = known.find((n) => n === "superior gluteal nerve" || n === "hip-abduction" || n === "glmed") ?? known[0]!;
    const next = termKind(scene, term.kind);
    term.value = term.kind === "delay" ? 0.05 : Math.min(next.high, Math.max(next.low, term.value > 1 ? 0.5 : term.value));
    events.change();
  });
  targets.addEventListener("change", () => {
    term.target = targets.value;
    events.change();
  });
  const sides = make("div", { class: "sides", role: "radiogroup", "aria-label": "Side" });
  for (const [side, words] of SIDE_WORDS) {
    const input = make("input", { type: "radio", name: `${id}side`, value: side, ...(side === term.side ? { checked: "" } : {}) });
    input.addEventListener("change", () => {
      term.side = side;
      events.change();
    });
    sides.append(make("label", {}, input, words));
  }
  const high = term.kind === "delay" ? 0.3 : kind.high;
  const step = term.kind === "delay" ? 0.005 : 0.01;
  const slider = make("input", {
    id: `${id}value`, type: "range", min: String(kind.low), max: String(high), step: String(step), value: String(term.value),
    "aria-label": `${kind.value} of ${term.target}`, "aria-valuetext": valueWords(term),
  });
  const output = make("output", { for: slider.id }, valueWords(term));
  slider.addEventListener("input", () => {
    term.value = Number(slider.value);
    output.textContent = valueWords(term);
    slider.setAttribute("aria-valuetext", valueWords(term));
    events.change();
  });
  const remove = make("button", { class: "plain", "aria-label": `Remove change ${at + 1}` }, "remove");
  remove.addEventListener("click", () => events.remove(at));
  box.append(
    make("div", { class: "pair" },
      make("div", {}, make("label", { for: kinds.id }, "What happens"), kinds),
      make("div", {}, make("label", { for: targets.id }, "to"), targets)),
    sides,
    make("div", { class: "value" }, make("label", { for: slider.id }, kind.value), output),
    slider,
  );
  if (kind.takes_capacity) {
    const gauge = make("div", { class: "gauge" }), words = make("p", { class: "note" });
    box.append(gauge, words);
    void events.tolerated(term).then((loss) => {
      if (loss === null) return;
      const fill = make("i"), mark = make("b");
      fill.style.width = `${100 * loss}%`;
      mark.style.left = `${100 * loss}%`;
      gauge.append(fill, mark);
      words.textContent = loss >= 1 ? "This movement still works without it." : `This movement tolerates up to ${(100 * loss).toFixed(0)} % exactly as it is.`;
    }).catch(() => undefined);
  }
  box.append(remove);
  return box;
}

/** Make a term fit the scene, or say that it cannot. */
export function fitTerm(scene: Scene, term: Term): Term | null {
  try {
    const kind = termKind(scene, term.kind);
    describeTerm(scene, term);
    if (!(term.value >= kind.low && term.value <= kind.high)) return null;
    if (kind.needs_undisturbed && scene.frames < 2) return null;
    return { ...term };
  } catch (error) {
    if (error instanceof Unmet) return null;
    throw error;
  }
}
