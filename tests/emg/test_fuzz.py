"""Damaged recordings: whatever is done to a valid file, the answer is a recording or one sentence.

Every file below is valid and small; the mutations cut it off, delete a piece, or overwrite bytes where headers are.
Any exception but GlutealError fails. Formats of other libraries start a process each, so fewer of them are tried.
"""

from __future__ import annotations

import random
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.helpers.emg_files import WRITERS

from gluteal.emg.read import load_recording
from gluteal.emg.session.file import load_session
from gluteal.errors import GlutealError

#: Mutations per format.
_OWN_PROCESS = (".h5", ".mat", ".acq", ".parquet", ".rds", ".RData", ".xlsx")
TRIES = {name: 5 if name.endswith(_OWN_PROCESS) else 80 for name in WRITERS}
#: Files have 10 to 40 kB; a reader that asks for more than this (bytes) has believed a damaged number.
MOST_MEMORY = 64 * 2**20

PIECES = (
    b"\xff" * 4,
    b"\0" * 8,
    b"9" * 8,
    b"-1",
    b"nan",
    b"1e308",
    b"\n",
    b";",
    b"\t\t\t",
    b'"',
    b",",
    b"\x7f\xff\xff\xff",
)


def mutate(raw: bytes, rng: random.Random) -> bytes:
    """Return a damaged copy."""
    kind = rng.randrange(5)
    if kind == 0:
        return raw[: rng.randrange(len(raw))]
    if kind == 1:
        at = rng.randrange(len(raw))
        return raw[:at] + raw[at + rng.randrange(1, 2000) :]
    damaged = bytearray(raw)
    reach = (600, 4000, len(raw))[kind - 2]
    for _ in range(rng.randrange(1, 8)):
        at = rng.randrange(min(reach, len(raw)))
        piece = rng.choice((*PIECES, bytes([rng.randrange(256)])))
        damaged[at : at + len(piece)] = piece
    return bytes(damaged)


def read_all(path: Path) -> None:
    """Read every channel, or get one sentence."""
    try:
        for channel in load_recording(path, all_channels=True).channels:
            assert channel.read().shape == (channel.length,)
    except GlutealError as error:
        assert str(error) and "\n" not in str(error)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Overflow in damaged floating-point numbers is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_damaged_recordings(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seeds each time, so a failure can be repeated; memory stays far below what headers announce."""
    monkeypatch.setattr("gluteal.emg.read.isolated.LONGEST_LOOK", 3.0)
    raw = WRITERS[name](tmp_path / name).read_bytes()
    tracemalloc.start()
    for seed in range(TRIES[name]):
        path = tmp_path / f"damaged{seed}{Path(name).suffix}"
        path.write_bytes(mutate(raw, random.Random(f"{name} {seed}")))
        read_all(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_MEMORY


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ending=st.sampled_from([".c3d", ".edf", ".csv", ".sto", ".anc", ""]), raw=st.binary(max_size=3000))
def test_any_bytes(tmp_path: Path, ending: str, raw: bytes) -> None:
    """Bytes of any kind under any ending."""
    path = tmp_path / f"any{ending}"
    path.write_bytes(raw)
    read_all(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="0123456789.,;\t\n -+e\"'[]()XtimeEMGVHz_/:#", max_size=400))
def test_any_table(tmp_path: Path, text: str) -> None:
    """Text out of what tables are made of."""
    path = tmp_path / "any.csv"
    path.write_text(text)
    read_all(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["file", "role", "start", "events", "targets", "name", "unit", "day"]),
    value=st.sampled_from(
        ["1", "-1e400", "inf", "nan", "''", '"\\u0000"', "'a'", "[]", "[[]]", "{}", "[1]", "true", "1979-05-27", "'..'"]
    ),
)
def test_any_value_in_a_session(tmp_path: Path, key: str, value: str) -> None:
    """Every kind of value under every key."""
    (tmp_path / "a.csv").write_text("rate 100 Hz\nGMAX\n" + "1\n" * 50)
    file = "" if key == "file" else "file = 'a.csv'\n"
    path = tmp_path / "session.toml"
    path.write_text(f"[[recording]]\n{file}{key} = {value}\n")
    try:
        load_session(path)
    except GlutealError as error:
        assert "session.toml" in str(error) and "\n" not in str(error)
