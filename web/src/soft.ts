/* What a wish or a strategy asks beside activations, as soft rows of the same problem: `gluteal.sharing.soft`. */

import { columnsOf, findStrategy, type Share, Unmet } from "./condition";
import { numpySum } from "./numpy";
import type { Scene, Sparse, Term } from "./scene";

/** The sum over rows of (A a + S s - b)^2 is added to the cost; `oneSided` rows cost only where they fall short. */
export interface SoftRows {
  first: number; // the frame its first rows belong to
  count: number; // P
  oneSided: boolean[]; // (P,)
  A: Sparse; // (T, P, M)
  S: Sparse; // (T, P, R)
  b: Float64Array; // (T, P)
}

/** What terms ask; null where they ask nothing. `off` puts numbers off, see `Solution.sensitivity`. */
export function makeSoft(scene: Scene, share: Share, terms: readonly Term[], off = 0): SoftRows | null {
  const parts = [...terms.flatMap((t) => jointRows(scene, share, t)), ...terms.flatMap((t) => wishRows(scene, t))];
  if (!parts.length) return null;
  const soft = parts.reduce((above, below) => stackRows(scene.frames, above, below));
  if (off) putOff(scene, soft, off);
  return soft;
}

/** Put rows of `frames` frames below others. */
export function stackRows(frames: number, above: SoftRows, below: SoftRows): SoftRows {
  const P = above.count, Q = below.count, b = new Float64Array(frames * (P + Q));
  for (let t = 0; t < frames; t++) {
    b.set(above.b.subarray(t * P, (t + 1) * P), t * (P + Q));
    b.set(below.b.subarray(t * Q, (t + 1) * Q), t * (P + Q) + P);
  }
  const stack = (one: Sparse, other: Sparse): Sparse => {
    const m = one.row.length, n = other.row.length, value = new Float64Array(frames * (m + n));
    for (let t = 0; t < frames; t++) {
      value.set(one.value.subarray(t * m, (t + 1) * m), t * (m + n));
      value.set(other.value.subarray(t * n, (t + 1) * n), t * (m + n) + m);
    }
    return {
      row: Uint16Array.from([...one.row, ...other.row.map((row) => row + P)]),
      column: Uint16Array.from([...one.column, ...other.column]),
      value,
    };
  };
  return {
    first: above.first,
    count: P + Q,
    oneSided: [...above.oneSided, ...below.oneSided],
    A: stack(above.A, below.A),
    S: stack(above.S, below.S),
    b,
  };
}

/** The rows of one frame. */
export function frameOf(soft: SoftRows, t: number): SoftRows {
  const at = t - soft.first, { count, oneSided, b } = soft;
  const cut = ({ row, column, value }: Sparse): Sparse => {
    const n = row.length;
    return { row, column, value: value.subarray(at * n, (at + 1) * n) };
  };
  return { first: t, count, oneSided, A: cut(soft.A), S: cut(soft.S), b: b.subarray(at * count, (at + 1) * count) };
}

/** Put every number off by a share of itself, up or down by the scene's signs. */
function putOff(scene: Scene, soft: SoftRows, off: number): void {
  // Beyond the rows that the scene has signs for they begin again: any signs do.
  const bits = scene.array("sign_P"), count = 8 * bits.length, { frames: T, muscles: M, rays: R } = scene, P = soft.count;
  const factor = (at: number) => {
    const k = at % count;
    return 1 + off * ((bits[k >> 3]! >> (7 - (k & 7))) & 1 ? 1 : -1);
  };
  const put = ({ row, column, value }: Sparse, width: number, from: number) => {
    const n = row.length;
    for (let t = 0; t < T; t++)
      for (let i = 0; i < n; i++) value[t * n + i]! *= factor(from + (t * P + row[i]!) * width + column[i]!);
  };
  put(soft.A, M, 0);
  put(soft.S, R, T * P * M);
  soft.b.forEach((x, i) => (soft.b[i] = x * factor(T * P * (M + R) + i)));
}

/** Three rows for each joint that a strategy spares: its force in body weights, times the root of the price. */
function jointRows(scene: Scene, share: Share, term: Term): SoftRows[] {
  if (term.kind !== "strategy") return [];
  const { strategies, joint_price } = scene.header.effects;
  const price = (joint_price.price * (term.value - 1)) / (joint_price.usual - 1);
  const kinds = strategies[findStrategy(scene, term.target)]!.spares_joints.map(([kind]) => kind);
  if (!price || !kinds.length) return [];
  const joints = kinds.flatMap((kind) => scene.header.joints.flatMap((j, at) => (j.kind === kind ? [at] : [])));
  if (!joints.length) throw new Unmet("Nothing is known of the forces in this body's joints, so none can be spared.");
  const { muscles: M, frames: T } = scene, scale = Math.sqrt(price) / scene.header.body.weight;
  const rows = joints.flatMap((joint) => [0, 1, 2].map((axis) => 3 * joint + axis)), P = rows.length;
  const spared = scene.doubles("spared"), all = 3 * scene.header.joints.length, b = new Float64Array(T * P);
  for (let t = 0; t < T; t++) rows.forEach((row, p) => (b[t * P + p] = scale * spared[t * all + row]!));
  const A = pickRows(scene.line, rows, T, joint_price.rounding), S = pickRows(scene.push, rows, T, joint_price.rounding);
  const capacity = scene.doubles("capacity"), n = A.column.length;
  for (let t = 0; t < T; t++)
    for (let i = 0; i < n; i++) {
      const at = t * M + A.column[i]!;
      A.value[t * n + i]! *= scale * capacity[at]! * share.capacity[at]!;
    }
  S.value.forEach((x, i) => (S.value[i] = scale * x));
  return [{ first: 0, count: P, oneSided: rows.map(() => false), A, S, b }];
}

/** Some rows of a matrix, in their order; what is smaller than `rounding` is nothing. */
function pickRows(from: Sparse, rows: number[], frames: number, rounding: number): Sparse {
  const place = new Map(rows.map((row, p) => [row, p])), all = from.row.length;
  const picked = Array.from(from.row.keys()).filter((i) => place.has(from.row[i]!)), n = picked.length;
  const value = new Float64Array(frames * n);
  for (let t = 0; t < frames; t++)
    picked.forEach((i, k) => {
      const x = from.value[t * all + i]!;
      value[t * n + k] = Math.abs(x) < rounding ? 0 : x;
    });
  return {
    row: Uint16Array.from(picked, (i) => place.get(from.row[i]!)!),
    column: Uint16Array.from(picked, (i) => from.column[i]!),
    value,
  };
}

/** A wish's muscles, each side by itself. */
export function wishedColumns(scene: Scene, term: Term): number[][] {
  const columns = columnsOf(scene, term), side = (m: number) => scene.header.body.muscles[m]!.side;
  return [...new Set(columns.map(side))].map((s) => columns.filter((m) => side(m) === s));
}

function wishRows(scene: Scene, term: Term): SoftRows[] {
  if (term.kind !== "wish") return [];
  const strength = scene.doubles("strength"), root = Math.sqrt(scene.header.effects.wish.price), { frames } = scene;
  return wishedColumns(scene, term).map((columns) => {
    const counted = new Float64Array(scene.muscles);
    for (const m of columns) counted[m] = strength[m]!;
    const whole = numpySum(counted), row = columns.map((m) => root * (counted[m]! / (whole > 0 ? whole : 1)));
    return oneSidedRows(0, frames, columns.map(() => 0), columns, row, [root * term.value]);
  });
}

/** Rows of single muscles that cost where they fall short, the same in every frame. */
export function oneSidedRows(
  first: number, frames: number, row: number[], column: number[], value: number[], b: number[],
): SoftRows {
  const every = (numbers: number[]) => Float64Array.from({ length: frames * numbers.length }, (_, i) => numbers[i % numbers.length]!);
  const nothing = { row: new Uint16Array(), column: new Uint16Array(), value: new Float64Array() };
  const A = { row: Uint16Array.from(row), column: Uint16Array.from(column), value: every(value) };
  return { first, count: b.length, oneSided: b.map(() => true), A, S: nothing, b: every(b) };
}
