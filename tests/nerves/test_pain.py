"""What a sore or swollen joint holds back: laws, the signs that tell it from weakness, and the published numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.synthetic import MUSCLES, make_body, make_mechanics

import gluteal
from gluteal.errors import GlutealError
from gluteal.nerves.arthrogenic import REFLEX_TO_DRIVE, find_joint, list_doses, measure_inhibition
from gluteal.nerves.condition import Condition, assemble
from gluteal.nerves.pain_time import ONSET, time_course
from gluteal.sharing.solution import Solution, solve_sharing

MECHANICS = make_mechanics(frames=3)
#: Labels are made when they are first looked at, and a loaded machine takes its time.
law = settings(deadline=None)
NAMES = list(MUSCLES)
points = st.floats(0.0, 10.0)
ml = st.floats(0.0, 60.0)
shares = st.floats(0.0, 0.9)


def glmed(solution: Solution) -> np.ndarray:
    """Activation of the right gluteus medius over time."""
    return np.asarray(solution.activation.sel(muscle="glmed1_r").values)


# --- laws of the dose -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nothing",
    [
        Condition.pain("hip", points=0.0),
        Condition.effusion("hip", ml=0.0),
        Condition.hold_back("glmed", share=0.0),
        Condition.pain("hip:price", points=0.0) & Condition.effusion("hip:ceiling", ml=0.0),
    ],
)
def test_no_pain_no_change(nothing: Condition) -> None:
    """To the bit: the problem that is solved has the same numbers."""
    plain, sore = solve_sharing(MECHANICS), solve_sharing(MECHANICS, condition=nothing)
    for name in ("A", "b", "weight"):
        np.testing.assert_array_equal(getattr(plain.problem, name), getattr(sore.problem, name))
    for name in plain.dataset:
        np.testing.assert_array_equal(plain.dataset[name].values, sore.dataset[name].values, err_msg=str(name))


@law
@given(points, points, ml, ml)
def test_more_pain_or_fluid_never_holds_back_less(p: float, more_p: float, e: float, more_e: float) -> None:
    for joint in ("hip", "knee"):
        less = measure_inhibition(joint, pain=min(p, more_p), effusion=min(e, more_e))
        more = measure_inhibition(joint, pain=max(p, more_p), effusion=max(e, more_e))
        assert all(less[group] <= more[group] for group in less)


@law
@given(points, ml)
def test_pain_and_fluid_do_not_add_up(pain: float, effusion: float) -> None:
    """The larger of the two, in the dose and in what a condition of both leaves (Palmieri-Smith 2013)."""
    both = measure_inhibition("hip", pain=pain, effusion=effusion)
    sore, swollen = measure_inhibition("hip", pain=pain), measure_inhibition("hip", effusion=effusion)
    assert both == {group: max(sore[group], swollen[group]) for group in both}
    together = assemble(Condition.pain("hip", points=pain) & Condition.effusion("hip", ml=effusion), MECHANICS)
    held = np.array([both["glmed"] if n.startswith("glmed") else both["glmax"] if "glmax" in n else 0.0 for n in NAMES])
    np.testing.assert_allclose(np.broadcast_to(together.ceiling, (3, len(NAMES)))[0], 1.0 - held, rtol=1e-15)
    np.testing.assert_allclose(np.broadcast_to(together.weight, (3, len(NAMES)))[0], (1.0 - held) ** -2.0, rtol=1e-14)


@law
@given(points, ml)
def test_a_ceiling_is_never_above_one_and_the_other_side_is_left_alone(pain: float, effusion: float) -> None:
    share = assemble(
        Condition.pain("hip", points=pain, side="r") & Condition.effusion("hip", ml=effusion, side="r"), MECHANICS
    )
    other = np.array([n.endswith("_l") for n in NAMES])
    for values in (share.ceiling, share.weight):
        np.testing.assert_array_equal(np.broadcast_to(values, (3, len(NAMES)))[:, other], 1.0)
    assert (share.ceiling <= 1.0).all() and (share.weight >= 1.0).all()
    assert (share.capacity == 1.0).all() and (share.floor == 0.0).all()


def test_each_reading_can_be_had_alone() -> None:
    ceiling = assemble(Condition.hold_back("glmed:ceiling", share=0.3), MECHANICS)
    price = assemble(Condition.hold_back("glmed:price", share=0.3), MECHANICS)
    assert (ceiling.weight == 1.0).all() and ceiling.ceiling.min() == 0.7
    assert (price.ceiling == 1.0).all() and price.weight.max() == pytest.approx(0.7**-2, rel=1e-15)


# --- what tells inhibition from weakness ----------------------------------------------------------------


@law
@given(st.floats(0.05, 0.6))
def test_the_sign_of_the_signal_tells_inhibition_from_weakness(share: float) -> None:
    """Below the ceiling: inhibited, a muscle's activation falls; weakened, it rises; a ceiling alone changes nothing.

    So it is where the muscle carries most of the work, as here; where others take over easily a weak one's stays.

    Freeman and others (2013) saw it fall at the hip. Half a per mille of it is far above the solver's error.
    """
    plain = glmed(solve_sharing(MECHANICS))
    assert (plain < 1.0 - share).all()  # or else a ceiling would bind
    inhibited = glmed(solve_sharing(MECHANICS, condition=Condition.hold_back("glmed", share=share)))
    weak = glmed(solve_sharing(MECHANICS, condition=Condition.weaken("glmed", loss=share)))
    capped = glmed(solve_sharing(MECHANICS, condition=Condition.hold_back("glmed:ceiling", share=share)))
    assert (inhibited < (1.0 - 5e-4) * plain).all()
    assert (weak > (1.0 + 5e-4) * plain).all()
    np.testing.assert_allclose(capped, plain, atol=1e-9)


@law
@given(st.floats(0.05, 0.5))
def test_a_dearer_muscle_shares_load_as_a_weaker_one(share: float) -> None:
    """With squares, weight / (1 - D)^2 and capacity (1 - D) give the same forces: put a' = a / (1 - D)."""
    dear = solve_sharing(MECHANICS, condition=Condition.hold_back("glmed:price", share=share))
    weak = solve_sharing(MECHANICS, condition=Condition.weaken("glmed", loss=share))
    # Newtons of a thousand; each is solved to 1e-6 of an activation.
    np.testing.assert_allclose(dear.dataset["muscle_force"], weak.dataset["muscle_force"], atol=2e-3)
    np.testing.assert_allclose(glmed(dear), (1.0 - share) * glmed(weak), atol=2e-6)


# --- time -----------------------------------------------------------------------------------------------


@law
@given(points, st.floats(0.0, 1.0))
def test_what_stays_is_the_share_that_is_said_to_stay(pain: float, persistence: float) -> None:
    """Long after: persistence times the largest there was; with the default, nothing."""
    course = time_course("hip", pain=pain, persistence=persistence).dataset["inhibition"].sel(group="glmax").values
    assert course[-1] == pytest.approx(persistence * course.max(), abs=1e-12)
    recovered = time_course("hip", pain=pain).dataset["inhibition"].values
    np.testing.assert_allclose(recovered[-1], 0.0, atol=1e-12)


@law
@given(points)
def test_a_lasting_pain_is_followed_exactly(pain: float) -> None:
    """D(t) = D (1 - exp(-t / ONSET)), whatever the steps."""
    for minutes in (np.arange(0.0, 31.0), np.array([0.0, 0.1, 7.0, 30.0])):
        course = time_course("hip", pain=np.full(len(minutes), pain), minutes=minutes).dataset["inhibition"]
        asked = measure_inhibition("hip", pain=pain)["glmax"]
        expected = asked * -np.expm1(-minutes / ONSET)
        np.testing.assert_allclose(course.sel(group="glmax"), expected, rtol=1e-12, atol=1e-15)


def test_a_moment_of_the_course_is_a_condition() -> None:
    course = time_course("hip", pain=8.0, persistence=0.5)
    early, late = course.condition(5.0, side="r"), course.condition(240.0, side="r")
    assert [e.to_json()["target"] for e in early.effects] == ["glmax", "glmed", "glmin"]
    assert {e.side for e in early.effects} == {"r"}
    assert all(a.value > b.value > 0.0 for a, b in zip(early.effects, late.effects, strict=True))
    with pytest.raises(GlutealError, match="The course runs from 0 to 240 min; 300 is outside it"):
        course.condition(300.0)


# --- beside the published experiments -------------------------------------------------------------------


def test_spencer_is_met_at_its_points() -> None:
    """Reflexes at 60 ml as printed: 55.7, 65.3 and 69.1 % of control."""
    left = {d.group: 1.0 - float(d.inhibition(60.0)) / REFLEX_TO_DRIVE for d in list_doses("effusion", "knee")}
    assert {g: round(left[g], 3) for g in ("vasmed", "vaslat", "recfem")} == {
        "vasmed": 0.557,
        "vaslat": 0.653,
        "recfem": 0.691,
    }


def test_hopkins_recovers_as_seen() -> None:
    """Another laboratory: 30 ml. Size within a standard error of the line through Spencer's (0.22 beside 0.28 to 0.29,
    8 people, between-person SD of a fifth), course as printed: as strong at 30, 90 and 150 min, half of it at 210.
    """
    course = time_course("knee", effusion=30.0).dataset["inhibition"].sel(group="vasmed") / REFLEX_TO_DRIVE
    at = course.sel(minutes=[30.0, 90.0, 150.0, 210.0]).values
    seen = 1.0 - np.array([4.23, 4.15, 4.16, 4.99]) / 5.88
    np.testing.assert_allclose(at, seen, atol=0.08)
    assert at[3] / at[2] == pytest.approx(seen[3] / seen[2], abs=0.07)


def test_a_sore_knee_loses_what_people_lost() -> None:
    """Henriksen 2011: 5 to 15 % in extension and flexion; at 5.5 of 10, the pain of that injection (Rice 2015).

    The middle of the range set the dose, so this checks the way from dose to strength, not the dose.
    """
    body = gluteal.load_body("myo")
    sore = Condition.pain("knee", points=5.5, side="r")
    for movement in ("knee extension", "knee flexion"):
        whole, left = (gluteal.compute_strength(body, movement, condition=c).moment for c in (None, sore))
        assert 0.05 <= 1.0 - left / whole <= 0.15, movement


@pytest.mark.slow
def test_more_pain_never_makes_stronger() -> None:
    body = gluteal.load_body("myo")
    moments = [
        gluteal.compute_strength(body, "hip abduction", condition=Condition.pain("hip", points=p, side="r")).moment
        for p in (0.0, 2.0, 5.0, 10.0)
    ]
    assert moments == sorted(moments, reverse=True) and moments[0] > moments[-1]


def test_every_transfer_is_marked() -> None:
    """A row that is used at another joint than it was measured at says so; all name where that was."""
    for dose in list_doses():
        assert dose.measured_at == "knee" and 0.0 <= dose.low <= dose.most <= dose.high <= 1.0
        assert dose.transferred or dose.joint == dose.measured_at
    assert "assumption" in Condition.pain("hip", points=3.0).remarks[0]


# --- what cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: Condition.pain("hipp", points=3.0), "There is no joint 'hipp'. Close names: hip"),
        (lambda: Condition.pain("hip", points=11.0), "the pain must lie between 0 (none) and 10."),
        (lambda: Condition.effusion("knee", ml=61.0), "the fluid must lie between 0 and 60 ml."),
        (
            lambda: Condition.effusion("lumbar", ml=10.0),
            "Nothing published says what effusion in the lumbar joint holds back; give knee, hip.",
        ),
        (
            lambda: Condition.pain("hip:costly", points=3.0),
            "'hip:costly': after the colon stands 'costly'; write hip:ceiling, hip:price, or hip for both.",
        ),
        (
            lambda: Condition.pain("knee", points=3.0).affected(make_body()),
            "pain of 3 out of 10 in the knee: body 'six muscles' has none of the muscles that it holds back",
        ),
        (lambda: time_course("hip", pain=12.0), "The pain is 12; give points from 0 to 10."),
        (lambda: time_course("hip", pain=3.0, persistence=2.0), "The persistence is 2; give a share from 0"),
        (lambda: time_course("hip", pain=[1.0, 2.0]), "The course of pain has 2 values and the time 481; give one"),
        (lambda: time_course("hip", minutes=[5.0, 1.0]), "The minutes of a time course start at 0 and rise;"),
    ],
)
def test_what_cannot_be_is_said(ask: Callable[[], object], sentence: str) -> None:
    with pytest.raises(GlutealError, match=re.escape(sentence)):
        ask()


def test_joints_have_everyday_names() -> None:
    assert [find_joint(name) for name in ("Hip joint", "low-back", "KNEE")] == ["hip", "lumbar", "knee"]
