"""Sparse columns and a skyline Cholesky factorisation, shared by the recruitment solvers.

A muscle crosses few coordinates, so a frame's matrix B (Q x N) is kept by its columns' entries. The
matrices to factorise, H = ridge I + sum_c curvature_c B_c B_c^T, have no entry left of the leftmost row
that some column joins to theirs, and fill-in stays right of it (George and Liu 1981, Computer Solution
of Large Sparse Positive Definite Systems, chapter 4). Two legs that share no muscle so decouple by
themselves.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

#: Splits a double into halves whose products are exact: 2^27 + 1 (Dekker 1971).
SPLIT = 134217729.0


class Columns(NamedTuple):
    """One frame's matrix: column c holds value[begin[c]:begin[c + 1]] in rows row[...], ascending."""

    width: int  # N
    begin: np.ndarray  # (N + 1,)
    row: np.ndarray
    value: np.ndarray
    first: np.ndarray  # (Q,) leftmost column of H's lower triangle that each row can reach


@njit(cache=True, nogil=True)
def gather(B, c, y):  # type: ignore[no-untyped-def]
    """Return column c times y."""
    total = 0.0
    for k in range(B.begin[c], B.begin[c + 1]):
        total += B.value[k] * y[B.row[k]]
    return total


@njit(cache=True, nogil=True)
def gather_exactly(B, c, y, tail, offset):  # type: ignore[no-untyped-def]
    """Return column c times (y + tail), plus offset, as if computed in twice the precision (Dot2)."""
    total, rest = offset, 0.0
    for k in range(B.begin[c], B.begin[c + 1]):
        v, w = B.value[k], y[B.row[k]]
        # Product and its rounding error, after Veltkamp and Dekker.
        product = v * w
        v_high, w_high = SPLIT * v, SPLIT * w
        v_high, w_high = v_high - (v_high - v), w_high - (w_high - w)
        v_low, w_low = v - v_high, w - w_high
        rest += v_low * w_low - (((product - v_high * w_high) - v_low * w_high) - v_high * w_low)
        # Sum and its rounding error, after Knuth.
        new = total + product
        part = new - total
        rest += (total - (new - part)) + (product - part)
        rest += v * tail[B.row[k]]
        total = new
    return total + rest


@njit(cache=True, nogil=True)
def scatter(B, c, x, out):  # type: ignore[no-untyped-def]
    """Add x times column c to out."""
    for k in range(B.begin[c], B.begin[c + 1]):
        out[B.row[k]] += x * B.value[k]


@njit(cache=True, nogil=True)
def envelope(B):  # type: ignore[no-untyped-def]
    """Fill B.first."""
    for q in range(len(B.first)):
        B.first[q] = q
    for c in range(B.width):
        for k in range(B.begin[c] + 1, B.begin[c + 1]):
            if B.row[B.begin[c]] < B.first[B.row[k]]:
                B.first[B.row[k]] = B.row[B.begin[c]]


@njit(cache=True, nogil=True)
def assemble(B, curvature, ridge, H):  # type: ignore[no-untyped-def]
    """Fill the envelope of H = ridge I + sum_c curvature_c B_c B_c^T."""
    for q in range(len(B.first)):
        for j in range(B.first[q], q):
            H[q, j] = 0.0
        H[q, q] = ridge
    for c in range(B.width):
        if curvature[c] == 0.0:
            continue
        for i in range(B.begin[c], B.begin[c + 1]):
            scaled = curvature[c] * B.value[i]
            for j in range(B.begin[c], i + 1):
                H[B.row[i], B.row[j]] += scaled * B.value[j]


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
