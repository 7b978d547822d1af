"""How repeatable a measurement is, from a table of repeated ones: the door to `gluteal.emg.measure.reliability`.

The measurement may be of anything: onsets of two sessions, strength by three raters, grades by two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from gluteal.emg.measure.reliability import (
    BlandAltman,
    Icc,
    Kappa,
    MeasurementError,
    Weights,
    compute_bland_altman,
    compute_icc,
    compute_kappa,
    compute_measurement_error,
)
from gluteal.errors import InputError
from gluteal.files import plain

if TYPE_CHECKING:
    import pandas as pd

#: Fewer subjects have no limits of agreement.
FEWEST_SUBJECTS = 3
#: More sessions are not compared two by two: a table of 1225 pairs is read by nobody.
MOST_SESSIONS = 50
#: The form of ICC that is put into words: a single measurement, shifts between sessions count as error.
SPOKEN_FORM = "ICC(A,1)"
#: Weights of the kappa that is put into words: categories have an order, and a near miss is a small one.
SPOKEN_WEIGHTS: Weights = "linear"


@dataclass(frozen=True)
class RepeatedMeasures:
    """Subjects measured several times, none missing.

    Attributes
    ----------
    name, unit : str
    subjects, sessions : tuple of str
        A session may be a day, a trial or a rater.
    values : ndarray, (subjects, sessions)
        In `unit`; places in `categories` where there are some.
    categories : tuple of str
        In their order; empty where values are numbers.
    """

    name: str
    unit: str
    subjects: tuple[str, ...]
    sessions: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairAgreement:
    """Two sessions beside each other: the later minus the earlier."""

    first: str
    second: str
    limits: BlandAltman


@dataclass(frozen=True)
class Reliability:
    """How repeatable a measurement is.

    Attributes
    ----------
    measures : RepeatedMeasures
    icc : tuple of Icc
    errors : tuple of MeasurementError
        Agreement first, then consistency.
    pairs : tuple of PairAgreement
        Every pair of sessions.
    kappas : tuple of Kappa
        Of categories, with each kind of weights; the others are empty then.
    sentences : tuple of str
        For people.
    """

    measures: RepeatedMeasures
    icc: tuple[Icc, ...]
    errors: tuple[MeasurementError, ...]
    pairs: tuple[PairAgreement, ...]
    kappas: tuple[Kappa, ...]
    sentences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, missing ones as None."""
        return plain(
            {
                "name": self.measures.name,
                "unit": self.measures.unit,
                "subjects": len(self.measures.subjects),
                "sessions": self.measures.sessions,
                "categories": self.measures.categories,
                "icc": [asdict(i) for i in self.icc],
                "measurement_error": [asdict(e) for e in self.errors],
                "bland_altman": [{"first": p.first, "second": p.second, **asdict(p.limits)} for p in self.pairs],
                "kappa": [asdict(k) for k in self.kappas],
                "sentences": self.sentences,
            }
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """One number per row: measure, item, value, unit, and its 95 % interval from low to high."""
        unit = self.measures.unit
        rows = [_row("ICC", i.form, i.value, "1", i.low, i.high) for i in self.icc]
        for e in self.errors:
            rows.append(_row("SEM", e.method, e.sem, unit, e.sem_low, e.sem_high))
            rows.append(_row("MDC95", e.method, e.mdc95, unit, e.mdc95_low, e.mdc95_high))
        for pair in self.pairs:
            found, item = pair.limits, f"{pair.second} - {pair.first}"
            rows.append(_row("bias", item, found.bias, unit, found.bias_low, found.bias_high))
            rows.append(_row("lower limit of agreement", item, found.lower, unit, *found.lower_interval))
            rows.append(_row("upper limit of agreement", item, found.upper, unit, *found.upper_interval))
        return rows + [_row("kappa", f"weights: {k.weights}", k.value, "1", k.low, k.high) for k in self.kappas]

    def to_table(self) -> pd.DataFrame:
        """Return `to_rows` as a table."""
        import pandas as pd  # takes longer to load than everything else here

        return pd.DataFrame(self.to_rows())


def _row(measure: str, item: str, value: float, unit: str, low: float, high: float) -> dict[str, Any]:
    return {"measure": measure, "item": item, "value": value, "unit": unit, "low": low, "high": high}


def measure_reliability(measures: RepeatedMeasures) -> Reliability:
    """Measure how repeatable a measurement is.

    Numbers get all six forms of the ICC, the standard error of measurement, the smallest detectable change and the
    limits of agreement of every pair of sessions; categories of two raters get Cohen's kappa.

    Parameters
    ----------
    measures : RepeatedMeasures
        From `gluteal.load_repeated`.

    Raises
    ------
    InputError
        With fewer than three subjects or two sessions, categories of other than two raters, or no variation.

    Examples
    --------
    >>> times = np.array([[10.0, 12.0], [20.0, 19.0], [31.0, 33.0], [40.0, 42.0]])
    >>> found = measure_reliability(RepeatedMeasures("onset", "ms", tuple("abcd"), ("day 1", "day 2"), times))
    >>> found.sentences[0].split(" in one")[0]
    'A change below 3.53 ms'
    """
    n, k = measures.values.shape
    if n < FEWEST_SUBJECTS or k < 2:
        raise InputError(
            f"{measures.name} has {_count(n, 'subject')} and {_count(k, 'session')}; reliability needs at least "
            f"{FEWEST_SUBJECTS} subjects, each measured in at least 2 sessions (or by 2 raters)."
        )
    if k > MOST_SESSIONS:
        raise InputError(
            f"{measures.name} has {k} sessions; at most {MOST_SESSIONS} are compared. Give the means of some of them."
        )
    if measures.categories:
        return _of_categories(measures)
    unit = measures.unit
    icc = compute_icc(measures.values)
    errors = tuple(
        compute_measurement_error(measures.values, unit=unit, method=m) for m in ("agreement", "consistency")
    )
    pairs = tuple(
        PairAgreement(
            measures.sessions[a],
            measures.sessions[b],
            compute_bland_altman(measures.values[:, a], measures.values[:, b], unit=unit),
        )
        for a, b in combinations(range(k), 2)
    )
    sentences = (_error_words(errors[0]), _icc_words(icc), *(_pair_words(p) for p in pairs))
    return Reliability(measures, icc, errors, pairs, (), sentences)


def _of_categories(measures: RepeatedMeasures) -> Reliability:
    size, raters = len(measures.categories), len(measures.sessions)
    if raters != 2:
        raise InputError(f"{measures.name} has {raters} raters; kappa compares two: leave the others out.")
    counts = np.zeros((size, size))
    np.add.at(counts, tuple(measures.values.astype(int).T), 1.0)
    kappas = tuple(compute_kappa(counts, weights=w) for w in get_args(Weights))
    plainly = next(k for k in kappas if k.weights == "none")
    spoken = next(k for k in kappas if k.weights == SPOKEN_WEIGHTS)
    words = (
        f"{measures.sessions[0]} and {measures.sessions[1]} chose the same category for "
        f"{100 * plainly.observed:.0f} % of {len(measures.subjects)} subjects; chance alone would give "
        f"{100 * plainly.expected:.0f} %.",
        f"Kappa with {SPOKEN_WEIGHTS} weights, in which a near miss counts as less, is {spoken.value:.2f} (95 % "
        f"interval {spoken.low:.2f} to {spoken.high:.2f}); 0 is chance, 1 is full agreement.",
    )
    return Reliability(measures, (), (), (), kappas, words)


def _error_words(error: MeasurementError) -> str:
    unit = f" {error.unit}" if error.unit else ""
    return (
        f"A change below {error.mdc95:.3g}{unit} in one subject is within the error of this measurement (95 % interval "
        f"of that limit: {error.mdc95_low:.3g} to {error.mdc95_high:.3g}{unit})."
    )


def _icc_words(forms: Sequence[Icc]) -> str:
    spoken = next(i for i in forms if i.form == SPOKEN_FORM)
    meaning = (
        "subjects differ no more than repeats of one subject do"
        if spoken.value <= 0.0
        else f"{100 * spoken.value:.0f} % of the variance is between subjects, the rest error and shifts of sessions"
    )
    return f"{spoken.form} is {spoken.value:.2f} (95 % interval {spoken.low:.2f} to {spoken.high:.2f}): {meaning}."


def _pair_words(pair: PairAgreement) -> str:
    found = pair.limits
    unit = f" {found.unit}" if found.unit else ""
    words = (
        f"{pair.second} minus {pair.first}: {found.bias:+.3g}{unit} on average (95 % interval {found.bias_low:+.3g} to "
        f"{found.bias_high:+.3g}{unit}), and 95 % of differences lie between {found.lower:+.3g} and "
        f"{found.upper:+.3g}{unit}."
    )
    if found.trend_p < 0.05:
        words += " The difference changes with the size of the value, so one pair of limits does not fit all sizes."
    return words


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
