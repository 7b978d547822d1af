/* Time: play, pause and scrub, the clock, and the strip that shows where the movement is not possible. */

import type { Outcome } from "./compare";
import { $, draw } from "./dom";
import type { Scene } from "./scene";
import type { Shown } from "./stage";

/** Share of the real speed at which a movement plays, and the shortest that one round is taken to be, s. */
const SPEED = 0.4, SHORTEST = 0.2;
/** Most frames that are left out where drawing is slow. */
const MOST_SKIPPED = 3;

export class Player {
  private asked = 0; // the animation frame that comes next; 0 while nothing plays

  constructor(
    private readonly shown: () => Shown,
    private readonly show: () => void,
  ) {}

  get playing(): boolean {
    return this.asked !== 0;
  }

  /** Go to a frame, or to the nearest there is. */
  seek(frame: number): void {
    const { state, stage } = this.shown();
    state.frame = Math.min(Math.max(frame, 0), stage.scene.frames - 1);
    this.show();
  }

  toggle(): void {
    if (!this.playing) return this.play();
    this.stop();
    const { state } = this.shown();
    this.seek(Math.round(state.frame));
  }

  play(): void {
    if (this.playing) return;
    this.label("❚❚", "Pause");
    let last = performance.now();
    const step = (now: number) => {
      const { state, stage: { scene } } = this.shown(), { time } = scene.header.task;
      const whole = Math.max(time[scene.frames - 1]! - time[0]!, SHORTEST);
      const passed = ((now - last) / 1000 / whole) * (scene.frames - 1) * SPEED;
      last = now;
      state.frame = (state.frame + Math.min(passed, MOST_SKIPPED)) % (scene.frames - 1);
      this.show();
      this.asked = requestAnimationFrame(step);
    };
    this.asked = requestAnimationFrame(step);
  }

  stop(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    this.label("▶", "Play");
  }

  private label(sign: string, words: string): void {
    $("play").textContent = sign;
    $("play").setAttribute("aria-label", words);
  }
}

/** Write when it is, beside the slider of time. */
export function showClock({ stage: { scene, outcome }, state }: Shown): void {
  const { time, cyclic } = scene.header.task, here = Math.round(state.frame), last = scene.frames - 1;
  $("timebox").hidden = !last;
  const slider = $<HTMLInputElement>("time");
  slider.max = String(last);
  slider.value = String(here);
  const part = `${Math.round((100 * here) / Math.max(1, last))} %`, seconds = `${time[here]!.toFixed(2)} s`;
  slider.setAttribute(
    "aria-valuetext",
    (cyclic ? `${part} of the cycle` : seconds) + (outcome.missingFrames[here] ? ", not possible here" : ""),
  );
  $("clock").textContent = cyclic ? part : seconds;
}

/** Mark the frames in which the movement is not possible. */
export function drawStrip(scene: Scene, outcome: Outcome): void {
  const strip = $("strip"), n = scene.frames, { missingFrames } = outcome;
  strip.setAttribute("viewBox", `0 0 ${n} 1`);
  strip.setAttribute("preserveAspectRatio", "none");
  strip.replaceChildren(
    draw("rect", { width: n, height: 1, fill: "var(--line)" }),
    ...missingFrames.flatMap((missing, t) => (missing ? [draw("rect", { x: t, width: 1, height: 1, fill: "var(--bad)" })] : [])),
  );
  const failing = missingFrames.filter(Boolean).length;
  strip.setAttribute("aria-label", failing ? `Not possible in ${failing} of ${n} frames` : "Possible in every frame");
}
