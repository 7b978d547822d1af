"""Arithmetic on four frames at once, against NumPy: the header lanes.h, compiled for both instruction sets."""

from __future__ import annotations

import ctypes
import platform
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from tests.helpers.twelve_problems import FOLDER

from gluteal.kernels.native import build
from gluteal.kernels.native.library import address, load_kernels

#: As in lanes.h.
WIDTH = 4


@pytest.fixture(scope="module", params=["plain", "AVX2"])
def use_lanes(request, tmp_path_factory):  # type: ignore[no-untyped-def]
    """The function of lanes.c."""
    compiler = build.find_compiler()
    if compiler is None:
        pytest.skip("No C compiler is on the path.")
    wide = []
    if request.param == "AVX2":
        if platform.machine() not in ("x86_64", "AMD64") or load_kernels().library.share_level() < 3:
            pytest.skip("This processor has no AVX2.")
        wide = ["-march=x86-64-v3"]
    out = tmp_path_factory.mktemp("lanes") / f"lanes{build.LIBRARY.suffix}"
    flags = ["-std=gnu11", "-O3", "-ffp-contract=off", "-Wno-psabi", "-shared", "-fPIC", "-I", str(build.HERE)]
    subprocess.run([*compiler, *flags, *wide, str(FOLDER / "lanes.c"), "-o", str(out), "-lm"], check=True)
    function = ctypes.CDLL(str(out)).use_lanes
    function.argtypes, function.restype = [ctypes.c_void_p] * 3 + [ctypes.c_int64, ctypes.c_void_p], ctypes.c_int64

    def use(a, b, c):  # type: ignore[no-untyped-def]
        out = np.empty((10, *a.shape))
        a, b, c = (np.ascontiguousarray(v) for v in (a, b, c))
        return function(*(address(v) for v in (a, b, c)), len(a), address(out)), out

    return use


def test_lanes_do_what_numpy_does(use_lanes):
    """To the bit, products before sums, roots included."""
    a, b, c = np.random.default_rng(3).normal(size=(3, 20, WIDTH))
    c[3] = a[3]
    seen, out = use_lanes(a, b, c)
    mask = (a > b) & (c <= 0.3) | (a == c)
    expected = [a + b, a - b, a / b, a * b + c, np.sqrt(np.abs(a)), np.minimum(a, b), np.maximum(a, b)]
    expected += [np.where(mask, a, b)]
    np.testing.assert_array_equal(out[:8], expected)
    total = (a[:, 0] + a[:, 1]) + (a[:, 2] + a[:, 3])
    np.testing.assert_array_equal(out[9], np.repeat(total[:, None], WIDTH, axis=1))
    assert seen == (a > b).any(axis=1).sum()


def test_some_sees_a_single_lane(use_lanes):
    zeros = np.zeros((WIDTH, WIDTH))
    assert use_lanes(np.eye(WIDTH), zeros, zeros)[0] == WIDTH
    assert use_lanes(zeros, zeros, zeros)[0] == 0


def test_of_numbers_that_are_none_the_second_is_taken(use_lanes):
    """A comparison with NaN is false, so that `smaller` and `larger` give what stands second."""
    bad, one = np.full((1, WIDTH), np.nan), np.ones((1, WIDTH))
    assert np.all(use_lanes(bad, one, one)[1][5:7] == 1.0)
    assert np.all(np.isnan(use_lanes(one, bad, one)[1][5:7]))


def test_the_error_of_a_product_is_exact(use_lanes):
    """As fractions: what rounding takes from a product of two doubles is itself a double."""
    a, b = np.random.default_rng(3).normal(size=(2, 20, WIDTH))
    exact = [
        [float(Fraction(x) * Fraction(y) - Fraction(x * y)) for x, y in zip(*rows, strict=True)]
        for rows in zip(a.tolist(), b.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(use_lanes(a, b, a)[1][8], exact)
