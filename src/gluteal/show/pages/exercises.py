"""The exercise atlas as one HTML page: cards that fit a phone, filters without a network, a sheet that prints."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from gluteal.files import read_table_text, write_text
from gluteal.ledger.atlas.build import Atlas, AtlasEntry
from gluteal.ledger.atlas.names import LEVEL_RULE, LEVELS, POSITIONS, MeasuredHip
from gluteal.ledger.atlas.poses import Pose, take_pose
from gluteal.ledger.atlas.published import EmgRow, PublishedEmg
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import do_exercises
from gluteal.ledger.kept import keep_arrays
from gluteal.show.figures.body import plot_body
from gluteal.show.pages.page import render_page
from gluteal.show.pages.report import ReportHead
from gluteal.sources.bibliography import READ_DEPTH_WORDS, find_reference

#: Resolution of a posture, pixels per metre: a card is some 300 pixels wide.
_PIXELS = 230.0
#: Muscles with less activation are not drawn: on a card they are hair, and take half of the time.
_WORKS = 0.02
#: What the word for a basis is for people.
_BASIS = {
    "studies": "mean of single studies",
    "review": "from reviews, means and peaks mixed",
    "peak": "peaks only: two to three times a mean, not to be set beside one",
}
_LEGS = {
    "both": "both legs",
    "both in turn": "both legs in turn",
    "lifted": "the lifted leg",
    "standing": "the standing leg",
    "front": "the front leg",
    "lower": "the lower leg",
}
_MATCH = {"same": "The picture is this exercise, simulated.", "roughly": "The picture is roughly this exercise"}
_EMG_SURE = (
    "Each number says how many studies and reviews it rests on, and where they can be found. Compare the order of "
    "exercises rather than their numbers."
)
_EMG_LIMIT = (
    "EMG differs between people by half its size and more, and what counts as 100 % differs between studies. EMG is "
    "neither force nor growth."
)
_LEVEL_LIMIT = "The level is a rule about posture and weight, no advice for a person with pain."
_PERSON = (
    "Most of these need no equipment, and any of them may be a good start: what is gentle for one person is hard for "
    "another.",
    "More muscle activity does not make an exercise better. One that you like and keep doing is worth more than the "
    "first of a list.",
    "If something hurts or worries you, talk to somebody who can examine you.",
)
#: Where a bar ends at the right, share of a maximal contraction, unless a number is larger.
_FULL = 1.0
_POLICY = "policy-of-this-page"
#: Text on which a picture hangs beside what computes.
_DRAWN_BY = ("show/figures/body.py", "show/pages/exercises.py")


def save_atlas(path: str | Path, atlas: Atlas, pictures: Mapping[str, Markup], *, command: str | None = None) -> None:
    """Write the page, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_atlas(atlas, pictures, command=command))


def render_atlas(atlas: Atlas, pictures: Mapping[str, Markup], *, command: str | None = None) -> str:
    """Return the atlas as one HTML text.

    Parameters
    ----------
    atlas : Atlas
    pictures : mapping of task -> Markup
        What the exercises look like (`draw_exercises`); those without one have no picture.
    command : str, optional
        The command line that repeats it, shown as such.
    """
    most = max([_FULL, *(emg.high for e in atlas.entries for emg in e.published.values() if emg)])
    text = render_page(
        "exercises.html.j2",
        answer=_answer(atlas),
        options=atlas.options,
        limits=(_EMG_LIMIT, f"{LEVEL_RULE} {_LEVEL_LIMIT}", atlas.load_note),
        groups=list(atlas.groups.values()),
        cards=[_card(atlas, entry, most) for entry in atlas.entries],
        pictures=pictures,
        levels=_present(LEVELS, {e.exercise.level for e in atlas.entries}),
        positions=_present(POSITIONS, {e.exercise.position for e in atlas.entries}),
        equipment=sorted({item for e in atlas.entries for item in e.exercise.equipment}),
        most=most,
        page_script=Markup(read_table_text(__package__, "templates/exercises.js")),
        page_policy=_POLICY,
        command=command,
    )
    return text.replace(_POLICY, _allow(text), 1)


def _answer(atlas: Atlas) -> ReportHead:
    """Return the head: how far the model's own order of exercises can be believed, before any of its numbers."""
    measured = sum(any(entry.published.values()) for entry in atlas.entries)
    return ReportHead(
        over="Exercise atlas",
        title=f"Exercises for {' and '.join(atlas.groups.values())}",
        sentence=atlas.trust,
        number=f"{measured} of {len(atlas.entries)}",
        number_words="exercises have published EMG that may be set side by side; it stands first",
        certainty=_EMG_SURE,
        tone="compensated",
        person=_PERSON,
    )


def draw_exercises(bench: Bench, tasks: Sequence[str], *, kept: bool = False) -> dict[str, Markup]:
    """Return the addresses of embedded pictures of what built-in tasks look like at their hardest moment.

    Parameters
    ----------
    tasks : sequence of str
        Such as `gluteal.ledger.atlas.poses.list_posed` gives.
    kept : bool
        As `gluteal.ledger.exercises.do_exercises`: drawing takes longer than all else.
    """
    drills = do_exercises(bench, kept=kept)
    found = {}
    for task in tasks:

        def draw(task: str = task) -> dict[str, np.ndarray]:
            return {"png": np.frombuffer(draw_pose(take_pose(bench, task, drills[task])), np.uint8)}

        drawn = keep_arrays(f"picture of {task}", bench, draw, drawn_by=_DRAWN_BY) if kept else draw()
        coded = base64.b64encode(drawn["png"].tobytes()).decode("ascii")
        found[task] = Markup("data:image/png;base64," + coded)
    return found


def draw_pose(pose: Pose) -> bytes:
    """Return a posture, muscles coloured by activation, as a picture (PNG) of some kilobytes."""
    from PIL import Image

    working = {m: path for m, path in pose.picture.muscles.items() if pose.activation.get(m, 0.0) >= _WORKS}
    figure = Figure(figsize=(3.0, 2.6))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    plot_body(
        replace(pose.picture, muscles=working),
        view=pose.view,
        muscle_values=pose.activation,
        limit=0.5,
        colorbar=False,
        pixels_per_metre=_PIXELS,
        ax=axes,
    )
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110, facecolor="#fbfaf8")
    # 64 colours are enough for bones, and a quarter of the size.
    Image.open(drawn).convert("RGB").quantize(64).save(small, format="png", optimize=True)
    return small.getvalue()


def _present(order: tuple[str, ...], found: set[Any]) -> list[str]:
    return [word for word in order if word in found]


def _allow(text: str) -> str:
    """Return the policy under which only this page's own scripts run, and nothing is fetched."""
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii") for script in scripts)
    own = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {own}; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


def _card(atlas: Atlas, entry: AtlasEntry, most: float) -> dict[str, Any]:
    exercise = entry.exercise
    loads = [("hip", entry.hip_load), ("knee", entry.knee_load), ("low back", entry.back_load)]
    match = _MATCH.get(exercise.match or "", "The picture is a movement that comes near")
    return {
        "title": exercise.title,
        "level": exercise.level,
        "step": LEVELS.index(exercise.level),
        "position": exercise.position,
        "needs": list(exercise.equipment),
        "legs": _LEGS[exercise.legs],
        "also": exercise.also.replace(";", ","),
        "how_to": exercise.how_to,
        "task": exercise.task,
        "disagrees": entry.say_disagreement(atlas.groups),
        "match": match if match.endswith(".") else f"{match}: {exercise.why}.",
        "muscles": [_muscle(entry, group, name, most) for group, name in atlas.groups.items()],
        "loads": [(name, f"{load:.1f}") for name, load in loads if load is not None],
        "measured": "" if exercise.hip_measured is None else _measured_words(exercise.hip_measured),
        "heaviest": None if entry.heaviest == inf else entry.heaviest,
        "near": exercise.match == "near",
    }


def _measured_words(hip: MeasuredHip) -> str:
    size = f"{hip.low:.1f}" if hip.low == hip.high else f"{hip.low:.1f} to {hip.high:.1f}"
    return f"Measured at the hip in {hip.people} people with implants: {size} ({find_reference(hip.source).name})"


def _muscle(entry: AtlasEntry, group: str, name: str, most: float) -> dict[str, Any]:
    emg, check = entry.published[group], entry.check[group]
    place = partial(_place, most=most)
    shown = check.compared if check is not None and check.credible else None
    return {
        "name": name,
        "short": name.removeprefix("gluteus ").capitalize(),
        "check": check.sentence if check is not None else "",
        "credible": shown is not None,
        "simulated": None if shown is None else f"{100 * shown:.0f} %",
        "simulated_at": None if shown is None else place(shown),
        "value": None if emg is None else f"{100 * emg.value:.0f} %",
        # Peaks are sorted after means.
        "order": "" if emg is None else f"{emg.value + (10.0 if emg.basis == 'peak' else 0.0):.4f}",
        "peak": emg is not None and emg.basis == "peak",
        "range": "" if emg is None or emg.high <= emg.low else f"{100 * emg.low:.0f} to {100 * emg.high:.0f} %",
        "low_at": None if emg is None else place(emg.low),
        "width": None if emg is None else place(emg.high - emg.low),
        "value_at": None if emg is None else place(emg.value),
        "of": "" if emg is None else _sources(emg),
        "basis": "" if emg is None else _BASIS[emg.basis],
        "rows": [] if emg is None else [_row(row) for row in emg.rows],
    }


def _place(share: float, most: float) -> str:
    return f"{100 * share / most:.1f}%"


def _sources(emg: PublishedEmg) -> str:
    counts = ((emg.studies, "study", "studies"), (emg.reviews, "review", "reviews"))
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)


def _row(row: EmgRow) -> dict[str, Any]:
    found = find_reference(row.source)
    value = row.value == row.value
    printed = f"{100 * row.value:.4g}" if value else f"{100 * row.low:.4g} to {100 * row.high:.4g}"
    spread = f" ± {100 * row.sd:.3g}" if row.sd == row.sd else ""
    return {
        "name": found.name,
        "link": found.link,
        "printed": f"{printed}{spread} %",
        "of": f"{row.part + ' part, ' if row.part else ''}{row.statistic}",
        "people": f"{row.n} people" if row.n else "",
        "with": row.equipment,
        "normalisation": _sentence(row.normalisation.replace("%MVIC", "MVIC").replace("MVIC", "maximal contraction")),
        "read": READ_DEPTH_WORDS[row.read],
        "note": _sentence(row.note),
    }


def _sentence(words: str) -> str:
    """Begin words with a capital and leave the rest, which may hold names."""
    return words[:1].upper() + words[1:]
