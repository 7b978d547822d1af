"""What `gluteal emg` shows on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gluteal.words import list_words

if TYPE_CHECKING:
    from rich.console import Console

    from gluteal.emg.analysis.record import Analysis
    from gluteal.emg.analysis.run import StepProgress
    from gluteal.held_against.emg import Beside

#: Channels that a note names.
_MOST_NAMED = 4
#: Sentences about pairs that a terminal shows; more are in the JSON and the report.
_MOST_PAIRS = 12

#: Faults in a word or two, where the name of the kind would alarm or say too little.
_FAULTS = {
    "dead": "no signal",
    "flat": "no signal",
    "saturation": "driven to its limit",
    "low_snr": "no burst",
    "low_rate": "too few samples",
    "coarse": "too coarse",
    "short": "too short",
    "movement_artefact": "cables moved",
    "ecg": "heart",
    "hum": "mains hum",
    "copy": "counted once",
}


@contextmanager
def tell_steps() -> Iterator[StepProgress | None]:
    """A progress bar on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(bar_width=24), TimeRemainingColumn(compact=True), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("Reading", total=None)

        def tell(words: str, done: int, total: int) -> None:
            bar.update(line, description=words, completed=done, total=total)

        yield tell


def _notes(analysis: Analysis) -> list[str]:
    """Notes of the session, and those of channels with the channels they are about."""
    about: dict[str, list[str]] = {}
    for channel in analysis.channels:
        for note in channel.notes:
            about.setdefault(note, []).append(channel.words)
    for note, names in about.items():
        more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
        who = list_words([*names[:_MOST_NAMED], *more])
        about[note] = [f"{who[0].upper()}{who[1:]}: {note}"]
    return [*analysis.notes, *(text for texts in about.values() for text in texts)]


def show_analysis(console: Console, analysis: Analysis, beside: Beside | None) -> None:
    """Print the channels and the findings for a terminal."""
    from rich.table import Table
    from rich.text import Text

    from gluteal.emg.measure.amplitude import MVIC

    if analysis.synthetic:
        console.print(Text("Synthetic: a program made these signals, no person was measured.", style="yellow"))
    several = len({c.recording for c in analysis.channels}) > 1
    table = Table(title=analysis.name, title_justify="left", title_style="bold")
    for i, column in enumerate([*(["recording"] if several else []), "muscle", "timed", "onsets (s, ± SD)", "mean"]):
        table.add_column(
            column, overflow="fold", justify="right" if column == "mean" else "left", ratio=None if i else 1
        )
    for channel in analysis.channels:
        times = [f"{t:.3f} ± {1000 * s:.0f} ms" if s == s else f"{t:.3f}" for t, s in channel.onsets]
        shown = ", ".join(times[:3]) + (f", … ({len(times)})" if len(times) > 3 else "")
        why = ", ".join(_FAULTS.get(f.kind, f.kind) for f in channel.quality.faults if f.severity == "fail")
        timed = Text("yes", style="green") if channel.bursts is not None else Text(why or "no", style="dark_orange")
        mean = ""
        if channel.amplitude is not None:
            mean = f"{channel.amplitude.mean:.0f} {MVIC if channel.amplitude.unit == MVIC else '% own'}"
        table.add_row(*([channel.recording] if several else []), channel.words, timed, shown, mean)
    console.print(table)
    for finding in analysis.findings:
        console.print(Text(f"· {finding.sentence}"))
    for note in _notes(analysis):
        console.print(Text(f"· {note}"))
    able = [a for a in analysis.asymmetries if a.comparable]
    sentences = [a.sentence for a in able] + [c.sentence for c in analysis.curves]
    sentences += [p.sentence for p in analysis.antagonists] + [s.sentence for s in analysis.synergies]
    if sentences:
        console.print(Text("Beside each other:", style="bold"))
    for sentence in sentences[:_MOST_PAIRS]:
        console.print(Text(f"· {sentence}"))
    if len(sentences) > _MOST_PAIRS:
        console.print(Text(f"· and {len(sentences) - _MOST_PAIRS} more; --json and --out have all."))
    if beside is not None:
        console.print(Text(f"Beside the simulation of {beside.name}:", style="bold"))
        for muscle in beside.muscles:
            console.print(Text(f"· {muscle.sentence}"))
