/* Activation of chosen muscles over the movement: before as a grey line, now as a coloured one. */

import type { Change, Outcome } from "./compare";
import { draw } from "./dom";
import type { Scene } from "./scene";

const WIDTH = 320, HEIGHT = 92, LEFT = 34, BOTTOM = 18, TOP = 6;

export function drawCurve(scene: Scene, outcome: Outcome, muscle: Change, frame: number): SVGElement {
  const strength = scene.doubles("strength"), time = scene.header.task.time, last = scene.frames - 1;
  const all = muscle.rows.reduce((sum, m) => sum + strength[m]!, 0) || 1;
  const course = (activation: Float64Array) =>
    time.map((_, t) => muscle.rows.reduce((sum, m) => sum + (strength[m]! / all) * activation[t * scene.muscles + m]!, 0));
  const before = course(outcome.baseline.activation), now = course(outcome.changed.activation);
  const x = (t: number) => LEFT + (last ? t / last : 0.5) * (WIDTH - LEFT - 6);
  const y = (a: number) => HEIGHT - BOTTOM - a * (HEIGHT - BOTTOM - TOP);
  const path = (values: number[]) => values.map((a, t) => `${t ? "L" : "M"}${x(t).toFixed(1)} ${y(a).toFixed(1)}`).join("");
  const label = `${muscle.muscle}: at most ${percent(Math.max(...before))} undisturbed, ${percent(Math.max(...now))} now`;
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "curve" });
  for (const level of [0, 0.5, 1]) {
    svg.append(draw("line", { x1: LEFT, x2: WIDTH - 6, y1: y(level), y2: y(level), class: "grid" }));
    svg.append(draw("text", { x: LEFT - 4, y: y(level) + 3.5, class: "tick" }, `${100 * level} %`));
  }
  svg.append(draw("path", { d: path(before), class: "before" }), draw("path", { d: path(now), class: "now" }));
  if (!last) {
    svg.append(draw("circle", { cx: x(0), cy: y(before[0]!), r: 3.5, class: "before dot" }));
    svg.append(draw("circle", { cx: x(0), cy: y(now[0]!), r: 4.5, class: "now dot" }));
  } else svg.append(draw("line", { x1: x(frame), x2: x(frame), y1: TOP, y2: HEIGHT - BOTTOM, class: "here" }));
  svg.append(draw("text", { x: LEFT, y: HEIGHT - 4, class: "name" }, muscle.muscle));
  return svg;
}

export const percent = (value: number): string => `${Math.round(100 * value)} %`;
