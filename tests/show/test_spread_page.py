"""Bands in reports and on the command line: `gluteal simulate ... --spread N`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from tests.helpers.synthetic import draw_no_live_page, make_body, make_outcome, make_picture

import gluteal.engines
import gluteal.simulate.experiment
import gluteal.simulate.spread
from gluteal.cli import main
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.show.figures import outcome as plot
from gluteal.show.pages import outcome as report
from gluteal.simulate.spread import EXPONENTS, STATISTIC, Spread, repeat_outcome

pytestmark = pytest.mark.slow

mpl.use("agg")

HALF = Condition.weaken("glmed1_r", loss=0.5)
COMMAND = ["simulate", "single-leg-stance", "--weaken", "glmed1_r=0.5"]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return make_outcome(HALF, demand=40.0)


@pytest.fixture(scope="module")
def spread(outcome: Outcome) -> Spread:
    return repeat_outcome(outcome, people=9)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The six-muscle body instead of an engine."""

    def simulate(body: object, movement: object, *, condition: Any, **options: Any) -> Outcome:
        return make_outcome(condition, demand=40.0)

    monkeypatch.setattr(gluteal.simulate.experiment, "load_movement", lambda *_, **__: ("body", "movement"))
    monkeypatch.setattr(gluteal.simulate.experiment, "simulate", simulate)
    monkeypatch.setattr(gluteal.show.pages.outcome, "compute_picture", make_picture)
    monkeypatch.setattr(gluteal.show.pages.outcome, "live_block", draw_no_live_page)
    monkeypatch.setattr(gluteal.engines, "load_body", lambda name="myo", **chosen: make_body())
    monkeypatch.setattr("gluteal.cli.simulate._ask_all", lambda *given: None)  # this body has no published variants


def test_the_outcome_s_own_criterion_comes_first() -> None:
    """The stroke in the figures is the outcome; every criterion of the family is there once."""
    cubic = make_outcome(HALF, criterion=Criterion(3.0))
    names = [str(c) for c in repeat_outcome(cubic, people=0).nominal["criterion"].to_numpy()]
    assert names[0] == "p = 3"
    assert sorted(names) == sorted(f"p = {p:g}{w}" for p in EXPONENTS for w in ("", ", by volume"))


def test_the_first_criterion_is_the_outcome(outcome: Outcome, spread: Spread) -> None:
    assert spread.nominal_verdict == outcome.verdict
    assert float(spread.nominal["effort_ratio"][0]) == pytest.approx(outcome.effort_ratio, rel=1e-9)


def test_the_same_command_draws_the_same_people(outcome: Outcome, spread: Spread) -> None:
    again = repeat_outcome(outcome, people=9)
    np.testing.assert_array_equal(again.dataset["effort_ratio"], spread.dataset["effort_ratio"])
    other = repeat_outcome(outcome, people=9, seed=2)
    assert np.abs(other.dataset["effort_ratio"] - spread.dataset["effort_ratio"]).max() > 0.01


def test_report_shows_the_bands(
    outcome: Outcome, spread: Spread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentence, statistic, every criterion and the scatter's sources; without a spread nothing of it."""
    monkeypatch.setattr(report, "compute_picture", make_picture)
    monkeypatch.setattr(report, "live_block", draw_no_live_page)
    page = report.render_outcome(outcome, spread=spread)
    text = re.sub(r"<[^>]+>", "", page).replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<")
    assert "How sure is this?" in text and spread.sentence in text and STATISTIC in text
    for name in spread.nominal["criterion"].to_numpy():
        assert text.count(str(name)) >= 3  # verdicts, effort and deficit
    assert "Powers 2017" in text and "in nine of ten people" in text
    bare = report.render_outcome(outcome)
    assert "How sure is this?" not in bare and "percentile" not in bare


def test_bands_are_those_of_the_spread(outcome: Outcome, spread: Spread) -> None:
    """The whisker of every muscle and the bands of every group lie where the spread's tables say."""
    ax = plot.plot_compensation(outcome, spread=spread)
    names = [t.get_text() for t in ax.get_yticklabels()]
    table = spread.compensation.set_index("muscle")
    (whiskers,) = [c for c in ax.collections if hasattr(c, "get_segments")]
    drawn = [(s[0][0], s[1][0]) for s in whiskers.get_segments()]
    np.testing.assert_allclose(drawn, table.loc[names, ["low", "high"]].to_numpy(float))
    ax = plot.plot_levels(outcome, spread=spread)
    groups = spread.groups.set_index("name")
    drawn = sorted((p.get_x(), p.get_x() + p.get_width()) for p in ax.patches)
    shown = [k for g, s in plot.rank_groups(outcome, most=12) for k in [f"{g}_{s}" if s else g]]
    expected = sorted(
        (groups.loc[k, f"{prefix}low"], groups.loc[k, f"{prefix}high"]) for k in shown for prefix in ("baseline_", "")
    )
    np.testing.assert_allclose(drawn, expected, atol=1e-12)
    assert "5th to 95th percentile" in ax.get_xlabel() and spread.who in ax.get_xlabel()


def test_command_with_and_without(quick: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An added field of the JSON, bands in the page, a sentence in the terminal; off unless asked for."""
    page = tmp_path / "r.html"
    assert main([*COMMAND, "--json"]) == 0
    assert "spread" not in json.loads(capsys.readouterr().out)
    assert main([*COMMAND, "--spread", "5", "--json", "--out", str(page)]) == 0
    found = json.loads(capsys.readouterr().out)["spread"]
    assert found["people"] == 5 and len(found["criteria"]) == 8 and found["seed"] == gluteal.simulate.spread.SEED
    assert "How sure is this?" in page.read_text()
    assert main([*COMMAND, "--spread", "0"]) == 0
    assert "In 100 % of 8 runs" in capsys.readouterr().out


def test_fewer_than_no_people(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--spread=-3"]) == 2
    assert capsys.readouterr().err == (
        "gluteal: --spread -3 is below 0; give a number of people, or 0 for criteria alone.\n"
    )
