"""Whether the printed numbers of a result agree with one another: p with interval, means, deviations, counts, sizes.

A number that contradicts another one of the same result is a slip in print or in taking it down; either way it must
not be pooled. What is found is said with the field and both numbers. A contradiction that stands in print is kept with
a `contradiction` note, shown, and left out of every pool.

Formulas: Cochrane Handbook, section 6.5.2 (from memory, not read at source); Borenstein and others 2009, chapters 4
to 6 (from memory, not read at source).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scipy.special import chdtrc, ndtri, stdtr

from gluteal.ledger.evidence.effect_sizes import CORRELATIONS, MOST_OFF_CENTRE, to_scale
from gluteal.ledger.evidence.effects import Effect

#: How far two test statistics of one result may lie apart, in standard errors, and as a share of the larger: printed
#: values are rounded, a rounded interval alone moves the statistic by 0.1 to 0.2, and a test may have been adjusted.
#: Own choice; the slips it is to find lie 0.8 and more apart.
MOST_APART = 0.35
MOST_APART_SHARE = 0.1
#: How far a statistic may fall short of a printed bound ("p < 0.05"), in standard errors. Own choice: rounded means
#: and deviations move it by 0.1 to 0.2.
MOST_SHORT = 0.3
#: How far a recomputed value may lie from the printed one, as a share of it: rounding of means and deviations to two
#: figures. Own choice.
MOST_OFF = 0.1
#: How far shares of one whole may miss 1 when added up: each is rounded to a per cent. Own choice.
MOST_SUM_OFF = 0.02


@dataclass(frozen=True)
class Disagreement:
    """Two numbers of one result that cannot both be right: the field, and both in words."""

    field: str
    problem: str


def check_effect(effect: Effect) -> tuple[Disagreement, ...]:
    """Return what does not agree among a result's own numbers; empty where all does, or nothing can be compared."""
    checks: tuple[Callable[[Effect], Iterator[Disagreement]], ...] = (
        _sizes,
        _centre,
        _p_and_interval,
        _means,
        _counts,
        _spread,
    )
    return tuple(found for check in checks for found in check(effect))


def check_shares(effects: Iterable[Effect]) -> tuple[Disagreement, ...]:
    """Return which wholes do not add up: proportions with the same `part_of` are all the parts of one whole."""
    wholes: dict[str, list[Effect]] = {}
    for effect in effects:
        if effect.part_of and effect.estimate is not None and not effect.contradiction:
            wholes.setdefault(effect.part_of, []).append(effect)
    found = []
    for whole, parts in wholes.items():
        total = sum(part.estimate or 0.0 for part in parts)
        if abs(total - 1) > MOST_SUM_OFF:
            shown = " + ".join(f"{part.estimate:g}" for part in parts)
            found.append(
                Disagreement(f"{parts[-1].id}.part_of", f"the parts of {whole!r} ({shown}) add to {total:g}, not to 1")
            )
    return tuple(found)


def _sizes(effect: Effect) -> Iterator[Disagreement]:
    n1, n2, total = effect.n_1, effect.n_2, effect.n_total
    if n1 is not None and n2 is not None and total is not None and n1 + n2 > total:
        yield Disagreement("n_total", f"the groups have {n1} and {n2} people, more than {total} in all")
    for name, count, n in (("count_1", effect.count_1, n1), ("count_2", effect.count_2, n2)):
        if count is not None and n is not None and count > n:
            yield Disagreement(name, f"{count} of {n} people is more than there are")


def _centre(effect: Effect) -> Iterator[Disagreement]:
    if effect.estimate is None or effect.ci_low is None or effect.ci_high is None:
        return
    if not effect.ci_low <= effect.estimate <= effect.ci_high:
        yield Disagreement(
            "estimate", f"{effect.estimate:g} lies outside its interval {effect.ci_low:g} to {effect.ci_high:g}"
        )
        return
    scaled = _interval(effect)
    if scaled is None:
        return
    value, low, high = scaled
    half = (high - low) / 2
    if abs((low + high) / 2 - value) > MOST_OFF_CENTRE * half + _rounding(effect):
        yield Disagreement(
            "ci_low",
            f"the interval {effect.ci_low:g} to {effect.ci_high:g} is not centred on the estimate {effect.estimate:g}",
        )


def _p_and_interval(effect: Effect) -> Iterator[Disagreement]:
    scaled = _interval(effect)
    nothing = _null(effect)
    if scaled is None or nothing is None or effect.p_range is None:
        return
    value, low, high = scaled
    half = (high - low) / 2
    if half > 0:
        z = abs(value - nothing) / (half / float(ndtri((1 + effect.level) / 2)))
        yield from _compare(effect, z, f"the interval {effect.ci_low:g} to {effect.ci_high:g}")


def _means(effect: Effect) -> Iterator[Disagreement]:
    m1, m2, s1, s2, n1, n2 = (
        effect.mean_1,
        effect.mean_2,
        effect.sd_1,
        effect.sd_2,
        effect.n_1,
        effect.n_2,
    )
    if m1 is None or m2 is None:
        return
    if effect.measure == "mean difference" and effect.estimate is not None:
        step = 10.0 ** -min(_digits(m1), _digits(m2))
        if abs(m1 - m2 - effect.estimate) > step + MOST_OFF * abs(effect.estimate):
            yield Disagreement(
                "estimate", f"{effect.estimate:g} is printed, the means {m1:g} and {m2:g} give {m1 - m2:g}"
            )
    if s1 is None or s2 is None or not n1 or not n2 or n1 + n2 < 3:
        return
    pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    d = (m1 - m2) / pooled
    printed = effect.estimate if effect.measure == "standardised mean difference" else None
    # Hedges' g or Cohen's d: the two differ by less than the tolerance from ten people on.
    if printed is not None and abs(d - printed) > 0.05 + MOST_OFF * abs(d):
        yield Disagreement("estimate", f"{printed:g} is printed, means, deviations and group sizes give {d:.2f}")
    if effect.p_range is not None:
        df = n1 + n2 - 2
        t = abs(d) / math.sqrt(1 / n1 + 1 / n2)
        z = -float(ndtri(max(stdtr(df, -t), 1e-300)))
        yield from _compare(effect, z, "means, deviations and group sizes")


def _counts(effect: Effect) -> Iterator[Disagreement]:
    c1, c2, n1, n2 = effect.count_1, effect.count_2, effect.n_1, effect.n_2
    share = effect.estimate if effect.measure == "proportion" else None
    if share is not None and c1 is not None and n1 and abs(c1 / n1 - share) > 0.5 / n1 + 0.005:
        yield Disagreement("estimate", f"{share:g} is printed, {c1} of {n1} gives {c1 / n1:.3g}")
    if c1 is None or c2 is None or not n1 or not n2 or c1 > n1 or c2 > n2:
        return
    expected = {
        "odds ratio": lambda: c1 * (n2 - c2) / (c2 * (n1 - c1)),
        "risk ratio": lambda: c1 / n1 / (c2 / n2),
        "risk difference": lambda: c1 / n1 - c2 / n2,
    }.get(effect.measure)
    if expected is None or effect.estimate is None:
        return
    try:
        value = expected()
    except ZeroDivisionError:
        return
    step = 0.005 if effect.measure == "risk difference" else 0.02
    if abs(value - effect.estimate) > step + MOST_OFF * abs(value):
        yield Disagreement(
            "estimate", f"{effect.estimate:g} is printed, the counts {c1} of {n1} and {c2} of {n2} give {value:.3g}"
        )
    if effect.p_range is not None and 0 < c1 + c2 < n1 + n2:
        total, both = n1 + n2, c1 + c2
        chi2 = total * (c1 * (n2 - c2) - c2 * (n1 - c1)) ** 2 / (n1 * n2 * both * (total - both))
        z = -float(ndtri(max(float(chdtrc(1, chi2)) / 2, 1e-300)))
        yield from _compare(effect, z, f"the counts {c1} of {n1} and {c2} of {n2}")


def _spread(effect: Effect) -> Iterator[Disagreement]:
    """Hold a printed interval of a difference between shares or means against the one that its numbers allow."""
    scaled = _interval(effect)
    if scaled is None:
        return
    _, low, high = scaled
    se = (high - low) / 2 / float(ndtri((1 + effect.level) / 2))
    c1, c2, n1, n2, s1, s2 = effect.count_1, effect.count_2, effect.n_1, effect.n_2, effect.sd_1, effect.sd_2
    allowed = None
    if effect.measure == "risk difference" and c1 is not None and c2 is not None and n1 and n2:
        p1, p2 = c1 / n1, c2 / n2
        allowed = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    elif effect.measure == "mean difference" and s1 is not None and s2 is not None and n1 and n2:
        allowed = math.sqrt(s1**2 / n1 + s2**2 / n2)
    if allowed and se and not 0.5 < se / allowed < 2:
        yield Disagreement(
            "ci_low",
            f"the interval {effect.ci_low:g} to {effect.ci_high:g} means an error of {se:.2g}, "
            f"deviations or counts with group sizes give {allowed:.2g}",
        )


def _compare(effect: Effect, z: float, source: str) -> Iterator[Disagreement]:
    """Hold the statistic that some numbers give against the printed p value, both as standard normal deviates."""
    low, high = effect.p_range or (0.0, 1.0)
    given = f"p is printed as {effect.p}, {source} give{'s' if source.startswith('the interval') else ''} {_p_words(z)}"
    if effect.p.startswith("<"):
        wrong = z < _deviate(high) - MOST_SHORT
    elif effect.p.startswith(">"):
        wrong = z > _deviate(low) + MOST_SHORT
    else:
        least, most = _deviate(high), _deviate(low)
        wrong = z < least - MOST_APART - MOST_APART_SHARE * least or z > most + MOST_APART + MOST_APART_SHARE * most
    if wrong:
        yield Disagreement("p", given)


def _deviate(p: float) -> float:
    return -float(ndtri(max(p, 1e-12) / 2))


def _p_words(z: float) -> str:
    p = 2 * float(stdtr(1e9, -z))
    return f"{p:.1g}" if p < 0.1 else f"{p:.2g}"


def _interval(effect: Effect) -> tuple[float, float, float] | None:
    """Return estimate and interval on the scale on which they are symmetric; None where there is no such scale."""
    value, low, high = effect.estimate, effect.ci_low, effect.ci_high
    if value is None or low is None or high is None or effect.measure in ("proportion", "median"):
        return None
    if effect.measure in ("odds ratio", "risk ratio") and min(value, low) <= 0:
        return None
    if effect.measure in CORRELATIONS and not (low > -1 and high < 1):
        return None
    measure = effect.measure
    return to_scale(measure, value), to_scale(measure, low), to_scale(measure, high)


def _null(effect: Effect) -> float | None:
    """Return the value of no effect on the pooling scale; None where a p value does not belong to one."""
    if effect.measure in ("mean", "median", "proportion", "kappa", "intraclass correlation", "none"):
        return None
    return 0.0


def _rounding(effect: Effect) -> float:
    """Return by how much rounding alone can move the middle of the interval from the estimate, on its scale."""
    value, low, high = effect.estimate or 0.0, effect.ci_low or 0.0, effect.ci_high or 0.0
    step = 10.0 ** -max(_digits(value), _digits(low), _digits(high))
    if effect.measure in ("odds ratio", "risk ratio"):
        return step / min(value, low)
    return step


def _digits(value: float) -> int:
    """Return how many figures stand behind the point of a printed number."""
    return len(f"{value:.10g}".partition(".")[2])
