"""A fault of an entry in one sentence: what was given, what would be right, and where."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gluteal.errors import close_names

# What pydantic calls a fault -> what would have been right.
_RIGHT = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "finite_number": "a finite number",
    "string_type": "text (put it in quotes)",
    "string_too_short": "text that is not empty",
    "dict_type": "fields with values",
    "model_type": "fields with values",
    "model_attributes_type": "fields with values",
    "tuple_type": "a list",
    "list_type": "a list",
}
# What a pattern stands for, by field.
_FORM = {
    "doi": "a bare DOI such as 10.1016/j.clinbiomech.2012.11.014",
    "pmcid": "a PMC id such as PMC4560003",
    "url": "a web address that begins with http:// or https://",
    "id": "lower-case words joined by '-'",
    "key": "lower-case words joined by '-' or '_'",
}


def one_sentence(error: ValidationError, model: type[BaseModel], where: str) -> str:
    """Say the fault that helps most: a wrong key before what is missing because of it, then the first."""
    faults = error.errors(include_url=False)
    order = {"extra_forbidden": 0, "invalid_key": 0, "missing": 1}
    chosen = min(faults, key=lambda fault: order.get(fault["type"], 2))
    steps, _ = _walk(chosen["loc"], model)
    # A field that is missing beside a wrong key is most often that key.
    others = {tuple(_walk(f["loc"], model)[0]) for f in faults if f["type"] != "missing" or chosen["type"] == "missing"}
    others.discard(tuple(steps))
    more = f" (The entry has {len(others)} more fault{'s' if len(others) > 1 else ''}.)" if others else ""
    same = [f for f in faults if _walk(f["loc"], model)[0] == steps]
    return _say(chosen, same, model, where) + more


def _say(fault: ErrorDetails, same: list[ErrorDetails], model: type[BaseModel], where: str) -> str:
    steps, parent = _walk(fault["loc"], model)
    kind, given = fault["type"], fault["input"]
    if kind in ("extra_forbidden", "invalid_key", "missing"):
        place = f"{where}, {_path(steps[:-1])}" if len(steps) > 1 else where
        if kind == "missing":
            return f"{place}: the field {steps[-1]!r} is missing; add it."
        known = [info.alias or name for name, info in parent.model_fields.items()]
        near = close_names(str(steps[-1]), known, most=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        return f"{place}: there is no field {steps[-1]!r}{hint}; the fields are {', '.join(known)}."
    place = f"{where}, field '{_path(steps)}'" if steps else where
    if kind == "value_error":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}."
    right = " or ".join(dict.fromkeys(_right(f, str(steps[-1]) if steps else "") for f in same))
    return f"{place}: {_shown(given)} was given, but it must be {right}."


def _right(fault: ErrorDetails, field: str) -> str:
    """Return what would have been right, to stand after "it must be"."""
    kind = fault["type"]
    if kind == "literal_error":
        return f"one of {fault['ctx']['expected'].replace(' or ', ', ')}".replace("'", "")
    if kind == "string_pattern_mismatch":
        return _FORM.get(field, f"of the form {fault['ctx']['pattern']}")
    return _RIGHT.get(kind, fault["msg"].replace("Input should be ", "", 1))


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def _walk(loc: tuple[int | str, ...], model: type[BaseModel]) -> tuple[list[str | int], type[BaseModel]]:
    """Follow a location through the records; return its steps for people (entries from 1) and the last record.

    Parts that name a branch of a union or the check of a key are no steps.
    """
    steps: list[str | int] = []
    here: Any = model
    for part in loc:
        inner = _container(here)
        if part == "[key]":
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
            info = next((i for name, i in inner.model_fields.items() if part in (name, i.alias)), None)
            here = info.annotation if info else None
            steps.append(str(part))
        elif get_origin(inner) is dict:
            here = get_args(inner)[1]
            steps.append(str(part))
        elif isinstance(part, int):
            here = get_args(inner)[0] if get_args(inner) else None
            steps.append(part + 1)
    return steps, model


def _container(annotation: Any) -> Any:
    """Return the record, mapping or list inside an annotation, without what surrounds it."""
    if get_origin(annotation) in (dict, tuple) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return annotation
    return next((found for part in get_args(annotation) if (found := _container(part)) is not None), None)


def _path(steps: list[str | int]) -> str:
    """Write steps for people: findings 2 > where > section."""
    said = ""
    for step in steps:
        said += f" {step}" if isinstance(step, int) else f"{' > ' if said else ''}{step}"
    return said
