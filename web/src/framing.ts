/* How much room a movement takes, and how far it goes: what the camera has to hold. */

import { Box3, type BufferGeometry, Matrix4, Quaternion, Vector3 } from "three";
import type { Scene } from "./scene";

const ONE = new Vector3(1, 1, 1);
/** Over about so many frames the room is looked at. */
const LOOKS = 6;

/** The box of all bones over the whole movement, where it would be without going anywhere. */
export function boundsOf(scene: Scene, bones: BufferGeometry[]): Box3 {
  const box = new Box3(), count = bones.length, place = new Matrix4();
  const position = scene.array("bone_position"), rotation = scene.array("bone_rotation");
  const boxes = bones.map((bone) => {
    bone.computeBoundingBox();
    return bone.boundingBox;
  });
  const step = Math.max(1, Math.floor(scene.frames / LOOKS));
  for (let t = 0; t < scene.frames; t += step) {
    const back = wayOf(scene, t).negate();
    boxes.forEach((bone, b) => {
      if (!bone || bone.isEmpty()) return;
      const at = t * count + b;
      place.compose(new Vector3().fromArray(position, 3 * at), new Quaternion().fromArray(rotation, 4 * at), ONE);
      box.union(bone.clone().applyMatrix4(place).translate(back));
    });
  }
  return box.isEmpty() ? boundsOfPaths(scene) : box;
}

/** The box of all muscles, where there are no bones. */
function boundsOfPaths(scene: Scene): Box3 {
  const box = new Box3(), points = scene.array("path_point"), { grain } = scene.header;
  for (let i = 0; i < points.length; i += 3)
    box.expandByPoint(new Vector3(points[i]! * grain, points[i + 1]! * grain, points[i + 2]! * grain));
  return box;
}

/** How far the body has come by a frame, steadily: who walks stays on the stage, who squats moves on it. */
export function wayOf(scene: Scene, frame: number): Vector3 {
  const count = scene.header.bones.length;
  if (!count || scene.frames < 2) return new Vector3();
  const position = scene.array("bone_position");
  const middle = (t: number) => {
    const sum = new Vector3();
    for (let b = 0; b < count; b++) sum.add(new Vector3().fromArray(position, 3 * (t * count + b)));
    return sum.divideScalar(count);
  };
  const way = middle(scene.frames - 1).sub(middle(0));
  way.y = 0;
  return way.multiplyScalar(frame / (scene.frames - 1));
}
