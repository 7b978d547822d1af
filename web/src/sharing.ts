/* Load sharing in two stages, as `gluteal.kernels.sharing.share_frames`; the kernel is the native one. */

import type { Share } from "./condition";
import type { Costs, Found, Given, Kernel } from "./kernel";
import { numpySum } from "./numpy";
import type { Scene, Sparse, Term } from "./scene";
import { makeSoft, type SoftRows } from "./soft";

export interface Solution {
  share: Share;
  terms: readonly Term[]; // settled
  swept: boolean; // whether the bounds of `share` are those that activation dynamics leave
  activation: Float64Array; // (T, M)
  force: Float64Array; // (T, M) N, passive force included
  support: Float64Array; // (T, R) N
  least: Float64Array; // (T, Q) what is missing at the least, N m or N
  start: Float64Array; // (T, all rows) multipliers of the first stage, to start the next solution from
  multiplier: Float64Array; // (T, Q) those of the balance
  course?: { free: Float64Array; multiplier: Float64Array }; // where a sweep came by, to start the next one from
  effort: Float64Array; // (T,)
  certificate: number;
  solved: boolean;
}

/** A problem; its first rows are those of the balance, its first rays those of the supports. */
export interface Problem extends Given {
  ownRays: number; // R, without those of one-sided rows
}

export function costsOf(scene: Scene): Costs {
  const { costs, rule } = scene.header;
  return { ...costs, tolerance: rule.tolerance };
}

/** Which frames, and how far every number is put off (`Solution.sensitivity`). */
interface Part {
  from?: number;
  to?: number;
  off?: number;
}

/**
 * The problem of some frames under what is left of muscles, with soft rows beside the scene's weak ones.
 *
 * That of all frames holds until the next of all frames of the same scene is made: its matrices are used again.
 */
export function makeProblem(scene: Scene, share: Share, soft: SoftRows | null = null, part: Part = {}): Problem {
  const { muscles: M, rows: Q, weakRows } = scene, { from = 0, to = scene.frames, off = 0 } = part;
  const n = to - from, P = weakRows + (soft?.count ?? 0), H = Q + P;
  const taken = soft ? soft.oneSided.flatMap((one, p) => (one ? [weakRows + p] : [])) : [];
  const R = scene.rays + taken.length;
  const room = n === scene.frames ? roomOf(scene) : null;
  const A = cleared(room, "A", n * H * M), S = cleared(room, "S", n * H * R), b = new Float64Array(n * H);
  const off_ = (name: string) => {
    if (!off) return () => 1;
    const bits = scene.array(`sign_${name}`);
    return (i: number) => 1 + off * ((bits[i >> 3]! >> (7 - (i & 7))) & 1 ? 1 : -1);
  };
  const offA = off_("A"), offB = off_("b");
  const capacity = scene.doubles("capacity"), scale = scene.doubles("scale"), demand = scene.doubles("demand");
  const { arm } = scene, count = arm.row.length;
  for (let t = from; t < to; t++)
    for (let i = 0; i < count; i++) {
      const q = arm.row[i]!, m = arm.column[i]!;
      const left = arm.value[t * count + i]! * (capacity[t * M + m]! * share.capacity[t * M + m]!);
      A[((t - from) * H + q) * M + m] = (scale[q] === 1 ? left : left * scale[q]!) * offA(t * count + i);
    }
  const spread = (sparse: Sparse, name: string, top: number) => {
    const entries = sparse.row.length, by = off_(name);
    for (let t = from; t < to; t++)
      for (let i = 0; i < entries; i++) {
        const at = t * entries + i;
        S[((t - from) * H + top + sparse.row[i]!) * R + sparse.column[i]!] = sparse.value[at]! * by(at);
      }
  };
  spread(scene.support, "S", 0);
  spread(scene.weak, "W", Q);
  for (let t = from; t < to; t++)
    for (let q = 0; q < Q; q++) b[(t - from) * H + q] = demand[t * Q + q]! * offB(t * Q + q);
  if (soft) putSoft(scene, soft, { n, from, H, M, R, A, S, b, top: Q + weakRows });
  const cheap = 1 / Math.sqrt(scene.header.costs.reserve);
  for (let t = 0; t < n; t++) taken.forEach((p, i) => (S[(t * H + Q + p) * R + scene.rays + i] = -cheap));
  const own = scene.doubles("weight").subarray(from * M, to * M);
  const weight = own.map((w, i) => w * (share.price[from * M + i]! * share.reluctance[from * M + i]!));
  const bound = (array: Float64Array) => array.subarray(from * M, to * M);
  const shape = { frames: n, rows: H, muscles: M, rays: R, ownRays: scene.rays };
  return { ...shape, A, S, b, lower: bound(share.floor), upper: bound(share.ceiling), weight };
}

/** Where the matrices of a whole movement are, so that a slider need not ask for megabytes at every move. */
type Room = { A: Float64Array; S: Float64Array };
const ROOMS = new WeakMap<Scene, Room>();

function roomOf(scene: Scene): Room {
  const room = ROOMS.get(scene) ?? { A: new Float64Array(), S: new Float64Array() };
  ROOMS.set(scene, room);
  return room;
}

function cleared(room: Room | null, name: keyof Room, length: number): Float64Array {
  if (room?.[name].length === length) return room[name].fill(0);
  const made = new Float64Array(length);
  if (room) room[name] = made;
  return made;
}

/** One frame of the problem of a whole movement. */
export function frameOfProblem(whole: Problem, t: number): Problem {
  const { rows: H, muscles: M, rays: R } = whole;
  const cut = (array: Float64Array, size: number) => array.subarray(t * size, (t + 1) * size);
  return {
    ...whole,
    frames: 1,
    A: cut(whole.A, H * M),
    S: cut(whole.S, H * R),
    b: cut(whole.b, H),
    lower: cut(whole.lower, M),
    upper: cut(whole.upper, M),
    weight: cut(whole.weight, M),
  };
}

interface Place {
  n: number;
  from: number;
  H: number;
  M: number;
  R: number;
  A: Float64Array;
  S: Float64Array;
  b: Float64Array;
  top: number; // where the soft rows begin
}

/** Put soft rows in, so scaled that the kernel's price of reserves makes theirs 1. */
function putSoft(scene: Scene, soft: SoftRows, place: Place): void {
  const scale = 1 / Math.sqrt(scene.header.costs.reserve), { n, from, H, M, R, top } = place;
  for (let t = 0; t < n; t++)
    for (let p = 0; p < soft.count; p++)
      place.b[t * H + top + p] = soft.b[(from - soft.first + t) * soft.count + p]! * scale;
  const put = ({ row, column, value }: Sparse, to: Float64Array, width: number) => {
    for (let t = 0, entries = row.length; t < n; t++)
      for (let i = 0; i < entries; i++)
        to[(t * H + top + row[i]!) * width + column[i]!] = value[(from - soft.first + t) * entries + i]! * scale;
  };
  put(soft.A, place.A, M);
  put(soft.S, place.S, R);
}

/** Solutions of some frames, both stages. */
export interface Shared {
  activation: Float64Array; // (n, M)
  support: Float64Array; // (n, R) N
  least: Float64Array; // (n, Q) times the rows' scale
  start: Float64Array; // (n, all rows)
  multiplier: Float64Array; // (n, Q)
  certificate: Float64Array;
  solved: boolean;
}

/** Solve a problem; `start` are multipliers of the balance (n, Q) or of all rows. */
export function shareFrames(scene: Scene, kernel: Kernel, given: Problem, start?: Float64Array): Shared {
  const { rows: Q } = scene, { frames: n, rows: H, ownRays } = given, worth = scene.header.costs.worth;
  const costs = costsOf(scene);
  const whole = kernel.solve({ ...given, start: spreadStart(given, Q, start) }, costs);
  const among = (array: Float64Array) => {
    const out = new Float64Array(n * Q);
    for (let t = 0; t < n; t++) for (let q = 0; q < Q; q++) out[t * Q + q] = array[t * H + q]!;
    return out;
  };
  const multiplier = among(whole.multiplier);
  const dear: number[] = [];
  for (let t = 0; t < n; t++) {
    let most = 0;
    for (let q = 0; q < Q; q++) most = Math.max(most, Math.abs(multiplier[t * Q + q]!));
    if (!(most <= worth)) dear.push(t);
  }
  const found = dear.length ? shareAgain(scene, kernel, given, whole, multiplier, dear, costs) : whole;
  let support = found.support;
  if (given.rays !== ownRays) {
    support = new Float64Array(n * ownRays);
    for (let t = 0; t < n; t++)
      support.set(found.support.subarray(t * given.rays, t * given.rays + ownRays), t * ownRays);
  }
  return {
    activation: found.activation,
    support,
    least: among(whole.reserve),
    start: whole.multiplier,
    multiplier,
    certificate: found.certificate,
    solved: found.converged.every(Boolean),
  };
}

function spreadStart(given: Problem, Q: number, start?: Float64Array): Float64Array | undefined {
  const { frames: n, rows: H } = given;
  if (!start || start.length === n * H) return start;
  if (start.length !== n * Q) return undefined;
  const out = new Float64Array(n * H);
  for (let t = 0; t < n; t++) for (let q = 0; q < Q; q++) out[t * H + q] = start[t * Q + q]!;
  return out;
}

export interface Wanted {
  terms?: readonly Term[];
  start?: Float64Array | undefined;
  problem?: Problem; // where it is made already
  off?: number;
  swept?: boolean;
}

/** Share the load of every frame under what is left; `terms` may ask more beside. */
export function share(scene: Scene, kernel: Kernel, left: Share, wanted: Wanted = {}): Solution {
  const { frames: T, rows: Q, muscles: M } = scene, { terms = [], start, off = 0, swept = false } = wanted;
  const problem = wanted.problem ?? makeProblem(scene, left, makeSoft(scene, left, terms, off), { off });
  const found = shareFrames(scene, kernel, problem, start);
  const capacity = scene.doubles("capacity"), passive = scene.doubles("passive"), weight = scene.doubles("weight");
  const scale = scene.doubles("scale");
  const force = new Float64Array(T * M);
  for (let i = 0; i < T * M; i++) force[i] = capacity[i]! * left.capacity[i]! * found.activation[i]! + passive[i]!;
  const exponent = scene.header.costs.exponent, cost = found.activation.map((a, i) => weight[i]! * a ** exponent);
  const effort = Float64Array.from({ length: T }, (_, t) => numpySum(cost, t * M, M));
  return {
    share: left,
    terms,
    swept,
    activation: found.activation,
    force,
    support: found.support,
    least: found.least.map((x, i) => x / scale[i % Q]!),
    start: found.start,
    multiplier: found.multiplier,
    effort,
    certificate: found.certificate.reduce((most, x) => Math.max(most, x), 0),
    solved: found.solved,
  };
}

/** Frames in which something is missing once more, with reserves at the price at which a newton-metre matters. */
function shareAgain(
  scene: Scene, kernel: Kernel, given: Problem, first: Found, multiplier: Float64Array, dear: number[], costs: Costs,
): Found {
  const { rows: Q } = scene, { rows: H, muscles: M, rays: R } = given, worth = scene.header.costs.worth;
  const n = dear.length;
  const k = new Float64Array(n * H).fill(1);
  dear.forEach((t, i) => {
    const y = multiplier.subarray(t * Q, (t + 1) * Q), length = Math.sqrt(numpySum(y.map((x) => x * x)));
    for (let q = 0; q < Q; q++) {
      const part = worth / Math.abs(y[q]!);
      const price = costs.reserve * Math.min(1, Math.max(part * Math.sqrt(part), worth / length));
      k[i * H + q] = Math.sqrt(price / costs.reserve);
    }
  });
  const some = (array: Float64Array, size: number) => {
    const out = new Float64Array(n * size);
    dear.forEach((t, i) => out.set(array.subarray(t * size, (t + 1) * size), i * size));
    return out;
  };
  const A = some(given.A, H * M), S = some(given.S, H * R), b = some(given.b, H), start = some(first.multiplier, H);
  for (let row = 0; row < n * H; row++) {
    const by = k[row]!;
    for (let m = row * M; m < (row + 1) * M; m++) A[m]! *= by;
    for (let r = row * R; r < (row + 1) * R; r++) S[r]! *= by;
    b[row]! *= by;
    start[row]! *= by;
  }
  const part = { frames: n, rows: H, muscles: M, rays: R, A, S, b, start };
  const again = kernel.solve(
    { ...part, lower: some(given.lower, M), upper: some(given.upper, M), weight: some(given.weight, M) },
    costs,
  );
  const both: Found = {
    ...first,
    activation: first.activation.slice(),
    support: first.support.slice(),
    certificate: first.certificate.slice(),
    converged: first.converged.slice(),
  };
  dear.forEach((t, i) => {
    both.activation.set(again.activation.subarray(i * M, (i + 1) * M), t * M);
    both.support.set(again.support.subarray(i * R, (i + 1) * R), t * R);
    both.certificate[t] = Math.max(first.certificate[t]!, again.certificate[i]!);
    both.converged[t] = first.converged[t]! && again.converged[i]!;
  });
  return both;
}
