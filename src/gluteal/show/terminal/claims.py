"""Claims, their evidence and their verdicts as text in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.synthesis import Synthesis
from gluteal.ledger.exchange.new_references import NewReference
from gluteal.ledger.run import Entry, Ledger, Tested, says_in_bands, tally
from gluteal.ledger.words import near_optimal_words, origin_words, reading_words, stance_words, study_words
from gluteal.show.terminal.tones import TONES


def show_ledger(console: Console, ledger: Ledger, *, ran: bool) -> None:
    """Print a line a claim: verdict, certainty, studies for and against, what the experiment said."""
    # One line a claim, in 80 columns.
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for column in ("claim", "verdict", "certainty"):
        table.add_column(column, no_wrap=True)
    table.add_column("+/-", justify="right", no_wrap=True)
    table.add_column("experiment", no_wrap=True)
    for entry in ledger.entries:
        table.add_row(
            entry.claim.id,
            _toned(entry.verdict.verdict),
            entry.verdict.certainty or "",
            f"{len(entry.evidence.keys('supports'))}/{len(entry.evidence.keys('contradicts'))}",
            _result(entry) if entry.result else Text("not run" if entry.foretold and not ran else "", "dim"),
        )
    console.print(table)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in tally(ledger).items())
    console.print(f"{len(ledger.entries)} claims: {counts}.", highlight=False)
    console.print(
        "+/-: studies whose own interval or p value is for and against; their numbers decide nothing.",
        style="dim",
        highlight=False,
    )
    hint = "gluteal claims ID shows one whole; --out ledger.html writes a page to browse."
    console.print(hint if ran else f"{hint} --run runs the experiments.", style="dim", highlight=False)


def show_new(console: Console, found: Sequence[NewReference]) -> None:
    """Print every reference with the claims it touches and what a result of its size could make of their verdicts."""
    for reference in found:
        console.print(Text(reference.study.title, style="bold"))
        if reference.known is not None:
            console.print(Padding(Text(f"The ledger has it already, as {reference.known}."), (0, 0, 0, 2)))
        if not reference.touched:
            console.print(Padding(Text("No claim is near it."), (0, 0, 0, 2)))
        for touched in reference.touched:
            could = " or ".join(touched.could_become)
            change = f"could become {could}" if could else "would stay"
            console.print(
                Padding(
                    Text(f"{touched.claim} ({touched.match:.2f}): ") + _toned(touched.verdict) + f", {change}",
                    (0, 0, 0, 2),
                )
            )
        console.print()
    console.print(
        "By the words of title and abstract; a result is taken as none, as large for, and as large against the claim.",
        style="dim",
        highlight=False,
    )


def _result(entry: Entry) -> Text:
    if any(tested.credible for tested in entry.tested):
        return _toned(entry.result or "undecided")
    return Text("no weight", "dim")


def show_claim(console: Console, entry: Entry, evidence: Evidence, *, ran: bool) -> None:
    """Print a claim with who says so, its experiments, its studies and its verdict."""
    plain = entry.plain
    console.print(Text(entry.claim.statement, style="bold"))
    console.print(Text(plain.sentence, style=TONES[entry.verdict.verdict]))
    for words in filter(None, (plain.number, plain.certainty)):
        console.print(Text(words))
    console.print(Text(f"What would change it: {plain.would_change}"))
    console.print()
    for step in entry.verdict.steps:
        console.print(Text(step, style="dim"))
    console.print(Text(_stability_words(entry), style="dim"))
    if entry.claim.articles:
        console.print()
        for words in stance_words(entry.claim, evidence):
            console.print(Padding(Text(words), (0, 0, 0, 2)))
    for words in origin_words(entry.claim, evidence):
        console.print(Text(words, style="dim"))
    for tested in entry.tested:
        _show_test(console, tested)
    if entry.foretold and not ran:
        console.print(
            f"\n--run runs the experiment{'s' if len(entry.foretold) > 1 else ''} on this claim.", style="dim"
        )
    for synthesis in entry.evidence.syntheses:
        _show_synthesis(console, synthesis)
    if entry.evidence.lines:
        console.print(Text("\nStudies", style="bold"))
    for line in entry.evidence.lines:
        console.print(Text(f"{line.says:12}", style=TONES[line.says]) + Text(f"{line.study.name}"))
        if line.why_no_weight:
            console.print(Padding(Text(f"has no weight: {line.why_no_weight}"), (0, 0, 0, 12)))
        for words in study_words(line.study, entry.claim.id):
            console.print(Padding(Text(words, style="dim"), (0, 0, 0, 12)))
    console.print()


def _show_synthesis(console: Console, synthesis: Synthesis) -> None:
    estimate, pooled = synthesis.estimate, synthesis.pooled
    if not synthesis.main or estimate is None:
        return
    low, high = sorted((estimate.low, estimate.high))
    how = "one study" if pooled is None else f"{pooled.k} studies, {pooled.method}"
    console.print(
        f"\nPut together: {synthesis.measure} {estimate.value:.3g} ({low:.3g} to {high:.3g}; {how})", highlight=False
    )


def _stability_words(entry: Entry) -> str:
    found = entry.stability
    return (
        f"The word changes in {len(found.without)} of {found.studies} cases when a study is left out, and in "
        f"{len(found.perturbed)} of {found.rules} when a number of the rule is changed."
    )


def _show_test(console: Console, tested: Tested) -> None:
    experiment, readings = tested.result.experiment, {r.key: r for r in tested.result.readings}
    console.print()
    title = experiment.title if experiment.title.endswith("?") else f"{experiment.title}:"
    console.print(Text("Experiment: ", style="bold") + Text(f"{title} ") + _toned(tested.answer))
    if tested.failed_check is not None:
        console.print(Padding(Text(f"It has no weight: {tested.failed_check}.", style="dark_orange"), (0, 0, 0, 2)))
    if tested.result.bodies is not None:
        said = tested.result.bodies.sentence(tested.prediction, tested.answer)
        console.print(Padding(Text(f"Over the published bodies: {said}."), (0, 0, 0, 2)))
    console.print(Text(experiment.method))
    for criterion in tested.prediction.criteria:
        reading = readings[criterion.reading]
        said = criterion.judge(reading.value)
        near = near_optimal_words(says_in_bands(criterion, tested.result.values, tested.result.bands))
        console.print(
            Padding(Text(f"- {reading_words(reading)}: ") + _toned(said) + (f" ({near})" if near else ""), (0, 0, 0, 2))
        )
        console.print(
            Padding(
                Text(
                    f"supports if {criterion.supports.words(reading.unit)}, contradicts if "
                    f"{criterion.contradicts.words(reading.unit)}: {criterion.why}",
                    style="dim",
                ),
                (0, 0, 0, 4),
            )
        )
    limits = " ".join(filter(None, [tested.prediction.limits, experiment.limits]))
    if limits:
        console.print(Padding(Text(f"Limits: {limits}", style="dim"), (0, 0, 0, 2)))


def _toned(word: str) -> Text:
    return Text(word, style=TONES[word])
