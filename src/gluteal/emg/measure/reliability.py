"""Is it repeatable? ICC, SEM, MDC, Bland-Altman and kappa of bare tables; `repeated` reads tables and words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import scipy

from gluteal.errors import InputError

#: How much a near miss counts: not at all, by its distance, by its square.
Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True)
class Icc:
    """One form of the intraclass correlation.

    Attributes
    ----------
    form : str
        McGraw & Wong's name: "ICC(1)", "ICC(A,1)", "ICC(C,1)", and "ICC(k)", "ICC(A,k)", "ICC(C,k)" for the
        mean of all k measurements.
    shrout_fleiss : str
        The same in Shrout & Fleiss 1979: "ICC(1,1)", "ICC(2,1)", "ICC(3,1)", ...
    value, low, high : float
        Estimate and its 95 % interval.
    meaning : str
    """

    form: str
    shrout_fleiss: str
    value: float
    low: float
    high: float
    meaning: str


@dataclass(frozen=True)
class MeasurementError:
    """How far two measurements of the same thing differ by error alone.

    Attributes
    ----------
    sem, sem_low, sem_high : float
        Standard error of measurement and its 95 % interval, in `unit`.
    mdc95, mdc95_low, mdc95_high : float
        Smallest difference between two measurements that error explains in under 5 %: 1.96 sqrt(2) SEM.
    unit : str
    subjects, repeats : int
    method : str
        "agreement" (systematic differences between days or raters count as error) or "consistency".
    """

    sem: float
    sem_low: float
    sem_high: float
    mdc95: float
    mdc95_low: float
    mdc95_high: float
    unit: str
    subjects: int
    repeats: int
    method: Literal["agreement", "consistency"]


@dataclass(frozen=True)
class _Anova:
    n: int
    k: int
    rows: float
    within: float
    columns: float
    error: float


def compute_icc(table: np.ndarray) -> tuple[Icc, ...]:
    """Compute all six forms of the ICC with 95 % intervals.

    Parameters
    ----------
    table : ndarray, (subjects, repeats)
        Complete; repeats are days, trials or raters.

    Returns
    -------
    tuple of Icc
        ICC(1), ICC(A,1), ICC(C,1), ICC(k), ICC(A,k), ICC(C,k).

    Raises
    ------
    InputError
        With fewer than two subjects or repeats, gaps, or no variation at all.

    Notes
    -----
    Estimates: McGraw & Wong 1996 (Psychol Methods 1:30-46), Table 4; intervals: their Table 7. Own code,
    because the library at hand (pingouin) is under a licence (GPL) this package cannot depend on.
    """
    a = _anova(table)
    n, k, r, w, c, e = a.n, a.k, a.rows, a.within, a.columns, a.error
    one = (r - w) / (r + (k - 1) * w)
    agreement = (r - e) / (r + (k - 1) * e + k * (c - e) / n)
    consistency = (r - e) / (r + (k - 1) * e)
    one_low, one_high = _f_interval(r / w if w > 0.0 else np.inf, n - 1, n * (k - 1), k)
    con_low, con_high = _f_interval(r / e if e > 0.0 else np.inf, n - 1, (n - 1) * (k - 1), k)
    agr_low, agr_high = _agreement_interval(a, agreement)

    def mean_of(value: float) -> float:
        # Spearman-Brown; holds for estimates and limits alike (McGraw & Wong 1996, Table 7).
        below = 1.0 + (k - 1) * value
        return k * value / below if below > 0.0 else float("-inf")

    single = (
        ("1", "1", one, one_low, one_high, "each subject measured by others, absolute agreement"),
        ("A,1", "2", agreement, agr_low, agr_high, "same repeats for all, absolute agreement"),
        (
            "C,1",
            "3",
            consistency,
            con_low,
            con_high,
            "same repeats for all, consistency (shifts are forgiven)",
        ),
    )
    forms = [
        Icc(f"ICC({form})", f"ICC({sf},1)", value, low, high, f"one measurement; {words}")
        for form, sf, value, low, high, words in single
    ]
    forms += [
        Icc(
            f"ICC({form.replace('1', 'k')})",
            f"ICC({sf},{k})",
            mean_of(value),
            mean_of(low),
            mean_of(high),
            f"mean of {k} measurements; {words}",
        )
        for form, sf, value, low, high, words in single
    ]
    return tuple(forms)


def compute_measurement_error(
    table: np.ndarray, *, unit: str, method: Literal["agreement", "consistency"] = "agreement"
) -> MeasurementError:
    """Compute SEM and MDC95 from repeated measurements, (subjects, repeats).

    agreement: SEM = sqrt(variance between repeats + residual variance); consistency: SEM = sqrt(residual mean
    square) (de Vet et al. 2006, J Clin Epidemiol 59:1033-1039; Weir 2005, J Strength Cond Res 19:231-240).
    MDC95 = 1.96 sqrt(2) SEM. Interval of the SEM: chi-square of the residual's degrees of freedom; for
    agreement of Satterthwaite's.

    Raises
    ------
    InputError
        As `compute_icc`.
    """
    a = _anova(table, allow_equal=True)
    freedom_error = (a.n - 1) * (a.k - 1)
    if method == "consistency":
        variance, freedom = a.error, float(freedom_error)
    elif method == "agreement":
        between = max(0.0, (a.columns - a.error) / a.n)
        variance = between + a.error
        if between > 0.0:
            parts = (a.columns / a.n) ** 2 / (a.k - 1) + (a.error * (1.0 - 1.0 / a.n)) ** 2 / freedom_error
            freedom = variance**2 / parts
        else:
            freedom = float(freedom_error)
    else:
        raise InputError(f"There is no measurement error {method!r}; choose 'agreement' or 'consistency'.")
    sem = float(np.sqrt(variance))
    low = sem * float(np.sqrt(freedom / scipy.stats.chi2.ppf(0.975, freedom)))
    high = sem * float(np.sqrt(freedom / scipy.stats.chi2.ppf(0.025, freedom)))
    factor = 1.96 * float(np.sqrt(2.0))
    return MeasurementError(sem, low, high, factor * sem, factor * low, factor * high, unit, a.n, a.k, method)


@dataclass(frozen=True)
class BlandAltman:
    """Agreement of two measurements.

    Attributes
    ----------
    bias, bias_low, bias_high : float
        Mean of second minus first and its 95 % interval.
    lower, upper : float
        95 % limits of agreement: bias -+ 1.96 SD.
    lower_interval, upper_interval : tuple of float
        95 % interval of each limit.
    sd : float
    n : int
    unit : str
    trend_p : float
        Probability of so strong a link between difference and size by chance: small values say that one pair
        of limits does not fit all sizes.
    """

    bias: float
    bias_low: float
    bias_high: float
    lower: float
    upper: float
    lower_interval: tuple[float, float]
    upper_interval: tuple[float, float]
    sd: float
    n: int
    unit: str
    trend_p: float


def compute_bland_altman(first: np.ndarray, second: np.ndarray, *, unit: str) -> BlandAltman:
    """Compute bias and 95 % limits of agreement with their intervals, from paired values (n,).

    Bland & Altman 1999 (Stat Methods Med Res 8:135-160): the variance of a limit is sd^2 (1/n + 1.96^2 / (2
    (n - 1))), its interval takes t with n - 1 degrees of freedom.

    Raises
    ------
    InputError
        With unequal lengths, gaps, or fewer than three pairs.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or a.size < 3 or not np.isfinite(a + b).all():
        raise InputError("Agreement needs at least three complete pairs of values of equal number.")
    d = b - a
    n, bias, sd = d.size, float(d.mean()), float(d.std(ddof=1))
    t = float(scipy.stats.t.ppf(0.975, n - 1))
    half_bias = t * sd / np.sqrt(n)
    half = t * sd * float(np.sqrt(1.0 / n + 1.96**2 / (2.0 * (n - 1))))
    lower, upper = bias - 1.96 * sd, bias + 1.96 * sd
    size = 0.5 * (a + b)
    varies = np.ptp(size) > 0.0 and np.ptp(d) > 0.0
    trend = float(scipy.stats.pearsonr(size, d).pvalue) if varies else 1.0
    return BlandAltman(
        bias,
        float(bias - half_bias),
        float(bias + half_bias),
        lower,
        upper,
        (lower - half, lower + half),
        (upper - half, upper + half),
        sd,
        n,
        unit,
        trend,
    )


@dataclass(frozen=True)
class Kappa:
    """Agreement of two raters beyond chance.

    Attributes
    ----------
    value, low, high : float
        Kappa and its 95 % interval.
    observed, expected : float
        Weighted share of agreement, and what chance alone gives.
    weights : "none" | "linear" | "quadratic"
    n : int
    """

    value: float
    low: float
    high: float
    observed: float
    expected: float
    weights: Weights
    n: int


def compute_kappa(counts: np.ndarray, *, weights: Weights = "none") -> Kappa:
    """Compute Cohen's kappa from a square table of counts (categories, categories), first rater in rows.

    By `statsmodels.stats.inter_rater.cohens_kappa`: Cohen 1960 (Educ Psychol Meas 20:37-46), 1968 for weights;
    standard error: Fleiss, Cohen & Everitt 1969 (Psychol Bull 72:323-327). Weights need ordered categories.

    Raises
    ------
    InputError
        Where the table is not square, empty, negative, or both raters used one category only.
    """
    from statsmodels.stats.inter_rater import cohens_kappa  # takes longer to load than everything else here

    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.shape[0] < 2 or (table < 0.0).any():
        raise InputError("Kappa needs a square table of counts, at least two categories, first rater in rows.")
    n = float(table.sum())
    if n == 0.0:
        raise InputError("The table of counts is empty.")
    if weights not in get_args(Weights):
        raise InputError(f"There are no weights {weights!r}; choose 'none', 'linear' or 'quadratic'.")
    p = table / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    if max(row) == max(column) == 1.0 and row.argmax() == column.argmax():
        raise InputError("Both raters used one and the same category throughout; kappa is not defined then.")
    # A test against kappa = 0 comes along, undefined where one rater used one category; it is not used.
    with np.errstate(invalid="ignore", divide="ignore"):
        found = cohens_kappa(table, wt=None if weights == "none" else weights)
    agree = np.eye(len(p)) if weights == "none" else 1.0 - found.weights
    # Where both agree throughout, rounding can leave a variance just below zero.
    half = 1.96 * float(np.sqrt(max(0.0, found.var_kappa)))
    value = float(found.kappa)
    observed, expected = float((agree * p).sum()), float(row @ agree @ column)
    return Kappa(value, value - half, min(1.0, value + half), observed, expected, weights, int(n))


def _anova(table: np.ndarray, *, allow_equal: bool = False) -> _Anova:
    """Mean squares of a two-way table without replication."""
    x = np.asarray(table, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2:
        raise InputError(f"Reliability needs a table of at least 2 subjects by 2 repeats; given shape {x.shape}.")
    if not np.isfinite(x).all():
        raise InputError("The table has gaps; leave incomplete subjects out.")
    n, k = x.shape
    grand = x.mean()
    rows = k * float(np.sum(np.square(x.mean(axis=1) - grand)))
    columns = n * float(np.sum(np.square(x.mean(axis=0) - grand)))
    total = float(np.sum(np.square(x - grand)))
    if total == 0.0 and not allow_equal:
        raise InputError("All values are equal; there is nothing to tell subjects apart by.")
    error = max(0.0, total - rows - columns)
    return _Anova(
        n,
        k,
        rows / (n - 1),
        (columns + error) / (n * (k - 1)),
        columns / (k - 1),
        error / ((n - 1) * (k - 1)),
    )


def _f_interval(observed: float, df1: int, df2: int, k: int) -> tuple[float, float]:
    """Limits of ICC(1) and ICC(C,1) (McGraw & Wong 1996, Table 7)."""
    if np.isinf(observed):
        return 1.0, 1.0
    low = observed / scipy.stats.f.ppf(0.975, df1, df2)
    high = observed * scipy.stats.f.ppf(0.975, df2, df1)
    return float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1))


def _agreement_interval(a: _Anova, value: float) -> tuple[float, float]:
    """Limits of ICC(A,1) (McGraw & Wong 1996, Table 7, after Satterthwaite)."""
    n, k, r, c, e = a.n, a.k, a.rows, a.columns, a.error
    if value >= 1.0:
        return 1.0, 1.0
    p = k * value / (n * (1.0 - value))
    q = 1.0 + k * value * (n - 1) / (n * (1.0 - value))
    freedom = (p * c + q * e) ** 2 / ((p * c) ** 2 / (k - 1) + (q * e) ** 2 / ((n - 1) * (k - 1)))
    low_f, high_f = scipy.stats.f.ppf(0.975, n - 1, freedom), scipy.stats.f.ppf(0.975, freedom, n - 1)
    rest = k * c + (k * n - k - n) * e
    low = n * (r - low_f * e) / (low_f * rest + n * r)
    high = n * (high_f * r - e) / (rest + n * high_f * r)
    return float(low), float(high)
