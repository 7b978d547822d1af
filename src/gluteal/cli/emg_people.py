"""`gluteal emg FOLDER`: every person of a folder, in one table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gluteal.cli import BAD_INPUT, DONE
from gluteal.cli.output import print_json, say_written, standard_output
from gluteal.vocabulary import Side

if TYPE_CHECKING:
    from gluteal.emg.analysis.people import PeopleAnalysis
    from gluteal.emg.analysis.record import Analysis
    from gluteal.emg.session.file import Session


def measure_people(
    folder: Path,
    analyse: Callable[[Session], Analysis],
    *,
    muscle_map: dict[str, str],
    side: Side | None,
    task: str | None,
    json_: bool,
    out: list[Path],
) -> int:
    """Measure, write and print; exit code 2 where a file had to be skipped, with everything else written."""
    from gluteal.emg.analysis.people import analyse_people
    from gluteal.files import check_target, csv_text, write_text

    for path in out:  # announced before; of people there is no page
        check_target(path, (".csv",))

    def tell(k: int, count: int, words: str) -> None:
        print(f"person {k} of {count}: {words}", file=sys.stderr)

    people = analyse_people(folder, analyse=analyse, muscle_map=muscle_map, side=side, task=task, progress=tell)
    for path in out:
        write_text(path, csv_text(people.to_table()))
    if json_:
        print_json(people.to_json())
    else:
        _show(people)
    say_written(out)
    for left in people.skipped:
        print(f"gluteal: skipped {left.file} of {left.person}: {left.why}", file=sys.stderr)
    return BAD_INPUT if people.skipped else DONE


def _show(people: PeopleAnalysis) -> None:
    from rich.table import Table
    from rich.text import Text

    count = len(people.analyses)
    title = f"{people.folder}: {count} {'person' if count == 1 else 'people'}"
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("person", "recordings", "channels", "timed", "onsets", "left out"):
        table.add_column(name, justify="left" if name == "person" else "right", overflow="fold")
    for person, analysis in people.analyses.items():
        timed = [c for c in analysis.channels if c.bursts is not None]
        left = sum(len(r.left_out) for r in analysis.recordings)
        counts = (len(analysis.recordings), len(analysis.channels), len(timed), sum(len(c.onsets) for c in timed), left)
        table.add_row(Text(person), *map(str, counts))
    standard_output().print(table)
