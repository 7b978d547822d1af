"""Small valid recordings of every format, written by the libraries that own the format, for the reader tests."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path
from typing import Any

import edfio
import h5py
import numpy as np
import pandas as pd
import rdata
import scipy.io
from bioread import file_revisions, headers

from gluteal.sto import save_table

RATE = 1000.0
LABELS = ("R GMAX", "L GMED")


def signals(samples: int = 400, channels: int = 2) -> np.ndarray:
    """Return noise (samples, channels), mV, that 16-bit converters can hold."""
    return np.random.default_rng(7).normal(scale=0.3, size=(samples, channels)).clip(-2, 2)


def write_c3d(path: Path, data: np.ndarray | None = None) -> Path:
    """Two plate channels, then the EMG; 100 Hz frames, two events.

    In a process of its own: where the opensim wheel was imported first, ezc3d's bindings take its vector types for
    their own and refuse to write.
    """
    given = path.with_suffix(".samples.npy")
    np.save(given, signals() if data is None else data)
    subprocess.run([sys.executable, "-c", _WRITE_C3D, str(given), str(path), json.dumps([RATE, *LABELS])], check=True)
    given.unlink()
    return path


_WRITE_C3D = """
import json, sys
import ezc3d
import numpy as np

data = np.load(sys.argv[1])
rate, *labels = json.loads(sys.argv[3])
c = ezc3d.c3d()
c["parameters"]["POINT"]["RATE"]["value"] = [100]
c["parameters"]["POINT"]["LABELS"]["value"] = ["M1"]
frames = data.shape[0] // 10
c["data"]["points"] = np.ones((4, 1, frames))
c["data"]["meta_points"]["residuals"] = np.zeros((1, 1, frames))
c["data"]["meta_points"]["camera_masks"] = np.zeros((7, 1, frames), bool)
c["parameters"]["ANALOG"]["RATE"]["value"] = [rate]
c["parameters"]["ANALOG"]["LABELS"]["value"] = ["Fx1", "Fz1", *labels]
c["parameters"]["ANALOG"]["UNITS"]["value"] = ["N", "N", "mV", "mV"]
c["data"]["analogs"] = np.concatenate([np.zeros_like(data), data], axis=1).T[None]
c.add_parameter("EVENT", "USED", [2])
c.add_parameter("EVENT", "CONTEXTS", ["Right", "General"])
c.add_parameter("EVENT", "LABELS", ["Foot Strike", "Go"])
c.add_parameter("EVENT", "TIMES", np.array([[0.0, 0.0], [0.25, 0.125]]))
c.write(sys.argv[2])
"""


def write_edf(path: Path, data: np.ndarray | None = None) -> Path:
    """EDF+ or BDF+ (by the ending) with the EMG in mV, an accelerometer at a lower rate and one annotation."""
    data = signals() if data is None else data
    signal, file = (edfio.BdfSignal, edfio.Bdf) if path.suffix == ".bdf" else (edfio.EdfSignal, edfio.Edf)
    all_signals = [
        signal(data[:, i], RATE, label=LABELS[i], physical_dimension="mV", physical_range=(-2, 2)) for i in range(2)
    ]
    slow = signal(
        np.zeros(data.shape[0] // 10), RATE / 10, label="ACC X", physical_dimension="g", physical_range=(-2, 2)
    )
    recording = file([*all_signals, slow], annotations=[edfio.EdfAnnotation(0.2, None, "go")], data_record_duration=0.1)
    recording.write(path)
    return path


def write_csv(path: Path, data: np.ndarray | None = None) -> Path:
    """Comma-separated with a time column and units in the names."""
    data = signals() if data is None else data
    rows = [f"{i / RATE:.3f},{row[0]!r},{row[1]!r}" for i, row in enumerate(data.tolist())]
    path.write_text("\n".join(["Subject,7", f"time (s),{LABELS[0]} (mV),{LABELS[1]} (mV)", *rows]) + "\n")
    return path


def write_sto(path: Path, data: np.ndarray | None = None) -> Path:
    """Write an OpenSim table, dimensionless by its labels."""
    data = signals() if data is None else data
    names = ["glmax1_r_activation", "glmed1_l_activation"]
    save_table(path, np.arange(len(data)) / RATE, names, data, name="EMG")
    return path


def write_anc(path: Path, data: np.ndarray | None = None) -> Path:
    """12 bit, +-2000 mV: one count is 4000/4095 mV; the signals are taken as volts."""
    data = signals() if data is None else data
    counts = np.round(data * 4095 / 4000 * 1e3).astype(int)
    head = [
        "File_Type:\tAnalog R/C ASCII\tGeneration#:\t2",
        "Board_Type:\tNational PCI-6071E\tPolarity:\tBipolar",
        f"Trial_Name:\ta\tTrial#:\t1\tDuration(Sec.):\t{len(data) / RATE}\t#Channels:\t3",
        f"BitDepth:\t12\tPreciseRate:\t{RATE:f}",
        *[""] * 4,
        f"Name\tf1z\t{LABELS[0]}\t{LABELS[1]}\t",
        "Rate\t1000\t1000\t1000\t",
        "Range\t2000\t2000\t2000\t",
    ]
    rows = [f"{i / RATE:f}\t0\t{a}\t{b}\t" for i, (a, b) in enumerate(counts)]
    path.write_text("\r\n".join(head + rows) + "\r\n")
    return path


def write_h5(path: Path, data: np.ndarray | None = None) -> Path:
    """Write the layout of OpenSignals, 16 bit."""
    data = signals() if data is None else data
    with h5py.File(path, "w") as file:
        device = file.create_group("00:07:80:00:00:01")
        device.attrs.update({"sampling rate": np.int32(RATE), "resolution": np.array([16, 16], np.int32)})
        for i, name in enumerate(("channel_1", "channel_3")):
            raw = device.create_dataset(f"raw/{name}", data=(32768 + 1000 * data[:, i : i + 1]).astype(np.uint16))
            raw.attrs.update({"label": LABELS[i], "sensor": "EMG"})
        device.create_dataset("raw/nSeq", data=np.zeros((len(data), 1), np.uint16))
    return path


def write_mat(path: Path, data: np.ndarray | None = None) -> Path:
    """Version 5 with a matrix, a rate, names and a unit; packed where the name says so."""
    data = signals() if data is None else data
    names = np.array(LABELS, dtype=object)
    scipy.io.savemat(
        path, {"emg": data, "fs": RATE, "labels": names, "units": "mV"}, do_compression="packed" in path.name
    )
    return path


def write_mat73(path: Path, data: np.ndarray | None = None) -> Path:
    """Version 7.3: HDF5 behind a block of text, matrices turned round, texts as numbers, cells as references."""
    data = signals() if data is None else data
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("emg", data=data.T).attrs["MATLAB_class"] = np.bytes_("double")
        file.create_dataset("fs", data=[[RATE]]).attrs["MATLAB_class"] = np.bytes_("double")
        texts = [_char(file, f"#refs#/{i}", name) for i, name in enumerate(LABELS)]
        cells = file.create_dataset("labels", data=np.array([[t.ref for t in texts]], h5py.ref_dtype))
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
        _char(file, "units", "mV")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + struct.pack("<H2s", 0x0200, b"IM"))
    return path


def _char(file: h5py.File, name: str, text: str) -> h5py.Dataset:
    data = file.create_dataset(name, data=np.array([[ord(c)] for c in text], np.uint16))
    data.attrs["MATLAB_class"] = np.bytes_("char")
    return data


def write_frame(path: Path, data: np.ndarray | None = None) -> Path:
    """A table with a time column, as the library of the ending writes it."""
    data = signals() if data is None else data
    frame = pd.DataFrame({"time (s)": np.arange(len(data)) / RATE})
    for i, label in enumerate(LABELS):
        frame[f"{label} (mV)"] = data[:, i]
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".rds":
        rdata.write_rds(str(path), frame)
    else:
        rdata.write_rda(str(path), {"emg": frame, "subject": "A"})
    return path


def write_table_mat(path: Path, data: np.ndarray | None = None) -> Path:
    """A MATLAB table, as mat-io writes it; it needs an option of pandas, which it sets for the whole process."""
    data = signals() if data is None else data
    columns = {label.replace(" ", "_") + "_mV": data[:, i] for i, label in enumerate(LABELS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strings = pd.options.future.infer_string
        try:
            import matio

            pd.options.future.infer_string = True
            matio.save_to_mat(str(path), {"T": pd.DataFrame({"time": np.arange(len(data)) / RATE, **columns})})
        finally:
            pd.options.future.infer_string = strings
    return path


def write_acq(path: Path, data: np.ndarray | None = None) -> Path:
    """AcqKnowledge 3.0, little-endian, uncompressed float samples: the headers are those that bioread declares."""
    data = signals() if data is None else data
    revision = file_revisions.V_303

    def header(kind: Any, **fields: Any) -> bytes:
        struct_ = kind.for_revision(revision, "<", "latin1")._struct_class()
        for name, value in fields.items():
            setattr(struct_, name, value)
        return bytes(struct_)

    size = len(header(headers.GraphHeader))
    raw = header(
        headers.GraphHeader,
        lVersion=revision,
        lExtItemHeaderLen=size,
        nChannels=data.shape[1],
        dSampleTime=1000.0 / RATE,
    )
    length = len(header(headers.ChannelHeader))
    for i in range(data.shape[1]):
        raw += header(
            headers.ChannelHeader,
            lChanHeaderLen=length,
            nNum=i,
            szCommentText=LABELS[i].encode(),
            szUnitsText=b"mV",
            lBufLength=len(data),
            dAmplScale=1.0,
        )
    raw += header(headers.ForeignHeader, nLength=4)
    raw += header(headers.ChannelDTypeHeader, nSize=8, nType=1) * data.shape[1]
    path.write_bytes(raw + data.astype("<f8").tobytes())
    return path


def write_otb(path: Path, data: np.ndarray | None = None) -> Path:
    """An archive of OTBioLab+: samples in microvolts as 16-bit numbers, and their description."""
    data = signals() if data is None else data
    channels = "".join(
        f'<Channel Index="{i}" Side="{label[0]}" Muscle="{label[2:]}"/>' for i, label in enumerate(LABELS)
    )
    told = (
        f'<?xml version="1.0"?><Device Name="QUATTRO" SampleFrequency="{RATE:.0f}" '
        f'DeviceTotalChannels="{data.shape[1]}" ad_bits="16"><Channels><Adapter ID="AdBio" Gain="1" '
        f'ChannelStartIndex="0">{channels}</Adapter></Channels></Device>'
    )
    with tarfile.open(path, "w") as archive:
        for name, content in (("a.sig", np.round(data * 1000.0).astype("<i2").tobytes()), ("a.xml", told.encode())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


WRITERS = {
    "a.c3d": write_c3d,
    "a.edf": write_edf,
    "a.bdf": write_edf,
    "a.csv": write_csv,
    "a.sto": write_sto,
    "a.anc": write_anc,
    "a.h5": write_h5,
    "a.mat": write_mat,
    "packed.mat": write_mat,
    "new.mat": write_mat73,
    "table.mat": write_table_mat,
    "a.acq": write_acq,
    "a.otb+": write_otb,
    "a.parquet": write_frame,
    "a.rds": write_frame,
    "a.RData": write_frame,
    "a.xlsx": write_frame,
}
