"""Studies: nothing listens, a lost process costs nothing, foreign or damaged work is neither taken in nor deleted."""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.simulate.people import MOST_SCATTER, Scatter
from gluteal.simulate.study import load_plan, load_study, pool, run_study
from gluteal.simulate.study.parts import hold_parts
from gluteal.simulate.study.plan import Units
from gluteal.simulate.study.work import list_versions

PLAN = """
seed = 7
people = 5
chunk = 1
muscles = false

[[movement]]
task = "quiet-standing"

[[condition]]
name = "block"
side = "r"
block = { "superior gluteal" = 0.52 }
"""
UNITS = 6


class Enough(Exception):
    """Stops a study half-way."""


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a study that ran through in this process."""
    folder = tmp_path_factory.mktemp("through")
    run_study(write(folder), out=folder / "a.nc", workers=0)
    return (folder / "a.nc").read_bytes()


def contents(data: bytes) -> dict[str, str]:
    """Everything in a result: older releases of HDF5's library write the time beside it."""
    found: dict[str, str] = {}

    def note(name: str, item: h5py.Group | h5py.Dataset) -> None:
        values = item[()].tolist() if isinstance(item, h5py.Dataset) else ""
        found[name] = repr((values, sorted((key, repr(value)) for key, value in item.attrs.items() if key[0] != "_")))

    with h5py.File(io.BytesIO(data)) as file:
        note("/", file)
        file.visititems(note)
    return found


def write(folder: Path, text: str = PLAN) -> Path:
    path = folder / "plan.toml"
    path.write_text(text)
    return path


def begin(folder: Path, done: int = 3) -> Path:
    """Run a study until some units are done; returns the folder of its parts."""

    def stop(now: int, of: int) -> None:
        if now == done:
            raise Enough

    with pytest.raises(Enough):
        run_study(write(folder), out=folder / "a.nc", workers=0, progress=stop)
    return folder / "a.nc.parts"


# --- processes of this machine ----------------------------------------------------------------------


def listening(pids: set[int]) -> set[str]:
    """Sockets in state LISTEN that processes hold, from /proc: TCP of both families, and Unix ones."""
    inodes = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(handle.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            cells = line.split()
            if cells[3] == "0A" and cells[9] in inodes:
                found.add(f"{table} {cells[1]}")
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        cells = line.split()
        if int(cells[3], 16) & 0x10000 and cells[6] in inodes:
            found.add(f"unix {cells[6]}")
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads /proc, which this system has not")
def test_nothing_listens_and_a_killed_worker_costs_nothing(
    tmp_path: Path, through: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker is killed half-way: its unit is solved again, the file is the same bit for bit."""
    with socket.create_server(("127.0.0.1", 0)):  # the check sees a listener where there is one
        assert listening({os.getpid()})
    before = listening({os.getpid()})
    seen: list[int] = []
    killed: list[int] = []

    def progress(done: int, of: int) -> None:
        workers = {child.pid for child in multiprocessing.active_children() if child.pid is not None}
        seen.append(len(workers))
        assert listening({os.getpid(), *workers}) <= before
        if done == 2 and not killed:
            killed.append(min(workers))
            os.kill(killed[0], signal.SIGKILL)

    with caplog.at_level(logging.WARNING):
        run_study(write(tmp_path), out=tmp_path / "a.nc", workers=2, progress=progress)
    assert max(seen) == 2 and killed
    assert "A process of the study was lost" in caplog.text
    again = load_study(tmp_path / "a.nc")
    (tmp_path / "b.nc").write_bytes(through)
    xr.testing.assert_identical(again.drop_vars("certificate"), load_study(tmp_path / "b.nc").drop_vars("certificate"))
    assert not multiprocessing.active_children() and not (tmp_path / "a.nc.parts").exists()


@pytest.mark.slow
def test_workers_that_always_die_end_the_study_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_LOSSES", 2)
    plan = load_plan(write(tmp_path))

    class Deadly:
        def __reduce__(self) -> tuple[Any, tuple[()]]:
            return os.abort, ()

    monkeypatch.setattr(pool, "solve_unit", Deadly())
    with pytest.raises(InputError, match=r"ended 2 times before they solved anything; mostly memory ran out"):
        list(pool.iterate_units(plan, range(2), scheduler=None, workers=1))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc, which this system has not")
def test_workers_end_with_the_one_they_work_for(tmp_path: Path) -> None:
    """SIGKILL of the study leaves no process that waits for ever."""
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, os, signal, sys\n"
        "from gluteal.simulate.study import run_study\n"
        "def stop(done, of):\n"
        "    if done == 1:\n"
        "        print(*[c.pid for c in multiprocessing.active_children()], flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "if __name__ == '__main__':\n"
        "    run_study(sys.argv[1], out=sys.argv[2], workers=2, progress=stop)\n"
    )
    command = [sys.executable, str(script), str(write(tmp_path)), str(tmp_path / "a.nc")]
    # The pipe of standard output closes when the last process that holds it ends: no waiting by the clock.
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL and len(done.stdout.split()) == 2
    assert not [pid for pid in done.stdout.split() if _alive(int(pid))]


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


# --- parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", ["truncated", "flipped", "empty", "foreign", "link", "another unit", "text"])
def test_a_damaged_part_is_solved_again(
    tmp_path: Path, through: bytes, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = begin(tmp_path)
    part = parts / "part-000001.npz"
    whole = part.read_bytes()
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    if spoil == "link":
        part.unlink()
        part.symlink_to(precious)
    elif spoil == "foreign":
        np.savez(part, mass=np.ones(1))
    else:
        content = bytearray(whole)
        content[len(whole) // 3] ^= 1
        part.write_bytes(
            {
                "truncated": whole[: len(whole) // 2],
                "flipped": bytes(content),
                "empty": b"",
                "another unit": (parts / "part-000002.npz").read_bytes(),
                "text": b"my thesis",
            }[spoil]
        )
    with caplog.at_level(logging.WARNING):
        run_study(tmp_path / "plan.toml", out=tmp_path / "a.nc", workers=0, resume=True)
    assert "solved again: part-000001.npz in a.nc.parts" in caplog.text
    assert contents((tmp_path / "a.nc").read_bytes()) == contents(through)
    assert precious.read_text() == "mine" and not parts.exists()


def test_parts_of_another_plan_are_never_mixed_in(tmp_path: Path) -> None:
    """The label is lost and the seed another: nothing in the folder is this study's, so it is left alone."""
    parts = begin(tmp_path)
    (parts / "study.json").unlink()
    kept = {p.name: p.read_bytes() for p in parts.glob("part-*")}
    other = write(tmp_path, PLAN.replace("seed = 7", "seed = 8"))
    for resume in (False, True):
        with pytest.raises(InputError, match=r"a\.nc\.parts was not made by this study .* left as it is; move or"):
            run_study(other, out=tmp_path / "a.nc", workers=0, resume=resume)
    assert {p.name: p.read_bytes() for p in parts.glob("part-*")} == kept


@pytest.mark.parametrize("label", ["", "[]", '{"plan": "ab', "null", '{"plan": 1}', None])
def test_a_lost_label_costs_nothing(tmp_path: Path, through: bytes, label: str | None) -> None:
    """Parts say themselves whose they are."""
    parts = begin(tmp_path)
    (parts / "study.json").unlink()
    if label is not None:
        (parts / "study.json").write_text(label)
    with pytest.raises(InputError, match=r"A run that did not finish is in a\.nc\.parts: go on with --resume"):
        run_study(tmp_path / "plan.toml", out=tmp_path / "a.nc", workers=0)
    told: list[int] = []
    run_study(
        tmp_path / "plan.toml", out=tmp_path / "a.nc", workers=0, resume=True, progress=lambda n, _: told.append(n)
    )
    assert told[0] == 3 and contents((tmp_path / "a.nc").read_bytes()) == contents(through) and not parts.exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "a.nc.parts"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for more in ([], ["--resume"]):
        assert main(["study", str(write(tmp_path)), "--out", str(tmp_path / "a.nc"), "--workers", "0", *more]) == 2
        assert "was not made by this study" in capsys.readouterr().err.replace("\n", " ")
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"] and not (tmp_path / "a.nc").exists()


@pytest.mark.parametrize("kind", ["a text", "a pipe"])
def test_a_lock_that_is_none_is_left_alone(tmp_path: Path, kind: str) -> None:
    mine = tmp_path / "a.nc.parts"
    mine.mkdir()
    if kind == "a pipe":
        os.mkfifo(mine / "lock")
    else:
        (mine / "lock").write_text("years of work")
    with pytest.raises(InputError, match="lock in it is something else"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", workers=0)
    assert [p.name for p in mine.iterdir()] == ["lock"]


def test_what_somebody_laid_into_our_folder_stays(
    tmp_path: Path, through: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    parts = begin(tmp_path)
    (parts / "thesis.txt").write_text("years of work")
    with caplog.at_level(logging.WARNING):
        run_study(tmp_path / "plan.toml", out=tmp_path / "a.nc", workers=0, resume=True)
    assert [p.name for p in parts.iterdir()] == ["thesis.txt"] and "thesis.txt in it is not from" in caplog.text
    assert contents((tmp_path / "a.nc").read_bytes()) == contents(through)


@pytest.mark.parametrize("kind", ["link", "file", "dangling"])
def test_a_link_or_file_in_place_of_the_folder_is_refused_before_any_work(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    parts = tmp_path / "a.nc.parts"
    if kind == "file":
        parts.write_text("mine")
    else:
        parts.symlink_to(tmp_path / ("elsewhere" if kind == "link" else "nowhere"))
    told: list[int] = []
    with pytest.raises(InputError, match=r"a\.nc\.parts is a (link|file), where the study keeps its work"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", workers=0, progress=lambda n, _: told.append(n))
    assert not told and not list((tmp_path / "elsewhere").iterdir())


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path))
    identity = {"plan": plan.fingerprint(), "versions": list_versions()}
    script = (
        "import sys\n"
        "from gluteal.cli import main\n"
        "sys.exit(main(['study', sys.argv[1], '--out', sys.argv[2], '--workers', '0', *sys.argv[3:]]))\n"
    )
    with hold_parts(tmp_path / "a.nc.parts", identity, plan.units, resume=False):
        for more in ([], ["--resume"]):
            command = [sys.executable, "-c", script, str(plan.path), str(tmp_path / "a.nc"), *more]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == 2 and "Another run is at work in a.nc.parts" in done.stderr.replace("\n", " ")
        assert json.loads((tmp_path / "a.nc.parts" / "study.json").read_text()) == identity


# --- plans and results that no machine could hold ---------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("people = 5", f"people = {10**12}", r"people: is 1,000,000,000,000, which .* one study holds 10,000,000"),
        ("people = 5", f"people = {'9' * 1000}", r"people: is a number of 1000 digits, which"),
        ("people = 5", "people = 200_000", r"chunk: is 1, which makes 200,001 units of work"),
        ("seed = 7", f"seed = {'9' * 1000}", r"seed: has 1000 digits; give a whole number below 2\^63\."),
        ("seed = 7", f"seed = {'9' * 6000}", r"has a whole number of thousands of digits"),
        ("chunk = 1", "chunk = 1_000_000", r"chunk: is 1,000,000; give at most 5,000"),
        ("[[movement]]", "[scatter]\nmass = 1e308\n[[movement]]", r"scatter: The scatter 'mass' is 1e\+308; no people"),
    ],
)
def test_what_no_machine_could_hold_is_refused_before_memory_is_used(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    plan = write(tmp_path, PLAN.replace(old, new, 1))
    load_plan(write(tmp_path))  # what is kept between plans
    plan = write(tmp_path, PLAN.replace(old, new, 1))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=message):
            load_plan(plan)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * 2**20


def test_every_scatter_has_its_bound() -> None:
    assert set(MOST_SCATTER) == set(Scatter().to_json())
    for name, most in MOST_SCATTER.items():
        assert getattr(Scatter(**{name: most}), name) == most
        with pytest.raises(InputError, match=f"The scatter '{name}' is .*; no people differ that much"):
            Scatter(**{name: 1.01 * most})


def test_units_are_made_when_asked_for() -> None:
    """Against the list written out; and a million million of them cost nothing."""
    for people, chunk in ((0, 1), (5, 1), (5, 4), (7, 4), (8, 9)):
        expected = [
            (case, first, min(first + chunk, people + 1)) for case in range(2) for first in range(0, people + 1, chunk)
        ]
        units = Units(2, people, chunk)
        assert list(units) == expected and len(units) == len(expected) and units[-1] == expected[-1]
        assert units[1:] == expected[1:]
    assert Units(1, 10**12, 1)[10**12] == (0, 10**12, 10**12 + 1)
    with pytest.raises(IndexError):
        Units(1, 3, 2)[2]


def test_a_result_never_shows_another_file(tmp_path: Path, through: bytes) -> None:
    """External and virtual storage and links in the netCDF file of a study."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"root:x:0")
    for kind in ("external", "virtual", "outside", "inside"):
        path = tmp_path / f"{kind}.nc"
        path.write_bytes(through)
        with h5py.File(path, "a") as file:
            if kind == "external":
                file.create_dataset("leak", shape=(8,), dtype="u1", external=[(str(secret), 0, 8)])
            elif kind == "outside":
                file["leak"] = h5py.ExternalLink(str(secret), "a")
            elif kind == "inside":
                file["leak"] = h5py.SoftLink("/mass")
            else:
                layout = h5py.VirtualLayout(shape=(8,), dtype="u1")
                layout[:] = h5py.VirtualSource(str(secret), "a", shape=(8,))
                file.create_virtual_dataset("leak", layout)
        with pytest.raises(InputError, match=rf"{kind}\.nc: 'leak' lies in another file, which is not opened"):
            load_study(path)
