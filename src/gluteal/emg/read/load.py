"""From a file to a `Recording`: which format it is, which channels are EMG, which muscle each one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gluteal.emg.labels import Label, muscle_of, read_labels
from gluteal.emg.read import (
    acq,
    anc,
    bids,
    c3d,
    c3d_parameters,
    edf,
    hdf5,
    mat,
    numpy_file,
    otb,
    parquet,
    r_data,
    refused,
    sto_channels,
    text,
    text_rows,
    workbook,
)
from gluteal.emg.read.contents import LONGEST_NAME, Contents, Signal, check_file, check_start
from gluteal.emg.read.muscle_channels import why_no_muscle
from gluteal.emg.recording import Channel, LeftOut, Recording
from gluteal.errors import InputError, UnknownName
from gluteal.files import as_text, expand_user, reading
from gluteal.vocabulary import Side

Reader = Callable[[Path, int], Contents]

#: Formats by ending, as messages and help list them.
FORMATS: Mapping[str, str] = {
    ".c3d": "C3D", ".edf": "EDF", ".bdf": "BDF", ".csv": "CSV", ".tsv": "TSV", ".txt": "text table",
    ".sto": "OpenSim table", ".mot": "OpenSim table", ".anc": "ANC", ".h5": "HDF5 (OpenSignals)",
    ".hdf5": "HDF5 (OpenSignals)", ".mat": "MATLAB", ".acq": "AcqKnowledge", ".otb+": "OTBioLab+",
    ".emt": "BTS text", ".xlsx": "workbook", ".parquet": "Parquet", ".feather": "Feather",
    ".npz": "NumPy", ".npy": "NumPy", ".rdata": "R", ".rda": "R", ".rds": "R",
}  # fmt: skip
_BY_ENDING: Mapping[str, Reader] = {
    ".c3d": c3d.read_c3d,
    ".edf": edf.read_edf,
    ".bdf": edf.read_edf,
    ".sto": sto_channels.read_sto_channels,
    ".mot": sto_channels.read_sto_channels,
    ".anc": anc.read_anc,
    ".h5": hdf5.read_opensignals,
    ".hdf5": hdf5.read_opensignals,
    ".mat": mat.read_mat,
    ".acq": acq.read_acq,
    ".otb+": otb.read_otb,
    ".xlsx": workbook.read_workbook,
    ".xlsm": workbook.read_workbook,
    ".parquet": parquet.read_parquet,
    ".feather": parquet.read_feather,
    ".npz": numpy_file.read_numpy,
    ".npy": numpy_file.read_numpy,
    ".rdata": r_data.read_r,
    ".rda": r_data.read_r,
    ".rds": r_data.read_r,
}
#: Formats that are recognised by their ending alone; their first bytes are those of an archive, or no sign at all.
_ENDING_DECIDES = frozenset((".acq", ".otb+", ".xlsx", ".xlsm", ".npz", ".rdata", ".rda", ".rds"))  # fmt: skip
#: Tables, which need not state their sampling rate: it can be said beside them.
_TAKE_RATE = frozenset(
    (
        *(
            text.read_csv,
            workbook.read_workbook,
            parquet.read_parquet,
            parquet.read_feather,
            r_data.read_r,
            mat.read_mat,
        ),
        numpy_file.read_numpy,
    )
)
#: Value of a muscle map that leaves a channel out.
LEAVE_OUT = "-"


def load_recording(
    path: str | Path,
    *,
    muscle_map: Mapping[str, str] | None = None,
    side: Side | None = None,
    all_channels: bool = False,
) -> Recording:
    """Read a recording of any known format; the content decides which one it is, the ending where it cannot.

    C3D, EDF, BDF, HDF5 and MATLAB files are read channel by channel when samples are asked for. Text is read once,
    into a temporary file where it is long. OpenSim tables are held in memory, up to 128 MB of text.

    Parameters
    ----------
    path : str or Path
        A file, or a folder with one BIDS recording.
    muscle_map : mapping of str -> str, optional
        Channel name -> muscle, with its side where it has one ("gluteus medius left", "GMED_L"); "-" leaves
        the channel out. Channels it does not name are read from their labels.
    side : "r" | "l", optional
        Side of the channels whose label states none.
    all_channels : bool
        Return channels of other kinds (force plates, accelerometers) too.

    Returns
    -------
    Recording
        Every other signal of the file is in `left_out`, with the reason. Samples may be NaN where the file has gaps.

    Raises
    ------
    InputError
        Missing, empty, damaged or unknown file, no EMG channel, or a file that announces more than it holds.
    UnknownName
        A channel or a muscle of `muscle_map` that does not exist.
    """
    contents = read_contents(path)
    return name_channels(contents, muscle_map=muscle_map, side=side, all_channels=all_channels)


def read_contents(path: str | Path, *, rate: float | None = None) -> Contents:
    """Return everything a file holds before muscles are thought of; errors as `load_recording`.

    `rate`, samples per second, is for a table (text, workbook, Parquet, R, MATLAB) that states none and has no time
    column.
    """
    if "\0" in str(path):
        raise InputError("The name of the recording contains a zero byte, which no file name can; correct it.")
    path = expand_user(path)
    try:
        with reading(path):
            return _read_contents(path, rate)
    except MemoryError as error:
        raise InputError(f"{path.name} needs more memory than there is; cut it into shorter recordings.") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror or error}); copy it again.") from error


def _read_contents(path: Path, rate: float | None) -> Contents:
    if path.is_dir():
        path = bids.find_recording(path)
    size = check_file(path)
    reader, mislabelled = choose_reader(path)
    contents = partial(reader, rate=rate)(path, size) if reader in _TAKE_RATE else reader(path, size)
    if endless := next((s for s in contents.signals if len(s.name) > LONGEST_NAME), None):
        raise InputError(
            f"{path.name} has a channel whose name has {len(endless.name)} characters ({endless.name[:30]!r}…); give "
            f"it one of at most {LONGEST_NAME}."
        )
    other = next((s for s in contents.signals if rate is not None and abs(s.rate - rate) > 1e-6 * rate), None)
    if other is not None and rate is not None:
        raise InputError(
            f"{path.name} itself says that channel {other.name!r} has {other.rate:g} samples a second, not {rate:g}; "
            "leave the rate out."
        )
    if mislabelled:
        note = f"{path.name} is called {path.suffix or 'nothing'} but was read as {contents.format}, which it is."
        contents = replace(contents, warnings=(note, *contents.warnings))
    return replace(contents, name=as_text(path.name))


def choose_reader(path: Path) -> tuple[Reader, bool]:
    """Return the reader for a file, and whether its ending says something else than its content."""
    endings = [e.lower() for e in path.suffixes[-2:]] or [""]
    ending = endings[-2] if endings[-1] == ".gz" and len(endings) > 1 else endings[-1]
    by_ending = _BY_ENDING.get(ending, text.read_csv)
    if ending in _ENDING_DECIDES:
        return by_ending, False
    head = text_rows.peek(path)
    refused.check_format(path, ending, head)
    by_content = _by_content(head)
    if by_content is None:
        if head[:4] == b"PK\x03\x04":
            raise InputError(f"{path.name} is a ZIP archive or a workbook; unzip it, or call a workbook .xlsx.")
        if by_ending is text.read_csv and b"\0" in head and head[:2] not in text_rows.UTF16:
            known = ", ".join(FORMATS)
            raise InputError(f"{path.name} is of no format that is read here ({known}); export it as one of them.")
        return by_ending, False
    if by_content is edf.read_edf and bids.is_bids(path):
        return bids.read_bids, False
    matlab = {by_content, by_ending} == {mat.read_mat, hdf5.read_opensignals}
    return (mat.read_mat if matlab else by_content), not matlab and by_content is not by_ending


def _by_content(head: bytes) -> Reader | None:
    """Return the reader that the first bytes ask for; None where they could be several things."""
    if head[:8] == edf.BDF_MAGIC or (
        head[:8] == edf.EDF_MAGIC and len(head) >= 256 and head[252:256].strip().isdigit()
    ):
        return edf.read_edf
    if head[:7] == mat.MAGIC:
        return mat.read_mat
    if head[:8] == hdf5.MAGIC:
        return hdf5.read_opensignals
    if head[:4] == parquet.MAGIC:
        return parquet.read_parquet
    if head.startswith(parquet.FEATHER):
        return parquet.read_feather
    if head.startswith(numpy_file.MAGIC):
        return numpy_file.read_numpy
    if head[: len(anc.MAGIC)] == anc.MAGIC.encode():
        return anc.read_anc
    if len(head) > 512 and head[1] == c3d_parameters.MAGIC and b"\0" in head[:512] and head[0] < 128:
        return c3d.read_c3d
    if b"\nendheader" in head.lower().replace(b"\r", b"\n"):
        return sto_channels.read_sto_channels
    return None


def name_channels(
    contents: Contents,
    *,
    muscle_map: Mapping[str, str] | None = None,
    side: Side | None = None,
    all_channels: bool = False,
) -> Recording:
    """Return the recording that a file's contents are, each channel with its muscle; as `load_recording`."""
    labels = _labels(contents.signals)
    mapped = _mapped(contents.signals, muscle_map or {})
    channels: list[Channel] = []
    left_out: list[LeftOut] = [LeftOut(name, why) for name, why in contents.dropped]
    notes = list(contents.warnings)
    for signal, label in zip(contents.signals, labels, strict=True):
        chosen = mapped.get(signal.name)
        why = None if chosen is not None else why_no_muscle(signal, label)
        if signal.name in mapped and chosen is None:
            left_out.append(LeftOut(signal.name, "the muscle map leaves it out"))
            continue
        if why is not None and not all_channels:
            left_out.append(LeftOut(signal.name, why))
            continue
        emg = why is None
        found = chosen or (label if emg else Label(None, None))
        if found.note:
            notes.append(f"Channel {signal.name} {found.note}; say which with a muscle map.")
        channels.append(
            Channel(
                name=signal.name,
                muscle=found.muscle,
                side=found.side or (side if emg else None),
                unit=signal.unit,
                rate=signal.rate,
                start=check_start(contents.name, signal.name, signal.start, signal.rate),
                length=signal.length,
                read=signal.read,
            )
        )
    if not channels:
        kinds = ", ".join(o.channel for o in left_out[:5]) + (", …" if len(left_out) > 5 else "")
        raise InputError(
            f"{contents.name} has no EMG channel (it has {kinds or 'none at all'}); name some with a muscle map."
        )
    return Recording(
        contents.name,
        contents.format,
        tuple(channels),
        contents.events,
        tuple(notes),
        dict(contents.settings),
        tuple(left_out),
    )


def _labels(signals: Sequence[Signal]) -> tuple[Label, ...]:
    """Return muscle and side of every signal; a description that names a muscle says more than a name."""
    by_name = read_labels([s.name for s in signals])
    by_label = read_labels([s.label or "" for s in signals])
    return tuple(
        Label(long.muscle, long.side or short.side, long.note) if long.muscle else short
        for short, long in zip(by_name, by_label, strict=True)
    )


def _mapped(signals: Sequence[Signal], given: Mapping[str, str]) -> dict[str, Label | None]:
    """Return the labels that a muscle map gives, None for channels to leave out."""
    names = {s.name.lower(): s.name for s in signals}
    found: dict[str, Label | None] = {}
    for channel, muscle in given.items():
        name = names.get(channel.strip().lower())
        if name is None:
            raise UnknownName("channel", channel, [s.name for s in signals], "gluteal emg RECORDING --json")
        found[name] = None if muscle.strip() == LEAVE_OUT else muscle_of(muscle)
    return found
