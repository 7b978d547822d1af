"""Write the tables of ``docs/evidence-data.md``: counts, second pass over every number, contradictions, searches.

Run from anywhere: ``python docs/make_evidence_tables.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.special import ndtri, stdtrit

from gluteal.ledger.evidence.arithmetic import check_effect
from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.summary import summarise_evidence

HERE = Path(__file__).parent
#: Numbers that a quotation writes as a word.
WORDS = {"forty percent": 40.0, "seventeen of 24": 17.0}
#: How far a recomputed number may lie from the one that is kept: they are kept with four figures.
CLOSE = 2e-3


def write_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def gather_effects(evidence: Evidence) -> Iterator[Effect]:
    """Go through all effects."""
    for study in evidence.studies:
        yield from study.effects


# ---------------------------------------------------------------- the second pass


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
    elif formula.startswith("r from the printed p") and e.n_total and e.p and e.estimate is not None:
        t = math.copysign(float(stdtrit(e.n_total - 2, 1 - float(e.p.lstrip("<>=")) / 2)), e.estimate)
        value, se = t / math.sqrt(t * t + e.n_total - 2), 1 / math.sqrt(e.n_total - 3)
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
    if value is None or e.estimate is None:
        return None
    wrong = [] if _close(value, e.estimate) else [f"estimate {e.estimate:g}, again {value:.4g}"]
    if se is not None and e.se is not None and not _close(se, e.se):
        wrong.append(f"se {e.se:g}, again {se:.4g}")
    return Checked(effect, "formula", not wrong, "; ".join(wrong))


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


def second_pass(evidence: Evidence) -> tuple[list[Checked], list[Effect]]:
    """Return what was checked, and the numbers for which neither a quotation nor a formula is kept."""
    checked, left = [], []
    for effect in gather_effects(evidence):
        found = [c for c in (check_quotation(effect), recompute(effect)) if c is not None]
        checked += found
        if effect.estimate is not None and not found:
            left.append(effect)
    return checked, left


# ---------------------------------------------------------------- what can be pooled


def count_poolable(evidence: Evidence) -> dict[str, int]:
    """Return, for each claim, how many separate studies have a number with an error in one measure.

    Studies that a review holds are not counted beside it, nor two with the same mark of overlap: the larger of both
    ways to count is taken.
    """
    counts = {}
    for claim in evidence.claims:
        by_measure: dict[str, dict[str, str]] = {}
        for study, effect, link in evidence.effects_on(claim):
            if link.sense and effect.has_error:
                by_measure.setdefault(effect.measure, {})[study.key] = effect.overlap or study.key
        best = 0
        for marks in by_measure.values():
            held = {key for key in marks for review in marks if key in evidence.study(review).contains}
            reviews = {key for key in marks if evidence.study(key).contains}
            for out in (held, reviews):
                best = max(best, len({mark for key, mark in marks.items() if key not in out}))
        counts[claim.id] = best
    return counts


def count_pooled(evidence: Evidence) -> int:
    """Return how many claims have a number pooled from three or more studies, on the scale they are judged by."""
    mains = (summarise_evidence(evidence, claim).main for claim in evidence.claims)
    return sum(main is not None and main.pooled is not None and main.pooled.k >= 3 for main in mains)


# ---------------------------------------------------------------- the tables


def tell_counts(evidence: Evidence) -> str:
    """How much there is."""
    effects = list(gather_effects(evidence))
    with_number = [e for e in effects if e.estimate is not None]
    poolable = count_poolable(evidence)
    kinds = Counter(claim.kind for claim in evidence.claims)
    unidentified = [s for s in evidence.studies if not s.link]
    rows = [
        ("claims", f"{len(evidence.claims)}: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())),
        (
            "claims with an estimand and a smallest difference that matters",
            sum(c.estimand is not None for c in evidence.claims),
        ),
        ("studies", len(evidence.studies)),
        ("studies with a result", sum(bool(s.effects) for s in evidence.studies)),
        ("studies with a number", sum(any(e.estimate is not None for e in s.effects) for s in evidence.studies)),
        ("results", len(effects)),
        ("results with a number", len(with_number)),
        ("results with a number and its error", sum(e.has_error for e in effects)),
        ("results with a p value only", sum(e.kind == "p-only" for e in effects)),
        ("results in words only", sum(e.kind == "direction-only" for e in effects)),
        ("results in print that could not be read", sum(e.kind == "gap" for e in effects)),
        ("claims with three or more studies that could be pooled", sum(n >= 3 for n in poolable.values())),
        ("claims whose number is pooled from three or more studies on the claim's own scale", count_pooled(evidence)),
        ("studies without DOI, PMID or PMCID", len(unidentified)),
        ("studies without authors", sum(s.authors is None for s in evidence.studies)),
        ("studies read as a whole", sum(s.read == "fulltext" for s in evidence.studies)),
        ("accounts of a source held against it", len(evidence.citation_checks)),
    ]
    return write_rows(("what", "how many"), [(what, str(n)) for what, n in rows])


def tell_second_pass(evidence: Evidence) -> str:
    """The agreement, and every number that does not agree."""
    checked, left = second_pass(evidence)
    rows = []
    for by in ("quotation", "formula"):
        of = [c for c in checked if c.by == by]
        rows.append((f"numbers held against a {by}", str(len(of)), str(sum(c.agrees for c in of))))
    arithmetic = [e for e in gather_effects(evidence) if e.estimate is not None or e.p]
    agree = [e for e in arithmetic if not check_effect(e)]
    rows.append(("results whose numbers were held against one another", str(len(arithmetic)), str(len(agree))))
    table = write_rows(("second pass", "checked", "agree"), rows)
    wrong = [(c.effect.id, c.by, c.what) for c in checked if not c.agrees]
    if wrong:
        table += "\n\n" + write_rows(("result", "held against", "not found, or another number"), wrong)
    return f"{table}\n\n{len(left)} numbers have neither: they were read in a table or are one end of a printed range."


def tell_contradictions(evidence: Evidence) -> str:
    """What stands in print and contradicts itself."""
    rows = [
        (
            evidence.study(e.study).name,
            e.outcome,
            e.contradiction,
            "; ".join(f.problem for f in check_effect(e)) or "a reader",
        )
        for e in gather_effects(evidence)
        if e.contradiction
    ]
    return write_rows(("study", "result", "contradiction", "found by"), rows)


def tell_bias(evidence: Evidence) -> str:
    """How the studies were judged by each tool, and why those are high that are."""
    judged = [(s, s.risk_of_bias) for s in evidence.studies if s.risk_of_bias is not None and s.risk_of_bias.domains]
    overall = ("low", "some concerns", "high", "not judged")
    counts = Counter((bias.tool, bias.overall) for _, bias in judged)
    rows = [(tool, *(str(counts[tool, word]) for word in overall)) for tool in sorted({b.tool for _, b in judged})]
    rows.append(("all", *(str(sum(b.overall == word for _, b in judged)) for word in overall)))
    high = [
        (study.name, bias.tool, "; ".join(f"{n}: {d.reason}" for n, d in bias.domains.items() if d.judgement == "high"))
        for study, bias in judged
        if bias.overall == "high"
    ]
    table = write_rows(("tool", *overall), rows)
    return f"{table}\n\n{write_rows(('high', 'tool', 'domain and reason'), high)}"


def tell_searches(evidence: Evidence) -> str:
    """What was searched for, taken in and left out."""
    parts = []
    for search in _searches()["searches"]:
        names = ", ".join(evidence.study(key).name for key in search["included"]) or "none"
        known = ", ".join(evidence.study(key).name for key in search["known"])
        strings = "\n".join(f'- "{string}"' for string in search["strings"])
        parts.append(
            f"**{search['question']}** ({search['date']}; {search['found']} hits)\n\n{strings}\n\n"
            f"New: {names}. Known already: {known}. Left out: {'; '.join(search['left_out'])}."
        )
    return "\n\n".join(parts)


def tell_coverage(evidence: Evidence) -> str:
    """How many studies of five reviews are here."""
    rows = []
    for review in _searches()["reviews"]:
        for key in review["here"]:
            evidence.study(key)
        named = len(review["here"]) + len(review["missing"])
        rows.append(
            (
                evidence.study(review["key"]).name,
                str(review["studies"]),
                f"{named} ({review['where']})",
                str(len(review["here"])),
                "; ".join(review["missing"]),
            )
        )
    return write_rows(("review", "studies in it", "named in what could be read", "here", "named, not here"), rows)


def tell_unidentified(evidence: Evidence) -> str:
    """Studies for which no identifier was found."""
    return "; ".join(f"{s.name} (`{s.key}`)" for s in evidence.studies if not s.link) + "."


def _searches() -> dict[str, Any]:
    return tomllib.loads((HERE / "evidence-searches.toml").read_text(encoding="utf-8"))


#: The tables of the page by name.
TABLES: dict[str, Callable[[Evidence], str]] = {
    "counts": tell_counts,
    "second pass": tell_second_pass,
    "contradictions": tell_contradictions,
    "risk of bias": tell_bias,
    "searches": tell_searches,
    "coverage": tell_coverage,
    "unidentified": tell_unidentified,
}


def fill_page(text: str, evidence: Evidence) -> str:
    """Return the page with every table computed anew."""
    for name, tell in TABLES.items():
        pattern = rf"(<!-- {name} begin -->\n).*?(<!-- {name} end -->)"
        text, n = re.subn(pattern, lambda m, t=tell: f"{m[1]}\n{t(evidence)}\n\n{m[2]}", text, flags=re.DOTALL)
        if n != 1:
            raise SystemExit(f"docs/evidence-data.md needs one place for the table {name!r}; it has {n}.")
    return text


def main() -> None:
    """Rewrite the page."""
    page = HERE / "evidence-data.md"
    page.write_text(fill_page(page.read_text(encoding="utf-8"), load_evidence()), encoding="utf-8")


if __name__ == "__main__":
    main()
