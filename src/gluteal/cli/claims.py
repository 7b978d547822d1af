"""The command `gluteal claims`."""

from __future__ import annotations

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
    from gluteal.ledger.evidence.records import Claim
    from gluteal.ledger.run import Ledger

_WRITTEN = (".html", ".csv")


@app.command(name="claims", help_epilogue="Example: gluteal claims abductor-block-leaves-gait-unchanged --run")
def claims_command(
    *ids: Annotated[str, Parameter(help="Ids of claims, as listed; all if none.")],
    run: Annotated[
        bool, Parameter(help="Run the experiments on the embedded body; without, only the studies speak.")
    ] = False,
    topic: Annotated[str | None, Parameter(help="Only the claims of a topic.")] = None,
    evidence: Annotated[
        list[Path] | None,
        Parameter(help="Your own claims and studies (.yaml) or references (.ris, .bib, .json). Repeatable."),
    ] = None,
    fresh: Fresh = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List the claims about glutes with what speaks for and against each, and a verdict by a stated rule.

    Exits with 3 where a claim that was asked for by its id is contradicted. --out writes .html or .csv.
    """
    from gluteal.ledger.evidence.load import load_evidence
    from gluteal.ledger.experiments import all_experiments
    from gluteal.ledger.run import compile_ledger, experiments_for, run_experiments

    check_targets(out, _WRITTEN)
    known = load_evidence(*(evidence or []))
    for given in ids:
        if Path(given).suffix and Path(given).exists():
            raise InputError(f"{given!r} is a file, not a claim; to add what is in it, write --evidence {given}.")
    wanted = [known.claim(i) for i in ids] if ids else list(known.claims)
    if topic is not None:
        wanted = _of_topic(topic, wanted, [c.topic for c in known.claims])
    names = [claim.id for claim in wanted]
    bench, results = None, {}
    if run:
        # Experiments that no claim asks for repeat published studies; they belong to the whole ledger.
        keys = experiments_for(names) if ids or topic else tuple(all_experiments())
        with _counted(len(keys)) as step:
            from gluteal.ledger.bench import Bench

            bench = Bench()
            results = run_experiments(keys, bench=bench, progress=step, kept=not fresh)
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


def _of_topic(topic: str, wanted: list[Claim], topics: list[str]) -> list[Claim]:
    if topic not in topics:
        raise UnknownName("topic", topic, sorted(set(topics)), "gluteal list claims")
    found = [claim for claim in wanted if claim.topic == topic]
    if not found:
        raise InputError(f"None of the claims asked for is about {topic}; leave --topic out, or the ids.")
    return found


def _write(path: Path, ledger: Ledger, bench: Bench | None, fresh: bool) -> None:
    if path.suffix.lower() == ".csv":
        from gluteal.show.pages.outcome import write_table

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
        write_table(path, rows, title="Claims", over="gluteal", sentence="", command=command_line())
        return
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
