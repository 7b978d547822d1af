"""The live page, as the site shows it."""

from __future__ import annotations

from docs.site.places import MADE

from gluteal import Body, Condition, save_live
from gluteal.cli.see import APP_TASKS
from gluteal.engines import compute_mechanics
from gluteal.movements.tasks import load_task
from gluteal.show.live.page import LiveScene
from gluteal.show.live.scene import pack_scene
from gluteal.simulate.experiment import load_movement, simulate


def make_live_pages() -> None:
    """Make the page that opens with a walk and half of a nerve, with the movements of `gluteal app`."""
    body, walk = load_movement("walk")
    outcome = simulate(body, walk, condition=Condition.block("superior gluteal", loss=0.46, side="r"))
    further = [_make_scene(body, name) for name in APP_TASKS if name != "walk"]
    folder = MADE / "extra"
    folder.mkdir(exist_ok=True)
    save_live(outcome, folder / "live.html", further=further)


def _make_scene(body: Body, name: str) -> LiveScene:
    mechanics = compute_mechanics(body, load_task(name, body))
    return LiveScene(mechanics.movement.name, mechanics.movement.title, pack_scene(mechanics))
