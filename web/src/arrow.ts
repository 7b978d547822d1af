/* An arrow for a force: a shaft and a head, seen through flesh and bone. */

import { Color, ConeGeometry, CylinderGeometry, Group, Mesh, MeshBasicMaterial, Vector3 } from "three";

const UP = new Vector3(0, 1, 0);
/** Length of the head, and the shortest shaft, m. */
const HEAD = 0.07, SHORTEST = 0.005;

export class Arrow extends Group {
  private readonly paint = new MeshBasicMaterial({ depthTest: false, transparent: true, opacity: 0.85 });
  private readonly shaft = new Mesh(new CylinderGeometry(0.009, 0.009, 1, 10), this.paint);
  private readonly head = new Mesh(new ConeGeometry(0.026, HEAD, 14), this.paint);

  constructor() {
    super();
    this.add(this.shaft, this.head);
    this.shaft.renderOrder = this.head.renderOrder = 2;
  }

  point(from: Vector3, direction: Vector3, length: number): void {
    this.position.copy(from);
    this.quaternion.setFromUnitVectors(UP, direction);
    const body = Math.max(length - HEAD, SHORTEST);
    this.shaft.scale.y = body;
    this.shaft.position.y = body / 2;
    this.head.position.y = body + HEAD / 2;
  }

  set colour(value: string) {
    this.paint.color = new Color(value);
  }

  release(): void {
    this.shaft.geometry.dispose();
    this.head.geometry.dispose();
    this.paint.dispose();
  }
}
