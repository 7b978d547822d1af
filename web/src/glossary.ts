/* Words that the page explains where they stand: a hint on hover, and the list of them all below. */

import { make } from "./dom";

export interface Entry {
  word: string;
  means: string;
  also?: string[]; // other forms of the word
}

/** Write text into an element, each known word once with its meaning as a hint. */
export function writeExplained(element: HTMLElement, text: string, glossary: readonly Entry[]): void {
  const spans: { from: number; to: number; means: string }[] = [];
  for (const { word, also = [], means } of glossary) {
    const at = [word, ...also].map((form) => [text.toLowerCase().indexOf(form.toLowerCase()), form.length] as const).find(([i]) => i >= 0);
    if (!at) continue;
    const [from, to] = [at[0], at[0] + at[1]];
    const whole = !/\p{L}/u.test(text[from - 1] ?? " ") && !/\p{L}/u.test(text[to] ?? " ");
    if (whole && !spans.some((s) => from < s.to && to > s.from)) spans.push({ from, to, means });
  }
  spans.sort((a, b) => a.from - b.from);
  const parts: (string | HTMLElement)[] = [];
  let at = 0;
  for (const { from, to, means } of spans) {
    parts.push(text.slice(at, from), make("abbr", { title: means }, text.slice(from, to)));
    at = to;
  }
  element.replaceChildren(...parts, text.slice(at));
}
