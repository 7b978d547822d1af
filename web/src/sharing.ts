/* Load sharing in two stages, as `gluteal.kernels.sharing.share_frames`; the kernel is the native one. */

import type { Share } from "./condition";
import type { Costs, Found, Given, Kernel } from "./kernel";
import type { Scene, Sparse } from "./scene";

export interface Solution {
  share: Share;
  activation: Float64Array; // (T, M)
  force: Float64Array; // (T, M) N, passive force included
  support: Float64Array; // (T, R) N
  least: Float64Array; // (T, Q) what is missing at the least, N m or N
  multiplier: Float64Array; // (T, Q + weak rows) of the first stage, to start the next solution from
  effort: Float64Array; // (T,)
  certificate: number;
  solved: boolean;
}

export function costsOf(scene: Scene): Costs {
  const { costs, rule } = scene.header;
  return { ...costs, tolerance: rule.tolerance };
}

function spread(sparse: Sparse, frames: number, rows: number, columns: number, out: Float64Array, lower = 0, height = rows): void {
  const count = sparse.row.length;
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < count; i++)
      out[(t * height + lower + sparse.row[i]!) * columns + sparse.column[i]!] = sparse.value[t * count + i]!;
}

/** The problem under a condition; `off` puts every number off by a millionth, see `Solution.sensitivity`. */
export function makeProblem(scene: Scene, share: Share, off = 0): Given {
  const { frames: T, rows: Q, muscles: M, rays: R, weakRows: P, arm } = scene;
  const H = Q + P;
  const A = new Float64Array(T * H * M), S = new Float64Array(T * H * R), b = new Float64Array(T * H);
  const capacity = scene.doubles("capacity"), scale = scene.doubles("scale"), demand = scene.doubles("demand");
  const count = arm.row.length;
  const signs = (name: string) => {
    if (!off) return () => 1;
    const bits = scene.array(`sign_${name}`);
    return (i: number) => 1 + off * ((bits[i >> 3]! >> (7 - (i & 7))) & 1 ? 1 : -1);
  };
  const offA = signs("A"), offB = signs("b");
  for (let t = 0; t < T; t++)
    for (let i = 0; i < count; i++) {
      const q = arm.row[i]!, m = arm.column[i]!;
      const left = arm.value[t * count + i]! * (capacity[t * M + m]! * share.capacity[t * M + m]!);
      A[(t * H + q) * M + m] = (scale[q] === 1 ? left : left * scale[q]!) * offA(t * count + i);
    }
  spread(scene.support, T, Q, R, S, 0, H);
  spread(scene.weak, T, P, R, S, Q, H);
  if (off)
    for (const [sparse, name, lower] of [[scene.support, "S", 0], [scene.weak, "W", Q]] as const) {
      const each = signs(name), n = sparse.row.length;
      for (let t = 0; t < T; t++)
        for (let i = 0; i < n; i++) S[(t * H + lower + sparse.row[i]!) * R + sparse.column[i]!]! *= each(t * n + i);
    }
  for (let t = 0; t < T; t++) for (let q = 0; q < Q; q++) b[t * H + q] = demand[t * Q + q]! * offB(t * Q + q);
  const weight = scene.doubles("weight").map((w, i) => w * share.price[i]!);
  return { frames: T, rows: H, muscles: M, rays: R, A, S, b, lower: share.floor, upper: share.ceiling, weight };
}

/** NumPy's sum along a contiguous axis: eight running sums, for up to 128 numbers. */
export function numpySum(value: (i: number) => number, n: number): number {
  if (n < 8) {
    let sum = -0;
    for (let i = 0; i < n; i++) sum += value(i);
    return sum;
  }
  if (n > 128) {
    const half = (n >> 1) - ((n >> 1) % 8);
    return numpySum(value, half) + numpySum((i) => value(i + half), n - half);
  }
  const r = [0, 1, 2, 3, 4, 5, 6, 7].map(value);
  let i = 8;
  for (; i < n - (n % 8); i += 8) for (let k = 0; k < 8; k++) r[k]! += value(i + k);
  let sum = r[0]! + r[1]! + (r[2]! + r[3]!) + (r[4]! + r[5]! + (r[6]! + r[7]!));
  for (; i < n; i++) sum += value(i);
  return sum;
}

export function share(scene: Scene, kernel: Kernel, left: Share, start?: Float64Array, off = 0): Solution {
  const { frames: T, rows: Q, muscles: M, rays: R, weakRows: P } = scene;
  const H = Q + P, costs = costsOf(scene), worth = scene.header.costs.worth;
  const given = makeProblem(scene, left, off);
  const first = kernel.solve({ ...given, start }, costs);
  const dear: number[] = [];
  for (let t = 0; t < T; t++) {
    let most = 0;
    for (let q = 0; q < Q; q++) most = Math.max(most, Math.abs(first.multiplier[t * H + q]!));
    if (!(most <= worth)) dear.push(t);
  }
  const found = dear.length ? shareAgain(scene, kernel, given, first, dear, costs) : first;
  const capacity = scene.doubles("capacity"), passive = scene.doubles("passive"), weight = scene.doubles("weight");
  const scale = scene.doubles("scale");
  const force = found.activation.map((a, i) => capacity[i]! * left.capacity[i]! * a + passive[i]!);
  const least = new Float64Array(T * Q);
  for (let t = 0; t < T; t++) for (let q = 0; q < Q; q++) least[t * Q + q] = first.reserve[t * H + q]! / scale[q]!;
  const effort = new Float64Array(T), exponent = costs.exponent;
  for (let t = 0; t < T; t++)
    effort[t] = numpySum((m) => weight[t * M + m]! * found.activation[t * M + m]! ** exponent, M);
  return {
    share: left,
    activation: found.activation,
    force,
    support: found.support.subarray(0, T * R),
    least,
    multiplier: first.multiplier,
    effort,
    certificate: Math.max(...found.certificate),
    solved: found.converged.every(Boolean),
  };
}

/** Frames in which something is missing once more, with reserves at the price at which a newton-metre matters. */
function shareAgain(scene: Scene, kernel: Kernel, given: Given, first: Found, dear: number[], costs: Costs): Found {
  const { rows: Q, muscles: M, rays: R } = scene, H = given.rows, worth = scene.header.costs.worth;
  const n = dear.length;
  const k = new Float64Array(n * H).fill(1);
  dear.forEach((t, i) => {
    const y = (q: number) => Math.abs(first.multiplier[t * H + q]!);
    const length = Math.sqrt(numpySum((q) => y(q) * y(q), Q));
    for (let q = 0; q < Q; q++) {
      const part = worth / y(q);
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
