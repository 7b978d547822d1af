"""A second pass over every number of the evidence: by the words that are quoted for it, and by its formula.

`docs/make_evidence_tables.py` prints what it comes to; tests turn a digit and see it caught.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.special import ndtri, stdtrit

from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import Evidence

#: Numbers that a quotation writes as a word.
WORDS = {
    "forty percent": 40.0,
    "seventeen of 24": 17.0,
    "mvc of the gm was reached when walking": 100.0,  # the reference is the maximal contraction
    "tripled when running": 300.0,
}
#: How far a recomputed number may lie from the one that is kept: they are kept with four figures.
CLOSE = 2e-3


def gather_effects(evidence: Evidence) -> Iterator[Effect]:
    """Go through all effects."""
    for study in evidence.studies:
        yield from study.effects


@dataclass(frozen=True)
class Checked:
    """What a second pass over one number came to: by the quotation or by a formula, and whether it agrees."""

    effect: Effect
    by: str
    agrees: bool
    what: str = ""


def check_quotation(effect: Effect) -> Checked | None:
    """Hold an estimate and its printed interval against the quotation; None where there is none to hold it against."""
    if effect.estimate is None or not effect.quote or effect.kind == "computed":
        return None
    text = effect.quote.replace("−", "-").replace("–", "-").replace("·", ".").lower()
    numbers = {abs(float(n)) for n in re.findall(r"\d*\.?\d+", text)}
    numbers |= {abs(float(n.replace(",", "."))) for n in re.findall(r"\d+,\d+", text)}
    numbers |= {value for word, value in WORDS.items() if word in text}
    printed = [effect.estimate]
    # An interval that was computed has its own formula and is not in the quotation.
    if effect.ci_low is not None and effect.ci_high is not None and "computed_from" not in effect.model_fields_set:
        printed += [effect.ci_low, effect.ci_high]
    missing = [n for n in printed if not _among(abs(n), numbers)]
    return Checked(effect, "quotation", not missing, ", ".join(f"{n:g}" for n in missing))


def _among(value: float, numbers: set[float]) -> bool:
    return any(math.isclose(value * factor, n, rel_tol=1e-6, abs_tol=1e-9) for factor in (1, 100) for n in numbers)


def recompute(effect: Effect) -> Checked | None:
    """Compute estimate and error again by the formula that is named; None where what it needs is not kept."""
    formula, e = effect.computed_from, effect
    value: float | None = None
    se: float | None = None
    two = e.n_1 is not None and e.n_2 is not None
    if formula.startswith("Hedges' g of a change") and e.n_1 and e.p and e.estimate is not None:
        t = math.copysign(float(stdtrit(e.n_1 - 1, 1 - float(e.p.lstrip("<>=")) / 2)), e.estimate)
        value, se = _g_of_change(t / math.sqrt(e.n_1), e.n_1)
    elif formula.startswith("r from the printed p") and e.n_total and e.p and e.estimate is not None:
        t = math.copysign(float(stdtrit(e.n_total - 2, 1 - float(e.p.lstrip("<>=")) / 2)), e.estimate)
        value, se = t / math.sqrt(t * t + e.n_total - 2), 1 / math.sqrt(e.n_total - 3)
    elif (
        "printed p as of a t test" in formula or "from the printed p:" in formula or "printed p of a t test" in formula
    ):
        if two and e.p and e.estimate is not None:
            p = float(e.p.lstrip("<>="))
            t = math.copysign(float(stdtrit(e.n_1 + e.n_2 - 2, 1 - p / 2)), e.estimate)
            value, se = _g(t * math.sqrt(1 / e.n_1 + 1 / e.n_2), e.n_1, e.n_2)
    elif formula.startswith("Hedges' g from the printed F") and two:
        found = re.search(r"F = ([\d.]+)", e.quote)
        if found and e.estimate is not None:
            d = math.copysign(math.sqrt(float(found[1]) * (1 / e.n_1 + 1 / e.n_2)), e.estimate)
            value, se = _g(d, e.n_1, e.n_2)
    elif formula.startswith('"not associated" taken as p > 0.05') and two:
        value = 0.0
        se = 2 * float(stdtrit(e.n_1 + e.n_2 - 2, 0.975)) * math.sqrt(1 / e.n_1 + 1 / e.n_2) / -float(ndtri(0.025))
    elif "the printed means are equal" in formula and two:
        value, se = _g(0.0, e.n_1, e.n_2)
    elif "printed t" in formula and two:
        found = re.search(r"printed t (-?[\d.]+)", formula) or re.search(r"t18 = (-?[\d.]+)|t = ([\d.]+)", e.quote)
        if found and e.estimate is not None:
            t = math.copysign(abs(float(next(g for g in found.groups() if g))), e.estimate)
            value, se = _g(t * math.sqrt(1 / e.n_1 + 1 / e.n_2), e.n_1, e.n_2)
    elif "(mean1 - mean2) / pooled SD" in formula and two and e.sd_1 and e.sd_2:
        pooled = math.sqrt(((e.n_1 - 1) * e.sd_1**2 + (e.n_2 - 1) * e.sd_2**2) / (e.n_1 + e.n_2 - 2))
        value, se = _g((e.mean_1 - e.mean_2) / pooled, e.n_1, e.n_2)
    elif formula.startswith("Hedges' g from the printed mean difference and interval") and two:
        md, low, high = (float(n) for n in re.findall(r"(-?[\d.]+) % \[([\d.]+), ([\d.]+)\]", formula)[0])
        error = (high - low) / 2 / float(stdtrit(e.n_1 + e.n_2 - 2, 0.975))
        value, se = _g(-md / error * math.sqrt(1 / e.n_1 + 1 / e.n_2), e.n_1, e.n_2)
    elif "sd1^2/n1 + sd2^2/n2" in formula and two and e.sd_1 and e.sd_2:
        value, se = e.mean_1 - e.mean_2, math.sqrt(e.sd_1**2 / e.n_1 + e.sd_2**2 / e.n_2)
    elif "se = sd / sqrt(n)" in formula and e.sd_1 and e.n_1:
        value, se = e.mean_1, e.sd_1 / math.sqrt(e.n_1)
    elif "sqrt(n - 3/2)" in formula and e.n_total:
        value, se = e.estimate, 1 / math.sqrt(e.n_total - 1.5)
    elif "sqrt(n - 4)" in formula and e.n_total:
        value, se = e.estimate, 1 / math.sqrt(e.n_total - 4)
    elif "sqrt(n - 3)" in formula and e.n_total:
        value, se = e.estimate, 1 / math.sqrt(e.n_total - 3)
    elif "sqrt(p (1 - p) / n)" in formula and e.n_1:
        value = e.count_1 / e.n_1 if e.count_1 is not None else e.estimate
        se = math.sqrt(value * (1 - value) / e.n_1) if value else None
    elif formula.startswith("difference of the printed means") and e.mean_1 is not None and e.mean_2 is not None:
        value = e.mean_1 - e.mean_2
    elif e.measure in ("odds ratio", "risk ratio") and e.count_1 and e.count_2 and two:
        a, c, n1, n2 = e.count_1, e.count_2, e.n_1, e.n_2
        if e.measure == "odds ratio":
            value, se = a * (n2 - c) / (c * (n1 - a)), math.sqrt(1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c))
        else:
            value, se = (a / n1) / (c / n2), math.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    elif ("t(p)" in formula or "z(p)" in formula) and e.p and e.estimate is not None:
        p = float(e.p.lstrip("<>="))
        divisor = float(stdtrit(e.n_1 + e.n_2 - 2, 1 - p / 2)) if "t(p)" in formula and two else -float(ndtri(p / 2))
        value, se = e.estimate, abs(e.estimate) / divisor
    if value is None:
        value, se = _from_words(e)
    if value is None or e.estimate is None:
        return None
    wrong = [] if _close(value, e.estimate) else [f"estimate {e.estimate:g}, again {value:.4g}"]
    if se is not None and e.se is not None and not _close(se, e.se):
        wrong.append(f"se {e.se:g}, again {se:.4g}")
    return Checked(effect, "formula", not wrong, "; ".join(wrong))


def _from_words(e: Effect) -> tuple[float | None, float | None]:
    """Compute estimate and error from numbers that stand in the formula or the quotation; None where they do not."""
    formula, two = e.computed_from, e.n_1 is not None and e.n_2 is not None
    number = r"(-?[\d.]*\d)"
    # Of a printed range, each end is a result of its own, and its outcome says which.
    end = 1 if "larger end" in e.outcome else 0
    if "printed effect size taken as Cohen's d" in formula and two and e.estimate is not None:
        found = re.search(rf"(?:d = |effect size=){number}(?:–{number})?", e.quote or formula)
        if found:
            return _g(math.copysign(float(found.groups()[end] or found[1]), e.estimate), e.n_1, e.n_2)
    if formula.startswith("Hedges' g from the printed means, deviations") and two:
        found = re.search(rf"{number} ± {number} vs\. {number} ± {number}", e.quote)
        if found:
            m1, s1, m2, s2 = map(float, found.groups())
            pooled = math.sqrt(((e.n_1 - 1) * s1**2 + (e.n_2 - 1) * s2**2) / (e.n_1 + e.n_2 - 2))
            return _g((m1 - m2) / pooled, e.n_1, e.n_2)
    if formula.startswith("Hedges' g from the printed difference, its interval") and two:
        found = re.search(rf"{number} \[{number}, {number}\]", formula)
        if found:
            difference, low, high = map(float, found.groups())
            error = (high - low) / 2 / float(stdtrit(e.n_1 + e.n_2 - 2, 0.975))
            return _g(difference / error * math.sqrt(1 / e.n_1 + 1 / e.n_2), e.n_1, e.n_2)
    if (found := re.match(r"se = MD / t\(1 - p/2; (\d+)\)", formula)) and e.p and e.estimate is not None:
        return e.estimate, abs(e.estimate) / float(stdtrit(int(found[1]), 1 - float(e.p.lstrip("<>=")) / 2))
    if found := re.match(rf"se = {number} / z\({number}\), from the printed p", formula):
        return float(found[1]), float(found[1]) / -float(ndtri(float(found[2]) / 2))
    if (found := re.match(r"mean \(SD\) of (\d+) within-person r", formula)) and e.sd_1:
        return e.mean_1, e.sd_1 / math.sqrt(int(found[1]))
    if found := re.match(rf"{number} - \(?{number}\)?, the printed", formula):
        return float(found[1]) - float(found[2]), None
    if found := re.match(rf"1 \+ {number} / 100, the printed rise", formula):
        return 1 + float(found[1]) / 100, None
    if found := re.match(rf"square root of the printed R squared {number}", formula):
        # Kept with two figures, as R squared is printed.
        return round(math.sqrt(float(found[1])), 2), None
    return None, None


def _g(d: float, n1: int, n2: int) -> tuple[float, float]:
    """Return Hedges' g and its error (Borenstein and others 2009, chapter 4; from memory)."""
    small = 1 - 3 / (4 * (n1 + n2 - 2) - 1)
    return small * d, small * math.sqrt((n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2)))


def _g_of_change(d: float, n: int) -> tuple[float, float]:
    """Return Hedges' g of a change in standard deviations of the change, and its error (the same chapter)."""
    small = 1 - 3 / (4 * (n - 1) - 1)
    return small * d, small * math.sqrt(1 / n + d**2 / (2 * n))


def _close(again: float, kept: float) -> bool:
    return math.isclose(again, kept, rel_tol=CLOSE, abs_tol=1e-4)


def second_pass(evidence: Evidence) -> tuple[list[Checked], list[Effect], list[Effect]]:
    """Return what was checked; numbers that stand in a table, so that no words hold them; and those with neither."""
    checked, tabled, left = [], [], []
    for effect in gather_effects(evidence):
        found = [c for c in (check_quotation(effect), recompute(effect)) if c is not None]
        checked += found
        if effect.estimate is not None and not found:
            (tabled if re.search(r"\btables? \w", effect.locator, re.IGNORECASE) else left).append(effect)
    return checked, tabled, left
