"""The audit finds what was planted, measures it right, and says what it could not compare."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from gluteal.engines import compute_geometry, load_body
from gluteal.errors import InputError, UnknownName
from gluteal.held_against.body import GROUPS, audit_body, render_audit
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Movement


@pytest.fixture(scope="module")
def myo() -> Body:
    return load_body("myo")


def with_parameter(body: Body, muscle: str, column: str, factor: float) -> Body:
    """The same body with one parameter of one muscle multiplied."""
    muscles = body.muscles.copy(deep=True)
    muscles[column].loc[{"muscle": muscle}] *= factor
    return replace(body, muscles=muscles)


def renamed(body: Body, names: dict[str, str]) -> Body:
    """The same body with other muscle names."""
    new = [names.get(m, m) for m in body.muscle_names]
    return replace(body, muscles=body.muscles.assign_coords(muscle=new))


def test_a_body_equals_itself(myo) -> None:
    audit = audit_body(myo, myo)
    assert {r.muscle for r in audit.rows} == {m for g in GROUPS for m in myo.groups[g]}
    assert all(r.difference == 0 and r.within_target and r.within_target_sized for r in audit.rows)
    assert not audit.failed and not audit.unmatched and not audit.renamed


def test_a_planted_strength_error_is_found_first(myo) -> None:
    audit = audit_body(with_parameter(myo, "glmed2_l", "max_isometric_force", 1.5), myo)
    worst = audit.rows[0]
    assert (worst.muscle, worst.quantity) == ("glmed2_l", "max_isometric_force")
    assert worst.ratio == pytest.approx(1.5) and not worst.within_target
    # Capacity is proportional to strength, so all five postures carry the same factor.
    assert {r.muscle for r in audit.failed} == {"glmed2_l"} and len(audit.failed) == 6
    assert all(r.ratio == pytest.approx(1.5) for r in audit.failed)


def test_a_planted_fibre_length_error_is_found(myo) -> None:
    audit = audit_body(with_parameter(myo, "glmax3_r", "optimal_fiber_length", 2.44), myo)
    failed = {(r.muscle, r.quantity) for r in audit.failed}
    assert ("glmax3_r", "optimal_fiber_length") in failed and ("glmax3_r", "active_capacity") in failed
    assert {m for m, _ in failed} == {"glmax3_r"}


def test_a_planted_path_error_is_found(myo) -> None:
    """The moment arms that the embedded model lost: 35 % of glmax1's at 60 degrees of hip flexion."""

    def faulty(body: Body, movement: Movement) -> Geometry:
        geometry = compute_geometry(body, movement)
        if body.name != "faulty":
            return geometry
        arm = geometry.moment_arm.copy()
        arm[:, :, body.muscle_names.index("glmax1_r")] *= 0.65
        return replace(geometry, moment_arm=arm)

    audit = audit_body(replace(myo, name="faulty"), myo, compute_geometry=faulty)
    assert {(r.muscle, r.quantity) for r in audit.failed} == {("glmax1_r", "moment_arm")}
    row = next(r for r in audit.failed if r.coordinate == "hip_flexion_r" and r.hip_flexion_deg == 60.0)
    assert row.ratio == pytest.approx(0.65) and row.difference == pytest.approx(-0.35 * row.reference)


def test_size_is_taken_out(myo) -> None:
    """A reference 1.2 times larger in every length misses as it is and meets at equal size."""

    def larger(body: Body, movement: Movement) -> Geometry:
        geometry = compute_geometry(body, movement)
        factor = 1.2 if body.name == "large" else 1.0
        return replace(geometry, mtu_length=geometry.mtu_length * factor, moment_arm=geometry.moment_arm * factor)

    def points(body: Body, *args) -> np.ndarray:
        here = np.array([[0.0, 0.0, 0.0], [0.0, -0.1, 0.0]])
        return here * (1.2 if body.name == "large" else 1.0)

    muscles = myo.muscles.copy(deep=True)
    for column in ("optimal_fiber_length", "tendon_slack_length"):
        muscles[column] = muscles[column] * 1.2
    large = replace(myo, name="large", muscles=muscles)
    audit = audit_body(myo, large, compute_geometry=larger, segment_points=points)
    assert any(not r.within_target for r in audit.rows)
    assert all(r.within_target_sized for r in audit.rows) and not audit.failed
    # No ratio where both are zero: a slack muscle has no capacity in either body.
    assert all(r.sized_ratio == pytest.approx(1.0) for r in audit.rows if r.reference != 0.0)


def test_other_names_are_matched_by_anatomy(myo) -> None:
    reference = renamed(myo, {"glmed1_r": "glut_med1_r", "bflh_l": "bifemlh_l", "tfl_l": "unheard_of_l"})
    audit = audit_body(myo, reference)
    assert audit.renamed == {"glmed1_r": "glut_med1_r", "bflh_l": "bifemlh_l"}
    assert audit.unmatched == ("tfl_l",)
    assert not audit.failed


def test_nothing_in_common_is_an_error(myo) -> None:
    reference = renamed(myo, {m: f"x{k}" for k, m in enumerate(myo.muscle_names)})
    with pytest.raises(InputError, match=r"'myo' has none of the 2 muscles to compare with 'myo'"):
        audit_body(myo, reference, muscles=["tfl"])


def test_an_unknown_muscle_is_an_error(myo) -> None:
    with pytest.raises(UnknownName, match=r"'glmex'\. Close names: .*glmax"):
        audit_body(myo, myo, muscles=["glmex"])


def test_json_rows_have_the_agreed_fields(myo) -> None:
    row = audit_body(myo, myo, muscles=["glmed1_r"]).as_dict()["rows"][0]
    agreed = {
        "muscle",
        "quantity",
        "hip_flexion_deg",
        "value",
        "reference",
        "ratio",
        "difference",
        "within_target",
    }
    assert agreed <= set(row)


def test_the_table_for_people_names_the_worst(myo) -> None:
    out = StringIO()
    audit = audit_body(with_parameter(myo, "glmed2_l", "max_isometric_force", 1.5), myo)
    render_audit(audit, Console(file=out, width=140), most=3)
    text = out.getvalue()
    assert "glmed2_l" in text and "1.50" in text and "missed" in text
    assert f"{len(audit.rows) - 6} of {len(audit.rows)} quantities are within the target" in text


@pytest.mark.opensim
def test_a_real_reference_with_other_names(myo, data) -> None:
    audit = audit_body(myo, load_body(data / "model_fbls_gluteal_plus_lumbar" / "FBLSmodel.osim"))
    assert audit.renamed["glmed1_r"] == "glut_med1_r" and not audit.unmatched
