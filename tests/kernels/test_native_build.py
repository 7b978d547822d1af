"""Building and loading the native kernels: what is missing or stale is told, and nothing needs to be written later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.errors import InputError
from gluteal.kernels.native import build, library, threads
from gluteal.kernels.onset import rise_likelihood, segment_levels
from gluteal.kernels.raster import rasterise

SOLVE = (
    "import numpy as np\n"
    "from gluteal.kernels.recruitment import solve_frames\n"
    "A, b, one = np.full((1, 1, 2), 50.0), np.full((1, 1), 30.0), np.ones((1, 2))\n"
    "print(solve_frames(A, np.zeros((1, 1, 0)), b, 0 * one, one, one).activation.round(4))\n"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package in a folder of its own."""
    folder = tmp_path / "here" / "gluteal"
    shutil.copytree(Path(gluteal.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run_in(copy: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the package of that folder."""
    environment = {**os.environ, **settings, "PYTHONPATH": str(copy.parent)}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_stale_library_is_refused_until_it_is_built_anew(copy: Path) -> None:
    """A constant of a header is changed: the library of before says what to run, and after that it solves."""
    header = copy / "kernels" / "native" / "problem.h"
    header.write_text(header.read_text().replace("#define KINK 1e-13", "#define KINK 1e-12"))
    stale = run_in(copy, "-c", SOLVE)
    assert stale.returncode == 1
    last = stale.stderr.strip().splitlines()[-1]
    assert "The native kernels were built from other sources than those beside them (stamp " in last
    assert last.endswith("Build them anew with: " + build.REBUILD)
    again = run_in(copy, *build.REBUILD.split()[1:])
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() == str(copy / "kernels" / "native" / build.LIBRARY.name)
    assert run_in(copy, "-c", SOLVE).stdout.strip() == "[[0.3 0.3]]"


def test_a_missing_library_says_what_to_run(copy: Path) -> None:
    (copy / "kernels" / "native" / build.LIBRARY.name).unlink()
    done = run_in(
        copy, "-c", "from gluteal.cli import main; raise SystemExit(main(['tolerance', 'single-leg-stance', 'glmed']))"
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    words = " ".join(done.stderr.split())
    assert f"The native kernels are not built. Build them with: {build.REBUILD}" in words


def test_what_is_no_library_says_what_to_run(tmp_path: Path) -> None:
    wrong = tmp_path / build.LIBRARY.name
    wrong.write_text("no library")
    with pytest.raises(library.KernelError, match=r"cannot be loaded .* Build them for this machine with: "):
        library.load_kernels(wrong)


def test_the_stamp_sees_any_change_but_that_of_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in build.HERE.glob("*.[ch]"):
        shutil.copy(source, tmp_path)
    stamp = build.stamp_sources()
    monkeypatch.setattr(build, "HERE", tmp_path)
    assert build.stamp_sources() == stamp
    header = tmp_path / "lanes.h"
    header.write_bytes(header.read_bytes().replace(b"\n", b"\r\n"))
    assert build.stamp_sources() == stamp
    header.write_bytes(header.read_bytes() + b" ")
    assert build.stamp_sources() != stamp
    for source in tmp_path.iterdir():
        source.unlink()
    assert build.stamp_sources() == ""


def test_without_a_compiler_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    assert build.run_build(["--out", str(tmp_path / "kernel.so")]) == 1
    assert "No C compiler was found; install one (gcc or clang), or Zig's with: pip install ziglang" in (
        capsys.readouterr().err
    )


def test_another_platform_is_one_of_those_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.run_build(["--wheel-platform", "toaster"]) == 1
    assert "There is no platform 'toaster'; choose one of manylinux_2_17_x86_64, " in capsys.readouterr().err


def test_what_a_compiler_says_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the library that was there stays."""
    out = tmp_path / "kernel.so"
    out.write_text("the old one")
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\necho no such flag >&2\nexit 4\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    with pytest.raises(build.BuildError, match=r"(?s)kernel\.c .* ended with 4:\nno such flag"):
        build.build_library(out)
    assert out.read_text() == "the old one"


#: Takes from root what lets it pass over permissions (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH leave the bounding set,
#: PR_CAPBSET_DROP), and runs a program then.
GIVE_UP = (
    "import ctypes, os, sys\n"
    "for right in (1, 2): ctypes.CDLL(None).prctl(24, right, 0, 0, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])\n"
)


def run_as_nobody(program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program that may write where anyone may: for root, as another user, or as root without its rights."""
    command, stranger = [sys.executable, "-c", program], None
    if os.getuid() == 0:
        way = [Path(sys.executable), *Path(sys.executable).parents, *Path(sys.executable).resolve().parents]
        if all(p.stat().st_mode & 0o001 for p in way):
            stranger = 54321
        else:
            command = [sys.executable, "-c", GIVE_UP, program]
    return subprocess.run(
        command, env=environment, cwd="/", user=stranger, group=stranger, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.platform != "linux", reason="Permissions are taken away as Linux does.")
def test_a_read_only_installation_works_for_anyone(copy: Path) -> None:
    """Nothing is written: files and folders without write permission, no home, and no rights of root's."""
    program = (
        "import os, pathlib, sys\n"
        "import gluteal\n"
        "try: (pathlib.Path(gluteal.__file__).parent / 'kernels' / 'planted').write_text('')\n"
        "except OSError: pass\n"
        "else: sys.exit('the installation can be written into')\n"
        "assert 'HOME' not in os.environ\n"
        "from gluteal.cli import main\n"
        "sys.exit(main(['tolerance', 'single-leg-stance', 'glmed', '--json']))\n"
    )
    folders = [copy, *(p for p in copy.rglob("*") if p.is_dir())]
    before = sorted(str(p) for p in copy.rglob("*"))
    for path in copy.rglob("*"):
        path.chmod(0o444)
    for folder in folders:
        folder.chmod(0o555)
    for folder in copy.parents[:4]:  # of the test, whose folders pytest keeps to their owner
        folder.chmod(folder.stat().st_mode | 0o055)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(copy.parent)}
    try:
        done = run_as_nobody(program, environment)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert '"critical_loss"' in done.stdout
    assert sorted(str(p) for p in copy.rglob("*")) == before


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5", ""])
def test_the_number_of_threads_is_a_whole_number(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.THREADS, given)
    with pytest.raises(InputError, match=f"GLUTEAL_THREADS is '{given}'; give a whole number of threads from 1 on"):
        threads.count_threads()
    monkeypatch.setenv(threads.THREADS, "3")
    assert threads.count_threads() == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"faces": np.array([[0, 1, 3]])}, "faces name vertices from 0 to 3; there are 3"),
        ({"faces": np.array([[0, -1, 2]])}, "faces name vertices from -1 to 2; there are 3"),
        ({"normal": np.zeros((2, 3))}, r"normal must be \(3, 3\), as point is; its shape is \(2, 3\)"),
        ({"point": np.zeros((3, 2))}, r"point must be \(n, 3\); its shape is \(3, 2\)"),
        ({"depth": np.zeros((4, 5), np.float32)}, r"depth must be contiguous float64 of shape \(4, 5\)"),
        ({"labels": np.zeros((4, 4), np.int64)}, r"labels must be contiguous int64 of shape \(4, 5\)"),
        ({"shade": np.zeros((4, 5, 3))[::-1]}, r"shade must be contiguous float64 of shape \(4, 5, 3\)"),
    ],
)
def test_a_picture_is_only_drawn_where_there_is_room(change: dict[str, np.ndarray], message: str) -> None:
    given = {
        "point": np.eye(3),
        "normal": np.eye(3),
        "faces": np.array([[0, 1, 2]]),
        "label": 1,
        "depth": np.zeros((4, 5)),
        "shade": np.zeros((4, 5, 3)),
        "labels": np.zeros((4, 5), np.int64),
    }
    rasterise(**given)
    with pytest.raises(ValueError, match=message):
        rasterise(**{**given, **change})


@pytest.mark.parametrize("wild", [np.nan, np.inf, 1e300, -1e300])
def test_a_triangle_beyond_all_numbers_stays_outside(wild: float) -> None:
    depth, shade, labels = np.full((4, 5), -np.inf), np.zeros((4, 5, 3)), np.zeros((4, 5), np.int64)
    point = np.array([[0.0, 0.0, 0.0], [wild, 2.0, 0.0], [3.0, wild, 0.0]])
    rasterise(point, np.eye(3), np.array([[0, 1, 2]]), 1, depth, shade, labels)
    assert np.all(np.isfinite(shade))


def test_loops_of_onsets_refuse_what_would_lead_outside() -> None:
    with pytest.raises(ValueError, match="Segments of 0 to 9 samples"):
        segment_levels(np.ones(9), 0, 1.0, 9)
    with pytest.raises(ValueError, match="Segments of 5 to 9 samples"):
        segment_levels(np.ones(9), 5, 1.0, 9)
    given = (np.ones(9), 1.0, np.array([0.5, 1.0]), np.array([0, 2]), np.array([2.0]))
    assert rise_likelihood(*given, 0, 9).shape == (1, 1, 9)
    for first, stop in ((-1, 5), (3, 10), (5, 4)):
        with pytest.raises(ValueError, match=f"Onsets {first} to {stop}; they must lie within the 9"):
            rise_likelihood(*given, first, stop)
    with pytest.raises(ValueError, match="bounds must rise from 0 to at most 2"):
        rise_likelihood(*given[:3], np.array([0, 3]), *given[4:], 0, 9)
