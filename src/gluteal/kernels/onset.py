"""Kernels of onset detection: segmentation by level, and the likelihood of an onset under a rise of any shape.

A non-negative power `y` is taken as gamma-distributed about its mean (McCullagh and Nelder 1989, section 8.2:
variance proportional to the squared mean); log-likelihoods are per unit of gamma shape.
"""

from __future__ import annotations

import struct

import numpy as np

from gluteal.kernels.native.library import address, as_doubles, load_kernels

# `Rise` of onset.h.
_RISE = struct.Struct("=Qqd2QqQ3q5Q")


def segment_levels(y: np.ndarray, shortest: int, penalty: float, longest: int) -> np.ndarray:
    """Boundaries of the segmentation of y (n,) that minimises sum(n_i log mean_i) + penalty per segment.

    Pruned exact linear time search (Killick, Fearnhead and Eckley 2012, JASA 107:1590), segments of at
    least `shortest` and at most `longest` samples, 2 shortest <= longest. Returns (k + 1,) int64 indices
    from 0 to n.

    Raises
    ------
    ValueError
        Where `shortest` is below 1, or `longest` below twice as many.
    """
    if not 1 <= shortest <= longest // 2:
        raise ValueError(f"Segments of {shortest} to {longest} samples; the shortest must be 1 to half the longest.")
    y = as_doubles(y).reshape(-1)
    sums, starts, cuts = np.empty((3, y.size + 1)), np.empty((3, y.size + 1), np.int64), np.empty(y.size + 1, np.int64)
    found = load_kernels().segment_levels(
        address(y), y.size, shortest, penalty, longest, address(sums), address(starts), address(cuts)
    )
    return cuts[:found][::-1].copy()


def rise_likelihood(
    y: np.ndarray,
    rest: float,
    shares: np.ndarray,
    bounds: np.ndarray,
    plateaus: np.ndarray,
    first: int,
    stop: int,
) -> np.ndarray:
    """Log-likelihood of an onset at each sample, per form of the rise and level of the plateau.

    Parameters
    ----------
    y : (n,)
        Power: what is before the rise, the rise, and what is after it.
    rest : float
        Mean power before the onset.
    shares : (k,)
        For each form, one after the other: share of the plateau's power in each sample from the onset on; 1
        after them.
    bounds : (f + 1,) int64
        Where each form begins in `shares`.
    plateaus : (a,)
        Added mean power of the plateau.
    first, stop : int
        Onsets first, ..., stop - 1 are tried.

    Returns
    -------
    (f, a, stop - first)
        sum(-log(mean) - y / mean) relative to no onset.

    Raises
    ------
    ValueError
        Where `bounds` do not part `shares`, or onsets are tried outside of y.
    """
    y, shares, plateaus = (as_doubles(v).reshape(-1) for v in (y, shares, plateaus))
    bounds = np.ascontiguousarray(bounds, np.int64).reshape(-1)
    sizes = np.diff(bounds)
    if not bounds.size or bounds[0] < 0 or bounds[-1] > shares.size or np.any(sizes < 0):
        raise ValueError(f"bounds must rise from 0 to at most {shares.size}, the number of shares.")
    if not 0 <= first <= stop <= y.size:
        raise ValueError(f"Onsets {first} to {stop}; they must lie within the {y.size} samples of y.")
    longest = int(sizes.max(initial=0))
    out = np.zeros((sizes.size, plateaus.size, stop - first))
    # Zeros after y keep the inner loop free of bounds.
    padded = np.zeros(y.size + longest + 4)
    padded[: y.size] = y
    scratch = np.empty(longest + 4), np.empty(longest + 1), np.empty(y.size + 1)
    load_kernels().rise_likelihood(
        _RISE.pack(
            *(address(y), y.size, rest, address(shares), address(bounds), sizes.size),
            *(address(plateaus), plateaus.size, first, stop),
            *(address(v) for v in (padded, *scratch, out)),
        )
    )
    return out


def laplace_split(magnitude: np.ndarray) -> int:
    """Split k of magnitude (n,) that minimises k log(mean before) + (n - k) log(mean after), 1 <= k < n."""
    n = magnitude.size
    if n < 2:
        return 0
    before, k = np.cumsum(magnitude)[:-1], np.arange(1, n)
    means = np.maximum(before / k, 1e-300), np.maximum((magnitude.sum() - before) / (n - k), 1e-300)
    return 1 + int(np.argmin(k * np.log(means[0]) + (n - k) * np.log(means[1])))
