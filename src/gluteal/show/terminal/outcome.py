"""Results as text in a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from gluteal.files import terminal_text
from gluteal.show.parts import label_muscles, say_part
from gluteal.words import SIDES, list_words

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome
    from gluteal.simulate.dynamometer import Strength
    from gluteal.simulate.ensemble import Ensemble

#: Solutions leave reserves of a few thousandths, because reserves are costly, not forbidden; N m.
NEGLIGIBLE = 0.01
#: Longer lists are cut in a terminal; --json and --out have them whole.
_MOST_LISTED = 4
#: So many words are a number with its unit.
_NUMBER_AND_UNIT = 2
_TONES = {
    "unchanged": "green",
    "compensated": "dark_orange",
    "impossible": "red",
    "cannot-be-judged": "magenta",
    "disputed": "magenta",
}


class Terminal(Console):
    """Standard output. Texts of other people's files are shown on it, not obeyed.

    Its reader may go away: then BrokenPipeError, not the exit code of an error.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as any console does, control characters in texts made visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=terminal_text(segment.text))

    def on_broken_pipe(self) -> None:
        """Let the caller decide how to end."""
        raise BrokenPipeError


def show_outcome(console: Console, outcome: Outcome, *, most: int = 6, ensemble: Ensemble | None = None) -> None:
    """Print verdict, who does more and less, what is missing, and the checks; what all bodies say comes first."""
    verdict = outcome.verdict if ensemble is None else ensemble.join(outcome.verdict)
    from gluteal.held_against.joint_moments import say_moments_outside

    for sentence in say_moments_outside(outcome.baseline):
        console.print(Text(f"Not as people do it: {sentence}", style="yellow"))
    console.print(Text(verdict.replace("-", " ").upper(), style=f"bold {_TONES[verdict]}"))
    if ensemble is not None:
        console.print(Text(ensemble.sentence))
        console.print(Text("The default body, in numbers:", style="bold"))
    console.print(Text(outcome.sentence))
    if outcome.cause is not None:
        for finding in outcome.findings[1:]:
            console.print(Text(f"Also: {finding.sentence}"))
        return
    changes = outcome.summary(most)
    if len(changes):
        table = Table(title="Who does more, who does less", title_justify="left", title_style="bold")
        table.add_column("muscle")
        for column in ("mean force (N)", "change (N)", "peak activation"):
            table.add_column(column, justify="right")
        from gluteal.outcome.sentences import band_words

        words = band_words(outcome, changes["muscle"].tolist())
        table.add_column("must or may")
        for row in changes.to_dict("records"):
            style = _TONES["compensated"] if row["change"] > 0 else "blue"
            table.add_row(
                row["muscle"],
                f"{row['baseline_force']:.0f} → {row['force']:.0f}",
                Text(f"{row['change']:+.0f}", style=style),
                f"{row['baseline_peak']:.2f} → {row['peak']:.2f}",
                words.get(row["muscle"], ""),
            )
        console.print(table)
    if outcome.not_determined:
        names = list_words(list(outcome.not_determined))
        console.print(f"Left out, because the last digits of what goes in decide how much they do: {names}.")
    worst = outcome.deficit
    unit = worst.unit.replace(" ", "·")
    missing = f"{worst.peak:.3g} {unit} missing for {say_part(worst.coordinate)}"
    if worst.peak < NEGLIGIBLE:
        missing = "nothing missing at any joint"
    console.print(f"Effort × {outcome.effort_ratio:.3g}; {missing} (limit {worst.limit:.3g} {unit}).", highlight=False)
    passed = [c for c in outcome.checks if c.passed]
    console.print(f"{len(passed)} of {len(outcome.checks)} acceptance checks passed.", highlight=False)
    for check in outcome.checks:
        if not check.passed:
            console.print(Text(f"  {check.name} failed: {check.sentence}", style="red"))
    body = outcome.mechanics.body
    # A stranger's model brings forces of its own, and what became of them has to be said.
    for note in (*outcome.mechanics.movement.warnings, *(body.notes if body.engine == "opensim" else ())):
        console.print(Text(f"  Note: {note}", style="yellow"))


def show_strength(
    console: Console, strength: Strength, published: Sequence[Mapping[str, Any]] = (), *, most: int = 8
) -> None:
    """Print the dynamometer's reading, the muscles behind it, and what was published about the movement."""
    name = SIDES[strength.side] + strength.movement.name.replace("-", " ")
    console.print(Text(f"{name}, {strength.condition.name}", style="bold"))
    console.print(
        f"{strength.moment:.3g} N·m, {strength.moment_per_mass:.3g} N·m/kg, "
        f"{strength.force_body_weights:.3g} × body weight at {100 * strength.lever_arm:.3g} cm.",
        highlight=False,
    )
    labels = label_muscles(strength.by_muscle)
    rows = [{"muscle": labels[m], "moment (N·m)": f"{v:.1f}"} for m, v in strength.by_muscle.items()]
    show_rows(console, rows[:most])
    for note in strength.notes:
        console.print(note, highlight=False)
    if published:
        console.print(Text("Published strength beside this reading", style="bold"))
        show_rows(console, published)


def show_rows(console: Console, rows: Sequence[Mapping[str, Any]], *, hide: Collection[str] = ()) -> None:
    """Print rows of equal keys, without those in `hide`, as a table; long lists are cut."""
    table = Table()
    rows = [{k: v for k, v in row.items() if k not in hide} for row in rows]
    for i, column in enumerate(rows[0] if rows else []):
        numbers = all(_is_number(row.get(column)) for row in rows)
        table.add_column(
            str(column).replace("_", " "), overflow="fold", no_wrap=i == 0, justify="right" if numbers else "left"
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)


def show_claim_names(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print names of claims by topic, each with its statement below: names are long, and are copied whole."""
    for topic, members in groupby(rows, key=lambda row: row["topic"]):
        console.print(Text(str(topic), style="bold underline"))
        for row in members:
            console.print(Text(str(row["name"]), style="cyan"))
            console.print(Padding(Text(str(row["statement"])), (0, 0, 0, 4)))


def show_doctor(console: Console, found: Mapping[str, Any]) -> None:
    """Print versions, the body and the self-check of `gluteal.cli.doctor.self_check`."""
    engines = [
        {"engine": name, "version": number or f"not installed (pip install 'gluteal[{name}]')"}
        for name, number in found["engines"].items()
    ]
    console.print(f"Python {found['python']}, {found['platform']}", highlight=False)
    show_rows(console, engines)
    show_rows(console, [{"package": k, "version": v or "-"} for k, v in found["packages"].items()])
    show_extras(console, found["extras"])
    body = found["body"]
    console.print(
        f"Body {body['name']!r}: {body['muscles']} muscles, {body['coordinates']} coordinates, "
        f"{body['mass_kg']:.1f} kg, engine {body['engine']}. {body['source']}",
        highlight=False,
    )
    for note in body["notes"]:
        console.print(Text(f"  Note: {note}", style="yellow"))
    check = found["self_check"]
    tone, word = ("green", "passed") if check["passed"] else ("red", "FAILED")
    console.print(
        Text(f"Self-check ({check['task']}): {word}", style=f"bold {tone}"),
        f"mechanics {check['mechanics_s']:.2f} s, solver {1000 * check['solve_s']:.1f} ms",
        highlight=False,
    )
    for item in check["checks"]:
        word, tone = ("passed", "green") if item["passed"] else ("FAILED", "red")
        console.print(Text(f"  {word}  ", style=tone) + Text(item["sentence"]))
    if "nature" in found:
        show_nature(console, found["nature"])


def show_extras(console: Console, extras: Sequence[Mapping[str, Any]]) -> None:
    """Print what each extra adds, whether it is installed, and the line that installs it where it is not."""
    for extra in extras:
        missing = [name for name, number in extra["packages"].items() if number is None]
        if not missing:
            state = Text("installed", style="green")
        elif extra["developers"]:
            state = Text("not needed to use the package", style="dim")
        else:
            lacks = "" if len(missing) == len(extra["packages"]) else f" (lacks {', '.join(missing)})"
            state = Text(f"not installed{lacks}: {extra['install']}", style="yellow")
        console.print(Text(f"Extra {extra['name']}: ", style="bold") + state)
        console.print(Text(f"  adds {extra['adds']}"))


def show_nature(console: Console, found: Mapping[str, Any]) -> None:
    """Print `gluteal.held_against.overview.hold_against_nature`: what the model computes beside what was measured."""
    console.print(Text("Hip contact force, peak, in body weights", style="bold"))
    rows = [r for r in found["hip_force"] if r["computed_bw"] is not None]
    show_rows(
        console,
        [
            {
                "measured": f"{r['task']} ({r['source']})",
                "there": r["published_bw"],
                "here": r["computed_bw"],
                "movement": r["movement"],
            }
            for r in rows
        ],
    )
    walk = found["walk_ground_force"]
    if walk is not None:
        console.print(Text("Ground force of the walk, right foot, in body weights", style="bold"))
        peaks = walk["peaks"].items()
        show_rows(console, [{"peak": k, "there": v["measured_bw"], "here": v["computed_bw"]} for k, v in peaks])
    if found["walk_joint_moments"]:
        console.print(Text("Joint moments of the walks, beside those of the recorded people", style="bold"))
        show_rows(
            console,
            [
                {
                    "walk": row["walk"],
                    "joint": row["coordinate"],
                    "within 2 SD, % of cycle": 100.0 * row["within_two_sd"],
                    "difference, N m": row["rmse_nm"],
                }
                for row in found["walk_joint_moments"]
                if row["coordinate"].endswith("_r")
            ],
        )
    console.print(Text("Joint moments, N m/kg", style="bold"))
    show_rows(
        console,
        [
            {
                "movement": row["movement"],
                "moment": row["moment"],
                "here": row["computed_nm_per_kg"],
                "low": row["low_nm_per_kg"],
                "high": row["high_nm_per_kg"],
                "source": row["source"],
                "": "" if row["inside"] else "outside",
            }
            for row in found["joint_moments"]
            if row["source"]
        ],
    )
    console.print(Text("Standing feet", style="bold"))
    show_rows(
        console,
        [
            {
                "movement": row["movement"],
                "foot": row["foot"],
                "free moment, N m": row["free_moment_nm"],
                "forward, body weights": _between(row["forward_bw"]),
                "inward over vertical": _between(row["inward_share"]),
                "person": _between(row["published_inward_share"]) if row["source"] else "",
            }
            for row in found["feet"]
        ],
    )
    if found["hip_moment_arms"]:
        console.print(Text("Moment arms of the hip, beside two cadavers (which differ by 8 to 10 mm)", style="bold"))
        show_rows(
            console,
            [
                {
                    "cadaver": row["source"],
                    "axis": say_part(row["coordinate"]),
                    "difference, mm": row["rms_mm"],
                    "largest, mm": row["worst_mm"],
                    "muscle": row["muscle"],
                }
                for row in found["hip_moment_arms"]
            ],
        )
    console.print(Text("Strength: here over published", style="bold"))
    show_rows(
        console,
        [
            {
                "movement": row["movement"],
                "source": p["source"],
                "unit": p["unit"],
                "here": p["computed"],
                "ratio": p["ratio"],
            }
            for row in found["strength"]
            for p in row["published"]
        ],
    )
    for note in found["notes"]:
        console.print(Text(f"  Note: {note}", style="yellow"))


def _between(pair: Sequence[float]) -> str:
    return f"{pair[0]:.2f} to {pair[1]:.2f}"


def _is_number(value: Any) -> bool:
    """Whether a cell is a number, with its unit at most ("38 %"), or a dash for none."""
    if isinstance(value, int | float) or value is None or value == "–":
        return True
    number = str(value).split(" ")[0].lstrip("-−").replace(".", "", 1)
    return number.isdigit() and len(str(value).split(" ")) <= _NUMBER_AND_UNIT


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        more = f", … ({len(value)})" if len(value) > _MOST_LISTED else ""
        return ", ".join(map(str, value[:_MOST_LISTED])) + more
    return str(value)
