"""A page a claim: the plain answer first, what it rests on below; and the page that lists them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
from docs.site.places import CLAIMS
from docs.site.writing import markdown, raw_html
from markupsafe import Markup

from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.experiments import all_experiments
from gluteal.ledger.run import Entry, Ledger, compile_ledger, run_experiments
from gluteal.show.pages.claim_entry import VERDICT_WORDS, describe_entry
from gluteal.show.pages.page import own_style

#: Headings of the list, by topic.
_TOPICS = {
    "mechanism": "Do glutes fall asleep?",
    "back-pain": "Glutes and back pain",
    "function": "What glutes do",
    "assessment": "Can one tell by looking and touching?",
    "other": "Knees, ankles, age and the rest",
}


def make_claim_pages() -> Ledger:
    """Make the pages, with what every experiment found, and return the ledger that they show.

    Readings that came with the package are read where they fit its text, else measured now.
    """
    evidence = load_evidence()
    results = run_experiments(tuple(all_experiments()), bench=Bench(), kept=True)
    ledger = compile_ledger(evidence, [claim.id for claim in evidence.claims], results=results)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    template = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "claim.html.j2"
    )
    with own_style():
        for entry in ledger.entries:
            shown = describe_entry(entry, evidence)
            shown["forests"] = [(_named(figure), words) for figure, words in shown["forests"]]
            text = f"{_head(entry, shown)}\n{_sections(template.render(e=shown))}\n{_foot(entry)}"
            (CLAIMS / f"{entry.claim.id}.md").write_text(text, encoding="utf-8")
    (CLAIMS / "index.md").write_text(_index(ledger), encoding="utf-8")
    return ledger


def _sections(html: str) -> str:
    """Return HTML as blocks under headings of the page, which its contents list."""
    first, *parts = re.split(r"<h2>(.*?)</h2>", html)
    text = raw_html(first.strip()) if first.strip() else ""
    for title, part in zip(parts[::2], parts[1::2], strict=True):
        # A blank line would end the block.
        text += f"\n## {title}\n\n" + raw_html("\n".join(line for line in part.splitlines() if line.strip()))
    return text


def _named(figure: Markup) -> Markup:
    """Give a figure a name for readers of the screen; the words below say what it shows."""
    return Markup(str(figure).replace('role="img"', 'role="img" aria-label="Studies with their 95 % intervals"', 1))


def _chip(entry: Entry) -> str:
    verdict = entry.verdict.verdict
    return f'<span class="chip {verdict}">{VERDICT_WORDS[verdict]}</span>'


def _head(entry: Entry, shown: dict[str, Any]) -> str:
    plain = entry.plain
    words = [
        f"# {markdown(entry.claim.statement)}",
        raw_html(f"<p>{_chip(entry)}</p>"),
        f"**{markdown(plain.sentence)}**",
    ]
    words += [markdown(part) for part in (plain.number, plain.certainty) if part]
    words += [f"**What would change it.** {markdown(plain.would_change)}"]
    if shown["articles"]:
        said = [
            f"- {markdown(title)}: {stance} it{' (follows from the argument)' if implied else ''}"
            for title, stance, implied in shown["articles"]
        ]
        words += ["## Who says so", "\n".join(said)]
    if shown["quotation"]:
        words.append(f"**Held against its source: {shown['judgement']}.** {markdown(shown['quotation'].why)}")
    return "\n\n".join(words) + "\n"


def _foot(entry: Entry) -> str:
    """Return how to see this by oneself."""
    run = " --run" if entry.foretold else ""
    return (
        f"## See for yourself\n\n```sh\ngluteal claims {entry.claim.id}{run}\n```\n\n"
        "How a verdict comes about is told in [the ledger](../ledger.md); [move the body yourself](../try.md).\n"
    )


def _index(ledger: Ledger) -> str:
    text = (
        "# Claims, weighed\n\nArticles about “sleeping” glutes contradict one another. Here every statement stands by "
        f"itself: {len(ledger.entries)} claims, each with a plain answer, the number that carries it, how sure one can "
        "be, and what would change it.\n"
    )
    topics = dict.fromkeys(entry.claim.topic for entry in ledger.entries)
    for topic in topics:
        text += f"\n## {_TOPICS.get(topic, topic.replace('-', ' ').capitalize())}\n"
        for entry in ledger.entries:
            if entry.claim.topic == topic:
                word = VERDICT_WORDS[entry.verdict.verdict]
                text += f"\n[{markdown(entry.claim.statement)}]({entry.claim.id}.md)  \n"
                text += f"*{word}.* {markdown(entry.plain.sentence)}\n"
    return text + "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"
