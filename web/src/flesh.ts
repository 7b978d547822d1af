/* Muscles as volumes: one surface for all of them, a tube along each path, thick in the belly and thin at its tendons. */

import { BufferAttribute, BufferGeometry, Color, DoubleSide, Mesh, MeshStandardMaterial } from "three";
import type { Scene } from "./scene";

/** Newtons per square metre of a muscle's cross-section; Buchanan 1995 has 0.35 to 1.37 MPa in one study. For the eye only. */
const TENSION = 4.5e5;
/** Share of the full thickness at rest, and of a tendon. */
const REST = 0.62, TENDON = 0.16;

export interface Look {
  /** Per muscle: 0 to 1, how thick and strong it is drawn; negative is hidden. */
  thickness: Float64Array;
  colour: (muscle: number) => Color;
}

export class Flesh {
  readonly mesh: Mesh<BufferGeometry, MeshStandardMaterial>;
  private readonly position: Float32Array;
  private readonly normal: Float32Array;
  private readonly colour: Float32Array;
  private readonly radius: Float64Array;
  private readonly starts: Uint32Array;
  private readonly line: Float64Array;
  private readonly owner: ArrayLike<number>; // which muscle each line belongs to
  private readonly sides: number;
  private readonly rings: number;

  constructor(
    private readonly scene: Scene,
    fine: boolean,
    ghost = false,
  ) {
    this.rings = fine ? 13 : 9;
    this.sides = fine ? 9 : 6;
    this.owner = scene.array("path_muscle");
    const { frames } = scene, lines = this.owner.length, count = lines * this.rings * this.sides;
    this.position = new Float32Array(3 * count);
    this.normal = new Float32Array(3 * count);
    this.colour = new Float32Array(3 * count);
    this.line = new Float64Array(3 * this.rings);
    const parts = new Float64Array(scene.muscles);
    for (let i = 0; i < lines; i++) parts[this.owner[i]!]! += 1;
    this.radius = scene
      .doubles("strength")
      .map((force, m) => Math.sqrt(Math.max(force, 1) / Math.max(parts[m]!, 1) / TENSION / Math.PI));
    const length = scene.array("path_length");
    this.starts = new Uint32Array(frames * lines + 1);
    for (let i = 0; i < frames * lines; i++) this.starts[i + 1] = this.starts[i]! + length[i]!;
    const index = new Uint32Array(lines * (this.rings - 1) * this.sides * 6);
    let at = 0;
    for (let l = 0; l < lines; l++)
      for (let ring = 0; ring < this.rings - 1; ring++)
        for (let side = 0; side < this.sides; side++) {
          const base = (l * this.rings + ring) * this.sides, next = (side + 1) % this.sides;
          const a = base + side, b = base + next, c = a + this.sides, d = b + this.sides;
          index.set([a, b, c, b, d, c], at);
          at += 6;
        }
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(this.position, 3));
    geometry.setAttribute("normal", new BufferAttribute(this.normal, 3));
    geometry.setAttribute("color", new BufferAttribute(this.colour, 3));
    geometry.setIndex(new BufferAttribute(index, 1));
    const material = new MeshStandardMaterial({ vertexColors: true, roughness: 0.55, metalness: 0 });
    if (ghost) {
      material.transparent = true;
      material.opacity = 0.28;
      material.depthWrite = false;
      material.side = DoubleSide;
    }
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
  }

  /** Where a line runs in a frame, resampled to `rings` points at equal distances; frames may be halves. */
  private trace(l: number, frame: number): void {
    const low = Math.floor(frame), part = frame - low;
    this.sample(l, low, 1 - part, true);
    if (part > 0) this.sample(l, Math.min(low + 1, this.scene.frames - 1), part, false);
  }

  private sample(l: number, frame: number, weight: number, first: boolean): void {
    const lines = this.owner.length, start = this.starts[frame * lines + l]!, stop = this.starts[frame * lines + l + 1]!;
    const points = this.scene.array("path_point"), grain = this.scene.header.grain * weight, line = this.line;
    const at = (i: number, a: number) => points[3 * i + a]!;
    let whole = 0;
    for (let i = start; i + 1 < stop; i++)
      whole += Math.hypot(at(i + 1, 0) - at(i, 0), at(i + 1, 1) - at(i, 1), at(i + 1, 2) - at(i, 2));
    let i = start, before = 0;
    const gap = (k: number) => Math.hypot(at(k + 1, 0) - at(k, 0), at(k + 1, 1) - at(k, 1), at(k + 1, 2) - at(k, 2));
    let here = i + 1 < stop ? gap(i) : 0;
    for (let ring = 0; ring < this.rings; ring++) {
      const wanted = (whole * ring) / (this.rings - 1);
      while (i + 2 < stop && before + here < wanted) {
        before += here;
        i++;
        here = gap(i);
      }
      const share = here > 0 ? Math.min(1, Math.max(0, (wanted - before) / here)) : 0;
      const next = Math.min(i + 1, stop - 1);
      for (let a = 0; a < 3; a++) {
        const x = (at(i, a) + share * (at(next, a) - at(i, a))) * grain;
        line[3 * ring + a] = first ? x : line[3 * ring + a]! + x;
      }
    }
  }

  update(frame: number, look: Look): void {
    const { rings, sides, line, position, normal } = this;
    for (let l = 0; l < this.owner.length; l++) {
      const m = this.owner[l]!, value = look.thickness[m]!, base = l * rings * sides;
      if (value < 0) {
        position.fill(0, 3 * base, 3 * (base + rings * sides));
        continue;
      }
      this.trace(l, frame);
      const colour = look.colour(m), thick = this.radius[m]! * (REST + (1 - REST) * Math.min(1, value));
      // A direction across the first piece, carried along the path without turning about it.
      let ux = 0, uy = 0, uz = 0;
      for (let ring = 0; ring < rings; ring++) {
        const a = 3 * Math.max(ring - 1, 0), b = 3 * Math.min(ring + 1, rings - 1), c = 3 * ring;
        let tx = line[b]! - line[a]!, ty = line[b + 1]! - line[a + 1]!, tz = line[b + 2]! - line[a + 2]!;
        const size = Math.hypot(tx, ty, tz) || 1;
        tx /= size;
        ty /= size;
        tz /= size;
        if (!ring) [ux, uy, uz] = Math.abs(tx) < 0.8 ? [0, tz, -ty] : [-tz, 0, tx];
        const along = ux * tx + uy * ty + uz * tz;
        ux -= along * tx;
        uy -= along * ty;
        uz -= along * tz;
        const unit = Math.hypot(ux, uy, uz) || 1;
        ux /= unit;
        uy /= unit;
        uz /= unit;
        const vx = ty * uz - tz * uy, vy = tz * ux - tx * uz, vz = tx * uy - ty * ux;
        const s = ring / (rings - 1), belly = Math.sin(Math.PI * s) ** 0.75;
        const r = thick * (TENDON + (1 - TENDON) * belly);
        for (let side = 0; side < sides; side++) {
          const angle = (2 * Math.PI * side) / sides, cos = Math.cos(angle), sin = Math.sin(angle);
          const at = 3 * (base + ring * sides + side);
          const nx = cos * ux + sin * vx, ny = cos * uy + sin * vy, nz = cos * uz + sin * vz;
          normal[at] = nx;
          normal[at + 1] = ny;
          normal[at + 2] = nz;
          position[at] = line[c]! + r * nx;
          position[at + 1] = line[c + 1]! + r * ny;
          position[at + 2] = line[c + 2]! + r * nz;
          this.colour[at] = colour.r;
          this.colour[at + 1] = colour.g;
          this.colour[at + 2] = colour.b;
        }
      }
    }
    for (const name of ["position", "normal", "color"]) this.mesh.geometry.attributes[name]!.needsUpdate = true;
  }

  /** Which muscle a face of the mesh belongs to. */
  muscleOfFace(face: number): number {
    return this.owner[Math.floor(face / (2 * (this.rings - 1) * this.sides))]!;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
