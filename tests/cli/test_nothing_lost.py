"""What an attack on every command found, one test a kind: a sentence, and nothing lost."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.fuzz_seeds import doors
from tests.helpers.emg_files import signals, write_otb
from tests.helpers.packages import needs

from gluteal.cli import main
from gluteal.emg.analysis import bids_out
from gluteal.emg.read.load import load_recording
from gluteal.errors import InputError
from gluteal.simulate.study.work import list_versions

pytestmark = pytest.mark.filterwarnings("ignore")


def put(folder: Path, door: str) -> Path:
    for name, content in doors()[door].files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return put(tmp_path, "text") / "a.csv"


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    needs("opensim")
    return put(tmp_path, "trial")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main([str(a) for a in arguments]) == 2
    return capsys.readouterr().err


# --- what is written ---------------------------------------------------------------------------------------


def test_a_folder_swapped_for_a_link_meanwhile_costs_nobody_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another study's label and notes lie where the link leads."""
    theirs, parts = tmp_path / "theirs", tmp_path / "a.nc.parts"
    theirs.mkdir()
    for name in ("study.json", "lock", "thesis.txt"):
        (theirs / name).write_text(name)

    def swap(*_: object, **__: object) -> Iterator[tuple[int, dict[str, object]]]:
        parts.rename(tmp_path / "moved")
        parts.symlink_to(theirs)
        yield 0, {"versions": list_versions(), "arrays": {}}

    monkeypatch.setattr("gluteal.simulate.study.iterate_units", swap)
    assert main(["study", str(put(tmp_path, "plan") / "p.toml"), "--out", str(tmp_path / "a.nc")]) == 2
    assert "is not what it was when this run began" in capsys.readouterr().err
    assert {p.name: p.read_text() for p in theirs.iterdir()} == {n: n for n in ("study.json", "lock", "thesis.txt")}


def test_two_results_of_one_name_are_refused(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = recording.with_name("r.html")
    assert "twice in one run" in refused(capsys, "emg", recording, "--out", page, "--correct", page)


@pytest.mark.parametrize("name", ["a\0b", "~nosuchuser/set", "x" * 300])
def test_a_data_set_is_refused_before_any_work(recording: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "gluteal: " in refused(capsys, "emg", recording, "--bids", name)


def test_half_a_data_set_is_none(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bids_out, "_write_top", full)
    assert "Make room" in refused(capsys, "emg", recording, "--bids", recording.with_name("set"))
    assert [p.name for p in recording.parent.iterdir()] == ["a.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no such limit")
@pytest.mark.parametrize("command", [["list", "tasks"], ["simulate", "single-leg-stance", "--no-ensemble"]])
def test_a_full_disk_does_not_end_the_process_that_writes_netcdf(command: list[str], tmp_path: Path) -> None:
    target = tmp_path / "a.nc"
    target.write_text("old")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from gluteal.cli import main; sys.exit(main())"
    )
    environment = {**os.environ, "GLUTEAL_CACHE": "off"}
    command = [sys.executable, "-c", program, *command, "--out", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2, done.stderr
    assert "what was there before is as it was" in done.stderr and "Traceback" not in done.stderr
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("changed", ["session.toml", "extension.csv", "true_onsets.csv"])
def test_a_demo_writes_over_nothing(changed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "true_onsets.csv").write_text("of my own simulation")
    if changed != "true_onsets.csv":
        (tmp_path / "true_onsets.csv").unlink()
        assert main(["emg", "--demo", str(tmp_path)]) == 0
        with (tmp_path / changed).open("a") as file:
            file.write("# my notes\n")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    capsys.readouterr()
    assert f"{changed} in the folder" in refused(capsys, "emg", "--demo", tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_names_of_people_are_no_formulas(tmp_path: Path) -> None:
    for name in ("=HYPERLINK(1)", "p2"):
        (tmp_path / "in" / name).mkdir(parents=True)
        put(tmp_path / "in" / name, "text")
    assert main(["emg", str(tmp_path / "in"), "--out", str(tmp_path / "o.csv")]) == 0
    assert "'=HYPERLINK(1)" in set(pd.read_csv(tmp_path / "o.csv")["person"])


def test_references_that_are_printed_are_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    references = put(tmp_path, "ris") / "e.ris"
    said = refused(capsys, "claims", "--new", references, "--out", tmp_path / "o.ris")
    assert "leave --out away" in said and not (tmp_path / "o.ris").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_a_shell_reads_when_it_starts_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    start = tmp_path / ".bashrc"
    os.mkfifo(start)
    assert "pipe or a device" in refused(capsys, "--install-completion", "--shell", "bash")
    start.unlink()
    (tmp_path / "dots").write_bytes(b"# mine \xff")
    start.symlink_to("dots")
    for _ in range(2):
        assert main(["--install-completion", "--shell", "bash"]) == 0
    kept = (tmp_path / "dots").read_bytes()
    assert kept.startswith(b"# mine \xff\n# Load gluteal") and kept.count(b"Load") == 1 and start.is_symlink()
    assert main(["--install-completion", "--shell", "zsh"]) == 0
    assert (tmp_path / ".zshrc").read_text().startswith("# gluteal completions\nfpath=(")


def test_a_name_with_the_end_of_a_line_is_no_key(trial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trial / "trial.toml").unlink()
    (trial / "evil\nrate_hz = 1\n.csv").touch()
    (trial / os.fsdecode(b"lone\xff\x7f.csv")).touch()
    main(["trial", str(trial), "--write", str(trial / "w.toml")])
    written = (trial / "w.toml").read_text(encoding="utf-8")
    assert "evil rate_hz" in written and "\\udcff" in written
    assert tomllib.loads(written)["rate_hz"] != 1
    capsys.readouterr()
    odd = trial / os.fsdecode(b"me\xff.mot")
    (trial / "me.mot").rename(odd)
    assert "no TOML file can hold" in refused(capsys, "trial", odd, "--write", trial / "v.toml")
    assert not (trial / "v.toml").exists()


# --- what is read ------------------------------------------------------------------------------------------


def test_a_recording_that_becomes_shorter_is_told(tmp_path: Path) -> None:
    path = write_otb(tmp_path / "a.otb+", signals(4000))
    channel = load_recording(path, all_channels=True).channels[0]
    os.truncate(path, 2048)
    with pytest.raises(InputError, match="became shorter while it was read"):
        channel.read()


def test_a_name_that_is_no_text_is_measured(recording: Path) -> None:
    odd = recording.rename(recording.with_name(os.fsdecode(b"a\xff\xfe.csv")))
    results = [odd.with_name(name) for name in ("r.html", "r.csv")]
    assert main(["emg", str(odd), "--out", str(results[0]), "--out", str(results[1])]) == 0
    assert "a\\udcff\\udcfe" in results[1].read_text(encoding="utf-8")


def test_a_criterion_that_says_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.toml").touch()
    said = refused(capsys, "simulate", "single-leg-stance", "--criterion", tmp_path / "c.toml")
    assert "c.toml says nothing; give at least one of name, exponent" in said


@pytest.mark.parametrize(
    ("tag", "value", "told"),
    [
        ("mass", "1e308", "mass of 1e+308 kg, which no body has"),
        ("mass_center", "nan nan nan", "the joint moment of swing is nan"),
        ("inertia", "1e308 1e308 1e308 0 0 0", "the inertia of bob is 1e+308 kg m^2, of 2 kg, which no body has"),
        ("translation", "0 inf 0", "the length of psoas_r is nan"),
        ("location", "1e200 0 0", "the length of psoas_r is"),
        ("max_isometric_force", "-1", "the max_isometric_force of psoas_r is -1 N, which no muscle has"),
        ("optimal_fiber_length", "1e-308", "the optimal_fiber_length of psoas_r is 1e-308 m, which no muscle has"),
    ],
)
def test_numbers_no_body_has_are_named(
    trial: Path, tag: str, value: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = trial / "me.osim"
    before, _, rest = model.read_text().partition(f"<{tag}>")
    assert rest
    model.write_text(f"{before}<{tag}>{value}{rest[rest.index('</') :]}")
    said = refused(capsys, "simulate", trial / "trial.toml")
    assert said.startswith("gluteal: me.osim") and told in said


def test_a_movement_without_supports_or_joints_has_its_report(trial: Path) -> None:
    page = trial / "r.html"
    assert main(["simulate", str(trial / "trial.toml"), "--out", str(page)]) == 0
    assert page.exists()
    assert main(["see", str(trial / "trial.toml"), "--out", str(trial / "live.html")]) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process may write to")
def test_a_small_file_that_swells_ends_in_a_sentence(tmp_path: Path) -> None:
    needs("rdata")
    path = tmp_path / "a.rds"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"X\n" + struct.pack(">iiiii", 2, 0x030600, 0x020300, 14, 2**28 - 1))
        for _ in range(2048):
            file.write(bytes(2**20))
    program = "import sys; from gluteal.cli import main; sys.exit(main())"
    with (tmp_path / "said").open("w") as said:
        run = subprocess.Popen([sys.executable, "-c", program, "emg", str(path)], stderr=said)
        _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 2 and "a.rds is a damaged R file" in (tmp_path / "said").read_text()
    assert used.ru_maxrss < 2 * 2**20  # kB, of the largest process
