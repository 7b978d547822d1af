"""BIDS-EMG: an EDF or BDF file with its sidecars (channels, events, settings of the recording)."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gluteal.emg.labels import read_label
from gluteal.emg.read.contents import UNKNOWN_UNIT, Contents, Signal, side_word, unit_of
from gluteal.emg.read.edf import read_edf
from gluteal.emg.recording import Event
from gluteal.errors import InputError, close_names
from gluteal.files import read_bounded

#: Sidecars are small; a larger one is something else.
LARGEST_SIDECAR = 16 * 2**20
#: A sidecar may lie this many folders above its recording (BIDS inheritance principle).
LEVELS = 3
#: Keys of the sidecar that later steps can use.
KEPT = (
    *("TaskName", "SamplingFrequency", "PowerLineFrequency", "EMGReference", "EMGPlacementScheme"),
    *("HardwareFilters", "SoftwareFilters", "Manufacturer", "RecordingType"),
)


def find_recording(folder: Path) -> Path:
    """Return the one ``*_emg.edf`` or ``*_emg.bdf`` of a folder; InputError for none or several."""
    found = sorted(p for p in (*folder.glob("*_emg.[eb]df"), *folder.glob("emg/*_emg.[eb]df")) if p.is_file())
    if not found:
        raise InputError(
            f"The folder {folder.name} holds no '*_emg.edf' or '*_emg.bdf' (BIDS); give the name of a recording."
        )
    if len(found) > 1:
        names = ", ".join(p.name for p in found[:4])
        raise InputError(f"The folder {folder.name} holds {len(found)} recordings ({names}); give the name of one.")
    return found[0]


def is_bids(path: Path) -> bool:
    """Return whether a file is called as BIDS calls EMG recordings."""
    return path.stem.endswith("_emg") and path.suffix.lower() in (".edf", ".bdf")


def read_bids(path: Path, size: int) -> Contents:
    """Return an EDF or BDF recording with what its sidecars say about channels and events.

    ``*_channels.tsv`` decides kind and unit of the channels and names their target muscle, ``*_events.tsv``
    adds events, ``*_emg.json`` settings. A sidecar that is absent is no fault.

    Raises
    ------
    InputError
        A damaged recording or sidecar, or a channel in the sidecar that the recording does not have.
    """
    contents = read_edf(path, size)
    signals, notes = contents.signals, list(contents.warnings)
    bad: list[tuple[str, str]] = []
    table = _find(path, "channels.tsv")
    if table is not None:
        signals, bad = _apply(table, contents.signals)
        notes += [f"{table.name} calls {name} bad{why}." for name, why in bad]
    events = contents.events
    if (file := _find(path, "events.tsv")) is not None:
        events = tuple(sorted((*events, *_events(file)), key=lambda e: e.time))
    settings = {**contents.settings, "bad_channels": [name for name, _ in bad]}
    if (file := _find(path, "emg.json")) is not None:
        settings["bids"] = {k: v for k, v in _json(file).items() if k in KEPT}
    return Contents(f"BIDS {contents.format}", signals, events, tuple(notes), settings)


def _entities(name: str) -> set[str]:
    return set(name.split("_")[:-1])


def _find(path: Path, suffix: str) -> Path | None:
    """Return the sidecar nearest to a recording whose entities (sub-, task-, run-) do not contradict it."""
    mine = _entities(path.stem)
    folder = path.parent
    for _ in range(LEVELS + 1):
        fitting = [
            p for p in folder.glob(f"*{suffix}") if p.name.split("_")[-1] == suffix and _entities(p.name) <= mine
        ]
        if fitting:
            return max(fitting, key=lambda p: (len(_entities(p.name)), p.name))
        folder = folder.parent
    return None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_SIDECAR:
            raise InputError(f"{path.name} has over {LARGEST_SIDECAR >> 20} MB; this is no BIDS sidecar.")
        return read_bounded(path, LARGEST_SIDECAR).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not written in UTF-8; save it again as UTF-8.") from error


def _rows(path: Path, needed: Sequence[str]) -> Sequence[Mapping[str, str]]:
    try:
        rows = list(csv.DictReader(_text(path).splitlines(), delimiter="\t", restval=""))
    except csv.Error as error:
        raise InputError(f"{path.name} is no table separated by tabs ({error}); correct it.") from error
    for name in needed:
        if rows and name not in rows[0]:
            raise InputError(f"{path.name} has no column {name!r}; add it, as BIDS asks.")
    return rows


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path.name} is no JSON ({str(error)[:100]}); correct it.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path.name} must hold one JSON object with the settings of the recording.")
    return value


def _apply(table: Path, signals: Sequence[Signal]) -> tuple[tuple[Signal, ...], list[tuple[str, str]]]:
    """Return the signals as the table of channels describes them, and which it calls bad, with why."""
    rows = {(row["name"] or "").strip(): row for row in _rows(table, ("name",))}
    known = [s.name for s in signals]
    for name in rows:
        if name not in known and rows[name].get("type", "").strip().upper() == "EMG":
            near = close_names(name, known)
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"{table.name} describes a channel {name!r} that the recording does not have.{hint} Correct it."
            )
    fresh: list[Signal] = []
    bad: list[tuple[str, str]] = []
    for signal in signals:
        row = rows.get(signal.name)
        if row is None:
            fresh.append(signal)
            continue
        unit = unit_of(row.get("units") or "")
        kind = (row.get("type") or "").strip().upper()
        target = (row.get("target_muscle") or "").strip()
        fresh.append(
            replace(
                signal,
                unit=signal.unit if unit == UNKNOWN_UNIT else unit,
                emg=kind == "EMG" if kind else None,
                why=f"the table of channels says that it is of the type {kind}",
                label=target if target and read_label(target).muscle else None,
            )
        )
        if (row.get("status") or "").strip().lower() == "bad":
            why = (row.get("status_description") or "").strip()
            bad.append((signal.name, f" ({why})" if why and why != "n/a" else ""))
    return tuple(fresh), bad


def _events(path: Path) -> list[Event]:
    events = []
    for i, row in enumerate(_rows(path, ("onset",))):
        try:
            time = float(row["onset"])
        except (TypeError, ValueError):
            time = math.nan
        if not math.isfinite(time):
            raise InputError(f"{path.name}, line {i + 2}: the onset {row['onset']!r} is no number; correct it.")
        told = (row.get(k) or "" for k in ("trial_type", "event_type", "value"))
        name = next((t.strip() for t in told if t.strip() not in ("", "n/a")), "event")
        events.append(Event(name, time, side_word(row.get("side") or "")))
    return events
