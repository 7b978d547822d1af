/* The picture: bones, muscles, ghost of the undisturbed body, forces under the feet. Drawn when something changes only. */

import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  CircleGeometry,
  Color,
  DirectionalLight,
  Group,
  HemisphereLight,
  LineBasicMaterial,
  LineSegments,
  type Material,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  PerspectiveCamera,
  Quaternion,
  Raycaster,
  Scene as World,
  SRGBColorSpace,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { Arrow } from "./arrow";
import { Flesh, type Look } from "./flesh";
import { boundsOf, wayOf } from "./framing";
import type { Scene } from "./scene";

export type ViewName = "front" | "back" | "right" | "left" | "top";

/** From where, in the world: X forward, Y up, Z right. */
const VIEWS: Record<ViewName, [number, number, number]> = {
  front: [1, 0.12, 0.35],
  back: [-1, 0.12, 0.35],
  right: [0.28, 0.1, 1],
  left: [0.28, 0.1, -1],
  top: [0.01, 1, 0.01],
};
/** Metres of an arrow per body weight of force, and the force below which it has none, body weights. */
const ARROW = 0.42, NONE = 0.01;
/** On a picture as narrow as this the buttons of the view lie across its top, so high, px: the body stays below them. */
const NARROW = 560, BUTTONS = 42;

export class BodyPicture {
  private readonly camera = new PerspectiveCamera(28, 1, 0.05, 50);
  private readonly slow: boolean;
  private readonly renderer: WebGLRenderer;
  private readonly world = new World();
  private readonly controls: OrbitControls;
  private readonly bone = new MeshStandardMaterial({ color: "#f3ead9", roughness: 0.7 });
  private readonly ground: Mesh<CircleGeometry, MeshBasicMaterial>;
  private skeleton = new Group();
  private bones: Mesh[] = [];
  private sticks: LineSegments | null = null;
  private arrows: Arrow[] = [];
  private flesh: Flesh | null = null;
  private ghost: Flesh | null = null;
  private other: Flesh | null = null; // of the body at the left, side by side
  private scene: Scene | null = null;
  private left: Scene | null = null;
  private frame = 0;
  private split = false;
  private asked = 0;
  private readonly come = new Vector3(); // how far the camera has followed the body
  private reach = 1; // how tall the movement is, and how wide, m
  private spread = 1;
  private flight: { from: Vector3; to: Vector3; start: number } | null = null;
  onDraw: () => void = () => {};

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly geometries: Map<string, BufferGeometry>,
    private readonly still: boolean,
  ) {
    const probe = document.createElement("canvas").getContext("webgl2");
    if (!probe) throw new Error("no WebGL");
    const info = probe.getExtension("WEBGL_debug_renderer_info");
    const name = info ? String(probe.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
    this.slow = /swiftshader|llvmpipe|software/i.test(name);
    probe.getExtension("WEBGL_lose_context")?.loseContext();
    this.renderer = new WebGLRenderer({ canvas, antialias: !this.slow, alpha: true, preserveDrawingBuffer: true });
    this.renderer.outputColorSpace = SRGBColorSpace;
    this.renderer.setPixelRatio(this.slow ? 1 : Math.min(devicePixelRatio, 2));
    const key = new DirectionalLight("#ffffff", 1.9), rim = new DirectionalLight("#cfe0ff", 0.9);
    key.position.set(2, 3, 2.5);
    rim.position.set(-2, 1.5, -2);
    this.world.add(new HemisphereLight("#ffffff", "#8d8478", 1.1), new AmbientLight("#ffffff", 0.25), key, rim);
    this.ground = new Mesh(new CircleGeometry(0.5, 48), new MeshBasicMaterial({ transparent: true, opacity: 0.1 }));
    this.ground.rotation.x = -Math.PI / 2;
    this.world.add(this.ground, this.skeleton);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = false;
    this.controls.addEventListener("change", () => this.ask());
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement!);
  }

  /** Put another movement on the stage; `left` is what stands at the left, side by side: the same, or another posture. */
  show(scene: Scene, left: Scene): void {
    this.clear();
    this.scene = scene;
    this.left = left;
    for (const name of scene.header.bones) {
      const geometry = this.geometries.get(name);
      const mesh = new Mesh(geometry ?? new BufferGeometry(), this.bone as Material);
      mesh.matrixAutoUpdate = false;
      this.bones.push(mesh);
      this.skeleton.add(mesh);
    }
    if (!scene.header.bones.length) {
      this.sticks = new LineSegments(new BufferGeometry(), new LineBasicMaterial({ color: "#9a9182" }));
      this.world.add(this.sticks);
    }
    this.flesh = new Flesh(scene, !this.slow);
    this.ghost = new Flesh(scene, false, true);
    this.other = new Flesh(left, !this.slow);
    this.ghost.mesh.visible = this.other.mesh.visible = false;
    this.world.add(this.flesh.mesh, this.ghost.mesh, this.other.mesh);
    this.arrows = scene.header.supports.map(() => {
      const arrow = new Arrow();
      this.world.add(arrow);
      return arrow;
    });
    this.place(scene, 0);
    this.frameAll();
  }

  private clear(): void {
    for (const part of [this.flesh, this.ghost, this.other]) {
      if (part) this.world.remove(part.mesh);
      part?.dispose();
    }
    this.skeleton.clear();
    this.bones = [];
    if (this.sticks) this.world.remove(this.sticks);
    this.sticks = null;
    for (const arrow of this.arrows) {
      this.world.remove(arrow);
      arrow.release();
    }
  }

  /** Bones in a frame; between two frames they turn from one to the next as the muscles do. */
  private place(scene: Scene, frame: number): void {
    const count = this.bones.length;
    const low = Math.floor(frame), high = Math.min(low + 1, scene.frames - 1), part = frame - low;
    const position = scene.array("bone_position"), rotation = scene.array("bone_rotation");
    const at = new Vector3(), next = new Vector3(), turn = new Quaternion(), to = new Quaternion(), one = new Vector3(1, 1, 1);
    this.bones.forEach((bone, b) => {
      at.fromArray(position, 3 * (low * count + b)).lerp(next.fromArray(position, 3 * (high * count + b)), part);
      turn.fromArray(rotation, 4 * (low * count + b)).slerp(to.fromArray(rotation, 4 * (high * count + b)), part);
      bone.matrix.compose(at, turn, one);
      bone.matrixWorldNeedsUpdate = true;
    });
    if (this.sticks) {
      const sticks = scene.array("sticks"), size = sticks.length / scene.frames;
      const values = Float32Array.from(sticks.subarray(low * size, (low + 1) * size));
      this.sticks.geometry.setAttribute("position", new BufferAttribute(values, 3));
    }
  }

  /** Show a frame; with `left` two bodies stand side by side. */
  update(frame: number, look: Look, ghost: Look | null, forces: { force: Float64Array; point: Float64Array }, left: Look | null): void {
    const scene = this.scene!;
    this.frame = frame;
    this.place(scene, frame);
    this.flesh!.update(frame, look);
    if (left) this.other!.update(Math.min(frame, this.left!.frames - 1), left);
    if (this.split !== (left !== null)) {
      this.split = left !== null;
      this.resize();
    }
    this.ghost!.mesh.visible = ghost !== null;
    if (ghost) this.ghost!.update(frame, ghost);
    this.follow(frame);
    const low = Math.round(frame), parts = scene.header.supports.length;
    this.arrows.forEach((arrow, p) => {
      const at = 3 * (low * parts + p);
      const force = new Vector3().fromArray(forces.force, at), size = force.length() / scene.header.body.weight;
      arrow.visible = size > NONE;
      if (!arrow.visible) return;
      arrow.point(new Vector3().fromArray(forces.point, at), force.normalize(), size * ARROW);
    });
    this.ask();
  }

  colours(ground: string, arrow: string): void {
    this.ground.material.color = new Color(ground);
    for (const a of this.arrows) a.colour = arrow;
    this.ask();
  }

  /** Where a world point is seen, in pixels of the canvas; null behind the camera. */
  project(x: number, y: number, z: number): [number, number] | null {
    const p = new Vector3(x, y, z).project(this.camera);
    if (p.z > 1) return null;
    const { start, width } = this.window();
    return [start + ((p.x + 1) / 2) * width, ((1 - p.y) / 2) * this.canvas.clientHeight];
  }

  /** Where the body under the condition is drawn: the right half, side by side. */
  private window(): { start: number; width: number } {
    const whole = this.canvas.clientWidth;
    return this.split ? { start: whole / 2, width: whole / 2 } : { start: 0, width: whole };
  }

  pick(x: number, y: number): number | null {
    const ray = new Raycaster();
    const { start, width } = this.window();
    ray.setFromCamera(new Vector2(((x < start ? x : x - start) / width) * 2 - 1, 1 - (y / this.canvas.clientHeight) * 2), this.camera);
    const [hit] = ray.intersectObject(this.flesh!.mesh);
    return hit?.faceIndex == null ? null : this.flesh!.muscleOfFace(hit.faceIndex);
  }

  private follow(frame: number): void {
    const now = wayOf(this.scene!, frame), moved = now.clone().sub(this.come);
    this.come.copy(now);
    for (const position of [this.controls.target, this.camera.position, this.ground.position]) position.add(moved);
    this.flight?.to.add(moved);
    this.flight?.from.add(moved);
  }

  private frameAll(): void {
    const box = boundsOf(this.scene!, this.bones.map((bone) => bone.geometry)), centre = box.getCenter(new Vector3());
    this.ground.position.set(centre.x, box.min.y - 0.002, centre.z);
    this.controls.target.copy(centre);
    this.come.set(0, 0, 0);
    const size = box.getSize(new Vector3());
    this.reach = Math.max(size.y, Math.hypot(size.x, size.z) * 0.8);
    this.spread = Math.hypot(size.x, size.z);
  }

  view(name: ViewName): void {
    const direction = new Vector3(...VIEWS[name]).normalize();
    const half = Math.tan((this.camera.fov * Math.PI) / 360);
    const tall = (this.reach * 0.54) / half, wide = (this.spread * 0.5) / half / Math.max(this.camera.aspect, 0.1);
    const target = this.controls.target.clone();
    const to = target.clone().addScaledVector(direction, Math.max(tall, wide) + 0.2);
    if (this.still || this.slow) {
      this.camera.position.copy(to);
      this.controls.update();
      this.ask();
      return;
    }
    this.flight = { from: this.camera.position.clone(), to, start: performance.now() };
    this.ask();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas.parentElement!;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    const width = this.split ? clientWidth / 2 : clientWidth, top = clientWidth < NARROW ? BUTTONS : 0;
    this.camera.aspect = width / (clientHeight - top);
    this.camera.setViewOffset(width, clientHeight - top, 0, -top, width, clientHeight);
    this.ask();
  }

  ask(): void {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    this.asked = 0;
    if (!this.scene) return; // the canvas has its size before anything stands on it
    if (this.flight) {
      const part = Math.min(1, (performance.now() - this.flight.start) / 350), ease = part * part * (3 - 2 * part);
      this.camera.position.lerpVectors(this.flight.from, this.flight.to, ease);
      this.controls.update();
      if (part < 1) this.ask();
      else this.flight = null;
    }
    if (this.split) this.renderBoth();
    else this.renderer.render(this.world, this.camera);
    this.onDraw();
  }

  private renderBoth(): void {
    const { clientWidth: whole, clientHeight: height } = this.canvas, width = whole / 2;
    const hidden = [this.flesh!.mesh, this.ghost!.mesh, ...this.arrows], shown = hidden.map((part) => part.visible);
    this.renderer.setScissorTest(true);
    for (const start of [0, width]) {
      const isLeft = start === 0;
      hidden.forEach((part, i) => (part.visible = !isLeft && shown[i]!));
      this.other!.mesh.visible = isLeft;
      this.place(isLeft ? this.left! : this.scene!, isLeft ? Math.min(this.frame, this.left!.frames - 1) : this.frame);
      this.renderer.setViewport(start, 0, width, height);
      this.renderer.setScissor(start, 0, width, height);
      this.renderer.render(this.world, this.camera);
    }
    this.other!.mesh.visible = false;
    this.renderer.setScissorTest(false);
    this.renderer.setViewport(0, 0, whole, height);
  }
}
