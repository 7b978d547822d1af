"""A session as a BIDS data set (BIDS 1.11, EMG): BDF files of 24 bits, and tables of channels and events."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.emg.measure.amplitude import NANOVOLTS
from gluteal.errors import InputError, MissingEngine
from gluteal.files import check_new_folder, folder_written_whole, write_text
from gluteal.words import SIDES

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import Analysis, ChannelAnalysis
    from gluteal.emg.recording import Channel, Recording
    from gluteal.emg.session.file import Session, SessionRecording

#: Version of the standard whose schema the tests hold a data set against.
BIDS_VERSION = "1.11.0"
#: Longest record of a BDF file, s; samples that do not fill the last record are left out, less than a record.
_RECORD_S = 1.0
#: Characters of a label in the header of a BDF file; its format.
_LABEL_LENGTH = 16
_UNKNOWN = "n/a"


def write_bids(session: Session, analysis: Analysis, folder: Path) -> Path:
    """Write the recordings of a session as a new BIDS data set of one person.

    Parameters
    ----------
    session : Session
    analysis : Analysis
        Its channels' quality becomes their status.
    folder : Path
        Is made; what is in it already is never written over.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingEngine
        Without edfio, which writes the BDF files.
    InputError
        A folder with something in it, missing samples (BDF has no sign for them), channels of several clocks.
    """
    if find_spec("edfio") is None:
        raise MissingEngine("the package edfio (it writes EDF and BDF)", "formats")
    folder = check_new_folder(folder)
    for entry in session.recordings:
        _check(entry.recording)
    subject = _label(session.subject.id or Path(session.name).stem) or "01"
    channels = {(c.recording, c.channel): c for c in analysis.channels}
    stems: dict[str, int] = {}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_written_whole(folder) as whole:
        place = whole / f"sub-{subject}" / "emg"
        place.mkdir(parents=True)
        for entry in session.recordings:
            task = entry.words.get("task") or ("maximal contraction" if entry.role == "mvic" else entry.role)
            stem = f"sub-{subject}_task-{_label(task) or 'task'}"
            stems[stem] = stems.get(stem, 0) + 1
            _write_recording(place / f"{stem}_run-{stems[stem]}", entry, task, channels)
        _write_top(whole, session, subject)
    return folder


def _check(recording: Recording) -> None:
    first = recording.channels[0]
    for channel in recording.channels:
        if (channel.rate, channel.start, channel.length) != (first.rate, first.start, first.length):
            raise InputError(
                f"{recording.name}: {channel.name} has another rate or length than {first.name}; BIDS files are "
                "written of channels with one clock: leave one kind out with --muscle-map CHANNEL=-."
            )
        if not np.isfinite(channel.read()).all():
            raise InputError(
                f"{recording.name}: {channel.name} has missing samples, for which BDF has no sign; cut the recording."
            )


def _write_recording(
    base: Path, entry: SessionRecording, task: str, analysed: Mapping[tuple[str, str], ChannelAnalysis]
) -> None:
    channels = entry.recording.channels
    labels = _header_texts([channel.name for channel in channels])
    seconds, units = _write_bdf(Path(f"{base}_emg.bdf"), channels, labels)
    rows = []
    for channel, label, unit in zip(channels, labels, units, strict=True):
        found = analysed.get((entry.name, channel.name))
        status = _UNKNOWN if found is None else "good" if found.quality.usable else "bad"
        rows.append(
            {
                "name": label,
                "type": "EMG",
                "units": unit if unit in NANOVOLTS else _UNKNOWN,
                "target_muscle": f"{SIDES[channel.side]}{channel.muscle}" if channel.muscle else _UNKNOWN,
                "status": status,
                "status_description": " ".join(f.sentence for f in found.quality.faults) if found else "",
                "description": channel.name,
            }
        )
    _write_table(Path(f"{base}_channels.tsv"), rows)
    events = [
        {
            "onset": f"{e.time - channels[0].start:.6f}",
            "duration": _UNKNOWN,
            "trial_type": e.name,
            "side": {"r": "right", "l": "left"}.get(str(e.side), _UNKNOWN),
        }
        for e in sorted(entry.recording.events, key=lambda e: e.time)
        if e.time >= channels[0].start
    ]
    if events:
        _write_table(Path(f"{base}_events.tsv"), events)
    told = {
        "TaskName": task,
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": "Not stated in the recording.",
        "EMGReference": _UNKNOWN,
        "SamplingFrequency": channels[0].rate,
        "PowerLineFrequency": _UNKNOWN,
        "SoftwareFilters": _UNKNOWN,
        "RecordingType": "continuous",
        "RecordingDuration": seconds,
        "EMGChannelCount": len(channels),
    }
    write_text(Path(f"{base}_emg.json"), json.dumps(told, indent=2) + "\n")


def _write_bdf(path: Path, channels: Sequence[Channel], labels: Sequence[str]) -> tuple[float, list[str]]:
    """Write the samples and return how many seconds of them, s, and the unit of each channel."""
    import edfio

    rate, length = channels[0].rate, channels[0].length
    samples = _record_samples(rate, length)
    kept = length // samples * samples
    signals, units = [], []
    for channel, label in zip(channels, labels, strict=True):
        values, unit = _in_range(channel.read()[:kept], channel.unit)
        low, high = _range(values)
        units.append(unit)
        signals.append(
            edfio.BdfSignal(
                np.clip(values, low, high),
                rate,
                label=label,
                physical_dimension=unit if len(unit) <= 8 and unit.isascii() else "",
                physical_range=(low, high),
            )
        )
    edfio.Bdf(signals, data_record_duration=samples / rate).write(path)
    return kept / rate, units


def _in_range(values: np.ndarray, unit: str) -> tuple[np.ndarray, str]:
    """Return values in the first unit of voltage, their own before the others, in which a header holds their range."""
    for other in dict.fromkeys((unit, *NANOVOLTS)) if unit in NANOVOLTS else ():
        factor = NANOVOLTS[unit] / NANOVOLTS[other]
        if _fits(_most(values * factor)):
            return values * factor, other
    return values, unit


def _record_samples(rate: float, length: int) -> int:
    """Return samples in a record: the most, up to a second of them, whose duration has few enough digits to be written.

    Of those that leave out the fewest samples at the end.
    """
    most = max(1, min(length, round(rate * _RECORD_S)))
    able = [n for n in range(1, most + 1) if len(f"{n / rate:.12g}") <= 8]
    if not able:
        raise InputError(f"A rate of {rate:g} Hz cannot be written into a BDF file; resample the recording.")
    return min(able, key=lambda n: (length % n, -n))


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return a range of at most 8 characters around all values, as wide above 0 as below."""
    most = _most(values)
    if not _fits(most):
        raise InputError(f"A value of {most:g} is too small or too large for a BDF file; convert the unit.")
    return -most, most


def _most(values: np.ndarray) -> float:
    """Return the largest value, rounded up to three digits; 1 where all are 0."""
    most = float(np.abs(values).max()) or 1.0
    scale = 10.0 ** (math.floor(math.log10(most)) - 2)
    return float(f"{math.ceil(most / scale) * scale:.3g}")


def _fits(most: float) -> bool:
    return len(f"{-most:.12g}") <= 8


def _write_top(folder: Path, session: Session, subject: str) -> None:
    told: dict[str, Any] = {
        "Name": session.name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "gluteal"}],
    }
    write_text(folder / "dataset_description.json", json.dumps(told, indent=2) + "\n")
    person = session.subject
    row = {"participant_id": f"sub-{subject}", "age": person.age_years, "sex": person.sex}
    _write_table(folder / "participants.tsv", [{k: _UNKNOWN if v is None else v for k, v in row.items()}])
    words = f"{session.name}\n\nEMG of one person. Electrode placement, reference and mains are not stated: add them.\n"
    write_text(folder / "README", words)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = [list(rows[0]), *([" ".join(str(v).split()) or _UNKNOWN for v in row.values()] for row in rows)]
    write_text(path, "".join("\t".join(line) + "\n" for line in lines))


def _header_texts(names: Sequence[str]) -> list[str]:
    """Return names as the header of a BDF file holds them, each another; the whole of each describes its channel.

    >>> _header_texts(["M. glut\u00e9us \u202em\u00e4x", "gluteus maximus right", "gluteus maximus left", ""])
    ['M. gluteus ?max', 'gluteus maximus', 'gluteus maximu 3', 'channel 4']
    """
    found: list[str] = []
    for number, name in enumerate(names, 1):
        plain = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
        label = "".join(c if " " <= c <= "~" else "?" for c in plain)[:_LABEL_LENGTH].strip()
        if not label.strip("? ") or label in found:
            label = f"{(label.strip('? ') or 'channel')[: _LABEL_LENGTH - 1 - len(str(number))]} {number}"
        found.append(label)
    return found


def _label(text: str) -> str:
    """Return a text as a label of BIDS: letters and digits only.

    >>> _label("prone hip extension")
    'proneHipExtension'
    """
    words = re.findall(r"[A-Za-z0-9]+", text)
    return "".join(w if i == 0 else w[0].upper() + w[1:] for i, w in enumerate(words))
