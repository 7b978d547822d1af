"""The commands `gluteal see` and `gluteal app`: the live page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, DONE, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement
from gluteal.cli.options import BodyName, ConditionSide, HipName, Json, MovementName, Settings
from gluteal.cli.output import check_targets, print_json, say_written, show_progress
from gluteal.errors import InputError

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.mechanics.movement import Movement
    from gluteal.nerves.condition import Condition
    from gluteal.outcome.record import Outcome
    from gluteal.show.live.page import LiveScene

#: What `gluteal app` opens with: small, and what the tours need.
APP_TASKS = (
    "single-leg-stance",
    "walk",
    "quiet-standing",
    "anterior-pelvic-tilt",
    "prone-hip-extension",
    "bridge",
    "step-up",
    "sit-to-stand",
    "bend-and-return",
)

Further = Annotated[
    list[str] | None, Parameter(name="--with", help="Another task to choose from in the page; `all` for every task.")
]
PageOut = Annotated[Path, Parameter(name="--out", help="The page to write (.html), or a scene (.gluteal).")]
Adapted = Annotated[
    bool, Parameter(help="Show the posture as demanded and as a person would hold it, to choose between them.")
]


@app.command(name="see")
def see_command(
    movement: MovementName,
    /,
    *,
    out: PageOut,
    further: Further = None,
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    adapt: Adapted = False,
    terms: AnyTerms = None,
    side: ConditionSide = "both",
    json_: Json = False,
) -> int:
    """Write a live page: the body doing a movement, sliders for what is changed, and the exact answer at once.

    One file that opens from disk without a network; with the ending .gluteal the movement alone, for any such page to
    open. Exits with 4 where the movement cannot be judged; it says why.
    """
    check_targets([out], (".html", ".gluteal"))
    condition = read_condition(terms, side)
    if out.suffix == ".gluteal" and (adapt or further):
        raise InputError("A scene file holds one movement; leave --with and --adapt out, or write a page (.html).")
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    with show_progress("Computing mechanics"):
        from gluteal.simulate.experiment import simulate

        outcome = simulate(who, what, condition=condition)
    beside: Outcome | None = None
    instead: tuple[str, ...] = ()
    if adapt:
        with show_progress("Looking for the least costly way"):
            outcome, beside, instead = _adapt(who, what, condition)
    with show_progress(f"Writing {out.name}"):
        from gluteal.show.live.page import save_live, save_scene

        scenes = list(_make_further(who, further or []))
        if out.suffix == ".gluteal":
            save_scene(outcome, out)
        else:
            save_live(outcome, out, further=scenes, beside=beside, instead=instead)
    _tell(out, outcome, scenes, json_)
    return CANNOT_JUDGE if outcome.verdict == "cannot-be-judged" else DONE


@app.command(name="app")
def app_command(
    *, out: Annotated[Path | None, Parameter(help="Where to write the page (.html).")] = None, json_: Json = False
) -> int:
    """Write a live page with several movements and all guided tours, and open it in the browser."""
    import tempfile
    from webbrowser import open_new_tab

    target = out or Path(tempfile.mkdtemp(prefix="gluteal-")) / "gluteal.html"
    check_targets([target], (".html",))
    with show_progress("Loading the body and its movements"):
        from gluteal.simulate.experiment import load_movement, simulate

        body, movement = load_movement(APP_TASKS[0])
        outcome = simulate(body, movement)
    with show_progress(f"Writing {target.name}"):
        from gluteal.show.live.page import save_live

        scenes = list(_make_further(body, APP_TASKS))
        save_live(outcome, target, further=scenes)
    _tell(target, outcome, scenes, json_)
    if not open_new_tab(target.resolve().as_uri()):
        raise InputError(f"No browser could be opened; open {target} yourself.")
    return DONE


def _adapt(body: Body, movement: Movement, condition: Condition) -> tuple[Outcome, Outcome | None, tuple[str, ...]]:
    """Return the adapted posture, the one that was held, and what is otherwise, in words."""
    from gluteal.show.live.page import stand_beside
    from gluteal.simulate.adapt.posture import adapt

    adaptation = adapt(body, movement, condition=condition)
    adapted, held = stand_beside(adaptation)
    return adapted, held, adaptation.sentences


def _tell(page: Path, outcome: Outcome, further: list[LiveScene], json_: bool) -> None:
    """Say what was written."""
    say_written([page])
    if json_:
        movement = outcome.mechanics.movement
        titles = {movement.name: movement.title} | {scene.name: scene.title for scene in further}
        print_json(
            {
                "page": str(page),
                "size_bytes": page.stat().st_size,
                "movements": [{"name": name, "title": title} for name, title in titles.items()],
                "verdict": outcome.verdict,
                "sentence": outcome.sentence,
            }
        )


def _make_further(body: Body, names: list[str] | tuple[str, ...]) -> Iterator[LiveScene]:
    """Make the scenes of further tasks; raises InputError for a body of one's own, which no task was made for."""
    from gluteal.movements.tasks import list_tasks, load_task

    wanted = [info.name for info in list_tasks()] if "all" in names else list(names)
    for name in wanted:
        from gluteal.engines import compute_mechanics
        from gluteal.show.live.page import LiveScene
        from gluteal.show.live.scene import pack_scene

        mechanics = compute_mechanics(body, load_task(name, body))
        yield LiveScene(mechanics.movement.name, mechanics.movement.title, pack_scene(mechanics))
