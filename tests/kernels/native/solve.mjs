// Solves problems from files with the kernels in WebAssembly, as driver.c does: node solve.mjs share.wasm PROBLEM ... >ANSWERS
import { readFileSync, writeSync } from "node:fs";

const [, , library, ...problems] = process.argv;
const { exports: kernels } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(library)), {});
kernels._initialize?.();

for (const path of problems) {
  const file = readFileSync(path);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  const header = new DataView(bytes);
  const [T, Q, M, R] = [0, 8, 16, 24].map((at) => Number(header.getBigInt64(at, true)));
  const costs = new Float64Array(bytes, 32, 5);
  let next = (Number(kernels.__heap_base.value) + 63) & ~63;
  const take = (size) => {
    const at = next;
    next = (next + size + 63) & ~63;
    const missing = Math.ceil((next - kernels.memory.buffer.byteLength) / 65536);
    if (missing > 0) kernels.memory.grow(missing);
    return at;
  };
  let read = 72;
  const given = [T * Q * M, T * Q * R, T * Q, T * M, T * M, T * M, T * M, T * Q].map((count) => {
    const at = take(8 * count);
    new Float64Array(kernels.memory.buffer, at, count).set(new Float64Array(bytes, read, count));
    read += 8 * count;
    return at;
  });
  const sizes = [T * M, T * R, T * Q, T * Q, T, T, T, T];
  const found = sizes.map((count, i) => (i === 3 ? given[7] : take(8 * count)));
  found.forEach((at, i) => i === 3 || new Uint8Array(kernels.memory.buffer, at, 8 * sizes[i]).fill(0));
  const converged = take(T), problem = take(256);
  const record = new DataView(kernels.memory.buffer, problem);
  [T, Q, M, R].forEach((n, i) => record.setBigInt64(8 * i, BigInt(n), true));
  given.slice(0, 7).forEach((at, i) => record.setUint32(32 + 4 * i, at, true));
  costs.forEach((cost, i) => record.setFloat64(64 + 8 * i, cost, true));
  [...found, converged].forEach((at, i) => record.setUint32(104 + 4 * i, at, true));
  record.setBigInt64(144, 200n, true);
  const memory = take(Number(kernels.share_memory(problem)));
  kernels.share_solve(problem, 0n, BigInt(T), memory);
  found.forEach((at, i) => writeSync(1, new Uint8Array(kernels.memory.buffer, at, 8 * sizes[i])));
  writeSync(1, new Uint8Array(kernels.memory.buffer, converged, T));
}
