/* Bone surfaces, decimated once for all scenes (`docs/make_bones.py`), in each bone's own frame. */

import { BufferAttribute, BufferGeometry } from "three";
import { type Container, BadScene } from "./container";

export function readBones(container: Container): Map<string, BufferGeometry> {
  const names = container.header["names"] as string[], grain = container.header["grain_m"] as number;
  const [vertices, faces, vertexCount, faceCount] = ["vertices", "faces", "vertex_count", "face_count"].map(
    (name) => container.arrays.get(name)?.values,
  );
  if (!vertices || !faces || !vertexCount || !faceCount) throw new BadScene("The page's bones are damaged.");
  const found = new Map<string, BufferGeometry>();
  let v = 0, f = 0;
  names.forEach((name, i) => {
    const points = Float32Array.from(vertices.subarray(3 * v, 3 * (v + vertexCount[i]!)), (x) => x * grain);
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(points, 3));
    geometry.setIndex(new BufferAttribute(Uint16Array.from(faces.subarray(3 * f, 3 * (f + faceCount[i]!))), 1));
    geometry.computeVertexNormals();
    found.set(name, geometry);
    v += vertexCount[i]!;
    f += faceCount[i]!;
  });
  return found;
}
