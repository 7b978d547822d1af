"""Formats that are not read, and what to export instead."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gluteal.errors import InputError

#: What a file is that is not read, by its ending, and what its program can write instead.
INSTEAD: Mapping[str, tuple[str, str]] = {
    ".xdf": ("a Lab Streaming Layer recording (XDF)", "export the EMG stream as EDF or CSV"),
    ".nwb": ("a Neurodata Without Borders file", "export its electrical series as EDF or CSV, with rate and unit"),
    ".tdf": ("a BTS recording", "export the EMG tracks from the BTS program as .emt or C3D"),
    ".shpf": ("a Delsys Trigno Discover recording", "export it from Trigno Discover as CSV"),
    ".hpf": ("a Delsys EMGworks recording", "export it with the Delsys File Utility as CSV or C3D"),
    ".otb4": ("an OTBioLab4 recording", "export it from OTBioLab as .otb+, .mat or CSV"),
    ".smr": ("a Spike2 recording", "export it from Spike2 as MATLAB or as spreadsheet text"),
    ".smrx": ("a Spike2 recording", "export it from Spike2 as MATLAB or as spreadsheet text"),
    ".adicht": ("a LabChart recording", "export it from LabChart as text, MATLAB or EDF"),
    ".adibin": ("a LabChart recording", "export it from LabChart as text, MATLAB or EDF"),
    ".xls": ("a workbook of the old kind", "save it as .xlsx or CSV"),
    ".ods": ("an OpenDocument workbook", "save it as .xlsx or CSV"),
    ".slk": ("a Noraxon or SYLK table", "export it from Noraxon MR3 as CSV or C3D, or save it as .xlsx"),
    ".poly5": ("a TMSi recording", "export it from TMSi Polybench or SAGA as EDF"),
    ".vhdr": ("a BrainVision recording", "export it as EDF or BDF"),
    ".eeg": ("a BrainVision recording", "export it as EDF or BDF"),
    ".cnt": ("a Neuroscan or eego recording", "export it as EDF or BDF"),
    ".qtm": ("a Qualisys measurement", "export it from QTM as C3D, TSV or MAT"),
    ".x1d": ("Vicon raw data", "export the trial from Nexus as C3D"),
    ".x2d": ("Vicon raw data", "export the trial from Nexus as C3D"),
    ".rhd": ("an Intan recording", "export it as EDF or MATLAB"),
    ".pkl": ("a pickled Python object, which could run code when opened", "save it as CSV, Parquet or .npz"),
    ".zip": ("an archive", "unpack it and name the recording in it"),
    ".7z": ("an archive", "unpack it and name the recording in it"),
    ".pdf": ("a document", "export the recording itself from the program that measured it, as CSV, EDF or C3D"),
    ".docx": ("a document", "export the recording itself from the program that measured it, as CSV, EDF or C3D"),
}
#: Those of them that are no recordings themselves.
_OTHERS = (".pdf", ".docx", ".zip", ".7z", ".pkl")
_FIRST: Mapping[bytes, str] = {
    b"XDF:": ".xdf", bytes.fromhex("d0cf11e0a1b11ae1"): ".xls", b"ID;P": ".slk", b"CFWB": ".adibin",
}  # fmt: skip


def is_refused_recording(path: Path) -> bool:
    """Return whether a file is a recording of a format that is not read, by its ending."""
    return path.suffix.lower() in INSTEAD and path.suffix.lower() not in _OTHERS


def check_format(path: Path, ending: str, head: bytes) -> None:
    """Raise InputError for a file of a format that is known and not read; the message says what to export instead."""
    by_content = next((e for first, e in _FIRST.items() if head.startswith(first)), None)
    found = INSTEAD.get(by_content or ending)
    if found is not None:
        raise InputError(f"{path.name} is {found[0]}, which is not read here; {found[1]}.")
