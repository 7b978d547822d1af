"""Write the tables of ``docs/evidence-data.md``: counts, second pass over every number, contradictions, searches.

Run from anywhere: ``python docs/make_evidence_tables.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.marks import put, render_table
from docs.second_pass import gather_effects, second_pass

from gluteal.ledger.evidence.arithmetic import check_effect
from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.summary import summarise_evidence

HERE = Path(__file__).parent


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
    return render_table(("what", "how many"), [(what, str(n)) for what, n in rows])


def tell_second_pass(evidence: Evidence) -> str:
    """The agreement, and every number that does not agree."""
    checked, tabled, left = second_pass(evidence)
    rows = []
    for by in ("quotation", "formula"):
        of = [c for c in checked if c.by == by]
        rows.append((f"numbers held against a {by}", str(len(of)), str(sum(c.agrees for c in of))))
    arithmetic = [e for e in gather_effects(evidence) if e.estimate is not None or e.p]
    agree = [e for e in arithmetic if not check_effect(e)]
    rows.append(("results whose numbers were held against one another", str(len(arithmetic)), str(len(agree))))
    table = render_table(("second pass", "checked", "agree"), rows)
    wrong = [(c.effect.id, c.by, c.what) for c in checked if not c.agrees]
    if wrong:
        table += "\n\n" + render_table(("result", "held against", "not found, or another number"), wrong)
    rows = [(e.id, value_of(e), e.locator, e.read, e.note) for e in left]
    rest = render_table(("result", "number", "where it was read", "how far", "note"), rows)
    cells = ", ".join(f"{e.id} ({value_of(e)})" for e in tabled)
    return (
        f"{table}\n\n{len(tabled)} more stand in a cell of a named table, where no words hold them: {cells}.\n\n"
        f"{len(left)} numbers have neither; they are kept, and marked so here:\n\n{rest}"
    )


def value_of(effect: Effect) -> str:
    """Write a result's number with its unit."""
    return f"{effect.estimate:g} {effect.units}".removesuffix(" 1").strip()


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
    return render_table(("study", "result", "contradiction", "found by"), rows)


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
    table = render_table(("tool", *overall), rows)
    return f"{table}\n\n{render_table(('high', 'tool', 'domain and reason'), high)}"


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
    return render_table(("review", "studies in it", "named in what could be read", "here", "named, not here"), rows)


def tell_unidentified(evidence: Evidence) -> str:
    """Studies that lack an identifier or authors: what was looked up, and what public pages show of them."""
    looked = read_lookups()
    rows = []
    for study in evidence.studies:
        lacks = [
            what
            for what, is_missing in (("identifier", not study.link), ("authors", study.authors is None))
            if is_missing
        ]
        if lacks:
            seen = looked.get(study.key, {"found": "not looked up", "words": "", "again": ""})
            page = f" ([page]({seen['page']}))" if seen.get("page") else ""
            rows.append(
                (
                    f"{study.name} (`{study.key}`)",
                    " and ".join(lacks),
                    f'"{seen["words"]}"',
                    seen["again"],
                    seen["found"] + page,
                )
            )
    return render_table(("study", "lacks", "looked up", "a second time", "what the pages show"), rows)


def tell_identified(evidence: Evidence) -> str:
    """Studies that the same look-ups gave an identifier or authors."""
    rows = [
        (f"{evidence.study(key).name} (`{key}`)", seen["found"], f"[page]({seen['page']})")
        for key, seen in read_lookups().items()
        if (study := evidence.study(key)).link and study.authors is not None
    ]
    return render_table(("study", "found", "where"), rows)


def read_lookups() -> dict[str, Any]:
    """Return what was looked up to identify studies, by their keys."""
    return tomllib.loads((HERE / "evidence-lookups.toml").read_text(encoding="utf-8"))


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
    "identified": tell_identified,
    "unidentified": tell_unidentified,
}


def fill_page(text: str, evidence: Evidence) -> str:
    """Return the page with every table computed anew."""
    for name, tell in TABLES.items():
        text = put(text, name, tell(evidence))
    return text


def main() -> None:
    """Rewrite the page."""
    page = HERE / "evidence-data.md"
    page.write_text(fill_page(page.read_text(encoding="utf-8"), load_evidence()), encoding="utf-8")


if __name__ == "__main__":
    main()
