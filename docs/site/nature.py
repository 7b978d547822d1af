"""The page that holds the model beside nature: every number that an experiment of the ledger can be held against."""

from __future__ import annotations

from docs.site.places import MADE
from docs.site.writing import markdown

from gluteal.ledger.nature import BesideNature, compare_with_nature
from gluteal.ledger.prediction import value_words
from gluteal.ledger.run import Ledger
from gluteal.ledger.words import published_words
from gluteal.show.pages.claim_entry import source_of


def make_nature_page(ledger: Ledger) -> None:
    """Make the page from the experiments that the ledger has run."""
    compared = compare_with_nature(ledger.results.values())
    sized = [row for row in compared if row.difference is not None]
    agree = sum(row.agreement == "agrees" for row in sized)
    loosely = sum(row.agreement == "agrees" and row.one_sided for row in sized)
    text = (
        "# The model beside nature\n\n"
        f"Of {len(sized)} numbers that people were measured for, {agree - loosely} agree in size, {loosely} lie on the "
        "published side of a limit or a direction, which is little to agree with, and "
        f"{len(sized) - agree} do not agree: there the model is wrong, or does something else than "
        "people did. Joint moments, muscle forces and a recorded walk are "
        "[held against measurements](../held-against.md) on a page of their own.\n"
    )
    for title in dict.fromkeys(row.title for row in sized):
        text += f"\n## {markdown(title)}\n\n| quantity | simulated | published | source | how they compare |\n"
        text += "|---|---|---|---|---|\n"
        text += "".join(_row(row, ledger) for row in sized if row.title == title)
    (MADE / "nature.md").write_text(text, encoding="utf-8")


def _row(row: BesideNature, ledger: Ledger) -> str:
    unit = row.reading.unit
    found = source_of(row.published.source or None, ledger.evidence)
    name = markdown(found["source"] or "")
    source = f"[{name}]({found['link']})" if found["link"] else name
    words = (row.reading.label, value_words(row.reading.value, unit), published_words(row.published, unit))
    return f"| {' | '.join(map(markdown, words))} | {source} | {markdown(row.sentence)} |\n"
