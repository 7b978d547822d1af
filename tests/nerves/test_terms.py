"""What terms leave of muscles: laws of putting them together, and every message of a term that cannot be met."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from tests.helpers.synthetic import MUSCLES, make_body, make_mechanics

from gluteal.cli.inputs import read_pair
from gluteal.errors import GlutealError, InputError
from gluteal.nerves.condition import Condition, assemble
from gluteal.nerves.registry import TERMS, find_term
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term

FRAMES = 5
ONCE = make_mechanics(frames=FRAMES)
#: A cycle: there, a delay asks for no start that could be late.
MECHANICS = replace(ONCE, movement=replace(ONCE.movement, settings={"cyclic": True}))
NAMES = list(MUSCLES)
SHAPE = (FRAMES, len(NAMES))
ONE_FRAME = make_mechanics(frames=1)

losses = st.floats(0.0, 1.0)
targets = st.sampled_from(["glmed", "tfl", "glmax1_r", "soleus_r", "hip-abductors"])
#: Floors stay below every ceiling and course, so that any of these can be met together.
terms = st.one_of(
    st.builds(find_term("weaken"), targets, losses),
    st.builds(find_term("block"), st.just("superior gluteal"), losses, st.sampled_from(["r", "l", "both"])),
    st.builds(find_term("inhibit"), targets, st.floats(0.5, 1.0)),
    st.builds(find_term("squeeze"), targets, st.floats(0.0, 0.4)),
    st.builds(find_term("delay"), targets, st.floats(0.0, 1.0)),
)
conditions = st.lists(terms, max_size=6).map(lambda found: Condition(tuple(found)))
courses = npst.arrays(float, SHAPE, elements=st.floats(0.45, 1.0))


def assert_same(one: Share, other: Share) -> None:
    for f in fields(Share):
        np.testing.assert_array_equal(getattr(one, f.name), getattr(other, f.name), err_msg=f.name)


def of(condition: Condition, course: np.ndarray | None = None) -> Share:
    return assemble(condition, MECHANICS, course)


# --- laws -----------------------------------------------------------------------------------------------


def test_an_empty_condition_leaves_everything() -> None:
    """It is the neutral element: floors 0, ceilings 1, all capacity, no price."""
    share = of(Condition())
    for values, neutral in ((share.floor, 0.0), (share.ceiling, 1.0), (share.capacity, 1.0), (share.price, 1.0)):
        np.testing.assert_array_equal(values, np.full(SHAPE, neutral))


@given(conditions, courses, st.randoms(use_true_random=False))
def test_the_order_of_terms_does_not_matter(condition: Condition, course: np.ndarray, chance: object) -> None:
    """Bounds are the same to the bit; products of six factors differ by their rounding, at most six half units."""
    turned = list(condition.effects)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    one, other = of(condition, course), of(Condition(tuple(turned)), course)
    np.testing.assert_array_equal(one.floor, other.floor)
    np.testing.assert_array_equal(one.ceiling, other.ceiling)
    np.testing.assert_allclose(one.capacity, other.capacity, rtol=6 * np.finfo(float).eps, atol=0.0)
    np.testing.assert_array_equal(one.price, 1.0)


@given(conditions, conditions, courses)
def test_conditions_stack_as_their_shares_do(one: Condition, other: Condition, course: np.ndarray) -> None:
    """`&` of conditions is `stack` of shares: no term looks at another."""
    both, stacked = of(one & other, course), of(one, course).stack(of(other, course))
    np.testing.assert_array_equal(both.floor, stacked.floor)
    np.testing.assert_array_equal(both.ceiling, stacked.ceiling)
    np.testing.assert_allclose(both.capacity, stacked.capacity, rtol=12 * np.finfo(float).eps, atol=0.0)


@given(targets, losses, losses)
def test_losses_multiply_what_is_left(target: str, first: float, second: float) -> None:
    """A muscle that lost a, then b of the rest, has (1 - a)(1 - b)."""
    share = of(Condition.weaken(target, loss=first) & Condition.weaken(target, loss=second))
    hit = np.isin(NAMES, MECHANICS.body.resolve(target))
    left = np.broadcast_to(share.capacity, (len(MECHANICS.time), len(NAMES)))  # one number where nothing is lost
    np.testing.assert_array_equal(left[:, hit], (1.0 - first) * (1.0 - second))
    np.testing.assert_array_equal(left[:, ~hit], 1.0)


@pytest.mark.parametrize("kind", ["inhibit", "squeeze"])
@given(target=targets, value=losses)
def test_bounds_said_twice_hold_once(kind: str, target: str, value: float) -> None:
    """Ceilings and floors are idempotent."""
    once = Condition.of(kind, target, value)
    assert_same(of(once & once), of(once))


@given(targets, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_floor_above_a_ceiling_cannot_be_met(target: str, floor: float, ceiling: float) -> None:
    """It raises exactly where the floor is higher, with the muscle and both numbers."""
    condition = Condition.squeeze(target, floor=floor) & Condition.inhibit(target, ceiling=ceiling)
    if floor <= ceiling:
        assert (of(condition).floor <= of(condition).ceiling).all()
        return
    muscle = NAMES[int(np.flatnonzero(np.isin(NAMES, MECHANICS.body.resolve(target)))[0])]
    words = f"The condition asks {muscle} for at least {floor:.3g} and at most {ceiling:.3g} activation; lower"
    with pytest.raises(InputError, match=re.escape(words)):
        of(condition)


@given(courses)
def test_in_a_cycle_a_delay_of_nothing_is_the_undisturbed_course(course: np.ndarray) -> None:
    """Its ceiling is the course itself, for the muscles named and no other; the last frame is the first again."""
    closed = np.vstack([course[:-1], course[:1]])
    share = of(Condition.delay("glmed", seconds=0.0), closed)
    hit = np.isin(NAMES, MECHANICS.body.resolve("glmed"))
    np.testing.assert_array_equal(share.ceiling[:, hit], closed[:, hit])
    np.testing.assert_array_equal(share.ceiling[:, ~hit], 1.0)


@given(courses)
def test_in_a_cycle_a_delay_looks_back_one_frame(course: np.ndarray) -> None:
    """Frames are 0.1 s apart; a cycle wraps around to its last but one."""
    closed = np.vstack([course[:-1], course[:1]])
    late = NAMES.index("soleus_r")
    wrapped = of(Condition.delay("soleus_r", seconds=0.1), closed).ceiling[:, late]
    # The times are sums of tenths: right to rounding.
    np.testing.assert_allclose(wrapped, np.r_[closed[-2, late], closed[:-1, late]], atol=1e-12)


RESTING = np.zeros(SHAPE)
RESTING[2:] = 0.5
RESTING[:, NAMES.index("glmed1_l")] = 0.02


def test_a_late_muscle_fades_and_then_builds_up() -> None:
    """It starts undisturbed at 0.2 s; 50 ms late it is silent at 0.25 s and has had 50 ms of full drive at 0.3 s."""
    course = RESTING.copy()
    course[0, NAMES.index("soleus_r")] = 0.04
    ceiling = assemble(Condition.delay("soleus_r", seconds=0.05), ONCE, course).ceiling[:, NAMES.index("soleus_r")]
    silent = 0.04 * np.exp(-np.array([0.0, 0.1, 0.2, 0.25]) / 0.060)
    np.testing.assert_allclose(ceiling[:3], silent[:3], rtol=1e-12)
    np.testing.assert_allclose(
        ceiling[3:], 1.0 - (1.0 - silent[3]) * np.exp(-np.array([0.05, 0.15]) / 0.015), rtol=1e-12
    )


def test_a_side_that_never_starts_is_left_alone() -> None:
    """The left gluteus medius stays below the threshold, so only the right one can be late; a delay of 0 is none."""
    ceiling = assemble(Condition.delay("glmed", seconds=0.1), ONCE, RESTING).ceiling
    np.testing.assert_array_equal(ceiling[:, NAMES.index("glmed1_l")], 1.0)
    assert (ceiling[:3, NAMES.index("glmed1_r")] == 0.0).all()
    assert assemble(Condition.delay("glmed", seconds=0.0), ONCE, RESTING).ceiling.item() == 1.0


@pytest.mark.parametrize(
    ("course", "sentence"),
    [
        (
            np.full(SHAPE, 0.3),
            "in the first frame of 'held-abduction' it already works, undisturbed at 30 % activation",
        ),
        (np.full(SHAPE, 0.04), "undisturbed, 'held-abduction' never calls for it above 5 % activation"),
    ],
)
def test_where_nothing_starts_nothing_is_late(course: np.ndarray, sentence: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"gluteus medius delayed by 100 ms: {sentence}")):
        assemble(Condition.delay("glmed", seconds=0.1), ONCE, course)


@given(conditions, npst.arrays(float, (2, 3, *SHAPE), elements=st.floats(0.45, 1.0)))
def test_leading_dimensions_are_everybody_alone(condition: Condition, people: np.ndarray) -> None:
    """A whole array of people gets what each gets alone, to the bit."""
    together = of(condition, people)
    for place in np.ndindex(2, 3):
        alone = of(condition, people[place])
        for f in fields(Share):
            everybody = np.broadcast_to(getattr(together, f.name), people.shape)
            np.testing.assert_array_equal(everybody[place], getattr(alone, f.name), err_msg=f.name)


# --- words and data -------------------------------------------------------------------------------------


def test_every_term_is_whole() -> None:
    """Key, option and range belong together; every example can be typed as it is shown, and be read back."""
    assert len({t.option.name for t in TERMS.values()}) == len(TERMS)
    for kind, term in TERMS.items():
        assert term.kind == kind and term.__doc__
        (text,) = shlex.split(term.option.example)
        made = term(*read_pair(term.option.name, text, term.option.example), "r")
        data = made.to_json()
        assert data == {"kind": kind, "target": made.target, "value": made.value, "side": "r"}
        assert find_term(data.pop("kind"))(**data) == made
        assert "right" in made.describe() or not made.names_muscles


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (Condition(), "nothing changed"),
        (Condition.weaken("glmax", loss=0.5, side="r"), "50 % of the right gluteus maximus gone"),
        (Condition.block("femoral nerve", loss=1.0), "100 % of the femoral nerve blocked"),
        (Condition.block("femoral", loss=0.25, side="l"), "25 % of the left femoral nerve blocked"),
        (Condition.inhibit("vasti", ceiling=0.0), "vasti switched off"),
        (Condition.squeeze("glmax", floor=0.2), "gluteus maximus squeezed to at least 20 % activation"),
        (Condition.delay("glmed", seconds=0.05), "gluteus medius delayed by 50 ms"),
        (Condition.strength_loss("hip abduction", loss=0.46), "46 % of hip abduction strength lost"),
        (Condition.fatigue(hold=60), "fatigue after a hold of 60 s"),
        (Condition.fatigue(cycles=20), "fatigue after 20 repetitions"),
        (Condition.pain("low back", points=0.0), "no pain in the lumbar spine"),
        (Condition.effusion("hip", ml=15.0, side="l"), "15 ml of fluid in the left hip"),
        (Condition.hold_back("vasti", share=0.1), "10 % of the drive to the vasti held back"),
        (Condition.wish("glmax", level=0.3), "gluteus maximus wished to work at 30 % or more"),
        (Condition.strategy("metabolic"), "metabolic strategy (x 4)"),
    ],
)
def test_conditions_say_themselves(condition: Condition, name: str) -> None:
    assert condition.name == name


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("weaken", 1.5, "the loss must lie between 0 (none) and 1 (all)."),
        ("block", -0.1, "the loss must lie between 0 (none) and 1 (all)."),
        ("strength-loss", float("nan"), "the loss must lie between 0 (none) and 1 (all)."),
        ("inhibit", 2.0, "the ceiling must lie between 0 and 1, a share of full activation."),
        ("squeeze", -1.0, "the floor must lie between 0 and 1, a share of full activation."),
        ("delay", 11.0, "the delay must lie between 0 and 10 seconds."),
    ],
)
def test_values_out_of_range(kind: str, value: float, rule: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"{kind} 'x' = {value:g} is out of range: {rule}")):
        Condition.of(kind, "x", value)


def test_a_side_is_one_of_three() -> None:
    with pytest.raises(InputError, match=r"""weaken 'glmed': the side is 'right'; give "r", "l" or "both"\."""):
        Condition.weaken("glmed", loss=0.5, side="right")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Condition.weaken("glmedd", loss=0.5), "There is no muscle, group or nerve 'glmedd'. Close names: glmed"),
        (Condition.block("glmedd", loss=0.5), "There is no muscle, group or nerve 'glmedd'. Close names: glmed"),
        (
            Condition.block("hip-abductors", loss=0.5),
            "'hip-abductors' is not a nerve but stands for 4 muscles; to take their strength away use weaken. Nerves: ",
        ),
        (
            Condition.strength_loss("hip abduction", loss=0.5),
            "50 % of hip abduction strength lost: turn it into a nerve block or weakness first "
            "(gluteal.settle_strength_loss), or use gluteal.simulate, which does.",
        ),
        (
            Condition.delay("glmed", seconds=0.1),
            "gluteus medius delayed by 100 ms: a delay needs the undisturbed activation.",
        ),
        (
            Condition.fatigue(hold=60),
            "fatigue after a hold of 60 s: settle it on a movement first (gluteal.settle_fatigue), or use "
            "gluteal.simulate, which does.",
        ),
    ],
)
def test_what_cannot_be_assembled_is_said(condition: Condition, sentence: str) -> None:
    with pytest.raises(GlutealError, match=re.escape(sentence)):
        of(condition)


def test_a_posture_has_no_course_to_trail() -> None:
    sentence = (
        "'held-abduction' is one posture without a course over time; use a movement such as prone-leg-lift, or inhibit"
    )
    with pytest.raises(InputError, match=sentence):
        assemble(Condition.delay("glmed", seconds=0.1), ONE_FRAME, np.ones((1, len(NAMES))))


def test_what_a_condition_says_of_its_terms() -> None:
    """Who calls asks these and not the kinds."""
    weak, late = Condition.weaken("tfl", loss=0.5), Condition.delay("tfl", seconds=0.1)
    assert weak.takes_capacity and not (weak & late).takes_capacity
    assert late.needs_undisturbed and (weak & late).needs_undisturbed and not weak.needs_undisturbed
    assert (weak & late).affected(make_body()) == {"tfl_r", "tfl_l"}


@pytest.mark.parametrize(
    "module",
    [
        f"gluteal.nerves.{name}"
        for name in ("share", "registry", "arthrogenic", "pain_time", *(k.replace("-", "_") for k in TERMS))
    ],
)
def test_docstring_examples(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0 and result.failed == 0


def test_terms_are_final_and_abstract_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Term("glmed", 0.5)  # type: ignore[abstract]
