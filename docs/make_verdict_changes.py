"""Write docs/verdict-changes.md: every verdict before and after the rule of estimates, and why it changed.

Before: `verdicts-before.csv`, what the rule of votes said of the claims and studies of 20 November 2026, by studies
alone and with the experiments run. After: by studies alone, as the ledger says now; the experiments on the model move
none.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.run import Entry, compile_ledger

DOCS = Path(__file__).parent
WORDS = {"too-small": "too small to matter"}


def main() -> None:
    """Write the page."""
    with (DOCS / "verdicts-before.csv").open(encoding="utf-8", newline="") as file:
        before = {row["id"]: row for row in csv.DictReader(file)}
    ledger = compile_ledger(load_evidence())
    rows, new, same = [], [], 0
    for entry in ledger.entries:
        roots = [key for key in (entry.claim.id, *entry.claim.was) if key in before]
        if not roots:
            new.append(entry)
            continue
        old = before[roots[0]]
        if old["with_the_model"] == entry.verdict.verdict and entry.claim.id in before:
            same += 1
        else:
            rows.append(_row(entry, old, roots[0]))
    gone = sorted(before.keys() - {key for e in ledger.entries for key in (e.claim.id, *e.claim.was)})
    moved = [key for key, row in before.items() if row["by_studies"] != row["with_the_model"]]
    with (DOCS / "verdicts-first-estimates.csv").open(encoding="utf-8", newline="") as file:
        first = {row["id"]: row for row in csv.DictReader(file)}
    later = [_later(entry, first[entry.claim.id]) for entry in ledger.entries if entry.claim.id in first]
    text = _page(rows, new, same, gone, moved, [e.verdict.verdict for e in ledger.entries])
    text += _since([row for row in later if row])
    (DOCS / "verdict-changes.md").write_text(text, encoding="utf-8")


def _row(entry: Entry, old: dict[str, str], root: str) -> str:
    was = "" if root == entry.claim.id else f" (out of {root})"
    before = f"{old['with_the_model']}, {old['certainty_with_the_model'] or 'no certainty'}"
    return f"| {entry.claim.id}{was} | {before} | {_now(entry)} | {_why(entry, old)} |"


def _later(entry: Entry, first: dict[str, str]) -> str:
    """Return a row where verdict or certainty moved since the first estimates; empty where neither did."""
    then = WORDS.get(first["verdict"], first["verdict"]) + (f", {first['certainty']}" if first["certainty"] else "")
    if then == _now(entry):
        return ""
    steps = [step.rstrip(".").replace("|", "/") for step in entry.verdict.steps[:2]]
    main = entry.evidence.main
    k = 0 if main is None else main.pooled.k if main.pooled is not None else 1
    return f"| {entry.claim.id} | {then} ({first['studies']}) | {_now(entry)} ({k}) | {'. '.join(steps)} |"


def _since(rows: list[str]) -> str:
    lines = "\n".join(rows)
    return f"""
## Moved since the first estimates

The ledger of estimates went on: p values of changes within people became sizes by formula, studies were added, a review
of trigger points no longer keeps studies of bony landmarks out, and risk of bias was judged domain by domain. In
brackets: how many studies the number rests on (0: directions, or nothing).

| claim | first | now | why |
| --- | --- | --- | --- |
{lines}
"""


def _now(entry: Entry) -> str:
    word = WORDS.get(entry.verdict.verdict, entry.verdict.verdict)
    return f"{word}, {entry.verdict.certainty}" if entry.verdict.certainty else word


def _why(entry: Entry, old: dict[str, str]) -> str:
    moved = old["by_studies"] != old["with_the_model"]
    by_model = f"the model had moved it from {old['by_studies']}; " if moved else ""
    return by_model + entry.verdict.steps[0].rstrip(".").replace("|", "/")


def _page(rows: list[str], new: list[Entry], same: int, gone: list[str], moved: list[str], words: list[str]) -> str:
    counts = Counter(words)
    told = ", ".join(f"{count} {WORDS.get(word, word)}" for word, count in counts.most_common())
    added = "\n".join(f"| {e.claim.id} | {_now(e)} | {e.verdict.steps[0].rstrip('.')} |" for e in new)
    lines = "\n".join(rows)
    left = f"\nNo longer there under any name: {', '.join(gone)}.\n" if gone else ""
    return f"""# Every verdict that changed, and why

The verdicts of the [ledger](ledger.md) were votes of studies, a "not significant" counted as a vote against, and the
model had one too. They are now where an interval lies against the smallest difference that matters
([the rule](evidence.md#the-rule-of-the-verdict)). This page lists every claim whose word changed; `python
docs/make_verdict_changes.py` writes it. *Before* is with the experiments run, as the page showed it; *now* is by
studies, which the experiments do not move.

Now: {told}.

Of the claims of before {same} kept their word. The model had moved {len(moved)} verdicts; now it moves none, because
wherever it speaks on something that people leave open it fails a check against people, speaks both ways, or its answer
was foregone. Those it had moved:

{chr(10).join(f"- {key}" for key in moved)}

The word *mixed* is gone. What it held is now *insufficient* (compatible with too much), *inconsistent* (studies
contradict one another beyond the band), or a claim of its own.

| claim | before | now | why |
| --- | --- | --- | --- |
{lines}

## Claims that were not there before

| claim | now | why |
| --- | --- | --- |
{added}
{left}"""


if __name__ == "__main__":
    main()
