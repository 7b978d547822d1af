"""The parts of onset detection: segmentation, likelihood and weights of rises, thresholds; its benchmark."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from benchmarks.onset.bound import told_everything, told_the_recipe
from benchmarks.onset.detectors import own
from benchmarks.onset.run import merged, write_csv
from benchmarks.onset.score import Tally
from benchmarks.onset.signals import SHAPES, UNEQUAL, Shape, make_gait, make_record
from benchmarks.onset.tables import widths

from gluteal.emg.onset.edge import LIKELY, MIRRORED, OWN_FORM, WIDE, pooled_weights
from gluteal.emg.onset.forms import FORMS, Prior
from gluteal.emg.onset.published import BonatoSettings, _first_threshold
from gluteal.kernels.onset import laplace_split, rise_likelihood, segment_levels

RATE = 2000.0


class TestKernels:
    """Kernels against the plain formula."""

    def test_segments_are_the_best_of_all(self) -> None:
        """Against dynamic programming over every segmentation, with and without a longest segment."""
        rng = np.random.default_rng(1)
        for longest in (60, 10):
            for _ in range(20):
                y = rng.gamma(2.0, np.repeat(rng.uniform(0.3, 3, 6), 10))
                cost = np.full(61, np.inf)
                cost[0] = -3.0
                for j in range(3, 61):
                    for i in range(max(j - longest, 0), j - 2):
                        cost[j] = min(cost[j], cost[i] + (j - i) * np.log(y[i:j].mean()) + 3.0)
                cuts = segment_levels(y, 3, 3.0, longest)
                got = sum((b - a) * np.log(y[a:b].mean()) + 3.0 for a, b in pairwise(cuts)) - 3.0
                assert got == pytest.approx(cost[60], abs=1e-9)
                assert np.diff(cuts).min() >= 3 and np.diff(cuts).max() <= longest

    def test_likelihood_of_a_rise(self) -> None:
        """Sum over samples of -log(mean) - y / mean, with and without the burst; templates cut at the end."""
        rng = np.random.default_rng(2)
        y, rest = rng.gamma(1.0, 1.5, 40), 1.2
        shares = [np.linspace(0, 1, 9), np.linspace(0, 1, 60) ** 2]
        bounds = np.array([0, 9, 69])
        got = rise_likelihood(y, rest, np.concatenate(shares), bounds, np.array([0.7, 4.0]), 0, 40)
        for f, share in enumerate(shares):
            for a, plateau in enumerate((0.7, 4.0)):
                for t in range(40):
                    mean = rest + plateau * np.r_[np.zeros(t), share, np.ones(40)][:40]
                    expected = np.sum(-np.log(mean) - y / mean + np.log(rest) + y / rest)
                    assert got[f, a, t] == pytest.approx(expected, abs=1e-9)

    def test_laplace_split(self) -> None:
        """The least cost over every split."""
        y = np.random.default_rng(3).gamma(1.0, np.repeat([1.0, 3.0], 25))
        costs = [k * np.log(y[:k].mean()) + (50 - k) * np.log(y[k:].mean()) for k in range(1, 50)]
        assert laplace_split(y) == 1 + int(np.argmin(costs))

    @pytest.mark.parametrize("prior", [LIKELY, WIDE])
    def test_priors_are_weights(self, prior: Prior) -> None:
        """Of sum 1; kinds that are ruled out have none."""
        weights = prior.weights((1.0, 1.0, 1.0))
        assert weights.sum() == pytest.approx(1) and weights.size == len(FORMS) and weights.min() > 0
        bells = prior.weights((0.0, 0.0, 1.0))
        assert bells.sum() == pytest.approx(1) and {f.jump > 0 and f.rise > 0 for f in FORMS} == {True, False}
        assert all(w == 0 for w, f in zip(bells, FORMS, strict=True) if f.rise == 0 or f.jump == 0)

    def test_bursts_learn_from_the_others_only(self) -> None:
        """An edge alone keeps the prior; evidence of its own does not count for its weights."""
        prior = LIKELY.weights((0.4, 0.2, 0.4))
        clear = np.full((1, len(FORMS)), 1e-9)
        clear[0, 3] = 1.0
        none = np.empty((0, len(FORMS)))
        assert pooled_weights(prior, clear, none)[0] == pytest.approx(prior)
        many = np.concatenate([np.ones_like(clear), np.repeat(clear, 19, axis=0)])
        weights = pooled_weights(prior, many, none)
        assert weights.sum(1) == pytest.approx(1)
        assert weights[0, 3] > 0.99 * (1 - OWN_FORM)
        assert pooled_weights(prior, none, many).shape == none.shape

    def test_sides_that_disagree_do_not_learn_from_each_other(self) -> None:
        """Offsets of another form than the onsets leave what the onsets agree on; with onsets unclear they decide."""
        prior = LIKELY.weights((0.4, 0.2, 0.4))
        one, other = (np.full((10, len(FORMS)), 1e-9) for _ in range(2))
        one[:, 3], other[:, 40] = 1.0, 1.0
        assert pooled_weights(prior, one, other)[:, 3].min() > 0.99 * (1 - OWN_FORM)
        unclear = pooled_weights(prior, np.ones_like(one), other)
        assert unclear[:, 40].min() > 0.4

    def test_pooled_weights_are_those_of_the_model(self) -> None:
        """Three forms, three bursts: every assignment of "common" or "own" on both sides added up by hand."""
        rng = np.random.default_rng(4)
        prior, evidence, across = np.array([0.5, 0.3, 0.2]), rng.uniform(0.1, 1, (3, 3)), rng.uniform(0.1, 1, (2, 3))
        before = (prior + 1 / 3) / 2
        common = np.zeros(3)
        for f, g in product(range(3), repeat=2):
            # Of the onsets f, of the offsets g: the same, or each drawn for itself.
            chance = before[f] * (MIRRORED * (f == g) + (1 - MIRRORED) * before[g])
            for alone in product((False, True), repeat=4):
                term = chance
                for drawn, likelihood, form in zip(alone, [*evidence[:2], *across], (f, f, g, g), strict=True):
                    term *= OWN_FORM * (prior @ likelihood) if drawn else (1 - OWN_FORM) * likelihood[form]
                common[f] += term
        expected = (1 - OWN_FORM) * common / common.sum() + OWN_FORM * prior
        assert pooled_weights(prior, evidence, across)[2] == pytest.approx(expected)

    def test_first_threshold_of_bonato(self) -> None:
        """One of five pairs at rest passes with probability 0.05: p = 1 - 0.95^(1/5), threshold -2 log p."""
        assert _first_threshold(BonatoSettings()) == pytest.approx(-2 * np.log(1 - 0.95**0.2), rel=1e-6)


class TestBenchmark:
    """What the benchmark does besides scoring."""

    def test_rows_of_other_detectors_are_kept(self, tmp_path: Path) -> None:
        """`--only`: the new row takes the place of the old one of its cell and detector, but for its time."""
        path = tmp_path / "b.csv"
        cell = {"table": "shape", "shape": "step", "snr_db": 6, "carrier": "gaussian", "background": "none",
                "rate": 2000.0, "bursts": 1, "records": 100}  # fmt: skip
        old = [{**cell, "detector": name, "median_ms": 2.0, "ms_per_record": 9.0} for name in ("rise", "staude")]
        write_csv(path, [*old, {**old[0], "snr_db": 10}])
        rows = merged(path, [{**old[0], "median_ms": 1.0, "ms_per_record": 7.0}])
        assert [(r["snr_db"], r["detector"], r["median_ms"], r["ms_per_record"]) for r in rows] == [
            (6, "rise", 1.0, 9.0), (6, "staude", 2.0, 9.0), (10, "rise", 2.0, 9.0)]  # fmt: skip

    @pytest.mark.slow
    def test_the_bounds_of_the_gait_recipe(self) -> None:
        """The more an estimator may know the less it errs; all edges are found."""
        told = {
            "nothing": partial(own, method="rise"),
            "recipe": told_the_recipe,
            "everything": told_everything,
        }
        bias = {}
        for name, detector in told.items():
            tally = Tally()
            for sigma, seed in product((0.05, 0.10, 0.15), (2, 3)):
                r = make_gait(np.random.default_rng(seed), sigma=sigma, alpha=1.5, snr_db=12)
                tally.add(r, detector(r.signal, RATE, slice(0, 200)))
            assert tally.row()["f1"] == 1
            bias[name] = tally.row()["mean_abs_bias_ms"]
        assert bias["everything"] < bias["recipe"] < bias["nothing"]
        assert bias["everything"] < 1 and bias["recipe"] < 2

    def test_coverage_by_width(self) -> None:
        """Every interval is counted once, in the range of its width; what is covered is counted there too."""
        tally = Tally()
        for seed in range(4):
            r = make_record(np.random.default_rng(seed), shape=SHAPES["ramp 50 ms"], snr_db=10)
            tally.add(r, own(r.signal, RATE, slice(0, 1400), method="rise"))
        rows = [{"detector": "rise", "table": "shape", **tally.row()}]
        counted = widths([*rows, *rows])
        assert sum(edges for _, edges, _ in counted) == 2 * len(tally.width) == 16
        assert sum(edges * share for _, edges, share in counted if edges) == pytest.approx(
            1600 * np.mean(tally.covered)
        )

    @pytest.mark.parametrize("shape", UNEQUAL, ids=lambda s: s.name)
    def test_envelopes_of_unequal_sides(self, shape: Shape) -> None:
        """Each side is that of the shape it has it from."""
        envelope = shape.envelope(RATE, 0.3)
        rise, fall = replace(shape, fall=None).envelope(RATE, 0.3), shape.fall.envelope(RATE, 0.3)
        up, down = (np.flatnonzero(e == 1)[0] for e in (rise, fall))
        assert envelope[:up] == pytest.approx(rise[:up])
        assert envelope[::-1][:down] == pytest.approx(fall[:down])
        assert envelope.size == up + round(0.3 * RATE) + down and envelope.max() == 1
