"""Published onsets of healthy people in prone hip extension, and how often rules would call them abnormal.

Table `prone_hip_extension_onsets.csv`, each row with its source. What the studies do not publish, the
correlation between muscles, enters as an assumption that is varied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import scipy

from gluteal.errors import UnknownName
from gluteal.files import read_rows, read_table_text
from gluteal.sources.bibliography import find_reference

#: Assumed correlations between the onsets of two muscles over people; not published.
CORRELATIONS = (0.0, 0.5, 0.8)


@dataclass(frozen=True)
class PublishedOnset:
    """One row: onset of a muscle in healthy people relative to `reference_event`, s (negative is before).

    `key` is the study's in the bibliography, `source` its citation.
    """

    muscle: str
    condition: str
    reference_event: str
    mean_s: float
    sd_s: float | None
    n: int
    group: str
    note: str
    key: str
    source: str


@dataclass(frozen=True)
class OnsetComparison:
    """One person's onset beside a published one.

    Attributes
    ----------
    published : PublishedOnset
    low_s, high_s : float
        Where 95 % of new healthy people are expected: mean -+ t sd sqrt(1 + 1/n); nan without a published SD.
    position : "among", "earlier", "later" or "not known"
    sentence : str
    """

    published: PublishedOnset
    low_s: float
    high_s: float
    position: Literal["among", "earlier", "later", "not known"]
    sentence: str


@dataclass(frozen=True)
class OrderRule:
    """A rule by which someone's order would be called abnormal.

    Attributes
    ----------
    name, statement : str
    needs : tuple of str
        Muscles.
    abnormal : callable
        Onsets by muscle, (people,) s -> bool (people,).
    """

    name: str
    statement: str
    needs: tuple[str, ...]
    abnormal: Callable[[Mapping[str, np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class FalseCall:
    """How often a rule calls healthy people abnormal.

    Attributes
    ----------
    rule, statement : str
    share : float
        Of healthy people, 0-1, at a correlation of 0.5 between muscles where one had to be assumed.
    low, high : float
        95 % range over the uncertainty of the published means and spreads and over all of `CORRELATIONS`.
    condition, group, source : str
    sentence : str
    """

    rule: str
    statement: str
    share: float
    low: float
    high: float
    condition: str
    group: str
    source: str
    sentence: str


_GLUTE, _BACK, _BACK_OTHER = "gluteus maximus", "erector spinae, same side", "erector spinae, opposite side"
_HAMSTRINGS = "hamstrings"


def _later(milliseconds: float) -> OrderRule:
    return OrderRule(
        f"glute-after-hamstrings-{milliseconds:g}ms",
        f"Gluteus maximus starts more than {milliseconds:g} ms after the hamstrings."
        if milliseconds
        else "Gluteus maximus starts after the hamstrings.",
        (_HAMSTRINGS, _GLUTE),
        lambda t: t[_GLUTE] - t[_HAMSTRINGS] > 1e-3 * milliseconds,
    )


#: Rules in use, from plain order to margins; the textbook order is Janda's, as Page, Frank & Lardner 2010
#: (Assessment and Treatment of Muscle Imbalance, ch. 6) give it.
RULES: tuple[OrderRule, ...] = (
    _later(0.0),
    _later(20.0),
    _later(50.0),
    _later(100.0),
    _later(200.0),
    OrderRule(
        "glute-after-movement",
        "Gluteus maximus starts after the movement has started.",
        ("movement", _GLUTE),
        lambda t: t[_GLUTE] > t["movement"],
    ),
    OrderRule(
        "glute-last",
        "Gluteus maximus starts last, after the hamstrings and both erectores spinae.",
        (_HAMSTRINGS, _GLUTE, _BACK, _BACK_OTHER),
        lambda t: t[_GLUTE] > np.maximum.reduce([t[_HAMSTRINGS], t[_BACK], t[_BACK_OTHER]]),
    ),
    OrderRule(
        "back-before-glute",
        "An erector spinae starts before gluteus maximus.",
        (_GLUTE, _BACK, _BACK_OTHER),
        lambda t: np.minimum(t[_BACK], t[_BACK_OTHER]) < t[_GLUTE],
    ),
    OrderRule(
        "not-textbook-order",
        "The order is not hamstrings, gluteus maximus, opposite erector spinae, same-side erector spinae.",
        (_HAMSTRINGS, _GLUTE, _BACK, _BACK_OTHER),
        lambda t: ~((t[_HAMSTRINGS] < t[_GLUTE]) & (t[_GLUTE] < t[_BACK_OTHER]) & (t[_BACK_OTHER] < t[_BACK])),
    ),
)


@cache
def load_published_onsets() -> tuple[PublishedOnset, ...]:
    """Return the published onsets; times in s."""
    text = read_table_text("gluteal.sources.published", "prone_hip_extension_onsets.csv")
    return tuple(
        PublishedOnset(
            row["muscle"],
            row["condition"],
            row["reference_event"],
            float(row["onset_ms_mean"]) / 1000.0,
            float(row["sd_ms"]) / 1000.0 if row["sd_ms"] else None,
            int(row["n"]),
            row["group"],
            row["note"],
            row["source"],
            find_reference(row["source"]).citation,
        )
        for row in read_rows(text)
    )


def compare_with_published(muscle: str, onset_s: float, *, reference_event: str) -> tuple[OnsetComparison, ...]:
    """Put one person's onset, s relative to `reference_event`, beside every published one of that muscle.

    Raises
    ------
    UnknownName
        Where no study has this muscle, or none relative to this event.
    """
    rows = [p for p in load_published_onsets() if p.muscle == muscle]
    if not rows:
        known = sorted({p.muscle for p in load_published_onsets()})
        raise UnknownName("published onset of muscle", muscle, known, "load_published_onsets()")
    fitting = [p for p in rows if p.reference_event == reference_event]
    if not fitting:
        raise UnknownName(
            f"published onset of {muscle} relative to",
            reference_event,
            sorted({p.reference_event for p in rows}),
            "load_published_onsets()",
        )
    return tuple(_compare(p, onset_s) for p in fitting)


def _compare(row: PublishedOnset, onset: float) -> OnsetComparison:
    shown = f"{1000 * onset:+.0f} ms from {row.reference_event}"
    study = f"{row.n} {row.group}, {row.condition} ({row.source.split(',')[0]})"
    if row.sd_s is None or not np.isfinite(onset):
        nan = float("nan")
        words = (
            f"{row.muscle}: {shown}; {study} had {1000 * row.mean_s:+.0f} ms on average, their spread is not published."
        )
        return OnsetComparison(row, nan, nan, "not known", words)
    half = float(scipy.stats.t.ppf(0.975, row.n - 1)) * row.sd_s * float(np.sqrt(1.0 + 1.0 / row.n))
    low, high = row.mean_s - half, row.mean_s + half
    position: Literal["among", "earlier", "later"] = "earlier" if onset < low else "later" if onset > high else "among"
    words = (
        f"{row.muscle}: {shown}, "
        + ("as among healthy people" if position == "among" else f"{position} than in 95 % of healthy people")
        + f": {1000 * low:+.0f} to {1000 * high:+.0f} ms in {study}."
    )
    return OnsetComparison(row, low, high, position, words)


def compute_false_calls(
    rules: Sequence[OrderRule] = RULES,
    *,
    people: int = 1000,
    draws: int = 300,
    rng: np.random.Generator | None = None,
) -> tuple[FalseCall, ...]:
    """Compute how often each rule calls healthy people abnormal, by study and condition.

    Healthy people are drawn from the published means and standard deviations (normal), the means and standard
    deviations themselves from what n people leave open (normal-inverse-chi-square), one set per draw. Studies
    without a published SD are left out, and rules for which a study lacks a muscle.
    """
    generator = rng or np.random.default_rng(20260103)
    studies: dict[tuple[str, str], list[PublishedOnset]] = {}
    for row in load_published_onsets():
        if row.sd_s is not None:
            studies.setdefault((row.key, row.condition), []).append(row)
    out = []
    for rows in studies.values():
        shares: dict[str, list[np.ndarray]] = {rule.name: [] for rule in rules}
        for correlation in CORRELATIONS:
            times = _healthy_people(rows, correlation, people, draws, generator)
            for rule in rules:
                if all(muscle in times for muscle in rule.needs):
                    shares[rule.name].append(rule.abnormal(times).mean(axis=1))
        out += [_false_call(rule, shares[rule.name], rows[0]) for rule in rules if shares[rule.name]]
    return tuple(out)


def _healthy_people(
    rows: Sequence[PublishedOnset], correlation: float, people: int, draws: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Onsets of healthy people by muscle, (draws, people), s relative to the study's event."""
    shared = np.sqrt(correlation) * rng.standard_normal((draws, people))
    times: dict[str, np.ndarray] = {}
    for row in rows:
        if row.sd_s is None:
            continue
        sd = row.sd_s * np.sqrt((row.n - 1) / rng.chisquare(row.n - 1, draws))
        mean = row.mean_s + sd / np.sqrt(row.n) * rng.standard_normal(draws)
        z = shared + np.sqrt(1.0 - correlation) * rng.standard_normal((draws, people))
        times[row.muscle] = mean[:, None] + sd[:, None] * z
    if rows[0].reference_event == "hamstring onset":
        times[_HAMSTRINGS] = np.zeros((draws, people))
    else:
        times["movement"] = np.zeros((draws, people))
        parts = [v for k, v in times.items() if k.endswith(_HAMSTRINGS)]
        if parts:
            times[_HAMSTRINGS] = np.minimum.reduce(parts)
    return times


def _false_call(rule: OrderRule, shares: Sequence[np.ndarray], row: PublishedOnset) -> FalseCall:
    share = float(shares[CORRELATIONS.index(0.5)].mean())
    limits = [np.quantile(s, [0.025, 0.975]) for s in shares]
    low, high = float(min(q[0] for q in limits)), float(max(q[1] for q in limits))
    words = (
        f'By the rule "{rule.statement.rstrip(".")}", about {100 * share:.0f} % of healthy people would be '
        "called abnormal "
        f"({100 * low:.0f} to {100 * high:.0f} %; {row.group}, {row.condition}, {row.source.split(',')[0]})."
    )
    return FalseCall(rule.name, rule.statement, share, low, high, row.condition, row.group, row.source, words)
