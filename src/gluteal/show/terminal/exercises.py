"""The exercise atlas on a terminal: how far to trust simulation, a table by level, where the model differs."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gluteal.ledger.atlas.build import Atlas, AtlasEntry
from gluteal.ledger.atlas.names import LEVELS

_LEGEND = (
    "EMG in % of a maximal contraction and its range over sources (p: only peaks were published); sim: simulated in %, "
    "where it lies among people; hip, knee, back: largest computed loads, body weights (~: of a movement that is near)."
)


def show_atlas(console: Console, atlas: Atlas) -> None:
    """Print the atlas; a name that does not fit its column goes on below."""
    console.print(atlas.trust, highlight=False)
    if atlas.entries:
        console.print(_tabulate(atlas))
        console.print(_LEGEND, style="dim")
    for entry in atlas.entries:
        told = entry.say_disagreement(atlas.groups)
        if told:
            console.print(f"{entry.exercise.title}: {told}", style="yellow", highlight=False)
    console.print(f"{atlas.options} {atlas.load_note}", highlight=False)


def _tabulate(atlas: Atlas) -> Table:
    table = Table(padding=(0, 1), box=None, header_style="bold")
    table.add_column("exercise", overflow="fold", ratio=1)
    for name in atlas.groups.values():
        table.add_column("EMG" if len(atlas.groups) == 1 else name.removeprefix("gluteus "), no_wrap=True)
        table.add_column("sim", justify="right", no_wrap=True)
    for name in ("hip", "knee", "back"):
        table.add_column(name, justify="right", no_wrap=True)
    for level in LEVELS:
        members = [e for e in atlas.entries if e.exercise.level == level]
        if members:
            table.add_row(Text(level, style="bold underline"))
        for entry in members:
            table.add_row(*_cells(entry))
    return table


def _cells(entry: AtlasEntry) -> list[str | Text]:
    needs = f" [{', '.join(entry.exercise.equipment)}]" if entry.exercise.equipment else ""
    cells: list[str | Text] = [Text(f"{entry.exercise.title}{needs}")]
    for group, emg in entry.published.items():
        check = entry.check[group]
        spread = f" ({100 * emg.low:.0f}-{100 * emg.high:.0f})" if emg is not None and emg.high > emg.low else ""
        mark = "p" if emg is not None and emg.basis == "peak" else ""
        cells.append("–" if emg is None else f"{100 * emg.value:.0f}{mark}{spread}")
        cells.append(f"{100 * check.compared:.0f}" if check is not None and check.credible else "")
    near = "~" if entry.exercise.match == "near" else ""
    loads = (entry.hip_load, entry.knee_load, entry.back_load)
    return [*cells, *("" if load is None else f"{near}{load:.1f}" for load in loads)]
