"""Files that people write, held against a model: what is wrong with one is said in one sentence.

A room describes its file by a `Record`. The description of a field says what would be right ("a number of seconds,
above 0"); it ends up in the sentence that refuses a wrong value, and in the published JSON Schema.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import AllowInfNan, BaseModel, ConfigDict, Strict, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from gluteal.errors import InputError, close_names
from gluteal.files import read_bounded

#: The largest TOML file that is read, in bytes: people write these by hand.
MOST_BYTES = 2**20
#: The longest text or key in one, characters: four times the longest of the package's own; a name without end fills
#: terminals and pages, and figures with it take minutes.
LONGEST_TEXT = 5000
#: Most parts of a dotted key (the deepest of the package has four): tomllib's memory grows with their square.
MOST_NESTED = 50
# A key's part and its dot, never tried again within: the search is linear in the text.
_PART = r"""(?>(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"""
_DEEP = re.compile(rf"(?<![\w-]){_PART}{{{MOST_NESTED}}}")

# Text that looks like a number stays text, and yes or true is no number. (No Field in these: all users would share it.)
Number = Annotated[float, Strict(), AllowInfNan(False)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

# What pydantic calls a fault -> what would have been right, where no description says it.
_RIGHT = {
    "float_type": "a number",
    "finite_number": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "tuple_type": "a list",
    "list_type": "a list",
}
_ModelT = TypeVar("_ModelT", bound=BaseModel)


class Record(BaseModel):
    """Base of all that is read from files: frozen, and a key that is not known is a mistake, not a note."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def load_toml(path: Path, model: type[_ModelT], kind: str) -> _ModelT:
    """Read a TOML file and hold it against a model.

    Parameters
    ----------
    path : Path
    model : type of BaseModel
        Its validators find the file's path in their context as ``path``.
    kind : str
        What the file is, at the beginning of a sentence ("Plan").

    Raises
    ------
    InputError
        Where the file cannot be read, is longer than `MOST_BYTES`, is not UTF-8 or no TOML, or differs from the
        model: one sentence with file, key and what would be right.
    """
    label = f"{kind} {path.name}"
    try:
        # One byte more than is allowed is enough to refuse a file that is too long.
        content = read_bounded(path, MOST_BYTES)
        if len(content) > MOST_BYTES:
            raise InputError(f"{label} has more than 1 MB, so it is nothing written by hand; name the TOML file.")
        text = content.decode("utf-8-sig")
        if _DEEP.search(text):
            raise InputError(f"{label} has a key of more than {MOST_NESTED} parts between dots; correct it.")
        table = tomllib.loads(text)
        found = _too_long(table)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{label} cannot be read ({error.strerror}); check its path and permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{label} is not written in UTF-8; save it again as UTF-8 text.") from error
    except RecursionError as error:
        raise InputError(f"{label} is nested too deeply; a few levels are enough.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{label} is no TOML: {error}; correct that line.") from error
    except ValueError as error:  # the only other one that numbers raise
        raise InputError(f"{label} has a whole number of thousands of digits; correct it.") from error
    if found:
        raise InputError(
            f"{label} has a text of {len(found)} characters ({found[:30]!r}…); write at most {LONGEST_TEXT}."
        )
    return validate(table, model, label, path=path)


def _too_long(value: Any) -> str | None:
    """Return a text or key without end in plain data, or None."""
    if isinstance(value, str):
        return value if len(value) > LONGEST_TEXT else None
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(_too_long, inner)), None)


def validate(raw: Any, model: type[_ModelT], label: str, *, path: Path | None = None) -> _ModelT:
    """Return what a model makes of plain data.

    Parameters
    ----------
    raw : plain data
    model : type of BaseModel
    label : str
        What begins the sentence of a refusal: the file, and the entry in it.
    path : Path or None
        The file, for validators that look beside it.

    Raises
    ------
    InputError
        Where the data differ from the model; of several faults the one that helps most is told.

    Examples
    --------
    >>> from pydantic import Field
    >>> class Pause(Record):
    ...     seconds: Number = Field(gt=0, description="a number of seconds, above 0")
    >>> validate({"seconds": True}, Pause, "Plan a.toml")
    Traceback (most recent call last):
    ...
    gluteal.errors.InputError: Plan a.toml, seconds: is True; give a number of seconds, above 0.
    """
    try:
        return model.model_validate(raw, context={"path": path})
    except ValidationError as error:
        raise InputError(_one_sentence(error, model, label)) from error
    except RecursionError as error:
        raise InputError(f"{label}: is nested too deeply; a few levels are enough.") from error


def refusal(label: str, place: str, problem: str) -> InputError:
    """Return the error for a value that is wrong for a reason the model cannot know.

    >>> str(refusal("Plan a.toml", "movement 2.task", "there is no task 'squt'; did you mean 'squat'?"))
    "Plan a.toml, movement 2.task: there is no task 'squt'; did you mean 'squat'?"
    """
    return InputError(f"{label}, {place}: {problem}" if place else f"{label}: {problem}")


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Return what to say of a key that is not among the known ones.

    >>> unknown_key("tsk", ["task", "trial"])
    "is no known key; did you mean 'task'?"
    """
    near = close_names(key, known, most=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
    return f"is no known key; {hint}"


def fault(key: str, problem: str) -> PydanticCustomError:
    """Return the error that a validator of a whole record raises to point at one of its keys."""
    return PydanticCustomError("fault", "{problem}", {"key": key, "problem": problem})


class _Found(NamedTuple):
    """Where a fault is: steps from the top, what would be right there, and the innermost record."""

    steps: tuple[str | int, ...]
    right: str
    record: type[BaseModel]


def _one_sentence(error: ValidationError, model: type[BaseModel], label: str) -> str:
    """Tell a wrong key before what is missing because of it, else the first fault; count the others."""
    faults = error.errors(include_url=False)
    order = {"extra_forbidden": 0, "invalid_key": 0, "missing": 1}
    chosen = min(faults, key=lambda f: order.get(f["type"], 2))
    found = _walk(chosen["loc"], model)
    # A field that is missing beside a wrong key is most often that key.
    counted = [f for f in faults if f["type"] != "missing" or chosen["type"] == "missing"]
    others = {_place(_walk(f["loc"], model).steps) for f in counted} - {_place(found.steps)}
    more = f" (There {'is 1 more fault' if len(others) == 1 else f'are {len(others)} more faults'}.)" if others else ""
    return str(refusal(label, *_say(chosen, found))) + more


def _say(error: ErrorDetails, found: _Found) -> tuple[str, str]:
    """Return the place of a fault and what is wrong there."""
    steps, right, record = found
    kind, given = error["type"], error["input"]
    if kind in ("extra_forbidden", "invalid_key"):
        known = [info.alias or name for name, info in record.model_fields.items()]
        return _place(steps), unknown_key(str(steps[-1]), known)
    if kind == "missing" and isinstance(steps[-1], str):
        return _place(steps), f"is missing; {f'give {right}' if right else 'add it'}."
    if kind == "fault":
        return _place((*steps, error["ctx"]["key"])), error["msg"]
    if kind == "value_error":
        return _place(steps), error["msg"].removeprefix("Value error, ")
    if kind == "literal_error" and not right:
        right = f"one of {error['ctx']['expected'].replace(' or ', ', ')}".replace("'", "")
    right = right or _RIGHT.get(kind) or error["msg"].replace("Input should be ", "a number ", 1)
    verb = "holds" if steps and isinstance(steps[-1], int) and kind != "missing" else "is"
    number = ", which is no finite number" if isinstance(given, float) and not math.isfinite(given) else ""
    return _place(steps), f"{verb} {_shown(given)}{number}; give {right}."


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def _place(steps: tuple[str | int, ...]) -> str:
    """Write steps for people, entries counted from 1: ``movement 2.task``; a list itself, not the entry, ends it."""
    while steps and isinstance(steps[-1], int):
        steps = steps[:-1]
    said = ""
    for step in steps:
        said += f" {step}" if isinstance(step, int) else f"{'.' if said else ''}{step}"
    return said


def _walk(loc: tuple[int | str, ...], model: type[BaseModel]) -> _Found:
    """Follow a location through records, tables and lists.

    Parts that name a branch of a union or the check of a key are no steps.
    """
    steps: list[str | int] = []
    here: Any = model
    right = ""
    for part in loc:
        inner = _container(here)
        if part == "[key]":
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
            info = next((i for name, i in inner.model_fields.items() if part in (name, i.alias)), None)
            here = info.annotation if info else _extra(inner)
            right = (info.description if info else None) or _described(here)
            steps.append(str(part))
        elif get_origin(inner) is dict:
            here = get_args(inner)[1]
            right = _described(here) or right
            steps.append(str(part))
        elif isinstance(part, int):
            here = get_args(inner)[0] if get_args(inner) else None
            right = _described(here) or right
            steps.append(part + 1)
    return _Found(tuple(steps), right, model)


def _extra(model: type[BaseModel]) -> Any:
    """Return what the keys of a record that are not its fields hold."""
    extra = get_type_hints(model, include_extras=True).get("__pydantic_extra__")
    return get_args(extra)[1] if get_origin(extra) is dict else None


def _described(annotation: Any) -> str:
    """Return the description in an annotation, or in a branch of its union; empty where there is none."""
    if get_origin(annotation) in (Union, UnionType):
        return next(filter(None, map(_described, get_args(annotation))), "")
    notes = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return next((n.description for n in notes if isinstance(n, FieldInfo) and n.description), "")


def _container(annotation: Any) -> Any:
    """Return the record, table or list inside an annotation, without what surrounds it."""
    if get_origin(annotation) in (dict, tuple) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return annotation
    return next((found for part in get_args(annotation) if (found := _container(part)) is not None), None)
