/* Colours of muscles, by the palettes that came with the scene, and their legend. */

import { Color } from "three";
import { $, make } from "./dom";
import type { Scene } from "./scene";

export const isDark = (): boolean => matchMedia("(prefers-color-scheme: dark)").matches;

/** The colour at `value`, 0 to 1 along a list of colours. */
function ramp(colours: string[], value: number): Color {
  const at = Math.min(1, Math.max(0, value)) * (colours.length - 1), low = Math.floor(at);
  return new Color(colours[low]!).lerp(new Color(colours[Math.min(low + 1, colours.length - 1)]!), at - low);
}

const activityRamp = ({ header: { colours } }: Scene): string[] => (isDark() ? colours.activity_dark : colours.activity);

/** The colour of an activation, 0 to 1. */
export const activityColour = (scene: Scene, value: number): Color => ramp(activityRamp(scene), value);

/** The colour of a change of activation; `change_limit` and more gets the strongest. */
export function changeColour(scene: Scene, value: number): Color {
  const { change, change_limit } = scene.header.colours;
  return ramp(change, 0.5 + value / (2 * change_limit));
}

/** Say what the colours mean: changes of activation, or how hard muscles work. */
export function showLegend(scene: Scene, changing: boolean): void {
  const { change, change_limit } = scene.header.colours;
  const band = make("div", { class: "ramp" });
  band.style.background = `linear-gradient(to right, ${(changing ? change : activityRamp(scene)).join(", ")})`;
  const ends = changing ? ["less", "same", "more"] : ["rest", "full"];
  $("legend").replaceChildren(
    changing ? `activation, −${100 * change_limit} to +${100 * change_limit} %` : "activation, 0 to 100 %",
    band,
    make("div", { class: "ends" }, ...ends.map((end) => make("span", {}, end))),
  );
}
