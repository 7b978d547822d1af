/* What the page shows, whole, in the address after "#": it is never sent to a server, and a link restores it. */

import type { Side, Term } from "./scene";

export type Look = "activity" | "change";

export interface State {
  task: string;
  terms: Term[];
  frame: number;
  look: Look;
  view: string;
  muscles: string[]; // whose curves are drawn
  beside: boolean; // two bodies side by side
}

const SIDES: readonly string[] = ["r", "l", "both"];
/** Most terms, and characters of a name, that a link may bring. */
const MOST_TERMS = 6, MOST_NAME = 80;

export function toAddress(state: State): string {
  const parts = new URLSearchParams();
  parts.set("task", state.task);
  for (const t of state.terms) parts.append("c", `${t.kind}:${t.target}:${t.side}:${t.value}`);
  if (state.frame) parts.set("frame", String(Math.round(state.frame)));
  if (state.look !== "change") parts.set("look", state.look);
  if (state.view) parts.set("view", state.view);
  if (state.beside) parts.set("beside", "yes");
  for (const muscle of state.muscles) parts.append("m", muscle);
  return parts.toString();
}

/** Read an address; what makes no sense is left out. */
export function fromAddress(text: string): Partial<State> {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  const found: Partial<State> = {};
  const task = parts.get("task");
  if (task && task.length <= MOST_NAME) found.task = task;
  const terms: Term[] = [];
  for (const entry of parts.getAll("c").slice(0, MOST_TERMS)) {
    // A target may hold a colon of its own: "vasti:price".
    const [, kind, target, side, value] = /^([^:]+):(.+):([^:]+):([^:]+)$/.exec(entry) ?? [];
    const number = Number(value);
    if (kind && target && target.length <= MOST_NAME && SIDES.includes(side ?? "") && value !== "" && Number.isFinite(number))
      terms.push({ kind, target, side: side as Side, value: number });
  }
  if (terms.length || parts.has("task")) found.terms = terms;
  const frame = Number(parts.get("frame") ?? 0);
  found.frame = Number.isInteger(frame) && frame >= 0 ? frame : 0;
  const look = parts.get("look");
  if (look === "activity" || look === "change") found.look = look;
  const view = parts.get("view");
  if (view && /^[a-z]{3,6}$/.test(view)) found.view = view;
  found.beside = parts.get("beside") === "yes";
  found.muscles = parts.getAll("m").filter((m) => m.length <= MOST_NAME).slice(0, 6);
  return found;
}
