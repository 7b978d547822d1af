"""The record of an adaptation, its curve, its pages and its commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gluteal
from gluteal.cli import main
from gluteal.cli.instead import say_offer
from gluteal.cli.schemas import OUTPUTS
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.nerves.condition import Condition
from gluteal.show.figures.adapt import plot_adaptation_curve
from gluteal.simulate.adapt.curve import AdaptationCurve
from gluteal.simulate.adapt.habit import HABIT_WEIGHT, KENDALL_LEAN, KENDALL_LIST, KENDALL_LOSS, make_habit
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation
from gluteal.simulate.adapt.shorten import passive_hip_moment, shorten_muscles

BLOCK = Condition.block("superior gluteal", loss=0.8, side="r")


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def adapted(body: Body) -> Adaptation:
    return gluteal.adapt(body, gluteal.load_task("single-leg-stance", body), condition=BLOCK)


@pytest.fixture(scope="module")
def curve(body: Body) -> AdaptationCurve:
    whole = Condition.block("superior gluteal", loss=1.0, side="r")
    task = gluteal.load_task("single-leg-stance", body)
    return gluteal.adapt_curve(body, task, whole, losses=(0.0, 0.5, 0.75, 0.9), bodies=[body])


def test_what_is_said(adapted: Adaptation) -> None:
    first, bought, *_, last = adapted.sentences
    assert first.startswith("With 80 % of the right superior gluteal nerve blocked, single-leg stance can be done like")
    assert "the trunk leans" in first and "further to the right" in first
    assert "would be missing; like this, nothing is." in bought
    assert "not a prediction" in last
    for word in ("fail", "broken", "abnormal", "dysfunction"):
        assert word not in adapted.sentence.lower()


def test_the_band_holds_the_change(adapted: Adaptation) -> None:
    for change in adapted.changes:
        assert change.low is not None and change.high is not None
        assert change.low <= change.value <= change.high
        assert change.sigma == pytest.approx(change.value / posture_quantity(change.quantity).sigma)


def test_the_fitted_weight_is_the_smallest_that_kendall_allows(body: Body) -> None:
    """A tenth less leans beyond what was read as no change; so the number in the source is what it says it is."""
    task = gluteal.load_task("single-leg-stance", body)
    weak = Condition.strength_loss("hip abduction", loss=KENDALL_LOSS, side="r")
    for weight, allowed in ((HABIT_WEIGHT, True), (HABIT_WEIGHT - 0.1, False)):
        found = gluteal.adapt(body, task, condition=weak, habit=weight, band=False)
        value = found.change.set_index("quantity")["value"]
        assert (abs(value["trunk_lean"]) < KENDALL_LEAN and abs(value["pelvic_list"]) < KENDALL_LIST) == allowed


def test_a_curve_grows_and_ends_where_the_posture_does(curve: AdaptationCurve) -> None:
    lean = curve.dataset["trunk_lean"]
    assert np.all(np.diff(lean.sel(habit="chosen")) > 0.0)
    # A weaker habit moves more, at every loss.
    assert np.all(lean.sel(habit="low")[1:] > lean.sel(habit="chosen")[1:])
    assert np.all(lean.sel(habit="chosen")[1:] > lean.sel(habit="high")[1:])
    assert curve.level_ends is not None and 0.7 < curve.level_ends < 0.75
    held, missing = curve.dataset["fixed_missing"], curve.dataset["missing"].sel(habit="chosen")
    assert held.values[-1] > 10.0 and missing.values[-1] < 0.2
    assert curve.bodies is not None
    np.testing.assert_allclose(curve.bodies["trunk_lean"].values[0], lean.sel(habit="chosen").values, atol=1e-6)


def test_forces_come_with_their_lever_arm(curve: AdaptationCurve) -> None:
    ankle, knee = curve.pads
    weight = curve.body.mass * 9.80665
    for pad in curve.pads:
        assert pad.force * pad.lever * weight == pytest.approx(curve.strength_left.moment)
    assert knee.force > ankle.force
    assert "(0.81 m)" in curve.sentence and "at the knee (0.4" in curve.sentence
    loss = curve.loss_of_strength(KENDALL_LOSS)
    assert loss == pytest.approx(0.7275, abs=5e-4), "the depth of block that `--strength-loss` settles on"
    assert curve.loss_of_strength(0.99) is None


def test_curves_are_drawn(curve: AdaptationCurve) -> None:
    ax = plot_adaptation_curve(curve, "trunk_lean")
    assert "Kendall 2013" in " ".join(t.get_text() for t in ax.texts)
    assert any("published bodies" in t.get_text() for t in ax.get_legend().get_texts())


def test_files(adapted: Adaptation, curve: AdaptationCurve, tmp_path: Path) -> None:
    adapted.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().startswith("quantity,value,unit,sigma,before,after")
    adapted.to_netcdf(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as data:
        assert data["posture"].values.tolist() == ["undisturbed", "fixed", "adapted"]
        moved = data["coordinate_value"].sel(body_coordinate="pelvis_list").values
        assert moved[0] == moved[1] != moved[2]
    adapted.to_html(tmp_path / "a.html", command="gluteal adapt", curve=curve)
    page = (tmp_path / "a.html").read_text()
    assert page.count("data:image/png") == 4, "two bodies from two sides"
    assert "fitted, not measured" in page and "http://" not in page.replace("http://www.w3.org", "")


def test_short_fibres_pull_sooner(body: Body) -> None:
    short = shorten_muscles(body, {"iliopsoas": 0.9, "recfem": 0.9})
    for angle in (0.0, -10.0):
        assert passive_hip_moment(body, angle, muscles=short) > passive_hip_moment(body, angle) > 0.0
    same = shorten_muscles(body, {"iliopsoas": 1.0})
    assert passive_hip_moment(body, -10.0, muscles=same) == pytest.approx(passive_hip_moment(body, -10.0))
    with pytest.raises(InputError, match="The fibres of 'iliopsoas' are to be -1 of their length"):
        shorten_muscles(body, {"iliopsoas": -1.0})


def test_fatigue_follows_a_curve(body: Body) -> None:
    """Time grows from nothing as a loss does; the state at its end is that of adapting to the whole of it."""
    stance = gluteal.load_task("single-leg-stance", body)
    tired = Condition.fatigue(hold=250.0)
    curve = gluteal.adapt_curve(body, stance, tired, losses=(0.0, 0.5, 1.0))
    lean = curve.dataset["trunk_lean"].sel(habit="chosen").values
    assert abs(lean[0]) < 1e-3 and lean[0] < lean[1] < lean[2]
    assert np.all(np.diff(curve.dataset["fixed_effort"].values) > 0.05)
    assert curve.strength_whole.moment < curve.strength.moment
    found = gluteal.adapt(body, stance, condition=tired, band=False)
    assert found.change.set_index("quantity")["value"]["trunk_lean"] == pytest.approx(lean[2], abs=0.05)


def test_a_curve_carries(body: Body) -> None:
    """A load opposite the standing leg takes more of the muscles: the posture ends at a smaller loss."""
    stance = gluteal.load_task("single-leg-stance", body)
    curves = [
        gluteal.adapt_curve(
            body, stance, Condition.block("superior gluteal", loss=1.0, side="r"), losses=(0.5,), carry=load
        )
        for load in (None, {"left-hand": 10.0})
    ]
    ends = [found.level_ends for found in curves]
    assert ends[0] is not None and ends[1] is not None
    assert ends[1] < ends[0] - 0.05


def test_habit_and_quantities_are_told() -> None:
    assert make_habit().fitted and not make_habit(1.0).fitted
    with pytest.raises(UnknownName, match="trunk_lean"):
        posture_quantity("trunk lien")
    assert posture_quantity("pelvic list").say(-3.0, "r") == "the left side of the pelvis drops 3.0°"


ARGUMENTS = ("single-leg-stance", "--nerve", "superior gluteal=0.8", "--side", "r")


def test_the_command_prints_what_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt", *ARGUMENTS, "--json"]) == 0
    text = capsys.readouterr().out
    OUTPUTS["adapt"].read(text)
    data = json.loads(text)
    assert data["verdict"] == "compensated" and data["fixed"]["verdict"] == "impossible"
    assert data["curve"] is None


def test_words_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt", *ARGUMENTS, "--habit", "1.6"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "the trunk leans" in out and "trunk lean" in out and "Effort" in out


def test_simulate_offers_it_and_runs_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *ARGUMENTS, "--no-ensemble"]) == 3
    out = " ".join(capsys.readouterr().out.split())
    assert "gluteal adapt single-leg-stance --nerve 'superior gluteal=0.8' --side r" in out
    assert main(["simulate", *ARGUMENTS, "--no-ensemble", "--adapt", "--json"]) == 3
    text = capsys.readouterr().out
    OUTPUTS["simulate"].read(text)
    assert json.loads(text)["adapt"]["verdict"] == "compensated"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("adapt", "bridge"), "'bridge' is not one posture on one or both feet"),
        (("adapt", "single-leg-stance", "--ensemble"), "--ensemble is a band around a curve; give --curve, too."),
        (("adapt", "single-leg-stance", "--demand", "pelvic_list"), "write, for example, --demand pelvic_list=-5"),
        (("adapt", "single-leg-stance", "--curve"), "A curve grows a loss from nothing"),
        (("adapt", "single-leg-stance", "--free", "trunk lien"), "trunk_lean"),
        (("adapt", "single-leg-stance", "--demand", "trunk_lean=400"), "give a change from -60 to 60 degrees"),
    ],
)
def test_bad_input_ends_with_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert main(list(arguments)) == 2
    err = capsys.readouterr().err
    assert told in err and err.count("\n") == 1


def test_the_offer_keeps_the_condition_and_drops_the_rest() -> None:
    given = ["simulate", "x", "--weaken", "glmax=1", "--spread=20", "--out", "a b.html", "--no-ensemble", "--json"]
    assert say_offer(given).endswith("gluteal adapt x --weaken glmax=1 --json")
