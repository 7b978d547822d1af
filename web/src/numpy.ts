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
