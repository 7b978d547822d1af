"""The cache of OpenSim mechanics: exact, keyed by everything that matters, and never in the way."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.packages import needs

from gluteal.engines import cache, compute_geometry, compute_lines, load_body
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry, Lines
from gluteal.mechanics.movement import Movement, Support
from gluteal.movements.trials import load_trial

ARRAYS = {"a": np.arange(24.0).reshape(2, 3, 4), "b": np.array([1.0, np.nan]), "c": np.zeros((3, 2, 0))}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("GLUTEAL_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.gluteal")) if folder.is_dir() else []


def counted() -> tuple[list[int], object]:
    """A computation that counts how often it is done."""
    calls: list[int] = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(1)
        return ARRAYS

    return calls, compute


def test_second_time_is_read_and_is_the_same(folder: Path) -> None:
    """Bit for bit, with empty arrays, NaN and minus zero."""
    odd = {**ARRAYS, "d": np.array([[[-0.0, 0.0, np.nan]]]), "text": np.array("é")}
    first = cache.remember("k", lambda: odd)
    second = cache.remember("k", lambda: pytest.fail("computed again"))  # type: ignore[arg-type,return-value]
    assert first.keys() == second.keys() == odd.keys()
    for name, array in odd.items():
        assert second[name].dtype == array.dtype and second[name].shape == array.shape
        assert second[name].tobytes() == array.tobytes()
    assert len(entries(folder)) == 1


def test_columns_of_zeros_are_not_stored() -> None:
    """A muscle that crosses one coordinate of fifty costs one column."""
    wide = np.zeros((100, 50, 20))
    wide[:, 3, 7] = 1.0
    packed = cache.pack_arrays({"arm": wide})
    assert packed["arm:values"].shape == (100, 1)
    np.testing.assert_array_equal(cache.unpack(packed)["arm"], wide)


@pytest.mark.parametrize("spoil", ["truncated", "flipped", "empty", "foreign"])
def test_spoilt_entries_are_ignored_and_written_again(folder: Path, spoil: str) -> None:
    calls, compute = counted()
    cache.remember("k", compute)  # type: ignore[arg-type]
    (entry,) = entries(folder)
    whole = entry.read_bytes()
    content = bytearray(whole)
    content[-40] ^= 1
    entry.write_bytes(
        {"truncated": whole[: len(whole) // 2], "flipped": bytes(content), "empty": b"", "foreign": b"PK" * 99}[spoil]
    )
    found = cache.remember("k", compute)  # type: ignore[arg-type]
    assert len(calls) == 2 and found["a"].tobytes() == ARRAYS["a"].tobytes()
    assert entry.read_bytes() == whole


@pytest.mark.parametrize("content", [b"no archive", "renamed", "object", "packed"])
def test_a_right_digest_with_foreign_content_is_computed_again(folder: Path, content: bytes | str) -> None:
    """Whatever lies under the right name: the entry of another key, an archive of something else, none at all."""
    _, compute = counted()
    cache.remember("k", compute)  # type: ignore[arg-type]
    (entry,) = entries(folder)
    whole = entry.read_bytes()
    if content == "renamed":
        cache.remember("other", lambda: {"a": np.zeros(3)})
        entry.write_bytes((folder / "other.gluteal").read_bytes())
    else:
        if isinstance(content, str):
            stream = io.BytesIO()
            odd = {"object": {"a": np.array([{}], dtype=object)}, "packed": {"a:values": np.ones(3)}}[content]
            np.savez(stream, **odd)
            content = stream.getvalue()
        entry.write_bytes(cache._MARK + cache._hash("k", content) + content)
    found = cache.remember("k", compute)  # type: ignore[arg-type]
    assert {n: a.tobytes() for n, a in found.items()} == {n: a.tobytes() for n, a in ARRAYS.items()}
    assert entry.read_bytes() == whole


def test_killed_while_writing_leaves_no_entry(folder: Path) -> None:
    """SIGKILL between the last byte and the name: nothing is found, and the next that writes clears it away."""
    program = (
        "import os, signal, numpy as np\n"
        "from gluteal.engines import cache\n"
        "def name(*given, **more):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.replace = name\n"
        "cache.remember('k', lambda: {'a': np.ones(1000)})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "GLUTEAL_CACHE": str(folder)})
    assert done.returncode == -signal.SIGKILL
    (left,) = folder.iterdir()
    assert left.name.startswith(".") and cache.read_entry(folder / "k.gluteal") is None
    os.utime(left, (time.time() + 1e7,) * 2)  # whatever the clock did since
    calls, compute = counted()
    cache.remember("k", compute)  # type: ignore[arg-type]
    assert not left.exists() and len(entries(folder)) == 1 and len(calls) == 1


def test_size_is_bounded_and_the_longest_unused_goes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, name in ((30, "old"), (20, "middle"), (10, "new")):
        cache.remember(name, lambda: {"a": np.ones(1000)})
        os.utime(folder / f"{name}.gluteal", (time.time() - age,) * 2)
    size = entries(folder)[0].stat().st_size
    cache.remember("old", dict)  # read: used just now
    monkeypatch.setattr(cache, "LARGEST_FOLDER", int(2.5 * size))
    cache.prune(folder)
    assert [p.stem for p in entries(folder)] == ["new", "old"]
    monkeypatch.setattr(cache, "LARGEST_ENTRY", 100)
    cache.remember("huge", lambda: {"a": np.ones(1000)})
    assert "huge" not in [p.stem for p in entries(folder)]


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GLUTEAL_CACHE", str(tmp_path / "file" / "kept"))
    calls, compute = counted()
    assert cache.remember("k", compute) is ARRAYS  # type: ignore[arg-type]
    assert cache.remember("k", compute) is ARRAYS and len(calls) == 2  # type: ignore[arg-type]


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """GLUTEAL_CACHE first, then the system's own place; "off" keeps nothing."""
    monkeypatch.setenv("GLUTEAL_CACHE", "~nosuchuser/x")
    assert cache.cache_folder() is None
    monkeypatch.setenv("GLUTEAL_CACHE", "off")
    assert cache.cache_folder() is None
    calls, compute = counted()
    cache.remember("k", compute)  # type: ignore[arg-type]
    cache.remember("k", compute)  # type: ignore[arg-type]
    assert len(calls) == 2
    monkeypatch.delenv("GLUTEAL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.cache_folder() == tmp_path / "gluteal"
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache.cache_folder() == Path("~/.cache/gluteal").expanduser()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.cache_folder() == Path("~/Library/Caches/gluteal").expanduser()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache.cache_folder() == tmp_path / "local" / "gluteal"


# --- OpenSim -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trial(data: Path) -> tuple[Body, Movement]:
    """Ten frames of overground walking with 18 muscles."""
    needs("opensim")
    found = load_trial(data / "walk_rajagopal2016" / "reduced_18muscles")
    return found.body, found.movement.take(slice(0, 100, 10))


def arrays_of(result: Geometry | Lines) -> dict[str, np.ndarray]:
    return {k: v for k, v in vars(result).items() if isinstance(v, np.ndarray)}


def test_mechanics_are_kept_bit_for_bit(trial: tuple[Body, Movement], folder: Path) -> None:
    """Lengths, moment arms, moments and lines of action, and the cuts' names, read as they were computed."""
    body, movement = trial
    for compute in (compute_geometry, compute_lines):
        first, second = compute(body, movement), compute(body, movement)  # type: ignore[operator]
        assert arrays_of(first).keys() == arrays_of(second).keys()
        for name, array in arrays_of(first).items():
            assert array.tobytes() == arrays_of(second)[name].tobytes(), name
    assert first.cuts == second.cuts and len(entries(folder)) == 2


def test_anything_that_makes_the_numbers_makes_another_entry(
    trial: tuple[Body, Movement], folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body, movement = trial
    compute_geometry(body, movement)
    changed = movement.coordinates.copy()
    changed[3, 2] += 1e-12
    heel = Support("heel", "calcn_r", (0.0, 0.0, 0.0))
    push = replace(movement.loads[0], force=movement.loads[0].force + 1e-9)
    once = np.arange(10) < 5
    for other in (
        replace(movement, coordinates=changed),
        replace(movement, loads=(push, *movement.loads[1:])),
        replace(movement, loads=movement.loads[::-1]),
        replace(movement, loads=()),
        replace(movement, supports=(heel,)),
        replace(movement, supports=(replace(heel, friction=0.5),)),
        replace(movement, supports=(replace(heel, active=once),)),
    ):
        before = len(entries(folder))
        compute_geometry(body, other)
        assert len(entries(folder)) == before + 1
    head, pelvis, tail = body.model.path.read_text().partition('<Body name="pelvis">')
    edited = tmp_path / "edited.osim"
    edited.write_text(head + pelvis + tail.replace("<mass>", "<mass>1", 1))
    before = len(entries(folder))
    compute_geometry(load_body(edited), movement)
    assert len(entries(folder)) == before + 1
    monkeypatch.setattr(cache, "version", lambda _: "99")
    compute_geometry(body, movement)
    assert len(entries(folder)) == before + 2
    compute_geometry(body, replace(movement, name="another name", title="of the same movement"))
    assert len(entries(folder)) == before + 2


def test_a_refused_movement_is_refused_again(trial: tuple[Body, Movement], folder: Path) -> None:
    body, movement = trial
    wrong = replace(movement, supports=(Support("hand", "hand_q", (0.0, 0.0, 0.0)),))
    for _ in range(2):
        with pytest.raises(InputError, match="hand_q"):
            compute_geometry(body, wrong)
    assert entries(folder) == []
