"""By which clocks forces and movement go: one late, one of another rate, or both of another."""

from __future__ import annotations

import numpy as np

from gluteal.mechanics.bearing import rms, slack
from gluteal.mechanics.cause import Cause

#: A fault explains an imbalance if undoing it leaves less than this share of it.
EXPLAINED = 0.5
#: Imbalance of vertical forces, root mean square, from which another clock is looked for, body weights.
OTHER_CLOCK = 0.04
#: Forces late or early by more than this are another clock; at most this much is looked for, s.
SHORTEST_SHIFT, LONGEST_SHIFT = 0.03, 0.5
#: A clock that runs faster or slower by this share, 1: from where it is told, up to where it is looked for, and the
#: steps. Own choice: crystals differ by 1e-5, rates that were exported wrongly by a hundredth and more.
SLOWEST_DRIFT, FASTEST_DRIFT, DRIFT_STEP = 0.015, 0.06, 0.005
#: Imbalance of vertical forces, root mean square, from which a drift is looked for, body weights, and what undoing it
#: may leave of it. Own choice between five sound recordings (0.02 to 0.05; 0.87 and more are left) and the same with a
#: drift of 3 % (0.04 to 0.14; at most 0.75).
OTHER_RATE, DRIFT_EXPLAINED = 0.03, 0.7
#: A movement counted faster or slower than it was by more than this share, 1: accelerations go with its square, gravity
#: does not. What may be left of the imbalance, 1, the acceleration from which it can be told, root mean square, of
#: gravity, and over how long all is averaged, s: impacts are not in filtered coordinates. Own choice: in six sound
#: recordings accelerations fit within 12 % and 0.6 of the imbalance is left, in those counted a fifth too fast or slow
#: 0.1 to 0.3.
OTHER_TEMPO, TEMPO_LEFT, TEMPO_SEEN, TEMPO_TIME = 0.15, 0.4, 0.02, 0.17


def find_tempo(time: np.ndarray, needed: np.ndarray, measured: np.ndarray, weight: float) -> Cause | None:
    """Return the finding of coordinates and forces that go together by a clock that is not of seconds.

    What the ground carries beyond the weight (T,) N is mass times acceleration, which a clock that runs at the double
    rate makes four times as large; the weight stays as it is and tells the true time.
    """
    share = measured.sum() / needed.sum() if needed.sum() > 0.0 else 0.0
    if share <= 0.0 or len(time) < 2:
        return None
    rows = min(max(round(TEMPO_TIME / (time[1] - time[0])), 1), len(time))
    calm = np.ones(rows) / rows
    found, need = (np.convolve(x - weight, calm, "valid") for x in (measured / share, needed))
    if rms(need) < TEMPO_SEEN * weight:
        return None
    square = float((found * need).sum() / (need**2).sum())
    if square <= 0.0 or abs(np.sqrt(square) - 1.0) < OTHER_TEMPO * slack(time):
        return None
    left, off = rms(found - square * need), rms(found - need)
    if left > TEMPO_LEFT * off:
        return None
    rate = np.sqrt(square)
    return Cause(
        "time",
        f"coordinates and forces fit each other when the movement takes {1.0 / rate:.2g} times as long: their clock "
        "does not count seconds",
        f"the ground gives {square:.2g} times the vertical acceleration that the coordinates have by their clock",
        "write both files with the rates at which they were recorded",
    )


def find_clock(time: np.ndarray, down: np.ndarray, up: np.ndarray, weight: float, *, strong: bool) -> Cause | None:
    """Return the finding of measured vertical forces `up` (T,) by another clock than the needed `down` (T,), N."""
    off = rms(up - down) / weight / slack(time)
    drift, sure = _find_drift(time, down, up) if off > OTHER_RATE else (0.0, False)
    shift = _find_shift(time, down, up) if not sure and (strong or off > OTHER_CLOCK) else 0.0
    if shift:
        return Cause(
            "time",
            f"the ground forces fit the movement when they are moved by {abs(shift):.2f} s: their clock is another one",
            f"they come {abs(shift):.2f} s too {'late' if shift > 0 else 'early'}",
            "start both files at the same moment, for example at the same trigger, and export them again; look whether "
            "they are of the same repetition",
        )
    if drift:
        span = time[-1] - time[0]
        return Cause(
            "time",
            f"the ground forces fit the movement when their clock is made {100 * abs(drift):.1f} % "
            f"{'slower' if drift > 0 else 'faster'}: it runs at another rate",
            f"within {span:.3g} s they are off by {abs(drift) * span:.2f} s more",
            "check the sampling rates with which both files were exported, and that they are of the same repetition",
        )
    return None


def _find_shift(time: np.ndarray, needed: np.ndarray, measured: np.ndarray) -> float:
    """Return by how much (s) measured forces come too late, 0 where no other clock explains them."""
    if len(time) < 4:
        return 0.0
    step = float(time[1] - time[0])
    most = min(int(LONGEST_SHIFT / step), (len(time) - 1) // 2)  # half of a short piece has to be left
    left = {lag: rms(_overlap(measured, lag) - _overlap(needed, -lag)) for lag in range(-most, most + 1)}
    best = min(left, key=lambda lag: left[lag])
    # The same samples, and the same instants, have to be off without it: what a shift cuts away explains nothing.
    late, then = _overlap(measured - needed, best), _overlap(measured - needed, -best)
    off = min(rms(late), rms(then))
    if abs(best) * step < SHORTEST_SHIFT or left[best] > EXPLAINED * off:
        return 0.0
    return best * step


def _find_drift(time: np.ndarray, needed: np.ndarray, measured: np.ndarray) -> tuple[float, bool]:
    """Return by which share the clock of measured forces has to be slowed down, and whether no shift does as well.

    Forces at t are looked for at ``middle + (t - middle) (1 + drift) + shift``; 0 where no drift explains them.
    """
    middle, off = float(time.mean()), measured - needed
    step = max(float(time[1] - time[0]), SHORTEST_SHIFT / 2.0)
    shifts = step * np.arange(-int(LONGEST_SHIFT / step), int(LONGEST_SHIFT / step) + 1)
    left = {0.0: 1.0}
    for drift in DRIFT_STEP * np.arange(-round(FASTEST_DRIFT / DRIFT_STEP), round(FASTEST_DRIFT / DRIFT_STEP) + 1):
        for shift in shifts:
            at = middle + (time - middle) * (1.0 + drift) + shift
            kept = (at >= time[0]) & (at <= time[-1])
            if kept.mean() < EXPLAINED or np.abs(at - time).max() < SHORTEST_SHIFT:
                continue
            # The same instants, and the same samples, have to be off without it.
            used = (time >= at[kept][0]) & (time <= at[kept][-1])
            before = min(rms(off[kept]), rms(off[used]))
            after = rms(np.interp(at[kept], time, measured) - needed[kept])
            left[drift] = min(left.get(drift, 1.0), after / before if before else 1.0)
    steady = min(x for drift, x in left.items() if abs(drift) < SLOWEST_DRIFT)
    best = min(left, key=lambda drift: left[drift])
    # What fits best at the end of the search would fit better beyond it: it is no clock.
    if left[best] > DRIFT_EXPLAINED or not SLOWEST_DRIFT <= abs(best) < FASTEST_DRIFT - DRIFT_STEP / 2.0:
        return 0.0, False
    return float(best), left[best] < DRIFT_EXPLAINED * steady


def _overlap(series: np.ndarray, lag: int) -> np.ndarray:
    """Return the part of a series that is left when it is moved back by `lag` frames."""
    return series[max(lag, 0) : len(series) + min(lag, 0)]
