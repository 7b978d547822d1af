"""The live page as one file: code, kernel, bones and scenes, with nothing to fetch.

The page's own code is built from ``web/`` (`docs/architecture.md`); here it is put together with what it shows. Nothing
a file of a user says ends up as markup or code: scenes go in as base64, data as JSON with ``<`` written as a code, and
the content security policy names the one script by its hash and forbids every request.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from gluteal.anatomy import group_words
from gluteal.engines import compute_picture
from gluteal.errors import InputError
from gluteal.files import read_package_bytes, read_table_text, write_bytes, write_text
from gluteal.outcome.record import Outcome
from gluteal.outcome.sentences import VERDICT_WORDS
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.solution import solve_sharing
from gluteal.show.figures.body import plot_body
from gluteal.show.figures.inline import embedded_png, own_style
from gluteal.show.live.scene import pack_scene
from gluteal.show.live.tours import list_facts, list_glossary, list_tours
from gluteal.show.policy import script_hash
from gluteal.simulate.adapt.record import Adaptation
from gluteal.simulate.ensemble import Ensemble
from gluteal.words import SIDES

_NOTICE = (
    "Bones: MyoSim (Apache-2.0), after the full-body model of Rajagopal 2016 and the lumbar spine of Christophy 2012, "
    "faces reduced. three.js is MIT."
)

# What a scene in another posture is called within a page.
_BESIDE = "held-as-it-was"


@dataclass(frozen=True)
class LiveScene:
    """One movement of a page.

    Attributes
    ----------
    name, title : str
        What links call it, and people.
    data : bytes
        Its container (`gluteal.show.live.scene.pack_scene`).
    beside : str
        Name of the scene of the page that stands at its left, side by side: the same body in another posture. Empty
        where the undisturbed movement does.
    """

    name: str
    title: str
    data: bytes
    beside: str = ""


def save_live(
    outcome: Outcome,
    path: str | Path,
    *,
    further: Iterable[LiveScene] = (),
    ensemble: Ensemble | None = None,
    beside: Outcome | None = None,
    instead: Sequence[str] = (),
) -> None:
    """Write the live page of an outcome, one HTML file that needs nothing but a browser.

    Parameters
    ----------
    outcome : Outcome
        What the page opens with: movement, condition, and the picture and words for readers without scripts.
    further : iterable of LiveScene
        Other movements to choose from.
    ensemble : Ensemble, optional
        What all published bodies say of the opening condition.
    beside : Outcome, optional
        The same body and condition in another posture, such as the one that was held before it adapted: the page
        draws both, side by side.
    instead : sequence of str
        What the one posture does otherwise than the one beside it, in words: the page then lets people choose between
        "as demanded" and "as a person would".

    Raises
    ------
    InputError
        Where the file cannot be written, the engine cannot draw the body, or the load was shared by another criterion
        than least effort, which is the one that the page has.
    """
    write_text(path, render_live(outcome, further=further, ensemble=ensemble, beside=beside, instead=instead))


def save_scene(outcome: Outcome, path: str | Path) -> None:
    """Write the movement of an outcome as a scene file (.gluteal), which any live page opens.

    Raises
    ------
    InputError
        As `save_live`.
    """
    check_criterion(outcome)
    write_bytes(path, gzip.compress(make_live_scene(outcome).data, 9, mtime=0))


def stand_beside(adaptation: Adaptation) -> tuple[Outcome, Outcome]:
    """Return the adapted posture and the one that was held, each compared with itself undisturbed, for one page."""
    changed = adaptation.adapted.changed
    undisturbed = solve_sharing(changed.mechanics, criterion=changed.problem.criterion)
    return Outcome(undisturbed, changed), adaptation.fixed


def make_live_scene(outcome: Outcome, *, name: str = "", title: str = "", beside: str = "") -> LiveScene:
    """Return the scene of an outcome: its movement, opening with its condition.

    Parameters
    ----------
    name, title : str
        By default the movement's.
    beside : str
        As in `LiveScene`.
    """
    movement = outcome.mechanics.movement
    data = pack_scene(outcome.mechanics, condition=outcome.condition)
    return LiveScene(name or movement.name, title or movement.title, data, beside)


def render_live(
    outcome: Outcome,
    *,
    further: Iterable[LiveScene] = (),
    ensemble: Ensemble | None = None,
    beside: Outcome | None = None,
    instead: Sequence[str] = (),
) -> str:
    """Return the page of `save_live` as one HTML text."""
    picture = _draw_static(outcome)
    parts = make_parts(outcome, further=further, ensemble=ensemble, beside=beside, instead=instead, picture=picture)
    return "\n".join(parts)


def check_criterion(outcome: Outcome) -> None:
    """Raise InputError where the load was shared by another criterion than the page's."""
    if outcome.changed.problem.criterion != Criterion():
        raise InputError(
            "The live page shares load by least effort; this outcome was solved by "
            f"{outcome.changed.problem.criterion.name}. "
            "Simulate it without another criterion, or write a report (.html)."
        )


def make_parts(
    outcome: Outcome,
    *,
    further: Iterable[LiveScene] = (),
    ensemble: Ensemble | None = None,
    beside: Outcome | None = None,
    instead: Sequence[str] = (),
    picture: str = "",
) -> tuple[str, str, str]:
    """Return the page in three parts: what comes before the data, the data as inert elements, and its code.

    `picture` stands where the body will be until the code runs.

    Raises
    ------
    InputError
        As `check_criterion`.
    """
    check_criterion(outcome)
    title = outcome.mechanics.movement.title
    first = make_live_scene(
        outcome, title=f"{title}, adapted" if instead else "", beside=_BESIDE if beside is not None else ""
    )
    scenes = [first, *(s for s in further if s.name != first.name)]
    if beside is not None:
        check_criterion(beside)
        scenes.insert(
            1, make_live_scene(beside, name=_BESIDE, title=f"{beside.mechanics.movement.title}, held as it was")
        )
    facts = {
        "task": first.name,
        "sentence": outcome.sentence,
        "ensemble": None if ensemble is None else ensemble.sentence,
        "bands": _tell_bands(outcome),
        "adapted": {"adapted": first.name, "held": _BESIDE, "say": list(instead)} if beside and instead else None,
        "people": list_facts(),
        "glossary": list_glossary(),
        "notice": _NOTICE,
    }
    script, style = read_live_code()
    head = f"{title}: {outcome.condition.name}"
    before = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">',
        f"<title>{escape(head)}</title>",
        f"<style>{style}</style></head><body>",
        _static(read_table_text(__package__, "asset/page.html"), outcome, picture),
    ]
    pieces = [
        *(_scene_block(scene) for scene in scenes),
        _block("bones", base64.b64encode(read_package_bytes(__package__, "asset/bones.bin")).decode()),
        _block("kernel", _packed(read_package_bytes(__package__, "asset/kernel.wasm"))),
        _block("tours", _json(list_tours(scene.name for scene in scenes)), "application/json"),
        _block("facts", _json(facts), "application/json"),
    ]
    return "\n".join(before), "\n".join(pieces), f"<script>{script}</script>\n</body></html>"


def read_live_code() -> tuple[str, str]:
    """Return the page's script and style, as built."""
    return read_table_text(__package__, "asset/live.js"), read_table_text(__package__, "asset/page.css")


def _tell_bands(outcome: Outcome) -> dict[str, Any] | None:
    """Return what every nearly cheapest sharing has in common, in words; None where it was not worked out."""
    bands = outcome.bands
    if bands is None:
        return None

    def span(low: float, high: float) -> str:
        first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
        return f"{first} %" if first == last else f"{first} to {last} %"

    rows = [
        {
            "words": SIDES.get(row["side"] or None, "") + group_words(row["name"]).replace("-", " "),
            "before": span(row["baseline_low"], row["baseline_high"]),
            "now": span(row["low"], row["high"]),
            "says": row["word"],
        }
        for row in bands.groups.to_dict("records")
    ]
    note = (
        f"Peak activation over every sharing that costs at most {100 * bands.slacks[0]:g} % more than the cheapest, "
        "for the change this page was made with."
    )
    return {"note": note, "rows": rows}


def _policy(script: str, style: str) -> str:
    """Return the page's policy: this script and this style, the kernel, pictures it made itself; no request at all."""
    return (
        f"default-src 'none'; script-src {script_hash(script)} 'wasm-unsafe-eval'; style-src {script_hash(style)}; "
        "img-src data: blob:; media-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _block(name: str, text: str, kind: str = "application/octet-stream") -> str:
    return f'<script type="{kind}" id="{name}">{text}</script>'


def _json(data: Any) -> str:
    """Return plain data as JSON that no browser takes for markup."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _scene_block(scene: LiveScene) -> Markup:
    return Markup(
        '<script type="application/octet-stream" class="scene" data-name="{}" data-title="{}"'
        ' data-beside="{}">{}</script>'
    ).format(scene.name, scene.title, scene.beside, _packed(scene.data))


def _static(page: str, outcome: Outcome, picture: str) -> str:
    """Fill in what a reader without scripts sees: the verdict in words, and one picture."""
    word = VERDICT_WORDS[outcome.verdict]
    for place, text in {
        '<strong id="word">': word[0].upper() + word[1:],
        '<p id="sentence">': outcome.sentence,
        '<h1 id="title">': outcome.mechanics.movement.title,
    }.items():
        start = page.index(place) + len(place)
        page = page[:start] + str(escape(text)) + page[page.index("<", start) :]
    return page.replace('<canvas id="canvas"', f'{picture}<canvas id="canvas"')


def _draw_static(outcome: Outcome) -> Markup:
    movement = outcome.mechanics.movement
    change = outcome.changed.activation.values - outcome.baseline.activation.values
    frame = int(np.abs(change).sum(axis=1).argmax())
    values = outcome.activation.sel(condition="condition").isel(time=frame)
    with own_style():
        figure = Figure(figsize=(4.2, 6.0), layout="constrained")
        plot_body(
            compute_picture(outcome.mechanics.body, movement, frame),
            view=movement.view,
            muscle_values={str(m): float(v) for m, v in zip(values["muscle"].values, values.values, strict=True)},
            colorbar=False,
            pixels_per_metre=260.0,
            ax=figure.subplots(),
        )
        image = embedded_png(figure)
    return Markup('<img id="static" class="static" alt="{}" src="{}">').format(
        f"The body in {movement.title}, muscles coloured by their activation", image
    )
