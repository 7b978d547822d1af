"""Outcome: verdicts on movements that can be worked out by hand, and what is handed over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.synthetic import MUSCLES, WEIGHT, make_mechanics, make_outcome

from gluteal.errors import InputError
from gluteal.files import write_text, written_whole
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.outcome.supports import compute_support_force
from gluteal.outcome.verdict import MOVEMENT_RULE
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.words import coordinate_words

#: Reserves are penalised, not forbidden, so moments are met to about 1e-6 of the demand.
SOFT = 1e-4

HALF = Condition.weaken("glmed1_r", loss=0.5)
WITHOUT = Condition.weaken("glmed", loss=1.0, side="r")


def share(demand: float, *strengths: float) -> list[float]:
    """Least squares of activations: a_i = demand c_i / sum c^2, with c = moment arm x largest force."""
    return [demand * c / sum(s**2 for s in strengths) for c in strengths]


# --- verdicts ------------------------------------------------------------------------------------------


def test_nothing_changed_is_unchanged() -> None:
    """An empty condition changes nothing: same numbers, ratio one, nobody compensates."""
    outcome = make_outcome()
    assert outcome.verdict == "unchanged"
    assert outcome.effort_ratio == 1.0
    assert len(outcome.compensators) == len(outcome.relieved) == 0
    assert (outcome.muscles["peak"] == outcome.muscles["baseline_peak"]).all()
    assert "nothing is changed" in outcome.sentence


def test_idle_muscle_is_not_missed() -> None:
    """Weakening a muscle that the movement does not use is unchanged."""
    outcome = make_outcome(Condition.weaken("soleus_r", loss=1.0))
    assert outcome.verdict == "unchanged"
    assert "goes on as before" in outcome.sentence


def test_compensation_is_the_closed_form() -> None:
    """Three abductors of 50, 20 and 20 N m share 20 N m; then the first has 25 N m left."""
    outcome = make_outcome(HALF, demand=20.0)
    before, after = share(20.0, 50.0, 20.0, 20.0), share(20.0, 25.0, 20.0, 20.0)
    table = outcome.muscles.set_index("name").loc[["glmed1_r", "tfl_r", "glmax1_r"]]
    np.testing.assert_allclose(table["baseline_peak"], before, rtol=SOFT)
    np.testing.assert_allclose(table["peak"], after, rtol=SOFT)
    assert outcome.verdict == "compensated"
    left = sum(a**2 for a in share(10.0, 50.0, 20.0))
    expected = (sum(a**2 for a in after) + left) / (sum(a**2 for a in before) + left)
    assert outcome.effort_ratio == pytest.approx(expected, rel=SOFT)


def test_who_compensates_leaves_out_those_acted_on() -> None:
    """Gluteus maximus gains 0.159 x 1000 N, the fascia muscle half; the weakened one is no compensator."""
    outcome = make_outcome(HALF, demand=20.0, frames=1)
    assert list(outcome.compensators["muscle"]) == ["right gluteus maximus", "right tensor fasciae latae"]
    gain = share(20.0, 25.0, 20.0, 20.0)[1] - share(20.0, 50.0, 20.0, 20.0)[1]
    np.testing.assert_allclose(outcome.compensators["change"], [1000.0 * gain, 500.0 * gain], rtol=1e-3)
    assert set(outcome.summary()["muscle"]) == set(outcome.compensators["muscle"])
    assert "right gluteus maximus and right tensor fasciae latae may" in outcome.sentence


def test_impossible_names_what_is_missing() -> None:
    """Without 50 of 90 N m, 60 N m cannot be met: 20 N m are missing, a third, in the middle frame."""
    outcome = make_outcome(WITHOUT, demand=60.0)
    deficit = outcome.deficit
    assert outcome.verdict == "impossible"
    assert deficit.coordinate == "hip_adduction_r"
    assert deficit.peak == pytest.approx(20.0, rel=1e-6)
    assert deficit.fraction_of_demand == pytest.approx(1.0 / 3.0, rel=1e-6)
    assert deficit.time == pytest.approx(0.1)
    assert "20 N·m are missing for right hip adduction (33 % of what the movement asks there)" in outcome.sentence
    assert outcome.baseline_ok and outcome.baseline_deficit.peak < 1e-3


@pytest.mark.parametrize(("missing", "verdict"), [(2.9, "compensated"), (3.1, "impossible")])
def test_the_limit_is_five_per_cent_of_the_demand(missing: float, verdict: str) -> None:
    """60 N m asked: up to 3 N m may be missing. The ceiling leaves just that much too little."""
    # All three at the same ceiling give 90 N m x ceiling.
    ceiling = (60.0 - missing) / 90.0
    condition = Condition.inhibit("glmed", "tfl", "glmax", ceiling=ceiling, side="r")
    assert make_outcome(condition, demand=60.0).verdict == verdict


def test_small_demands_have_an_absolute_limit() -> None:
    """Of 10 N m, 0.9 may be missing though that is 9 %; the limit is 1 N m at least."""
    condition = Condition.inhibit("glmed", "tfl", "glmax", ceiling=9.1 / 90.0, side="r")
    outcome = make_outcome(condition, demand=10.0)
    assert outcome.deficit.peak == pytest.approx(0.9, rel=1e-3)
    assert outcome.verdict == "compensated"


def test_saturated_baseline_is_said() -> None:
    """A movement somewhat beyond the body's strength says so, and the verdict compares with it."""
    outcome = make_outcome(demand=100.0)
    assert not outcome.baseline_ok
    assert outcome.baseline_deficit.peak == pytest.approx(10.0, rel=1e-6)
    assert outcome.verdict == "unchanged" and outcome.cause is None
    assert "Even undisturbed, the model lacks 10 N·m for right hip adduction" in outcome.sentence
    assert outcome.to_json()["baseline_ok"] is False


def test_what_lacks_too_much_cannot_be_judged() -> None:
    """Beyond 0.2 N m/kg (12 N m for 60 kg) and 10 % of what is asked there is no verdict on any condition."""
    for condition in (None, HALF):
        outcome = make_outcome(condition, demand=120.0)
        assert outcome.verdict == "cannot-be-judged"
        assert outcome.cause is not None and outcome.cause.kind == "deficit"
        assert outcome.sentence.startswith(
            "This cannot be judged yet. Right hip adduction lacks 30 N·m of the 120 N·m asked of it without any loss, "
            "because all muscles that help are at their limit"
        )
    data = outcome.to_json()
    assert data["verdict"] == "cannot-be-judged"
    assert set(data["cause"]) == {"kind", "what", "where", "next", "window_s"} and data["findings"] == [data["cause"]]


def test_a_reserve_that_is_no_number_is_never_possible() -> None:
    """A NaN anywhere must not pass as a possible movement or a passed check."""
    outcome = make_outcome(HALF)
    dataset = outcome.changed.dataset.copy(deep=True)
    dataset["least_reserve"][1, 3] = np.nan
    broken = replace(outcome, changed=replace(outcome.changed, _found=dataset))
    assert broken.verdict == "impossible"
    assert not {c.name: c for c in broken.checks}["condition reserves"].passed


def test_the_rule_states_its_numbers() -> None:
    """The printed rule is the rule: it names the numbers the tests above rely on."""
    for number in ("1 N m", "10 N", "5 %", "0.02", "1 %"):
        assert number in MOVEMENT_RULE


def test_no_sentence_suggests_a_broken_body() -> None:
    """Words to people never blame the body, and always keep the limit of the experiment."""
    for condition, demand in ((None, 20.0), (HALF, 20.0), (WITHOUT, 60.0)):
        sentence = make_outcome(condition, demand=demand).sentence
        assert "says nothing about how the person might move instead" in sentence
        for word in ("broken", "damaged", "dysfunction", "fail", "weak "):
            assert word not in sentence.lower()


# --- checks --------------------------------------------------------------------------------------------


def checks_of(outcome: Outcome) -> dict[str, bool]:
    return {c.name: c.passed for c in outcome.checks}


def test_honest_solutions_pass_all_checks() -> None:
    """Solutions of the solver pass every check; the recomputed ones do not lean on what it reports."""
    assert all(checks_of(make_outcome(HALF)).values())
    assert all(checks_of(make_outcome(Condition.squeeze("soleus", floor=0.0))).values())


def tamper(recruitment: Solution, change: dict[str, float]) -> Solution:
    dataset = recruitment.dataset.copy(deep=True)
    for muscle, by in change.items():
        dataset["activation"].loc[{"muscle": muscle}] += by
        dataset["muscle_force"].loc[{"muscle": muscle}] += by * MUSCLES[muscle][0]
    return replace(recruitment, _found=dataset)


def test_planted_imbalance_is_found() -> None:
    """One activation raised by 0.1 breaks the moment balance by 5 N m, whatever the certificate claims."""
    outcome = make_outcome(HALF)
    checks = checks_of(replace(outcome, baseline=tamper(outcome.baseline, {"glmed1_r": 0.1})))
    assert not checks["moment balance"] and not checks["least effort"]
    assert checks["solver certificate"]  # the solver's own word alone would not have told


def test_planted_waste_is_found() -> None:
    """Shifting 5 N m from one abductor to another keeps the balance but costs more effort than needed."""
    outcome = make_outcome(HALF)
    checks = checks_of(replace(outcome, baseline=tamper(outcome.baseline, {"glmed1_r": 0.1, "tfl_r": -0.25})))
    assert checks["moment balance"] and not checks["least effort"]


def test_delays_are_checked_against_the_undisturbed_course() -> None:
    """A delayed muscle sits at its moved bound; the recomputed optimality knows that bound."""
    outcome = make_outcome(Condition.delay("glmed1_r", seconds=0.1), rest=True)
    assert checks_of(outcome)["least effort"]


def test_residuals_of_measured_loads_are_the_pelvis_rows() -> None:
    """Without supports, what inverse dynamics leaves at the pelvis is the residual: here the whole weight."""
    mechanics = make_mechanics(supported=False)
    from gluteal.mechanics.movement import ExternalLoad

    nothing = np.zeros((3, 3))
    load = ExternalLoad("plate", "pelvis", nothing, nothing, nothing)
    mechanics = replace(mechanics, movement=replace(mechanics.movement, loads=(load,)))
    solved = solve_sharing(mechanics)
    outcome = Outcome(solved, solved)
    residual = {c.name: c for c in outcome.checks}["residual force"]
    assert residual.value == WEIGHT and not residual.passed
    assert "measured ground forces" in residual.sentence


def test_demand_does_not_count_what_supports_carry() -> None:
    """The seat carries the weight: the pelvis's demand is the weight, its reserve nothing."""
    outcome = make_outcome(HALF)
    pelvis = next(d for d in outcome.deficits if d.coordinate == "pelvis_ty")
    assert pelvis.unit == "N" and pelvis.limit == pytest.approx(0.05 * WEIGHT)
    assert pelvis.peak < 1e-3
    force = compute_support_force(outcome.changed)
    np.testing.assert_allclose(force.sel(axis="y").values, WEIGHT, rtol=1e-6)
    assert outcome.supports["force_n"][0] == pytest.approx(WEIGHT, rel=1e-6)


def test_coordinates_in_words() -> None:
    """Names become words people read."""
    assert coordinate_words("knee_angle_l") == "left knee"
    assert coordinate_words("pelvis_list") == "pelvis list"


# --- tables and files ----------------------------------------------------------------------------------


def test_groups_are_weighted_by_force() -> None:
    """A group of one muscle is that muscle; hip abductors weigh 1000 N against 500 N."""
    outcome = make_outcome(HALF, demand=20.0, frames=1)
    groups = outcome.groups.set_index(["name", "side"])
    muscles = outcome.muscles.set_index("name")["peak"]
    assert groups.loc[("glmed", "r"), "peak"] == pytest.approx(muscles["glmed1_r"])
    expected = (1000.0 * muscles["glmed1_r"] + 500.0 * muscles["tfl_r"]) / 1500.0
    assert groups.loc[("hip-abductors", "r"), "peak"] == pytest.approx(expected)
    assert set(groups.index.get_level_values("name")) == set(outcome.mechanics.body.groups)


#: The published fields of `simulate --json`; may be added to, never renamed.
PUBLISHED = {
    "task": str,
    "body": {"name": str, "engine": str, "muscles": int, "mass_kg": float},
    "condition": {"name": str, "effects": list},
    "frames": int,
    "window_s": list,
    "verdict": str,
    "deficit": {"peak_nm": float, "coordinate": str, "time_s": float, "fraction_of_demand": float},
    "effort_ratio": float,
    "metabolic_ratio": float,
    "muscles": [
        {
            "name": str,
            "group": str,
            "side": str,
            "baseline_peak": float,
            "baseline_mean": float,
            "peak": float,
            "mean": float,
        }
    ],
    "groups": [
        {
            "name": str,
            "side": str,
            "baseline_peak": float,
            "baseline_mean": float,
            "peak": float,
            "mean": float,
        }
    ],
    "joint_loads": list,
    "supports": [{"name": str, "force_n": float}],
    "timing": {"mechanics_s": float, "solve_s": float},
}


def assert_like(value: object, form: object, where: str = "") -> None:
    if isinstance(form, dict):
        assert isinstance(value, dict), where
        for key, inner in form.items():
            assert key in value, f"{where}.{key} is gone"
            assert_like(value[key], inner, f"{where}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list) and value, where
        assert_like(value[0], form[0], f"{where}[0]")
    else:
        assert isinstance(value, form), f"{where} is {value!r}"  # type: ignore[arg-type]


def test_json_keeps_its_published_fields() -> None:
    """Every published field is there, with its type, and the whole is plain JSON without NaN."""
    outcome = make_outcome(HALF)
    text = json.dumps(outcome.to_json(), allow_nan=False)
    assert_like(json.loads(text), PUBLISHED)
    data = json.loads(text)
    assert data["condition"]["effects"] == [{"kind": "weaken", "target": "glmed1_r", "value": 0.5, "side": "both"}]
    assert data["window_s"] == pytest.approx([0.0, 0.2])
    assert set(data["not_computed"]) == {"joint_loads"}  # this body has no engine
    idle = next(d for d in data["deficits"] if d["coordinate"] == "ankle_angle_r")
    assert idle["fraction_of_demand"] is None  # nothing is asked there, so a share of it is no number


def test_activation_is_labelled() -> None:
    """Both courses side by side, in the body's order."""
    activation = make_outcome(HALF).activation
    assert activation.dims == ("condition", "time", "muscle")
    assert list(activation["condition"].values) == ["baseline", "condition"]
    assert activation.attrs["units"] == "1"


def test_netcdf_round_trip(tmp_path: Path) -> None:
    """What is written is read back equal, with provenance."""
    outcome = make_outcome(HALF)
    outcome.to_netcdf(tmp_path / "o.nc")
    with xr.open_dataset(tmp_path / "o.nc", engine="h5netcdf") as read:
        xr.testing.assert_equal(read["activation"].load(), outcome.activation)
        xr.testing.assert_equal(read["reserve_moment"].load(), outcome.dataset["reserve_moment"])
        assert read.attrs["body_source"] == "tests"
        assert json.loads(read.attrs["movement_settings"]) == {"made_up": True}
        assert read.attrs["program"].startswith("gluteal ")


def test_csv_has_a_row_per_muscle(tmp_path: Path) -> None:
    """The table of muscles, one row each, headed."""
    make_outcome(HALF).to_csv(tmp_path / "o.csv")
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert lines[0].startswith("name,group,side,baseline_peak,baseline_mean,peak,mean")
    assert [line.split(",")[0] for line in lines[1:]] == list(MUSCLES)


def test_failed_writing_leaves_the_old_file(tmp_path: Path) -> None:
    """An error in the middle leaves what was there before, and nothing half done."""
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), written_whole(target) as file:
        file.write(b"half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A missing folder or a folder as target is one clear sentence."""
    with pytest.raises(InputError, match=r"the folder '.*nowhere' does not exist; create it first"):
        write_text(tmp_path / "nowhere" / "a.txt", "x")
    with pytest.raises(InputError, match="is a folder; give the name of a file in it"):
        write_text(tmp_path, "x")


def test_links_are_followed(tmp_path: Path) -> None:
    """Writing through a link changes the file it points to and keeps the link."""
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "real.txt").read_text() == "new"
    assert (tmp_path / "link.txt").is_symlink()
