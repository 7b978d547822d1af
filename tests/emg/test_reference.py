"""The order of onsets: what they are counted from, whose limb it is, and when none is said."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.emg_bursts import channel, emg, session, trial

from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.measure.judgement import judge_difference
from gluteal.emg.recording import Event
from gluteal.errors import InputError


def starts_after(analysis: Analysis, muscle: str) -> float:
    (order,) = analysis.order
    return next(1000 * r.mean_s for r in order.relative if r.muscle == muscle)


@pytest.mark.parametrize("by", ["event", "muscle", "guess", "foot strike"])
def test_the_reference(by: str) -> None:
    """Gluteus maximus 80 ms after the hamstrings and 30 ms after the event, whatever it is counted from."""
    times = [1.5, 4.5, 7.5, 10.5]
    hamstrings = channel(emg([t - 0.05 for t in times], seed=1), "hamstrings")
    gluteus = channel(emg([t + 0.03 for t in times], seed=2), "gluteus maximus")
    name = {"event": "lift", "foot strike": "Heel Strike"}.get(by)
    events = tuple(Event(name, t, "r") for t in times) if name else ()
    analysis = analyse_session(
        session(trial(hamstrings, gluteus, events=events)), reference="hamstrings right" if by == "muscle" else None
    )
    (order,) = analysis.order
    assert order.reference == {"event": "lift", "foot strike": "right foot strike"}.get(by, "hamstrings")
    # Steps at 28 dB: the 95th percentile of an error is 2 ms (docs/emg-onsets.md).
    assert starts_after(analysis, "gluteus maximus") == pytest.approx(30 if events else 80, abs=3)
    assert order.cyclic == (by == "foot strike") and (order.orders is None) == order.cyclic
    if order.orders is not None:
        assert order.orders.orders[0].order == ("hamstrings", "gluteus maximus")


def test_no_order_where_nothing_says_what_repeats() -> None:
    """Different numbers of bursts and nothing else: the answer is that it cannot be told."""
    many = channel(emg([1.0, 3.0, 5.0, 7.0, 9.0], seed=1), "hamstrings")
    few = channel(emg([2.0, 6.0], seed=2), "gluteus maximus")
    analysis = analyse_session(session(trial(many, few)))
    assert analysis.order == ()
    assert [f.answer for f in analysis.findings if f.kind == "order"] == ["cannot tell"]


@pytest.mark.parametrize("reversed_", [False, True])
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_reference_is_of_the_side_asked_for(side: str, reversed_: bool) -> None:
    """A back muscle of either side serves the right limb, in whatever order the channels come.

    Right erector spinae 100 ms before the gluteus maximus, left 60 ms after it.
    """
    times = np.array([1.5, 4.5, 7.5, 10.5])
    made = [
        channel(emg(list(times), seed=1), "gluteus maximus", "r"),
        channel(emg(list(times + 0.06), seed=2), "erector spinae", "l"),
        channel(emg(list(times - 0.10), seed=3), "erector spinae", "r"),
    ]
    found = analyse_session(session(trial(*made[:: -1 if reversed_ else 1])), reference=f"erector spinae {side}")
    # Steps at 28 dB: the 95th percentile of an error is 2 ms (docs/emg-onsets.md).
    assert starts_after(found, "gluteus maximus") == pytest.approx(100 if side == "right" else -60, abs=3)


def test_a_limb_muscle_is_no_reference_of_the_other_limb() -> None:
    """Counted from the right hamstrings, the left limb has no order."""
    times = [1.5, 4.5, 7.5, 10.5]
    names = [(m, s) for s in ("r", "l") for m in ("hamstrings", "gluteus maximus")]
    made = [channel(emg(times, seed=i), m, s) for i, (m, s) in enumerate(names)]
    (order,) = analyse_session(session(trial(*made)), reference="hamstrings right").order
    assert order.side == "r" and order.reference == "hamstrings"


@pytest.mark.parametrize("why", ["was not timed", "is alone"])
def test_no_order_from_a_reference_is_said(why: str) -> None:
    """Where the reference asked for gives no order, the reason is about it, not about repetitions."""
    times = [1.5, 4.5, 7.5, 10.5]
    hamstrings = channel(emg(times, seed=1), "hamstrings", "l" if why == "is alone" else "r")
    if why == "was not timed":
        hamstrings = channel(np.zeros(12_000), "hamstrings")
    others = [channel(emg(times, seed=i), m) for i, m in enumerate(("gluteus maximus", "gluteus medius"), 2)]
    found = analyse_session(session(trial(hamstrings, *others)), reference="hamstrings")
    (said,) = [f.sentence for f in found.findings if f.kind == "order"]
    assert found.order == () and said.startswith("The reference (hamstrings) ")
    assert ("has no onset to count from" in said) == (why == "was not timed")


def test_trials_of_one_task_are_repetitions_of_each_other() -> None:
    """Three recordings with one lift each give one order over three repetitions."""
    trials = [
        trial(
            channel(emg([2.0], seconds=5.0, seed=2 * i), "hamstrings"),
            channel(emg([2.1], seconds=5.0, seed=2 * i + 1), "gluteus maximus"),
            name=f"lift {i}",
            events=(Event("lift", 2.05),),
        )
        for i in range(3)
    ]
    (order,) = analyse_session(session(*trials)).order
    assert order.repetitions == 3 and order.recordings == ("lift 0", "lift 1", "lift 2")


def test_sides_are_judged_against_the_spread_of_repetitions() -> None:
    """Left 100 ms later in every repetition is beyond it; the same times on both sides are within it."""
    times = [1.5 + 2.0 * i for i in range(5)]
    jitter = np.random.default_rng(3).normal(0.0, 0.005, (2, 5)).repeat(2, axis=0)

    def one(later: float) -> str:
        made = [
            channel(emg(list(np.add(times, shift) + jitter[i]), seed=i), muscle, side)
            for i, (muscle, side, shift) in enumerate(
                [
                    ("hamstrings", "r", 0.0),
                    ("hamstrings", "l", 0.0),
                    ("gluteus maximus", "r", 0.05),
                    ("gluteus maximus", "l", 0.05 + later),
                ]
            )
        ]
        events = tuple(Event("lift", t) for t in times)
        found = analyse_session(session(trial(*made, events=events))).findings
        return next(f.answer for f in found if f.kind == "sides" and f.muscle == "gluteus maximus")

    assert one(0.100) == "beyond measurement error"
    assert one(0.0) == "within measurement error"


def test_a_smallest_difference_can_be_given_instead_of_an_error() -> None:
    """As the standard error it comes from, with its own name in the sentence; both at once are refused."""
    for size in (10.0, 12.0):
        of_sem, given = (
            judge_difference(0.0, size, sem=4.0),
            judge_difference(0.0, size, mdc=1.96 * np.sqrt(2.0) * 4.0, error="chance"),
        )
        assert (given.verdict, given.mdc95) == (of_sem.verdict, of_sem.mdc95)
        assert given.sentence == of_sem.sentence.replace("measurement error", "chance")
    with pytest.raises(InputError, match="Give either"):
        judge_difference(0.0, 1.0, sem=4.0, mdc=11.0)


def test_gait_is_known_by_its_rhythm() -> None:
    """Muscles that take over from one another have no first; with a common rest between repetitions they have."""
    strides = [0.6 + 1.1 * k for k in range(9)]
    seated = [1.0 + 2.6 * k for k in range(4)]
    for starts, lasts, lag, cyclic in ((strides, 0.6, 0.55, True), (seated, 0.6, 0.1, False)):
        muscles = [
            channel(emg(starts, lasts=lasts, seed=1), "biceps femoris"),
            channel(emg([t + lag for t in starts], lasts=lasts, seed=2), "gluteus maximus"),
        ]
        [order] = analyse_session(session(trial(*muscles))).order
        assert order.cyclic is cyclic and (order.orders is None) is cyclic
        assert ("goes round" in order.sentence) is cyclic
        gluteus = next(r for r in order.relative if r.muscle == "gluteus maximus")
        assert abs(gluteus.mean_s) == pytest.approx(min(lag, 1.1 - lag) if cyclic else lag, abs=0.03)


def test_a_gap_within_a_burst_makes_no_movement_go_round() -> None:
    """A burst that ends in a gap of its channel lasts to the gap, not to the end of the recording."""
    times = [1.0 + 2.6 * k for k in range(4)]
    glute = emg([t + 0.1 for t in times], seed=2)
    for at in (1.5, 6.6):
        glute[round(1000 * at) : round(1000 * at) + 60] = np.nan
    muscles = [channel(emg(times, seed=1), "biceps femoris"), channel(glute, "gluteus maximus")]
    [order] = analyse_session(session(trial(*muscles))).order
    assert not order.cyclic and order.orders is not None


@pytest.mark.parametrize("reference", [None, "biceps femoris right"])
@pytest.mark.parametrize(("period", "cyclic"), [(1.05, True), (0.7, True), (2.0, False)])
def test_steps_are_known_where_few_muscles_were_recorded(period: float, cyclic: bool, reference: str | None) -> None:
    """Hip muscles all rest in swing; what recurs as fast and regularly as steps has no first all the same."""
    jitter = np.random.default_rng(3).normal(0.0, 0.015, 11)
    starts = [t for t in 0.6 + period * np.arange(11) + jitter if t < 11.4]
    muscles = [
        channel(emg(starts, lasts=0.25, seed=1), "biceps femoris"),
        channel(emg([t + 0.1 for t in starts], lasts=0.25, seed=2), "gluteus maximus"),
    ]
    found = analyse_session(session(trial(*muscles)), reference=reference)
    [order] = found.order
    assert order.cyclic is cyclic and (order.orders is None) is cyclic
    assert ("seen" in {f.answer for f in found.findings if f.kind == "order"}) is not cyclic


def test_a_side_without_an_order_is_named() -> None:
    """Where one side has an order and nothing says what repeats on the other, that is said."""
    times = [1.5, 4.5, 7.5, 10.5]
    muscles = [
        channel(emg(times, seed=1), "hamstrings"),
        channel(emg([t + 0.1 for t in times], seed=2), "gluteus maximus"),
        channel(emg(times, seed=3), "hamstrings", "l"),
        channel(emg([2.0, 6.0], seed=4), "gluteus maximus", "l"),
    ]
    found = analyse_session(session(trial(*muscles)))
    assert [o.side for o in found.order] == ["r"]
    [said] = [f for f in found.findings if f.kind == "order" and f.side == "l"]
    assert said.answer == "cannot tell" and said.sentence.startswith("Left side: nothing in the recording says")


@pytest.mark.parametrize(
    ("lags", "answer", "words"),
    [
        ((0.080, 0.085, 0.078, 0.082), "seen", "started 81 ms after the hamstrings, on average of 4"),
        ((0.060, -0.065, 0.058, -0.062), "cannot tell", "starts before or after the hamstrings cannot be told from 4"),
    ],
)
def test_which_muscle_was_first_is_said_only_beyond_chance(lags: tuple[float, ...], answer: str, words: str) -> None:
    """Where the interval holds both answers, the sentence says so: 2 ms after on average of -65 to +60 is neither."""
    times = [1.5, 4.5, 7.5, 10.5]
    hamstrings = channel(emg(times, seed=1), "hamstrings")
    gluteus = channel(emg(list(np.add(times, lags)), seed=2), "gluteus maximus")
    found = analyse_session(session(trial(hamstrings, gluteus)), reference="hamstrings right").findings
    [said] = [f for f in found if f.kind == "timing" and f.muscle == "gluteus maximus"]
    assert said.answer == answer and words in said.sentence and "95 % interval" in said.sentence
