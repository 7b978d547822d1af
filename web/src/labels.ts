/* Numbers in the picture: moved apart where they would lie on one another, with a line back to where they belong. */

import { draw, make } from "./dom";

export interface Label {
  x: number; // where it belongs, px
  y: number;
  text: string;
  name: string; // class
}

interface Placed extends Label {
  left: number; // its middle
  top: number;
  width: number;
}

/** Height of a label, width of its characters and of its padding, and the gap kept between two, px. */
const HEIGHT = 19, CHARACTER = 7.4, PADDING = 13, GAP = 3;
/** A label further away than this gets a line, px. */
const FAR = 12;
const ROUNDS = 40;

/** Return labels with places at which no two lie on one another, as near to where they belong as pushing brings them. */
function untangle(labels: Label[], width: number, height: number): Placed[] {
  const placed = labels.map((l) => ({ ...l, left: l.x, top: l.y, width: CHARACTER * l.text.length + PADDING }));
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let i = 0; i < placed.length; i++)
      for (let j = i + 1; j < placed.length; j++) {
        const a = placed[i]!, b = placed[j]!;
        const across = (a.width + b.width) / 2 + GAP - Math.abs(a.left - b.left), down = HEIGHT + GAP - Math.abs(a.top - b.top);
        if (across <= 0 || down <= 0) continue;
        moved = true;
        // The shorter way out; two at one place part downwards.
        if (across < down) {
          const by = (a.left <= b.left ? across : -across) / 2;
          a.left -= by;
          b.left += by;
        } else {
          const by = (a.top <= b.top ? down : -down) / 2;
          a.top -= by;
          b.top += by;
        }
      }
    for (const p of placed) {
      p.left = Math.min(Math.max(p.left, p.width / 2), Math.max(width - p.width / 2, p.width / 2));
      p.top = Math.min(Math.max(p.top, HEIGHT / 2), Math.max(height - HEIGHT / 2, HEIGHT / 2));
    }
    if (!moved) break;
  }
  return placed;
}

/** Fill `holder` with the labels. */
export function showLabels(holder: HTMLElement, labels: Label[]): void {
  const { clientWidth, clientHeight } = holder.parentElement!;
  const lines: SVGElement[] = [], spans: HTMLElement[] = [];
  for (const p of untangle(labels, clientWidth, clientHeight)) {
    if (Math.hypot(p.left - p.x, p.top - p.y) > FAR) lines.push(draw("line", { x1: p.x, y1: p.y, x2: p.left, y2: p.top }));
    const span = make("span", p.name ? { class: p.name } : {}, p.text);
    span.style.left = `${p.left}px`;
    span.style.top = `${p.top}px`;
    spans.push(span);
  }
  holder.replaceChildren(draw("svg", { width: clientWidth, height: clientHeight }, ...lines), ...spans);
}
