"""The matrix of one block of a frame, whose columns are muscles and rays, and the Cholesky factors made of it.

`gluteal.kernels.blocks` sorts the columns so that each row has its entries in one stretch among muscles and
one among rays; loops run along these stretches, which the processor takes several numbers at a time. The
matrices to factorise, H = ridge I + sum_c curvature_c B_c B_c^T, have no entry left of the first row whose
stretch overlaps theirs, and fill-in stays right of it (George and Liu 1981, Computer Solution of Large Sparse
Positive Definite Systems, chapter 4).
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

#: Splits a double into halves whose products are exact: 2^27 + 1 (Dekker 1971).
SPLIT = 134217729.0

#: Sums may be taken in any order.
SUM = {"reassoc", "contract", "nsz"}

# Stretches are unsigned numbers: an index that may be negative keeps a loop from being vectorised. Functions
# of a Newton step take arrays one by one: taking them out of a tuple counts references, which costs as much as
# the work on them.


class Columns(NamedTuple):
    """One block's matrix: dense, with the stretches of each row outside which it is not defined and not read."""

    value: np.ndarray  # (Q, N)
    begin: np.ndarray  # (Q, 2) uint64, of the stretch among muscles and of that among rays
    end: np.ndarray  # (Q, 2) uint64
    first: np.ndarray  # (Q,) leftmost column of H's lower triangle that each row can reach
    parts: int  # 1 without rays, else 2


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def measure(value, begin, end, parts, reach):  # type: ignore[no-untyped-def]
    """Fill reach (Q,) with the sum of the sizes in each row, at least the largest of them; return their sum."""
    whole = 0.0
    for q in range(len(reach)):
        total = 0.0
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                total += abs(value[q, c])
        reach[q] = total
        whole += total
    return whole


@njit(cache=True, nogil=True)
def spread_columns(B, y, out):  # type: ignore[no-untyped-def]
    """Add B^T y to out."""
    spread_rows(B.value, B.begin, B.end, B.parts, y, out)


@njit(cache=True, nogil=True, fastmath={"contract"})
def spread_rows(value, begin, end, parts, y, out):  # type: ignore[no-untyped-def]
    """Add B^T y to out."""
    for q in range(len(y)):
        share = y[q]
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                out[c] += share * value[q, c]


@njit(cache=True, nogil=True, fastmath={"contract"})
def spread_size(value, begin, end, parts, y, out):  # type: ignore[no-untyped-def]
    """Add |B|^T |y| to out."""
    for q in range(len(y)):
        share = abs(y[q])
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                out[c] += share * abs(value[q, c])


@njit(cache=True, nogil=True)
def spread_exactly(value, begin, end, parts, y, tail, out, rest):  # type: ignore[no-untyped-def]
    """Add B^T (y + tail) to out, as if computed in twice the precision (Dot2); rest is scratch."""
    rest[: len(out)] = 0.0
    for q in range(len(y)):
        w, last = y[q], tail[q]
        w_high = SPLIT * w
        w_high = w_high - (w_high - w)
        w_low = w - w_high
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                v, total = value[q, c], out[c]
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
                rest[c] += error + v * last
                out[c] = new
    for c in range(len(out)):
        out[c] += rest[c]


@njit(cache=True, nogil=True)
def along(B, q, x):  # type: ignore[no-untyped-def]
    """Return row q times x."""
    return along_row(B.value, B.begin, B.end, B.parts, q, x)


@njit(cache=True, nogil=True, fastmath=SUM)
def along_row(value, begin, end, parts, q, x):  # type: ignore[no-untyped-def]
    """Return row q times x."""
    total = 0.0
    for part in range(parts):
        for c in range(begin[q, part], end[q, part]):
            total += value[q, c] * x[c]
    return total


@njit(cache=True, nogil=True, fastmath=SUM)
def balance(value, begin, end, parts, b, x, out):  # type: ignore[no-untyped-def]
    """Fill out (Q,) with b - B x."""
    for q in range(len(b)):
        out[q] = b[q] - along_row(value, begin, end, parts, q, x)


@njit(cache=True, nogil=True, fastmath=SUM)
def assemble_hessian(value, begin, end, first, parts, curvature, ridge, scaled, H):  # type: ignore[no-untyped-def]
    """Fill the envelope of H = ridge I + sum_c curvature_c B_c B_c^T; scaled (N,) is scratch."""
    for q in range(len(first)):
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                scaled[c] = curvature[c] * value[q, c]
        for j in range(first[q], q + 1):
            total = 0.0
            for part in range(parts):
                start, stop = max(begin[q, part], begin[j, part]), min(end[q, part], end[j, part])
                for c in range(start, stop):
                    total += value[j, c] * scaled[c]
            H[q, j] = total
        H[q, q] += ridge


@njit(cache=True, nogil=True, error_model="numpy")
def factorise(first, ridge, H):  # type: ignore[no-untyped-def]
    """Replace H's envelope by its Cholesky factor, the diagonal inverted.

    H is at least ridge I, so a smaller pivot is rounding; it is raised to the ridge.
    """
    for q in range(len(first)):
        pivot = H[q, q]
        for j in range(first[q], q):
            entry = H[q, j]
            for k in range(max(first[q], first[j]), j):
                entry -= H[q, k] * H[j, k]
            entry *= H[j, j]
            H[q, j] = entry
            pivot -= entry * entry
        H[q, q] = 1.0 / sqrt(max(pivot, ridge))


@njit(cache=True, nogil=True)
def substitute(first, H, x):  # type: ignore[no-untyped-def]
    """Solve H x = rhs in place, H as `factorise` left it."""
    rows = len(first)
    for q in range(rows):
        entry = x[q]
        for j in range(first[q], q):
            entry -= H[q, j] * x[j]
        x[q] = entry * H[q, q]
    for q in range(rows - 1, -1, -1):
        x[q] *= H[q, q]
        for j in range(first[q], q):
            x[j] -= H[q, j] * x[q]
