"""An adaptation as text in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from gluteal.show.terminal.outcome import NEGLIGIBLE, show_rows
from gluteal.words import SIDES

if TYPE_CHECKING:
    import numpy as np

    from gluteal.simulate.adapt.curve import AdaptationCurve
    from gluteal.simulate.adapt.record import Adaptation

#: Written as 0, deg or mm.
ROUNDED = 0.05


def show_adaptation(console: Console, adaptation: Adaptation, *, curve: AdaptationCurve | None = None) -> None:
    """Print what the person could do instead, how far what moves, what it buys, and how well it is solved."""
    for sentence in adaptation.sentences:
        console.print(Text(sentence))
    units = {"deg": "°", "mm": " mm"}
    rows = [
        {
            "what": f"{c.quantity.replace('_', ' ')}{f', {c.phase}' if c.phase else ''}",
            "before": f"{_plain(c.before):.1f}{units[c.unit]}",
            "after": f"{_plain(c.after):.1f}{units[c.unit]}",
            "change": f"{c.value:+.1f}",
            "band": "-" if c.low is None or c.high is None else f"{c.low:+.1f} to {c.high:+.1f}",
        }
        for c in adaptation.changes
        if c.said
    ]
    if rows:
        show_rows(console, rows)
    bought = adaptation.bought
    loads = [
        f"{SIDES[side]}{joint} {fixed:.1f} → {adapted:.1f}"
        for joint, side, _, fixed, adapted in bought.joint_loads
        if joint in ("hip", "lumbosacral") and side in (adaptation.toward, None)
    ]
    console.print(
        f"Effort {bought.effort[1]:.3g} → {bought.effort[2]:.3g} (undisturbed {bought.effort[0]:.3g}); "
        f"missing {_amount(bought.missing[0])} → {_amount(bought.missing[1])} N·m"
        + (f"; joint force (× body weight): {', '.join(loads)}." if loads else "."),
        highlight=False,
    )
    for note in adaptation.notes:
        console.print(Text(f"  {note}", style="dim"))
    if curve is not None:
        console.print(Text(curve.sentence))
        chosen = curve.dataset.sel(habit="chosen")
        ends = curve.dataset.sel(habit=["low", "high"])
        show_rows(
            console,
            [
                {
                    "loss": f"{100 * loss:.0f} %",
                    "lean (band)": _with_band(float(chosen["trunk_lean"][i]), ends["trunk_lean"].values[:, i]),
                    "list (band)": _with_band(float(chosen["pelvic_list"][i]), ends["pelvic_list"].values[:, i]),
                    "missing if held": f"{float(chosen['fixed_missing'][i]):.1f} N·m",
                    "missing": f"{float(chosen['missing'][i]):.1f} N·m",
                }
                for i, loss in enumerate(curve.losses.tolist())
            ],
        )


def _with_band(value: float, ends: np.ndarray) -> str:
    """Say a change and the smallest and largest of its band, deg."""
    low, _, high = sorted([value, *ends.tolist()])
    return f"{_plain(value):.1f} ({_plain(low):.1f} to {_plain(high):.1f})°"


def _amount(value: float) -> str:
    """Write what is missing; solutions leave reserves of a few thousandths."""
    return "0" if value < NEGLIGIBLE else f"{value:.3g}"


def _plain(value: float) -> float:
    """Return a number that is written without a minus where it is as good as zero."""
    return 0.0 if abs(value) < ROUNDED else value
