"""Kernels of onset detection: segmentation by level, and the likelihood of an onset under a rise of any shape.

A non-negative power `y` is taken as gamma-distributed about its mean (McCullagh and Nelder 1989, section 8.2:
variance proportional to the squared mean); log-likelihoods are per unit of gamma shape.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def segment_levels(y, shortest, penalty, longest):  # type: ignore[no-untyped-def]
    """Boundaries of the segmentation of y (n,) that minimises sum(n_i log mean_i) + penalty per segment.

    Pruned exact linear time search (Killick, Fearnhead and Eckley 2012, JASA 107:1590), segments of at
    least `shortest` and at most `longest` samples, 2 shortest <= longest. Returns (k + 1,) int64 indices
    from 0 to n.
    """
    n = y.size
    total = np.zeros(n + 1)
    for i in range(n):
        total[i + 1] = total[i] + y[i]
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    last = np.zeros(n + 1, np.int64)
    alive = np.empty(n + 1, np.int64)
    # When a start was first beaten: it may still serve ends that are too near to start anew from there.
    beaten = np.full(n + 1, n + 1, np.int64)
    value = np.empty(n + 1)
    count = 0
    for end in range(shortest, n + 1):
        start = end - shortest
        if best[start] < np.inf:
            alive[count] = start
            count += 1
        kept = 0
        for j in range(count):
            s = alive[j]
            if end - s > longest or end - beaten[s] >= shortest:
                continue
            alive[kept] = s
            kept += 1
            mean = max((total[end] - total[s]) / (end - s), 1e-300)
            value[kept - 1] = best[s] + (end - s) * math.log(mean)
            if value[kept - 1] + penalty < best[end]:
                best[end] = value[kept - 1] + penalty
                last[end] = s
        count = kept
        for j in range(count):
            if value[j] > best[end] and beaten[alive[j]] > end:
                beaten[alive[j]] = end
    out = np.empty(n + 1, np.int64)
    k, at = 0, n
    while at > 0:
        out[k] = at
        k += 1
        at = last[at]
    out[k] = 0
    return out[: k + 1][::-1].copy()


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def rise_likelihood(y, rest, shares, bounds, lead, plateaus, first, stop):  # type: ignore[no-untyped-def]
    """Log-likelihood of an onset at each sample, per form of the rise and level of the plateau.

    Parameters
    ----------
    y : (n,)
        Power: what is before the rise, the rise, and what is after it.
    rest : float
        Mean power before the onset.
    shares : (k,)
        For each form, one after the other: share of the plateau's power in each sample, from `lead` samples
        before the onset; 1 after them.
    bounds : (f + 1,) int64
        Where each form begins in `shares`.
    lead : int
        How far the forms reach before the onset.
    plateaus : (a,)
        Added mean power of the plateau.
    first, stop : int
        Onsets first, ..., stop - 1 are tried.

    Returns
    -------
    (f, a, stop - first)
        sum(-log(mean) - y / mean) relative to no onset.
    """
    n, forms, count = y.size, bounds.size - 1, stop - first
    out = np.zeros((forms, plateaus.size, count))
    longest = 0
    for f in range(forms):
        longest = max(longest, bounds[f + 1] - bounds[f])
    # Four samples at a time, over all onsets at once: zeros around y keep the inner loop free of bounds.
    padded = np.zeros(n + lead + longest + 4)
    padded[lead : lead + n] = y
    inverse, logs, sums = np.zeros(longest + 4), np.empty(longest + 1), np.empty(n + 1)
    for a in range(plateaus.size):
        flat = 1.0 / rest - 1.0 / (rest + plateaus[a])
        flat_log = math.log(1.0 + plateaus[a] / rest)
        sums[n] = 0.0
        for i in range(n - 1, -1, -1):
            sums[i] = sums[i + 1] + y[i] * flat - flat_log
        for f in range(forms):
            share = shares[bounds[f] : bounds[f + 1]]
            rise = share.size
            logs[0] = 0.0
            for k in range(rise):
                mean = rest + plateaus[a] * share[k]
                inverse[k] = 1.0 / rest - 1.0 / mean
                logs[k + 1] = logs[k] + math.log(mean / rest)
            inverse[rise : rise + 4] = 0.0
            row = out[f, a]
            for k in range(0, rise, 4):
                w0, w1, w2, w3 = inverse[k], inverse[k + 1], inverse[k + 2], inverse[k + 3]
                part = padded[first + k :]
                for t in range(count):
                    row[t] += w0 * part[t] + w1 * part[t + 1] + w2 * part[t + 2] + w3 * part[t + 3]
            for t in range(count):
                begin = first + t - lead
                skip = min(max(-begin, 0), rise)
                size = max(min(rise, n - begin), skip)
                row[t] += sums[min(begin + rise, n)] - (logs[size] - logs[skip])
    return out


@njit(cache=True, nogil=True)
def laplace_split(magnitude):  # type: ignore[no-untyped-def]
    """Split k of magnitude (n,) that minimises k log(mean before) + (n - k) log(mean after), 1 <= k < n."""
    n = magnitude.size
    whole = magnitude.sum()
    before, best, at = 0.0, np.inf, 0
    for k in range(1, n):
        before += magnitude[k - 1]
        cost = k * math.log(max(before / k, 1e-300)) + (n - k) * math.log(max((whole - before) / (n - k), 1e-300))
        if cost < best:
            best, at = cost, k
    return at
