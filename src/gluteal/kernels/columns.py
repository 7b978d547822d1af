"""The matrix of a frame, whose columns are muscles and rays, and the Cholesky factors of what is made of it.

A frame's matrix B (Q x N: muscles, then rays) is dense in memory but mostly zero: a coordinate of one leg is
crossed by a block of neighbouring muscles. So each row keeps where its entries begin and end, among muscles
and among rays, and loops run along these stretches of memory, which the processor takes several numbers at
a time. The matrices to factorise, H = ridge I + sum_c curvature_c B_c B_c^T, have no entry left of the first
row whose stretch overlaps theirs, and fill-in stays right of it (George and Liu 1981, Computer Solution of
Large Sparse Positive Definite Systems, chapter 4). Two legs that share no muscle so decouple by themselves.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

#: Splits a double into halves whose products are exact: 2^27 + 1 (Dekker 1971).
SPLIT = 134217729.0

#: Sums may be taken in any order.
_SUM = {"reassoc", "contract", "nsz"}


class Columns(NamedTuple):
    """One frame's matrix: dense, with the stretches of each row outside which it is zero."""

    value: np.ndarray  # (Q, N)
    begin: np.ndarray  # (Q, 2) of the stretch among muscles and of that among rays
    end: np.ndarray  # (Q, 2)
    first: np.ndarray  # (Q,) leftmost column of H's lower triangle that each row can reach


@njit(cache=True, nogil=True)
def outline(B, muscles):  # type: ignore[no-untyped-def]
    """Fill begin, end and first from value."""
    rows, width = B.value.shape
    for q in range(rows):
        row = B.value[q]
        for part in range(2):
            begin, end = (0, muscles) if part == 0 else (muscles, width)
            while begin < end and row[begin] == 0.0:
                begin += 1
            while end > begin and row[end - 1] == 0.0:
                end -= 1
            B.begin[q, part], B.end[q, part] = begin, end
        B.first[q] = q
        for j in range(q):
            if (max(B.begin[q, 0], B.begin[j, 0]) < min(B.end[q, 0], B.end[j, 0])) or (
                max(B.begin[q, 1], B.begin[j, 1]) < min(B.end[q, 1], B.end[j, 1])
            ):
                B.first[q] = j
                break


@njit(cache=True, nogil=True, fastmath={"contract"})
def spread(B, y, out):  # type: ignore[no-untyped-def]
    """Add B^T y to out."""
    for q in range(len(y)):
        share = y[q]
        for part in range(2):
            begin, end = B.begin[q, part], B.end[q, part]
            row, into = B.value[q, begin:end], out[begin:end]
            for c in range(len(row)):
                into[c] += share * row[c]


@njit(cache=True, nogil=True, fastmath={"contract"})
def spread_size(B, y, out):  # type: ignore[no-untyped-def]
    """Add |B|^T |y| to out."""
    for q in range(len(y)):
        share = abs(y[q])
        for part in range(2):
            begin, end = B.begin[q, part], B.end[q, part]
            row, into = B.value[q, begin:end], out[begin:end]
            for c in range(len(row)):
                into[c] += share * abs(row[c])


@njit(cache=True, nogil=True)
def spread_exactly(B, y, tail, out, rest):  # type: ignore[no-untyped-def]
    """Add B^T (y + tail) to out, as if computed in twice the precision (Dot2); rest is scratch."""
    rest[: len(out)] = 0.0
    for q in range(len(y)):
        w, last = y[q], tail[q]
        w_high = SPLIT * w
        w_high = w_high - (w_high - w)
        w_low = w - w_high
        for part in range(2):
            begin, end = B.begin[q, part], B.end[q, part]
            row, into, small = B.value[q, begin:end], out[begin:end], rest[begin:end]
            for c in range(len(row)):
                v, total = row[c], into[c]
                # Product and its rounding error, after Veltkamp and Dekker.
                product = v * w
                v_high = SPLIT * v
                v_high = v_high - (v_high - v)
                v_low = v - v_high
                error = v_low * w_low - (((product - v_high * w_high) - v_low * w_high) - v_high * w_low)
                # Sum and its rounding error, after Knuth.
                new = total + product
                half = new - total
                error += (total - (new - half)) + (product - half)
                small[c] += error + v * last
                into[c] = new
    for c in range(len(out)):
        out[c] += rest[c]


@njit(cache=True, nogil=True, fastmath=_SUM)
def along(B, q, x):  # type: ignore[no-untyped-def]
    """Return row q times x."""
    total = 0.0
    for part in range(2):
        begin, end = B.begin[q, part], B.end[q, part]
        row, other = B.value[q, begin:end], x[begin:end]
        for c in range(len(row)):
            total += row[c] * other[c]
    return total


@njit(cache=True, nogil=True, fastmath=_SUM)
def assemble(B, curvature, ridge, scaled, H):  # type: ignore[no-untyped-def]
    """Fill the envelope of H = ridge I + sum_c curvature_c B_c B_c^T; scaled (N,) is scratch."""
    for q in range(len(B.first)):
        for part in range(2):
            begin, end = B.begin[q, part], B.end[q, part]
            row, bend, into = B.value[q, begin:end], curvature[begin:end], scaled[begin:end]
            for c in range(len(row)):
                into[c] = bend[c] * row[c]
        for j in range(B.first[q], q + 1):
            total = 0.0
            for part in range(2):
                begin = max(B.begin[q, part], B.begin[j, part])
                end = max(begin, min(B.end[q, part], B.end[j, part]))
                row, into = B.value[j, begin:end], scaled[begin:end]
                for c in range(len(row)):
                    total += row[c] * into[c]
            H[q, j] = total
        H[q, q] += ridge


@njit(cache=True, nogil=True, error_model="numpy")
def factorise(B, ridge, H):  # type: ignore[no-untyped-def]
    """Replace H's envelope by its Cholesky factor, the diagonal inverted.

    H is at least ridge I, so a smaller pivot is rounding; it is raised to the ridge.
    """
    for q in range(len(B.first)):
        pivot = H[q, q]
        for j in range(B.first[q], q):
            entry = H[q, j]
            for k in range(max(B.first[q], B.first[j]), j):
                entry -= H[q, k] * H[j, k]
            entry *= H[j, j]
            H[q, j] = entry
            pivot -= entry * entry
        H[q, q] = 1.0 / sqrt(max(pivot, ridge))


@njit(cache=True, nogil=True)
def substitute(B, H, x):  # type: ignore[no-untyped-def]
    """Solve H x = rhs in place, H as `factorise` left it."""
    rows = len(B.first)
    for q in range(rows):
        for j in range(B.first[q], q):
            x[q] -= H[q, j] * x[j]
        x[q] *= H[q, q]
    for q in range(rows - 1, -1, -1):
        x[q] *= H[q, q]
        for j in range(B.first[q], q):
            x[j] -= H[q, j] * x[q]
