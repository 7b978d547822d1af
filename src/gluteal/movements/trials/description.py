"""What was found of a trial, why, and what was not: to be read by people, and written as a TOML file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gluteal.engines import load_body
from gluteal.errors import GlutealError, InputError
from gluteal.files import terminal_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import order_causes
from gluteal.movements.trials import choose_window, read_movement, read_tables
from gluteal.movements.trials.discovery import NAMED, NONE, Reason, TrialFiles, find_trial
from gluteal.movements.trials.loads import LoadColumns, Vector, names_of, prefix_of
from gluteal.sto import Table
from gluteal.sto.rows import read_text

#: What was not found.
_NOTHING = Reason("default", "none was found")
_UNSET = Reason("default", "not set")
#: Options that are told whether or not the trial file sets them, with what they mean where it does not.
_ALWAYS = {
    "filter_hz": "low-pass of the coordinates",
    "force_filter_hz": "the forces are taken as measured",
    "rate_hz": "frames of the movement per second",
    "mass_kg": "the model's mass is held against the ground forces alone",
}
#: Options that are told where the trial file sets them.
_WHERE_SET = ("title", "view", "degrees", "coordinate_lengths", "force_lengths", "exclude", "hold", "supports")


@dataclass(frozen=True)
class FoundKey:
    """One key of a trial's TOML file: its value, how that was come by, and why."""

    key: str
    value: Any
    how: str
    why: str


@dataclass(frozen=True)
class FoundLoad:
    """A force: the segment that it acts on (None where that cannot be told) and its columns."""

    name: str
    segment: str | None
    how: str
    columns: LoadColumns


@dataclass(frozen=True)
class TrialDescription:
    """What `describe_trial` found.

    Attributes
    ----------
    files : TrialFiles
    findings : tuple of FoundKey
        In the order of the trial file.
    loads : tuple of FoundLoad
    table : Path or None
        Table of the forces.
    window : (start, end) in s, or None where the files share none
    model_mass : float or None
        Sum of the masses in the model file, kg.
    problems : tuple of str
        What keeps the trial from being used.
    warnings : tuple of str
        What is doubtful.
    """

    files: TrialFiles
    findings: tuple[FoundKey, ...]
    loads: tuple[FoundLoad, ...]
    table: Path | None
    window: tuple[float, float] | None
    model_mass: float | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_toml(self, folder: str | Path) -> str:
        """Return a trial file that repeats exactly this, to lie in `folder`; each line says why.

        What is only known to be missing stays a comment, so that the checks of a trial still apply.
        """
        lines = [
            f"# What was found in {self.files.source.resolve().name}. Change what is wrong; paths start at this file.",
            f"name = {as_toml(self.files.options.name or self.files.source.resolve().name.split('.')[0])}",
        ]
        for f in self.findings:
            value = f.value
            if isinstance(value, Path):
                value = _path_from(Path(folder), value)
            elif f.key == "forces":
                value = {**value, "file": _path_from(Path(folder), Path(value["file"]))}
            said = f"# {f.how}: {f.why}"
            if value is None and f.key in ("external_loads", "emg"):
                value = NONE
            lines += ["", said, f"# {f.key} = ..." if value is None else f"{f.key} = {as_toml(value)}"]
        for load in self.loads:
            lines += [f"# {load.name} acts on {load.segment or 'a segment that could not be told'}"]
        lines += [f"# Left aside: {name} ({why})" for name, why in self.files.ignored.items()]
        # Names of files may hold the end of a line, after which their rest would be taken for a key.
        return "\n".join(terminal_text(" ".join(line.split("\n"))) for line in lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """Return plain data, as `gluteal trial --json` prints it."""
        return {
            "trial": str(self.files.source),
            "found": [{"key": f.key, "value": _plain(f.value), "how": f.how, "why": f.why} for f in self.findings],
            "force_table": None if self.table is None else str(self.table),
            "loads": [
                {
                    "name": load.name,
                    "segment": load.segment,
                    "how": load.how,
                    "force": _names(load.columns.force),
                    "point": _names(load.columns.point),
                    "torque": _names(load.columns.torque),
                    "force_frame": load.columns.force_frame,
                    "point_frame": load.columns.point_frame,
                }
                for load in self.loads
            ],
            "window_s": None if self.window is None else list(self.window),
            "model_mass_kg": self.model_mass,
            "ignored": [{"file": name, "why": why} for name, why in self.files.ignored.items()],
            "problems": list(self.problems),
            "warnings": list(self.warnings),
            "trial_file": self.to_toml(_folder_of(self.files.source)),
        }


def describe_trial(path: str | Path, *, body: Body | None = None, try_out: bool = False) -> TrialDescription:
    """Say what a trial is made of: which files, chosen why, what was guessed and what left aside.

    No engine is opened unless it takes the model to tell under which foot a force was measured, or everything is to be
    tried.

    Parameters
    ----------
    path : str or Path
        As `gluteal.load_trial`.
    body : Body or None
        Who does the trial; default its own model.
    try_out : bool
        Open the model and read the whole movement, so that ``problems`` has all that keeps it from being used, and
        ``warnings`` what speaks against judging it.

    Raises
    ------
    InputError
        Nothing usable was found, or several candidates; what only keeps the trial from being used is in ``problems``.
    """
    files = find_trial(Path(path), None if body is None else body.coordinate_names)
    problems: list[str] = []
    warnings = list(files.warnings)
    tables: Sequence[Table] = ()
    columns: tuple[LoadColumns, ...] = ()
    window = None
    try:
        tables, columns, _ = read_tables(files)
        warnings += [w for t in tables for w in t.warnings]
        window = choose_window(tables, files.options.window, trim=0.5 / files.options.filter_hz)
    except GlutealError as error:
        problems.append(str(error))
    loads = _find_segments(files, body, columns, window, problems, warnings, try_out=try_out)
    return TrialDescription(
        files=files,
        findings=tuple(_find_all(files, tables, loads, window)),
        loads=loads,
        table=tables[1].path if len(tables) > 1 else None,
        window=window,
        model_mass=_sum_masses(files.model),
        problems=tuple(problems),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _find_segments(
    files: TrialFiles,
    body: Body | None,
    columns: Sequence[LoadColumns],
    window: tuple[float, float] | None,
    problems: list[str],
    warnings: list[str],
    *,
    try_out: bool,
) -> tuple[FoundLoad, ...]:
    """Return the loads with their segments; those that no file tells are asked of the model."""
    told = {c.name: c.segment for c in columns}
    if window is not None and (try_out or any(segment is None for segment in told.values())):
        try:
            body = body or load_body(files.model or "myo")
            movement = read_movement(files, body)
            told |= {load.name: load.segment for load in movement.loads}
            warnings += [*movement.warnings, *(f.sentence for f in order_causes(movement.findings, movement.time))]
        except GlutealError as error:
            problems.append(str(error))
    return tuple(FoundLoad(c.name, told[c.name], "named" if c.segment else "guessed", c) for c in columns)


def _find_all(
    files: TrialFiles, tables: Sequence[Table], loads: Sequence[FoundLoad], window: tuple[float, float] | None
) -> list[FoundKey]:
    """Return every key of the trial file with its value and reason."""
    options = files.options
    found = [_finding("model", files.model, files), _finding("coordinates", files.coordinates, files)]
    if files.forces is not None:
        found.append(_finding("forces", _describe_forces(files, loads), files))
    else:
        found.append(_finding("external_loads", files.external_loads, files))
    found.append(_finding("emg", files.emg, files))
    why = NAMED if options.window else Reason("default", "all that the files cover, less half a period of the filter")
    found.append(FoundKey("window", None if window is None else list(window), why.how, why.why))
    given = options.model_dump(exclude_none=True)
    for key, meaning in _ALWAYS.items():
        how = "named" if key in options.model_fields_set else "default"
        found.append(FoundKey(key, given.get(key), how, meaning if how == "default" else NAMED.why))
    if options.degrees is None and tables:
        silent = "says nothing, which OpenSim reads as " + ("degrees" if tables[0].is_first_motion else "radians")
        said = {True: "says degrees", False: "says radians", None: silent}
        found.append(
            FoundKey("degrees", None, "found", f"the header of {tables[0].path.name} {said[tables[0].in_degrees]}")
        )
    found += [
        FoundKey(k, _listed(given[k]), NAMED.how, NAMED.why)
        for k in _WHERE_SET
        if k in options.model_fields_set and k in given
    ]
    return found


def _finding(key: str, value: Any, files: TrialFiles) -> FoundKey:
    reason = files.why.get(key, _NOTHING)
    return FoundKey(key, value, reason.how, reason.why)


def _describe_forces(files: TrialFiles, loads: Sequence[FoundLoad]) -> dict[str, Any]:
    """Return the key `forces`, with the segments that were told by the centre of pressure."""
    assert files.forces is not None, "only asked where a table of forces is part of the trial"
    said: dict[str, Any] = {"file": str(files.forces)}
    if files.options.forces is not None and files.options.forces.carriers:
        return files.options.forces.model_dump(exclude_none=True) | said
    if all(load.segment for load in loads):
        for load in loads:
            said.setdefault(str(load.segment), []).append(prefix_of(load.columns))
    return {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in said.items()}


def _sum_masses(model: Path | None) -> float | None:
    """Return the sum of the masses that a model file states, kg; None without a file."""
    if model is None or not model.is_file():
        return None
    return sum(map(float, re.findall(r"<mass>\s*([-+.\deE]+)\s*</mass>", read_text(model))))


def as_toml(value: Any) -> str:
    """Write a value as TOML has it, tables in one line.

    >>> as_toml({"file": "a b.mot", "calcn_r": ["f1_", "f3_"]}), as_toml([0.5, True])
    ('{file = "a b.mot", calcn_r = ["f1_", "f3_"]}', '[0.5, true]')
    """
    if isinstance(value, Mapping):
        keys = (k if re.fullmatch(r"[\w-]+", k, re.ASCII) else json.dumps(k) for k in value)
        return "{" + ", ".join(f"{k} = {as_toml(v)}" for k, v in zip(keys, value.values(), strict=True)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(float(value))
    try:
        str(value).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{str(value)!r} has letters that no TOML file can hold; give that file or folder another name."
        ) from error
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _path_from(folder: Path, path: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()


def _folder_of(source: Path) -> Path:
    return source if source.is_dir() else source.parent


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _names(vector: Vector | None) -> list[str] | None:
    return None if vector is None else list(names_of(vector))
