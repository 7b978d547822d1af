/* A scene: a movement with its words and numbers, as `gluteal.show.live.scene` packs it. */

import { BadScene, type Container, type Numbers, readContainer } from "./container";

/** The scenes this page reads. */
export const SCHEMA = 2;

export type Side = "r" | "l" | "both";

export interface Term {
  kind: string;
  target: string;
  value: number;
  side: Side;
}

export interface TermKind {
  kind: string;
  words: string;
  does: string;
  sentence: string;
  sentence_at_zero: string;
  low: number;
  high: number;
  value: string;
  unit: string;
  slider: { high: number; step: number; begins: number };
  remark: string;
  takes_capacity: boolean;
  names_muscles: boolean;
  needs_undisturbed: boolean;
}

export interface Target {
  kind: "nerve" | "group" | "muscle";
  name: string;
  words: string;
  rows: Record<Side, number[]>;
}

/** What a joint holds back of a group's drive, by dose; `most` of it at `end`. */
export interface Dose {
  cause: string;
  start: number;
  end: number;
  most: number;
  rows: Record<Side, number[]>;
}

/** The numbers behind terms: `gluteal.show.live.scene_terms`. */
export interface Effects {
  joints: { name: string; words: string; doses: Dose[] }[];
  readings: Record<string, string>;
  strategies: { name: string; words: Record<Side, string>; spares_joints: [string, number][] }[];
  wish: { price: number; sentence: string };
  joint_price: { price: number; usual: number; rounding: number };
  late: { started: number; rise: number; fall: number; lacking: number; passes: number; laps: number; closed: number };
  tiring: {
    targets: Record<string, string>;
    words: Record<string, string>; // what a slider is called
    resting: number;
    step: number;
    longest: number;
    halvings: number;
    sentences: Record<string, string>;
  };
}

export interface Coordinate {
  name: string;
  words: string;
  unit: string;
  turns: boolean;
  root: boolean;
}

export interface Header {
  schema: number;
  version: string;
  task: {
    name: string;
    title: string;
    title_first: string;
    title_within: string;
    kind: string;
    cyclic: boolean;
    view: "side" | "front" | "back" | "top";
    time: number[];
    cause: string | null;
  };
  body: {
    name: string;
    source: string;
    mass: number;
    weight: number;
    muscles: { name: string; label: string; side: "r" | "l" | null; group: string }[];
    groups: { name: string; side: "r" | "l" | null; label: string; rows: number[] }[];
  };
  coordinates: Coordinate[];
  supports: { name: string; words: string }[];
  joints: { name: string; words: string; side: "r" | "l" | null; kind: string }[];
  terms: TermKind[];
  targets: Target[];
  effects: Effects;
  strength: { name: string; block: string; sided: boolean; share: { r?: number; l?: number } }[];
  opening: Term[];
  rule: {
    missing_share: number;
    missing_moment: number;
    missing_force: number;
    changed_activation: number;
    changed_effort: number;
    changed_force: number;
    most_named: number;
    perturbation: number;
    determined: number;
    tolerance: number;
    words: string;
  };
  costs: {
    exponent: number;
    reserve: number;
    support: number;
    support_scale: number;
    worth: number;
    limit: number;
  };
  search: {
    reserve: number;
    met: number;
    limit: number;
    rise: number;
    complete: number;
    lacking_moment: number;
    lacking_force: number;
  };
  sentences: Record<string, string>;
  verdicts: Record<string, string>;
  colours: { activity: string[]; activity_dark: string[]; change: string[]; change_limit: number };
  bones: string[];
  grain: number;
}

/** Entries that are not zero: T rows of `row.length` values, each at its row and column. */
export interface Sparse {
  row: Uint16Array;
  column: Uint16Array;
  value: Float64Array;
}

export interface Scene {
  header: Header;
  frames: number;
  rows: number;
  muscles: number;
  rays: number;
  weakRows: number;
  arm: Sparse;
  support: Sparse;
  weak: Sparse;
  carried: Sparse;
  line: Sparse;
  push: Sparse;
  doubles(name: string): Float64Array;
  array(name: string): Numbers;
  has(name: string): boolean;
}

const isText = (value: unknown): value is string => typeof value === "string" && value.length < 4000;

/** Only what would break the page is looked at: names are written as text, never as HTML. */
function checkHeader(header: Record<string, any>): asserts header is Record<string, any> & Header {
  if (header["schema"] !== SCHEMA)
    throw new BadScene(
      `This scene has the format ${String(header["schema"]).slice(0, 20)}, this page reads ${SCHEMA}: write it again ` +
        "with the version of gluteal that wrote this page.",
    );
  const lists = ["coordinates", "supports", "joints", "terms", "targets", "strength", "opening", "bones"];
  const fine =
    lists.every((name) => Array.isArray(header[name]) && header[name].length < 5000) &&
    isText(header["task"]?.name) &&
    isText(header["task"]?.title) &&
    Array.isArray(header["task"]?.time) &&
    header["task"].time.every(Number.isFinite) &&
    Array.isArray(header["body"]?.muscles) &&
    header["body"].muscles.every((m: any) => isText(m?.name) && isText(m?.label)) &&
    Array.isArray(header["body"]?.groups) &&
    Object.values(header["rule"] ?? {}).length > 0 &&
    Object.values(header["costs"] ?? {}).every(Number.isFinite) &&
    Object.values(header["search"] ?? {}).every(Number.isFinite) &&
    Object.values(header["sentences"] ?? {}).every(isText) &&
    header["terms"].every((t: any) => isText(t?.kind) && isText(t?.words) && Number.isFinite(t?.slider?.high)) &&
    ["joints", "strategies"].every((name) => Array.isArray(header["effects"]?.[name])) &&
    ["readings", "wish", "joint_price", "late", "tiring"].every((name) => header["effects"]?.[name] instanceof Object) &&
    header["colours"]?.change_limit > 0 &&
    ["activity", "activity_dark", "change"].every((name) =>
      header["colours"]?.[name]?.every((c: unknown) => /^#[0-9a-f]{6}$/.test(String(c))),
    );
  if (!fine) throw new BadScene("The scene's header lacks what this page needs.");
}

export function readScene(bytes: Uint8Array): Scene {
  const container = readContainer(bytes);
  checkHeader(container.header);
  const header = container.header as unknown as Header;
  const frames = header.task.time.length;
  const rows = header.coordinates.length;
  const muscles = header.body.muscles.length;
  const shaped = (name: string, shape: number[]) => {
    const found = container.arrays.get(name);
    if (!found || found.shape.length !== shape.length || shape.some((n, i) => n >= 0 && found.shape[i] !== n))
      throw new BadScene(`The scene's array ${name} does not fit the movement.`);
    return found;
  };
  if (!frames || frames > 100000 || !rows || !muscles) throw new BadScene("The scene has no frame, coordinate or muscle.");
  shaped("demand", [frames, rows]);
  shaped("scale", [rows]);
  for (const name of ["weight", "capacity", "passive"]) shaped(name, [frames, muscles]);
  shaped("strength", [muscles]);
  shaped("joint_moment", [frames, rows]);
  shaped("concern", [3 * header.effects.strategies.length, muscles]);
  shaped("leg", [muscles]);
  shaped("tiring", [3, muscles]);
  shaped("pace", [4, frames - 1]);
  shaped("sign_P", [-1]);
  if (header.joints.length) for (const name of ["needed", "spared"]) shaped(name, [frames, header.joints.length, 3]);
  const rays = container.arrays.has("ray_part") ? shaped("ray_part", [-1]).shape[0]! : 0;
  const joints = header.joints.length;
  const weak = sparse(container, "weak", frames, 1000, rays);
  const scene: Scene = {
    header,
    frames,
    rows,
    muscles,
    rays,
    weakRows: weak.row.reduce((most, row) => Math.max(most, row + 1), 0),
    arm: sparse(container, "arm", frames, rows, muscles),
    support: sparse(container, "support", frames, rows, rays),
    weak,
    carried: sparse(container, "carried", frames, rows, rays),
    line: joints ? sparse(container, "line", frames, 3 * joints, muscles) : NOTHING,
    push: joints ? sparse(container, "push", frames, 3 * joints, rays) : NOTHING,
    doubles: (name) => container.arrays.get(name)!.values as Float64Array,
    array: (name) => container.arrays.get(name)!.values,
    has: (name) => container.arrays.has(name),
  };
  checkPicture(header, container, frames, muscles);
  return scene;
}

const NOTHING: Sparse = { row: new Uint16Array(), column: new Uint16Array(), value: new Float64Array() };

function sparse(container: Container, name: string, frames: number, rows: number, columns: number): Sparse {
  const [row, column, value] = ["row", "column", "value"].map((part) => container.arrays.get(`${name}_${part}`));
  const count = row?.shape[0];
  const fine =
    row?.values instanceof Uint16Array &&
    column?.values instanceof Uint16Array &&
    value?.values instanceof Float64Array &&
    column.shape[0] === count &&
    value.shape[0] === frames &&
    value.shape[1] === count &&
    row.values.every((r) => r < rows) &&
    column.values.every((c) => c < columns);
  if (!fine) throw new BadScene(`The scene's matrix ${name} does not fit the movement.`);
  return {
    row: row.values as Uint16Array,
    column: column.values as Uint16Array,
    value: value.values as Float64Array,
  };
}

function checkPicture(header: Header, container: Container, frames: number, muscles: number): void {
  const owner = container.arrays.get("path_muscle")?.values;
  const length = container.arrays.get("path_length"), point = container.arrays.get("path_point");
  const position = container.arrays.get("bone_position"), rotation = container.arrays.get("bone_rotation");
  const fine =
    owner instanceof Uint16Array &&
    owner.every((m) => m < muscles) &&
    length?.values instanceof Uint16Array &&
    length.values.length === frames * owner.length &&
    point?.values instanceof Int16Array &&
    point.values.length === 3 * (length.values as Uint16Array).reduce((a, b) => a + b, 0) &&
    position?.values.length === 3 * frames * header.bones.length &&
    rotation?.values.length === 4 * frames * header.bones.length;
  if (!fine) throw new BadScene("The scene's picture does not fit the movement.");
}
