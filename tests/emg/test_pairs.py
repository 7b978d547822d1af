"""Right beside left, muscles beside their antagonists, conditions beside each other: by made-up sessions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.emg_walks import STRIDE, STRIDES, analyse, channel, maximum, trial, walking

from gluteal.emg.analysis.pairs import ANTAGONISTS, _groups
from gluteal.emg.analysis.record import Course
from gluteal.emg.measure.amplitude import MVIC
from gluteal.emg.recording import Event, Recording
from gluteal.emg.session.file import SessionRecording
from gluteal.errors import InputError
from gluteal.show.pages.emg import render_analysis


def test_asymmetry_is_of_the_maximal_contraction() -> None:
    """The right works half as hard again as the left, of one maximum: 100 (0.3 - 0.2) / 0.25 = 40 %, within 6."""
    strong = [
        channel(walking((0.0, 1.0), level=0.4, seed=s), "gluteus medius", side) for s, side in ((1, "r"), (2, "l"))
    ]
    right = channel(walking((0.1, 0.6), level=0.3, seed=3), "gluteus medius", "r")
    left = channel(walking((0.1, 0.6), level=0.2, seed=4), "gluteus medius", "l")
    found = analyse(trial(right, left), maximum(*strong))
    (one,) = found.asymmetries
    assert one.muscle == "gluteus medius" and one.unit == MVIC and one.source.endswith("Robinson et al. 1987")
    assert one.index_percent == pytest.approx(40.0, abs=6.0) and "more on the right" in one.sentence
    (row,) = found.to_json()["asymmetry"]
    assert row["index_percent"] == one.index_percent
    table = found.to_table()
    assert table.loc[table["measure"] == "asymmetry", "value"].tolist() == [one.index_percent]


def test_without_a_maximum_sides_are_not_compared() -> None:
    """A percentage of its own maximum compares with nothing; the index is null, and the sentence says why."""
    both = [channel(walking((0.1, 0.6), seed=s), "gluteus medius", side) for s, side in ((1, "r"), (2, "l"))]
    found = analyse(trial(*both))
    (one,) = found.to_json()["asymmetry"]
    assert one["index_percent"] is None and "cannot be compared" in one["sentence"]
    assert "asymmetry" not in set(found.to_table()["measure"])


@pytest.mark.parametrize(("second", "common"), [((0.1, 0.5), (90.0, 100.0)), ((0.6, 1.0), (5.0, 25.0))])
def test_co_contraction_over_cycles(second: tuple[float, float], common: tuple[float, float]) -> None:
    """On together: nearly all of it is common; one after the other: what rest and the envelope's flanks share."""
    quadriceps = channel(walking((0.1, 0.5), seed=1), "vastus lateralis", "r")
    hamstring = channel(walking(second, seed=2), "biceps femoris", "r")
    elsewhere = channel(walking((0.1, 0.5), seed=3), "biceps femoris", "l")
    found = analyse(trial(quadriceps, hamstring, elsewhere))
    (one,) = found.antagonists
    assert (one.first, one.second, one.side) == ("vastus lateralis", "biceps femoris", "r")
    assert one.groups == ("quadriceps", "hamstrings") and one.span == "gait cycles" and one.cycles == STRIDES
    assert common[0] < one.common.value < common[1] and one.common_sd < 10.0
    row = found.to_json()["co_contraction"][0]
    assert row["falconer_winter_percent"] == one.common.value and row["rudolph"] == one.strength.value > 0.0
    assert row["sources"] == ["Falconer & Winter 1985", "Rudolph et al. 2000"]


def test_co_contraction_without_cycles_is_of_the_whole_recording() -> None:
    """Channels that begin at different times are set on one clock: a delay of one cycle changes little."""
    first = channel(walking((0.1, 0.5), seed=1), "tibialis anterior", "r")
    late = channel(walking((0.1, 0.5), seed=2, start=STRIDE), "soleus", "r", start=STRIDE)
    bare = SessionRecording("walk", "trial", Recording("walk", "made up", (first, late), ()))
    (one,) = analyse(bare).antagonists
    assert one.span == "whole recording" and one.cycles == 0 and np.isnan(one.common_sd)
    assert one.common.value > 85.0


def test_courses_overlap_on_their_clock() -> None:
    """Values pair up where both have one; a gap in one is no value; without any, that is said."""
    a, b = Course(10, np.array([1.0, 2.0, 3.0])), Course(11, np.array([np.nan, 5.0, 6.0]))
    first, second = a.overlap(b)
    assert first.tolist() == [3.0] and second.tolist() == [5.0]
    with pytest.raises(InputError, match="never recorded at one time"):
        a.overlap(Course(20, np.array([1.0])))


def test_antagonists_are_groups_of_the_anatomy() -> None:
    """Every group has muscles that recordings can name, and no muscle is its own antagonist."""
    from gluteal.emg.labels import muscle_names

    for first, second in ANTAGONISTS:
        ones, others = ({m for m in muscle_names() if g in _groups(m)} for g in (first, second))
        assert ones and others and not ones & others


def test_sides_are_compared_along_the_cycle() -> None:
    """On for longer on the right, until 70 instead of 45 %: found there, and nowhere in a muscle that is alike."""
    channels = [
        channel(walking((0.1, 0.7), seed=1), "gluteus maximus", "r"),
        channel(walking((0.1, 0.45), seed=2), "gluteus maximus", "l"),
        channel(walking((0.1, 0.5), seed=3), "soleus", "r"),
        channel(walking((0.1, 0.5), seed=4), "soleus", "l"),
    ]
    found = analyse(trial(*channels))
    by_muscle = {pair.muscle: pair for pair in found.curves}
    glute, calf = by_muscle["gluteus maximus"].comparison, by_muscle["soleus"].comparison
    assert glute is not None and calf is not None
    assert glute.settings["alpha"] == pytest.approx(0.025)  # 5 % for two muscles together
    assert any(d.start_percent < 55.0 < d.end_percent for d in glute.differences) and glute.p < 0.005
    assert not calf.differences and "does not show that they are equal" in by_muscle["soleus"].sentence
    page = render_analysis(found)
    assert "Beside each other" in page and by_muscle["gluteus maximus"].sentence[:40] in page
    row = next(r for r in found.to_json()["curve_comparison"] if r["muscle"] == "gluteus maximus")
    assert row["p"] == glute.p and row["method"] == "cluster" and row["kind"] == "sides"
    json.dumps(found.to_json(), allow_nan=False)


def test_conditions_are_compared_along_the_cycle() -> None:
    """Before and after, twice as strong: a difference of amplitude shows, because both share one maximum."""
    before = trial(channel(walking((0.1, 0.5), seed=1), "soleus", "r"), name="a", task="walk", condition="before")
    after = trial(
        channel(walking((0.1, 0.5), level=0.4, seed=2), "soleus", "r"), name="b", task="walk", condition="after"
    )
    other = trial(channel(walking((0.1, 0.5), seed=3), "soleus", "r"), name="c", task="run", condition="after")
    (pair,) = analyse(before, after, other).curves
    assert (pair.kind, pair.first, pair.second, pair.recordings) == ("conditions", "before", "after", ("a", "b"))
    assert pair.comparison is not None and pair.comparison.differences
    assert pair.sentence.startswith("Right soleus, before to after: The curves differ at ")


def test_too_few_cycles_are_said() -> None:
    """Two cycles a side can be rearranged in 6 ways: no result at 5 %, and the reason in its place."""
    short = [channel(walking((0.1, 0.5), seed=s)[:4500], "soleus", side) for s, side in ((1, "r"), (2, "l"))]
    strikes = tuple(Event("Foot Strike", 1.0 + STRIDE * i, side) for i in range(3) for side in ("r", "l"))  # type: ignore[arg-type]
    few = SessionRecording("walk", "trial", Recording("walk", "made up", tuple(short), strikes))
    (pair,) = analyse(few).curves
    assert pair.comparison is None and "2 and 2 curves can be rearranged in 6 ways only" in pair.sentence
    assert pair.sentence.startswith("Soleus, right against left: not compared.")


def test_the_command_says_them(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recorded walk of both legs: sides cannot be compared, antagonists can; in the terminal and in the JSON."""
    from gluteal.cli import main

    recording = str(data / "walk_emg_btk_gait" / "Gait.c3d")
    assert main(["emg", recording, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["asymmetry"]) == 8 and all(a["index_percent"] is None for a in found["asymmetry"])
    assert {tuple(p["groups"]) for p in found["co_contraction"]} == {ANTAGONISTS[0], ANTAGONISTS[1]}
    assert main(["emg", recording]) == 0
    assert "of their activity is common (Falconer & Winter 1985" in " ".join(capsys.readouterr().out.split())
