"""Who must, who may, who does not: the bands of two solutions side by side.

A sharing that costs a little more than the cheapest is as good a guess of what a person does. So the question is not
what the cheapest sharing does under a condition, but what all of them have in common: a muscle *must* do more where the
least it can do under the condition is above the most it could do undisturbed. It *does not* where what it can do is the
same with and without. Everything else is *may*: the mechanics leave it open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from gluteal.errors import Unsolved
from gluteal.mechanics.body import Body
from gluteal.outcome.compare import pool_activation
from gluteal.outcome.tables import label_muscle, list_records
from gluteal.outcome.verdict import CHANGED_ACTIVATION
from gluteal.sharing.bands import SLACKS, Bands, solve_bands

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome

BandWord = Literal["must", "may", "does not"]
#: Groups whose bands an outcome tells: those that change most.
MOST_GROUPS = 16
#: Muscles that a sentence names, and the reading of all of them as one.
LEADERS_NAMED = 3
TOGETHER = "together"
#: Frames that an outcome's bands look at; of longer movements as many, evenly spaced.
MOST_FRAMES = 120


@dataclass(frozen=True, eq=False)
class OutcomeBands:
    """Near-optimal bands undisturbed and under a condition.

    Attributes
    ----------
    baseline, changed : Bands
        Of the same readings, in the same frames, along ``slack``: the narrow one, which words follow, and the wide one.
    columns : tuple of (name, side)
        What the readings are: groups, then anatomical muscles.
    groups_count : int
        How many of them are groups.
    peak_change : (reading,) array
        Change of the peak activation in the solutions themselves, 1.
    """

    baseline: Bands
    changed: Bands
    columns: tuple[tuple[str, str | None], ...]
    groups_count: int
    peak_change: np.ndarray

    @property
    def slacks(self) -> tuple[float, float]:
        """How much more than the least effort is allowed, as a share of it: narrow, wide."""
        narrow, wide = self.changed.activation["slack"].values.tolist()
        return narrow, wide

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Groups by side, one row each, `tabulate_readings`."""
        return self._table.iloc[: self.groups_count].reset_index(drop=True)

    @cached_property
    def muscles(self) -> pd.DataFrame:
        """Anatomical muscles by side, one row each, `tabulate_readings`."""
        return self._table.iloc[self.groups_count :].reset_index(drop=True)

    @cached_property
    def _table(self) -> pd.DataFrame:
        return tabulate_readings(self)

    @cached_property
    def joints(self) -> list[dict[str, Any]]:
        """Every joint: the peak of its force along the direction it has in the solution, body weights."""
        before, after = self.baseline.joint_force, self.changed.joint_force
        rows = []
        for j, name in enumerate(after["joint"].values.tolist()):
            kind, _, side = name.partition("_")
            row: dict[str, Any] = {"joint": kind, "side": side or None}
            for prefix, slack in (("", 0), ("wide_", 1)):
                now, was = (b.values[slack, :, j] for b in (after, before))
                row |= {f"{prefix}low_bw": float(now[:, 0].max()), f"{prefix}high_bw": float(now[:, 1].max())}
                row |= {
                    f"{prefix}baseline_low_bw": float(was[:, 0].max()),
                    f"{prefix}baseline_high_bw": float(was[:, 1].max()),
                }
                low, high, _at = _apart(was, now)
                row |= {f"{prefix}change_low_bw": low, f"{prefix}change_high_bw": high}
            rows.append(row)
        return rows

    def to_json(self) -> dict[str, Any]:
        """Return the bands as DESIGN's field ``bands``."""
        narrow, wide = self.slacks
        return {
            "slack": narrow,
            "wide_slack": wide,
            "frames": self.changed.activation.sizes["time"],
            "groups": list_records(self.groups),
            "muscles": list_records(self.muscles),
            "joints": self.joints,
        }


def compare_muscles(outcome: Outcome, names: Sequence[str] | None = None) -> OutcomeBands:
    """Find the bands of what a sentence may name: whole muscles that do more, muscles acted on, leaders together.

    Parameters
    ----------
    names : sequence of str or None
        Of these only, `TOGETHER` among them; None for all.

    Raises
    ------
    Unsolved
        Where a solution, or an end of a band, was not solved.
    """
    body = outcome.mechanics.body
    rows = pd.concat([outcome.compensators, outcome.acted_on]).to_dict("records")
    changes = {(row["muscle"], row["side"]): row["peak"] - row["baseline_peak"] for row in rows}
    changes = {key: change for key, change in changes.items() if abs(change) > CHANGED_ACTIVATION}
    readings: dict[str, Sequence[int]] = {muscle: _places(body, [muscle]) for muscle, _ in changes}
    first = list_leaders(outcome.compensators)
    if len(first) > 1:
        readings[TOGETHER] = _places(body, first)
        peaks = [float(pool_activation(s, s.activation.values, readings[TOGETHER]).max()) for s in outcome.pair]
        changes[TOGETHER, None] = peaks[1] - peaks[0]
    if names is not None:
        readings = {name: places for name, places in readings.items() if name in names}
        changes = {key: change for key, change in changes.items() if key[0] in names}
    pair = _solve_pair(outcome, readings, joints=False)
    return OutcomeBands(*pair, tuple(changes), 0, np.array(list(changes.values()), float))


class SpokenBands:
    """The bands of what a sentence or a line of a table names, each found when it is first asked for.

    Of twenty muscles that do more, words name a few; the rest would take most of the time.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._rows: dict[str, dict[str, Any] | None] = {}
        self._found = outcome.cause is None

    def find(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return name -> row of `tabulate_readings`, of those that `compare_muscles` tells.

        Empty where a movement cannot be judged, or a band that was asked for so far was not found.
        """
        new = [name for name in names if name not in self._rows]
        if new and self._found:
            try:
                table = compare_muscles(self._outcome, new).muscles
            except Unsolved:
                self._found = False
            else:
                rows = {row["name"]: {str(k): v for k, v in row.items()} for row in table.to_dict("records")}
                self._rows |= {name: rows.get(name) for name in new}
        return {name: row for name in names if self._found and (row := self._rows.get(name)) is not None}


def compare_bands(outcome: Outcome, muscles: OutcomeBands) -> OutcomeBands:
    """Find the bands of groups that change most and of joints, and put those of `compare_muscles` behind.

    Raises
    ------
    Unsolved
        As `compare_muscles`.
    """
    table = outcome.groups
    # By change; where nothing changes, by how hard they work.
    peak, was = (table[c].to_numpy(float) for c in ("peak", "baseline_peak"))
    order = np.lexsort((-peak, -np.abs(peak - was).round(3)))
    places = sorted(order[:MOST_GROUPS].tolist())
    groups = [outcome.mechanics.body.sided_groups[i] for i in places]
    baseline, changed = _solve_pair(outcome, {g.label: g.rows for g in groups}, joints=True)
    return OutcomeBands(
        _put_behind(baseline, muscles.baseline),
        _put_behind(changed, muscles.changed),
        (*((g.group, g.side) for g in groups), *muscles.columns),
        len(groups),
        np.append((peak - was)[places], muscles.peak_change),
    )


def _solve_pair(outcome: Outcome, readings: Mapping[str, Sequence[int]], *, joints: bool) -> tuple[Bands, Bands]:
    """Find the bands of the same readings undisturbed and under the condition."""
    frames = _frames(len(outcome.mechanics.time))
    changed = solve_bands(outcome.changed, slacks=SLACKS, groups=readings, joints=joints, frames=frames)
    if not outcome.condition:
        return changed, changed
    return solve_bands(outcome.baseline, slacks=SLACKS, groups=readings, joints=joints, frames=frames), changed


def _put_behind(first: Bands, then: Bands) -> Bands:
    return replace(first, activation=xr.concat([first.activation, then.activation], "group"))


def list_leaders(compensators: pd.DataFrame) -> list[str]:
    """Return the muscles, at most three, that a sentence about who does more names."""
    # A few newtons of a large muscle are no news; the rule's own threshold says what is.
    noticeable = compensators["peak"] - compensators["baseline_peak"] > CHANGED_ACTIVATION
    return list(compensators["muscle"][noticeable].head(LEADERS_NAMED))


def tabulate_readings(bands: OutcomeBands) -> pd.DataFrame:
    """Tell every reading's bands.

    name, side; the peak of activation over time, least and largest: low, high under the condition, baseline_low,
    baseline_high undisturbed; change_low, change_high: least and largest change at time_s, where both bands are
    furthest apart; word ("must", "may", "does not"). The same with wide_ for the wide slack. The words' threshold is
    `gluteal.outcome.verdict.CHANGED_ACTIVATION`.
    """
    before, after = bands.baseline.activation, bands.changed.activation
    time = after["time"].values
    rows = []
    for g, (name, side) in enumerate(bands.columns):
        row: dict[str, Any] = {"name": name, "side": side}
        for prefix, slack in (("", 0), ("wide_", 1)):
            was, now = before.values[slack, :, g], after.values[slack, :, g]
            low, high, at = _apart(was, now)
            row |= {
                f"{prefix}baseline_low": float(was[:, 0].max()),
                f"{prefix}baseline_high": float(was[:, 1].max()),
                f"{prefix}low": float(now[:, 0].max()),
                f"{prefix}high": float(now[:, 1].max()),
                f"{prefix}change_low": low,
                f"{prefix}change_high": high,
                f"{prefix}time_s": float(time[at]),
                f"{prefix}word": choose_word(was, now, bands.peak_change[g]),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def choose_word(before: np.ndarray, after: np.ndarray, change: float) -> BandWord:
    """Return what a reading must, may or does not do, from its bands (time, end) and the solutions' own change.

    >>> import numpy as np
    >>> was = np.array([[0.1, 0.3]])
    >>> choose_word(was, was + 0.4, 0.4), choose_word(was, was + 0.1, 0.1), choose_word(was, was, 0.0)
    ('must', 'may', 'does not')
    """
    low, high, _ = _apart(before, after)
    if low > CHANGED_ACTIVATION or high < -CHANGED_ACTIVATION:
        return "must"
    same = np.all(np.abs(after - before) <= CHANGED_ACTIVATION) and abs(change) <= CHANGED_ACTIVATION
    return "does not" if same else "may"


def _apart(before: np.ndarray, after: np.ndarray) -> tuple[float, float, int]:
    """Return least and largest change of (time, end) where the bands are furthest apart, and that frame."""
    least, most = after[:, 0] - before[:, 1], after[:, 1] - before[:, 0]
    at = int(np.argmax(np.maximum(least, -most)))
    return float(least[at]), float(most[at]), at


def _places(body: Body, muscles: Sequence[str]) -> list[int]:
    return [i for i, m in enumerate(body.muscle_names) if label_muscle(m) in muscles]


def _frames(count: int) -> np.ndarray | None:
    return None if count <= MOST_FRAMES else np.unique(np.linspace(0, count - 1, MOST_FRAMES).round().astype(int))
