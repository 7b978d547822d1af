/* What is seen of the solution: the body in its colours, its ghost or its neighbour, forces, and numbers at the joints. */

import type { BodyPicture } from "./body";
import { activityColour, changeColour, isDark, showLegend } from "./colours";
import { type Outcome, simulate } from "./compare";
import { $ } from "./dom";
import type { Look } from "./flesh";
import { jointForces, sizeAt, supportForces } from "./forces";
import type { Kernel } from "./kernel";
import { type Label, showLabels } from "./labels";
import type { Scene } from "./scene";
import { isSplit, type Left, type Shown } from "./stage";

/** A muscle that worked harder by more than this leaves a ghost. */
const GHOST = 0.04;
/** A force under a part of the body gets a number from this many body weights on. */
const TOLD = 0.05;
/** How far under the foot that number stands, m. */
const BELOW = 0.05;

export class Sight {
  private leftSolved: { key: string; outcome: Outcome } | null = null;

  constructor(
    private readonly kernel: Kernel,
    private readonly picture: BodyPicture,
    private readonly shown: () => Shown,
  ) {
    picture.onDraw = () => this.placeLabels();
  }

  show(): void {
    const { stage: { scene, outcome }, state } = this.shown(), { frame } = state, split = isSplit(this.shown());
    const changing = isChanging(this.shown());
    const now = activationAt(scene, outcome.changed.activation, frame), before = activationAt(scene, outcome.baseline.activation, frame);
    const ghost = before.map((b, m) => (b > now[m]! + GHOST ? b : -1));
    this.picture.colours(isDark() ? "#ffffff" : "#000000", isDark() ? "#4fc4c4" : "#0b7373");
    this.picture.update(
      frame,
      { thickness: now, colour: (m) => (changing ? changeColour(scene, now[m]! - before[m]!) : activityColour(scene, now[m]!)) },
      changing && ghost.some((g) => g >= 0)
        ? { thickness: ghost, colour: () => changeColour(scene, -scene.header.colours.change_limit / 2) }
        : null,
      supportForces(scene, outcome.changed),
      split ? this.leftLook(frame, before) : null,
    );
  }

  /** How hard the body at the left works: undisturbed, or in the other posture under the same condition. */
  private leftLook(frame: number, before: Float64Array): Look {
    const { stage } = this.shown(), { left } = stage;
    const now = left ? this.solveLeft(left, Math.min(Math.round(frame), left.scene.frames - 1)) : before;
    return { thickness: now, colour: (m) => activityColour(stage.scene, now[m]!) };
  }

  private solveLeft({ scene, baseline }: Left, frame: number): Float64Array {
    const { state: { task, terms } } = this.shown(), key = `${task} ${JSON.stringify(terms)}`;
    if (this.leftSolved?.key !== key) this.leftSolved = { key, outcome: simulate(scene, this.kernel, terms, baseline) };
    return activationAt(scene, this.leftSolved.outcome.changed.activation, frame);
  }

  /** Numbers in body weights, at the joints and under what stands on the ground. */
  private placeLabels(): void {
    const { stage: { scene, outcome }, state } = this.shown(), t = Math.round(state.frame);
    const labels: Label[] = [];
    const put = (force: ArrayLike<number>, place: ArrayLike<number>, at: number, digits: number, least: number, ground = false) => {
      const size = sizeAt(force, at) / scene.header.body.weight;
      const where = size > least && this.picture.project(place[at]!, place[at + 1]! - (ground ? BELOW : 0), place[at + 2]!);
      if (where) labels.push({ x: where[0], y: where[1], text: `× ${size.toFixed(digits)}`, name: ground ? "ground" : "" });
    };
    const joints = scene.has("joint_centre") ? scene.header.joints.length : 0, parts = scene.header.supports.length;
    if (joints) {
      const force = jointForces(scene, outcome.changed), centre = scene.array("joint_centre");
      for (let j = 0; j < joints; j++) put(force, centre, 3 * (t * joints + j), 1, -1);
    }
    const { force, point } = supportForces(scene, outcome.changed);
    for (let p = 0; p < parts; p++) put(force, point, 3 * (t * parts + p), 2, TOLD, true);
    showLabels($("labels"), labels);
  }
}

/** Activations in a frame, (muscles,); between two frames, on the way from one to the next. */
function activationAt(scene: Scene, activation: Float64Array, frame: number): Float64Array {
  const { muscles: M, frames } = scene, low = Math.floor(frame), high = Math.min(low + 1, frames - 1), part = frame - low;
  return Float64Array.from({ length: M }, (_, m) => (1 - part) * activation[low * M + m]! + part * activation[high * M + m]!);
}

/** Whether colours tell changes. Two bodies side by side are compared by one scale: how hard each works. */
function isChanging(shown: Shown): boolean {
  return shown.state.look === "change" && shown.state.terms.length > 0 && !isSplit(shown);
}

/** What stands around the picture: the legend of its colours, and who is who side by side. */
export function showCaptions(shown: Shown, pictured: boolean, titleOf: (task: string) => string, leftTitle: string): void {
  const { stage, state } = shown, split = isSplit(shown), named = stage.left !== null && leftTitle !== "";
  $("beside").hidden = !pictured || !(state.terms.length > 0 || stage.left !== null);
  $("beside").setAttribute("aria-pressed", String(split));
  $("captions").hidden = !split || !pictured;
  $("captionleft").textContent = named ? leftTitle : "undisturbed";
  $("captionright").textContent = named ? titleOf(state.task) : "with the change";
  showLegend(stage.scene, isChanging(shown));
}
