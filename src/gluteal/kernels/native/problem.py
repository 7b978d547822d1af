"""The problem as the C kernels read it: one record of sizes, addresses and costs, and room for its solution."""

from __future__ import annotations

import struct
from ctypes import byref, c_int64
from typing import NamedTuple

import numpy as np

from gluteal.kernels.native.library import Kernels, address

# `Problem` of kernel.c: sizes, inputs, costs and tolerance, outputs, limit.
_PROBLEM = struct.Struct("=4q7Q5d9Qq")
# What each array must hold, in the order of check.h; `None` is for all well.
_WRONG = (
    None,
    ("b", "finite"),
    ("lower", "finite and not negative"),
    ("upper", "finite and at least the lower bound"),
    ("weight", "finite and positive"),
    ("capacity", "finite and not negative"),
    ("start", "finite"),
    ("A", "finite"),
    ("S", "finite"),
)


class Given(NamedTuple):
    """What T problems are made of; shapes as `gluteal.kernels.recruitment.solve_frames`, float64 and contiguous."""

    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray
    capacity: np.ndarray | None = None


class Costs(NamedTuple):
    """p, K, eps and S0 of `gluteal.kernels.recruitment`, and what a certificate may be."""

    exponent: float
    reserve_cost: float
    support_cost: float
    support_scale: float
    tolerance: float


class FrameSolutions(NamedTuple):
    """Solutions of T frames and how far from optimal each is, see `gluteal.kernels.recruitment.certify_frames`."""

    activation: np.ndarray  # (T, M)
    support: np.ndarray  # (T, R) N
    reserve: np.ndarray  # (T, Q) N m
    multiplier: np.ndarray  # (T, Q) change of the cost per N m of demand
    stationarity: np.ndarray  # (T,)
    feasibility: np.ndarray  # (T,)
    complementarity: np.ndarray  # (T,)
    iterations: np.ndarray  # (T,) Newton steps, of the block that took most
    converged: np.ndarray  # (T,) bool: no part of the certificate above the tolerance, and not stopped at the limit


def refuse_wrong(kernels: Kernels, problem: bytes, given: Given, *, solving: bool) -> None:
    """Raise ValueError for the first number that makes no problem."""
    at = c_int64()
    wrong = _WRONG[kernels.share_check(problem, solving, byref(at))]
    if wrong is None:
        return
    name, should = wrong
    if name in ("A", "S"):
        raise ValueError(f"{name} is not finite; check its moment arms and capacities.")
    if name == "start":
        raise ValueError(f"start must be finite multipliers; number {at.value} is not.")
    values = getattr(given, name)
    frame, entry = divmod(at.value, values.shape[1])
    raise ValueError(f"{name} is {values[frame, entry]:g} in frame {frame}, entry {entry}; it must be {should}.")


def make_room(given: Given) -> FrameSolutions:
    """Return a solution of zeros for a problem, in one piece of memory."""
    (frames, rows, muscles), rays = given.A.shape, given.S.shape[2]
    shapes = [(frames, muscles), (frames, rays), (frames, rows), (frames, rows), *[(frames,)] * 4]
    sizes = [frames * muscles, frames * rays, frames * rows, frames * rows, *[frames] * 4]
    whole = np.zeros(sum(sizes) + (frames + 7) // 8)
    parts, at = [], 0
    for shape, size in zip(shapes, sizes, strict=True):
        parts.append(whole[at : at + size].reshape(shape))
        at += size
    parts[7:] = parts[7].view(np.int64), whole[at:].view(np.bool_)[:frames]
    return FrameSolutions._make(parts)


def pack_problem(given: Given, costs: Costs, solution: FrameSolutions, limit: int) -> bytes:
    """Return the problem as kernel.c reads it; the arrays must outlive its use.

    Parameters
    ----------
    given : Given
    costs : Costs
    solution : FrameSolutions
        Holds the start, and takes what is found.
    limit : int
        Most Newton steps.
    """
    return _PROBLEM.pack(
        *given.A.shape,
        given.S.shape[2],
        *(0 if v is None else address(v) for v in given),
        *costs,
        *(address(v) for v in solution),
        limit,
    )
