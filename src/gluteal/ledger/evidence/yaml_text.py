"""YAML read safely: a bounded size, no aliases, no key twice, and scalars as in YAML 1.2."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gluteal.errors import InputError
from gluteal.files import read_bounded

#: The largest file that is read, in bytes; the built-in studies take 0.2 MB.
MOST_BYTES = 20_000_000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe loader with the scalars of YAML 1.2: `no` and `12:30` are text, 1e-3 is a number."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the library's form

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if key in mapping:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there twice", key_node.start_mark
                )
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", list("tf")),
    ("int", r"^[-+]?\d+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$|^[-+]?\.inf$|^\.nan$", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node), 10))


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises
    ------
    InputError
        Where it cannot be read or is longer than `MOST_BYTES`.
    """
    try:
        # One byte more than is allowed is enough to refuse a file that is too long.
        content = read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise InputError(f"Cannot read {str(path)!r}: {error.strerror or error}.") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}: the file is longer than {MOST_BYTES // 1_000_000} MB; split it into several.")
    return content


def decoded(content: bytes, name: str) -> str:
    """Return a text file's text; `InputError` where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not a text file in UTF-8 (byte {error.start}); save it as UTF-8.") from error


def read_yaml(content: bytes, name: str) -> Any:
    """Return what a YAML text holds: dict, list, str, int, float, bool or None.

    Raises
    ------
    InputError
        Where it is not UTF-8 or not YAML, holds more than plain data, repeats a key or uses aliases (which can make a
        short text endlessly long); one sentence with the line.
    """
    text = decoded(content, name)
    try:
        held = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise InputError(f"{name}, {line}not readable as YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{name}: not readable as YAML: {reason}.") from error
    _refuse_aliases(held, name)
    return held


def _refuse_aliases(held: Any, name: str) -> None:
    seen: set[int] = set()
    waiting = [held]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict | list) and node:
            if id(node) in seen:
                raise InputError(f"{name}: aliases ('*name') are not allowed; write the entry out.")
            seen.add(id(node))
            waiting.extend(node.values() if isinstance(node, dict) else node)
