/* What a wish or a strategy asks beside activations, as soft rows of the same problem: `gluteal.sharing.soft`. */

import { columnsOf, findStrategy, type Share, Unmet } from "./condition";
import { numpySum } from "./numpy";
import type { Scene, Term } from "./scene";

/** The sum over rows of (A a + S s - b)^2 is added to the cost; `oneSided` rows cost only where they fall short. */
export interface SoftRows {
  first: number; // the frame its first rows belong to
  count: number; // P
  oneSided: boolean[]; // (P,)
  A: Float64Array; // (T, P, M)
  S: Float64Array; // (T, P, R)
  b: Float64Array; // (T, P)
}

interface Row {
  oneSided: boolean;
  A(t: number, m: number): number;
  S(t: number, r: number): number;
  b(t: number): number;
}

/** What terms ask; null where they ask nothing. `off` puts numbers off, see `Solution.sensitivity`. */
export function makeSoft(scene: Scene, share: Share, terms: readonly Term[], off = 0): SoftRows | null {
  const rows = [...terms.flatMap((t) => jointRows(scene, share, t)), ...terms.flatMap((t) => wishRows(scene, t))];
  if (!rows.length) return null;
  const { frames: T, muscles: M, rays: R } = scene, P = rows.length;
  const A = new Float64Array(T * P * M), S = new Float64Array(T * P * R), b = new Float64Array(T * P);
  for (let t = 0; t < T; t++)
    rows.forEach((row, p) => {
      for (let m = 0; m < M; m++) A[(t * P + p) * M + m] = row.A(t, m);
      for (let r = 0; r < R; r++) S[(t * P + p) * R + r] = row.S(t, r);
      b[t * P + p] = row.b(t);
    });
  if (off) {
    // Beyond the rows that the scene has signs for they begin again: any signs do.
    const bits = scene.array("sign_P"), count = 8 * bits.length;
    let at = 0;
    for (const array of [A, S, b])
      for (let i = 0; i < array.length; i++, at++) {
        const k = at % count;
        array[i]! *= 1 + off * ((bits[k >> 3]! >> (7 - (k & 7))) & 1 ? 1 : -1);
      }
  }
  return { first: 0, count: P, oneSided: rows.map((row) => row.oneSided), A, S, b };
}

/** Three rows for each joint that a strategy spares: its force in body weights, times the root of the price. */
function jointRows(scene: Scene, share: Share, term: Term): Row[] {
  if (term.kind !== "strategy") return [];
  const { strategies, joint_price } = scene.header.effects;
  const price = (joint_price.price * (term.value - 1)) / (joint_price.usual - 1);
  const kinds = strategies[findStrategy(scene, term.target)]!.spares_joints.map(([kind]) => kind);
  if (!price || !kinds.length) return [];
  const joints = kinds.flatMap((kind) => scene.header.joints.flatMap((j, at) => (j.kind === kind ? [at] : [])));
  if (!joints.length) throw new Unmet("Nothing is known of the forces in this body's joints, so none can be spared.");
  const { muscles: M, rays: R, frames: T } = scene, scale = Math.sqrt(price) / scene.header.body.weight;
  const dense = (name: "line" | "push", width: number, row: number) => {
    const from = scene[name], n = from.row.length, out = new Float64Array(T * width);
    for (let i = 0; i < n; i++)
      if (from.row[i] === row)
        for (let t = 0; t < T; t++) {
          const value = from.value[t * n + i]!;
          out[t * width + from.column[i]!] = Math.abs(value) < joint_price.rounding ? 0 : value;
        }
    return out;
  };
  const capacity = scene.doubles("capacity"), spared = scene.doubles("spared"), all = 3 * scene.header.joints.length;
  return joints.flatMap((joint) =>
    [0, 1, 2].map((axis) => {
      const pull = dense("line", M, 3 * joint + axis), push = dense("push", R, 3 * joint + axis);
      return {
        oneSided: false,
        A: (t: number, m: number) => pull[t * M + m]! * (scale * capacity[t * M + m]! * share.capacity[t * M + m]!),
        S: (t: number, r: number) => scale * push[t * R + r]!,
        b: (t: number) => scale * spared[t * all + 3 * joint + axis]!,
      };
    }),
  );
}

/** A wish's muscles, each side by itself. */
export function wishedColumns(scene: Scene, term: Term): number[][] {
  const columns = columnsOf(scene, term), side = (m: number) => scene.header.body.muscles[m]!.side;
  return [...new Set(columns.map(side))].map((s) => columns.filter((m) => side(m) === s));
}

function wishRows(scene: Scene, term: Term): Row[] {
  if (term.kind !== "wish") return [];
  const strength = scene.doubles("strength"), root = Math.sqrt(scene.header.effects.wish.price);
  return wishedColumns(scene, term).map((columns) => {
    const counted = new Float64Array(scene.muscles);
    for (const m of columns) counted[m] = strength[m]!;
    const whole = numpySum((m) => counted[m]!, scene.muscles);
    const row = counted.map((force) => root * (force / (whole > 0 ? whole : 1)));
    return { oneSided: true, A: (_: number, m: number) => row[m]!, S: () => 0, b: () => root * term.value };
  });
}
