"""Arithmetic on several frames at once, against NumPy."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numba import njit

from gluteal.kernels.lanes import (
    WIDTH,
    choose,
    fill_lanes,
    larger,
    load_lanes,
    multiply_add,
    product_error,
    root,
    size,
    smaller,
    some,
    store,
)


def test_lanes_do_what_numpy_does():
    rng = np.random.default_rng(3)
    a, b, c = rng.normal(size=(3, 20, WIDTH))
    out = np.empty((9, 20, WIDTH))
    assert use_lanes(a, b, c, out)
    big = a > b
    expected = [a + b, a - b, a / b, a * b + c, np.sqrt(np.abs(a)), np.minimum(a, b), np.maximum(a, b)]
    expected += [np.where(big & (c <= 0.3) | (a == c), a, b), np.zeros_like(a)]
    np.testing.assert_allclose(out, expected, rtol=1e-14, atol=1e-15)


def test_some_sees_a_single_lane():
    assert count_some(np.eye(WIDTH)) == WIDTH
    assert count_some(np.zeros((WIDTH, WIDTH))) == 0


def test_the_error_of_a_product_is_exact():
    """As fractions: what rounding takes from a product of two doubles is itself a double."""
    a, b = np.random.default_rng(3).normal(size=(2, 20, WIDTH))
    exact = [
        [float(Fraction(x) * Fraction(y) - Fraction(x * y)) for x, y in zip(*rows, strict=True)]
        for rows in zip(a.tolist(), b.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(use_error(a, b), exact)


@njit
def use_lanes(a, b, c, out):
    """Every operation between lanes, and whether `some` sees a mask that is set in all lanes and one in none."""
    seen = True
    for i in range(len(a)):
        u, v, w = load_lanes(a, i), load_lanes(b, i), load_lanes(c, i)
        mask = (u > v) & (w <= fill_lanes(0.3)) | (u == w)
        results = (u + v, u - v, u / v, multiply_add(u, v, w), root(size(u)), smaller(u, v), larger(u, v))
        for k in range(7):
            store(out[k], i, results[k])
        store(out[7], i, choose(mask, u, v))
        store(out[8], i, u * fill_lanes(0.0))
        seen = seen and some(size(u) >= fill_lanes(0.0)) and not some(size(u) < fill_lanes(0.0))
    return seen


@njit
def count_some(a):
    """How many rows of a have a positive number."""
    count = 0
    for i in range(len(a)):
        count += some(load_lanes(a, i) > fill_lanes(0.0))
    return count


@njit
def use_error(a, b):
    """The rounding errors of a * b."""
    out = np.empty_like(a)
    for i in range(len(a)):
        store(out, i, product_error(load_lanes(a, i), load_lanes(b, i), load_lanes(a, i) * load_lanes(b, i)))
    return out
