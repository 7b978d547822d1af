/* Forces that follow from a solution: in the joints, and of the world on the body. Each is worked out once. */

import type { Outcome } from "./compare";
import type { Scene } from "./scene";
import type { Solution } from "./sharing";

export interface JointLoad {
  name: string;
  words: string;
  before: Float64Array; // (T,) body weights
  now: Float64Array;
}

/** Forces of the world on supported parts of the body, and where they act. */
export interface SupportForces {
  force: Float64Array; // (T, parts, 3) N
  point: Float64Array; // (T, parts, 3) m
}

/** Work something out of a solution the first time that it is asked for. */
export function once<T>(find: (scene: Scene, solution: Solution) => T): (scene: Scene, solution: Solution) => T {
  const known = new WeakMap<Solution, { found: T }>();
  return (scene, solution) => {
    let entry = known.get(solution);
    if (!entry) known.set(solution, (entry = { found: find(scene, solution) }));
    return entry.found;
  };
}

/** Size of the three numbers from `at` on. */
export const sizeAt = (values: ArrayLike<number>, at: number): number =>
  Math.sqrt(values[at]! ** 2 + values[at + 1]! ** 2 + values[at + 2]! ** 2);

/** Contact force of every joint, (T, joints, 3) N: `gluteal.outcome.joint_loads`. */
export const jointForces = once((scene, solution) => {
  const { frames: T, muscles: M, rays: R, line, push } = scene, rows = 3 * scene.header.joints.length;
  if (!rows) return new Float64Array();
  const force = scene.doubles("needed").slice();
  for (let t = 0; t < T; t++) {
    for (let i = 0, n = line.row.length; i < n; i++)
      force[t * rows + line.row[i]!]! -= line.value[t * n + i]! * solution.force[t * M + line.column[i]!]!;
    for (let i = 0, n = push.row.length; i < n; i++)
      force[t * rows + push.row[i]!]! -= push.value[t * n + i]! * solution.support[t * R + push.column[i]!]!;
  }
  return force;
});

/** Size of the contact force of every joint over time, body weights. */
const jointSizes = once((scene, solution) => {
  const { frames, header: { joints, body } } = scene, force = jointForces(scene, solution);
  return joints.map((_, j) => Float64Array.from({ length: frames }, (_, t) => sizeAt(force, 3 * (t * joints.length + j)) / body.weight));
});

export function jointLoads(scene: Scene, { baseline, changed }: Outcome): JointLoad[] {
  const before = jointSizes(scene, baseline), now = jointSizes(scene, changed);
  return scene.header.joints.map(({ name, words }, j) => ({ name, words, before: before[j]!, now: now[j]! }));
}

export const supportForces = once((scene, solution): SupportForces => {
  const { frames: T, rays: R } = scene, parts = scene.header.supports.length;
  if (scene.has("load_force"))
    return { force: scene.doubles("load_force"), point: Float64Array.from(scene.array("load_point")) };
  const force = new Float64Array(T * parts * 3), point = new Float64Array(T * parts * 3);
  if (!R) return { force, point };
  const part = scene.array("ray_part"), place = scene.array("ray_place");
  const direction = scene.doubles("ray_direction"), where = scene.array("support_point");
  for (let t = 0; t < T; t++) {
    const weight = new Float64Array(parts);
    for (let r = 0; r < R; r++) {
      const p = part[r]!, size = solution.support[t * R + r]!;
      weight[p]! += size;
      for (let a = 0; a < 3; a++) {
        force[(t * parts + p) * 3 + a]! += size * direction[(t * R + r) * 3 + a]!;
        point[(t * parts + p) * 3 + a]! += size * where[(place[r]! * T + t) * 3 + a]!;
      }
    }
    for (let p = 0; p < parts; p++)
      if (weight[p]! > 0) for (let a = 0; a < 3; a++) point[(t * parts + p) * 3 + a]! /= weight[p]!;
  }
  return { force, point };
});

/** Largest force of the world on each supported part, body weights. */
export const peakSupports = once((scene, solution) => {
  const { frames, header: { supports, body } } = scene, { force } = supportForces(scene, solution);
  return supports.map((_, p) => {
    let most = 0;
    for (let t = 0; t < frames; t++) most = Math.max(most, sizeAt(force, 3 * (t * supports.length + p)));
    return most / body.weight;
  });
});
