/** NumPy's sum along a contiguous axis: eight running sums, for up to 128 numbers; to the same bits. */
export function numpySum(values: ArrayLike<number>, from = 0, n = values.length): number {
  if (n < 8) {
    let sum = -0;
    for (let i = from; i < from + n; i++) sum += values[i]!;
    return sum;
  }
  if (n > 128) {
    const half = (n >> 1) - ((n >> 1) % 8);
    return numpySum(values, from, half) + numpySum(values, from + half, n - half);
  }
  let a = values[from]!, b = values[from + 1]!, c = values[from + 2]!, d = values[from + 3]!;
  let e = values[from + 4]!, f = values[from + 5]!, g = values[from + 6]!, h = values[from + 7]!;
  const stop = from + n, even = stop - (n % 8);
  for (let i = from + 8; i < even; i += 8) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
    e += values[i + 4]!;
    f += values[i + 5]!;
    g += values[i + 6]!;
    h += values[i + 7]!;
  }
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (let i = even; i < stop; i++) sum += values[i]!;
  return sum;
}
