"""What a person wrote behind options, read: pairs, settings, bodies and movements by name or path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import InputError, UnknownName
from gluteal.files import read_number

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.mechanics.movement import Movement
    from gluteal.sharing.criterion import Criterion


def read_pair(option: str, text: str, example: str) -> tuple[str, float]:
    """Read NAME=NUMBER; raises InputError with an example."""
    name, equals, value = text.rpartition("=")
    if not (equals and name.strip() and value.strip()):
        raise InputError(f"--{option} {text!r} is not NAME=VALUE; write, for example, --{option} {example}.")
    try:
        return name.strip(), read_number(value)
    except ValueError:
        hint = " (a share: 0.52 for 52 %)" if value.strip().endswith("%") else ""
        raise InputError(
            f"--{option} {text!r}: {value!r} is not a number{hint}; write, for example, --{option} {example}."
        ) from None


def find_body(name: str | None, hip: str | None = None) -> Body:
    """Load the body asked for, the embedded one where none was."""
    from gluteal.engines import load_body

    return load_body("myo" if name is None else name, hip=hip)


def find_movement(
    name: str, body: str | None, settings: list[str] | None, hip: str | None = None
) -> tuple[Body, Movement]:
    """Load a task or trial and the body that does it; raises UnknownName where `name` is neither."""
    from gluteal.movements.tasks import list_tasks
    from gluteal.simulate.experiment import load_movement

    known = [task.name for task in list_tasks()]
    if not is_built_in(name) and not (name.strip() and Path(name).exists()):  # no name at all would be this folder
        raise UnknownName(
            "task", name, known, "gluteal list tasks, or give the path of a trial (its folder or .toml file)"
        )
    parameters = read_settings(settings)
    if hip is not None and body is None and not is_built_in(name):  # a trial's own model, with the hip grafted onto it
        body = load_movement(name, None, **parameters)[0].source
    return load_movement(name, None if (body, hip) == (None, None) else find_body(body, hip), **parameters)


def read_criterion(name: str | None, exponent: float | None) -> Criterion | str:
    """Return the criterion asked for; "emg" stays a name, as it needs the movement. Errors as `find_criterion`."""
    from gluteal.simulate.criteria import EMG, find_criterion

    if name is not None and name.strip().lower() == EMG:
        find_criterion(None, exponent)
        return EMG
    return find_criterion(name, exponent)


def is_built_in(name: str) -> bool:
    """Say whether a movement is a built-in task."""
    from gluteal.movements.tasks import list_tasks

    return name.strip().lower().replace("_", "-").replace(" ", "-") in {task.name for task in list_tasks()}


def read_settings(settings: list[str] | None) -> dict[str, Any]:
    """Read --set NAME=VALUE options; raises InputError with an example."""
    return dict(_read_setting(text) for text in settings or [])


def _read_setting(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise InputError(f"--set {text!r} is not NAME=VALUE; write, for example, --set side=l.")
    try:
        return name.strip(), read_number(value)
    except ValueError:
        return name.strip(), value.strip()
