"""The command `gluteal claims`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import DONE, SCIENTIFIC_NO, app
from gluteal.cli.options import Fresh, Json, Out
from gluteal.cli.output import check_targets, command_line, print_json, say_written, show_progress, standard_output
from gluteal.errors import InputError, UnknownName

if TYPE_CHECKING:
    from gluteal.ledger.bench import Bench
    from gluteal.ledger.evidence.load import Evidence
    from gluteal.ledger.evidence.records import Claim
    from gluteal.ledger.run import Ledger

_WRITTEN = (".html", ".csv", ".ris", ".jsonld", ".trig")
# Tables whose name says what is in them; any other .csv is a line a claim.
_EFFECTS, _FINDINGS = "effects.csv", "sof.csv"


@app.command(name="claims", help_epilogue="Example: gluteal claims abductor-block-leaves-gait-unchanged --run")
def claims_command(
    *ids: Annotated[str, Parameter(help="Ids of claims, as listed; all if none.")],
    run: Annotated[
        bool, Parameter(help="Run the experiments on the embedded body; without, only the studies speak.")
    ] = False,
    bodies: Annotated[
        bool,
        Parameter(help="With --run: ask all 24 published bodies too, and every walker; minutes an experiment."),
    ] = False,
    topic: Annotated[str | None, Parameter(help="Only the claims of a topic.")] = None,
    evidence: Annotated[
        list[Path] | None,
        Parameter(
            help="Your own claims and studies (.yaml), a table of effects of metafor, RevMan or Covidence (.csv), or "
            "references (.ris, .nbib, .bib, .json). Repeatable."
        ),
    ] = None,
    new: Annotated[
        Path | None,
        Parameter(help="References (.ris, .nbib, .bib, .json): which claims each touches, and what it could change."),
    ] = None,
    fresh: Fresh = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List the claims about glutes with what speaks for and against each, and a verdict by a stated rule.

    Exits with 3 where a claim that was asked for by its id is contradicted. --out writes .html, a table (effects.csv
    for metafor and RevMan, sof.csv a summary of findings, any other .csv a line a claim), .ris, .jsonld (ClaimReview)
    or .trig (nanopublications).
    """
    from gluteal.ledger.evidence.load import load_evidence
    from gluteal.ledger.run import compile_ledger, experiments_for, run_experiments

    check_targets(out, _WRITTEN)
    if bodies and not run:
        raise InputError("--bodies asks the published bodies to do the experiments; write --run --bodies.")
    known = load_evidence(*(evidence or []))
    for given in ids:
        if Path(given).suffix and Path(given).exists():
            raise InputError(f"{given!r} is a file, not a claim; to add what is in it, write --evidence {given}.")
    if new is not None:
        if out:
            raise InputError("What new references could change is printed, not written; leave --out away from --new.")
        return _tell_new(known, new, json_=json_)
    wanted = [known.claim(i) for i in ids] if ids else list(known.claims)
    if topic is not None:
        wanted = _of_topic(topic, wanted, [c.topic for c in known.claims])
    names = [claim.id for claim in wanted]
    bench, results = None, {}
    if run:
        # Experiments that no claim asks for repeat published studies; they belong to the whole ledger.
        from gluteal.ledger.experiments import all_experiments

        keys = experiments_for(names) if ids or topic else tuple(all_experiments())
        with _counted(len(keys)) as step:
            from gluteal.ledger.bench import Bench

            bench = Bench()
            results = run_experiments(keys, bench=bench, progress=step, kept=not fresh, bodies=bodies)
    ledger = compile_ledger(known, names, results=results)
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            _write(path, ledger, bench, fresh)
    if json_:
        print_json([entry.to_json() for entry in ledger.entries])
    else:
        from gluteal.show.terminal.claims import show_claim, show_ledger

        if ids:
            for entry in ledger.entries:
                show_claim(standard_output(), entry, known, ran=run)
        else:
            show_ledger(standard_output(), ledger, ran=run)
    say_written(out)
    contradicted = ids and any(e.verdict.verdict == "contradicted" for e in ledger.entries)
    return SCIENTIFIC_NO if contradicted else DONE


def _tell_new(known: Evidence, path: Path, *, json_: bool) -> int:
    from gluteal.ledger.exchange.new_references import weigh_new

    found = weigh_new(known, path)
    if json_:
        print_json([reference.to_json() for reference in found])
    else:
        from gluteal.show.terminal.claims import show_new

        show_new(standard_output(), found)
    return DONE


def _of_topic(topic: str, wanted: list[Claim], topics: list[str]) -> list[Claim]:
    if topic not in topics:
        raise UnknownName("topic", topic, sorted(set(topics)), "gluteal list claims")
    found = [claim for claim in wanted if claim.topic == topic]
    if not found:
        raise InputError(f"None of the claims asked for is about {topic}; leave --topic out, or the ids.")
    return found


def _write(path: Path, ledger: Ledger, bench: Bench | None, fresh: bool) -> None:
    from gluteal.files import write_text

    names = [e.claim.id for e in ledger.entries]
    ending = path.suffix.lower()
    if path.name.casefold() == _EFFECTS:
        from gluteal.ledger.exchange.effects_table import render_effects

        write_text(path, render_effects(ledger.evidence, names))
    elif ending == ".ris":
        from gluteal.ledger.exchange.references_out import render_ris

        keys = dict.fromkeys(line.study.key for e in ledger.entries for line in e.evidence.lines)
        write_text(path, render_ris(ledger.evidence.study(key) for key in keys))
    elif ending == ".jsonld":
        from gluteal.ledger.exchange.claim_review import claim_reviews

        write_text(path, json.dumps(claim_reviews(ledger.entries, ledger.evidence), indent=1, ensure_ascii=False))
    elif ending == ".trig":
        from gluteal.ledger.exchange.nanopublications import render_nanopublications

        write_text(path, render_nanopublications(ledger.evidence, names))
    elif ending == ".csv":
        _write_table(path, ledger)
    else:
        _write_page(path, ledger, bench, fresh)


def _write_table(path: Path, ledger: Ledger) -> None:
    from gluteal.show.pages.outcome import write_table

    if path.name.casefold() == _FINDINGS:
        from gluteal.ledger.exchange.summary_table import summary_rows

        rows = summary_rows(ledger.entries)
    else:
        rows = [
            {
                "id": e.claim.id,
                "topic": e.claim.topic,
                "statement": e.claim.statement,
                "verdict": e.verdict.verdict,
                "certainty": e.verdict.certainty,
                "experiment": e.result or "",
                "why": e.verdict.sentence,
            }
            for e in ledger.entries
        ]
    write_table(path, rows, title="Claims")


def _write_page(path: Path, ledger: Ledger, bench: Bench | None, fresh: bool) -> None:
    from gluteal.files import write_text
    from gluteal.show.pages.ledger import render_ledger

    exercises = None
    if bench is not None:
        from gluteal.ledger.exercises import exercise_table

        exercises = exercise_table(bench, kept=not fresh)
    write_text(path, render_ledger(ledger, exercises=exercises, command=command_line()))


@contextmanager
def _counted(total: int) -> Iterator[Callable[[str], None]]:
    """Show which experiment runs, of how many, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=total)
        started = False

        def step(title: str) -> None:
            nonlocal started
            bar.update(task, advance=1 if started else 0, description=title)
            started = True

        yield step
