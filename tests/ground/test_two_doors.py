"""What is read is a regular file, and nothing that was read is written over; texts are shown, not obeyed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import pandas as pd
import pytest

from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.files import check_target, csv_text, open_input, remembered_inputs, terminal_text, written_whole
from gluteal.simulate.study import load_plan


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "rec.csv"
    rows = "".join(f"{i / 1000:.3f},{(i * 7919 % 101 - 50) / 1000}\n" for i in range(2000))
    path.write_text("time (s),gluteus maximus right (mV)\n" + rows, encoding="utf-8")
    return path


@pytest.mark.parametrize("option", ["--out", "--save-onsets"])
@pytest.mark.parametrize("way", ["name", "link", "hard link"])
def test_a_recording_is_never_written_over(
    recording: Path, option: str, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = recording if way == "name" else recording.with_name("other.csv")
    if way == "link":
        target.symlink_to(recording)
    elif way == "hard link":
        target.hardlink_to(recording)
    before = recording.read_bytes()
    assert main(["emg", str(recording), option, str(target)]) == 2
    assert "this run reads it" in capsys.readouterr().err
    assert recording.read_bytes() == before
    assert not list(recording.parent.glob(".*"))


def test_a_recording_of_a_session_is_never_written_over(recording: Path) -> None:
    session = recording.with_name("s.toml")
    session.write_text('[[recording]]\nfile = "rec.csv"\n', encoding="utf-8")
    before = recording.read_bytes(), session.read_bytes()
    assert main(["emg", str(session), "--out", str(recording)]) == 2
    assert (recording.read_bytes(), session.read_bytes()) == before


def test_an_input_is_forgotten_after_its_run(recording: Path) -> None:
    with remembered_inputs():
        open_input(recording).close()
        with pytest.raises(InputError, match="this run reads it"):
            check_target(recording)
    assert check_target(recording) == recording.resolve()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_devices_are_refused_both_ways(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull)):
        with pytest.raises(InputError, match="is a pipe or a device"):
            open_input(path)
        with pytest.raises(InputError, match="is a pipe or a device"):
            check_target(path)
    link = tmp_path / "link.html"
    link.symlink_to(os.devnull)
    with pytest.raises(InputError, match="is a pipe or a device"):
        check_target(link)
    for command in (["simulate", str(pipe)], ["study", str(pipe)], ["emg", str(pipe)], ["claims", "--evidence"]):
        assert main([*command, str(pipe)] if command[-1] == "--evidence" else command) == 2


#: Commands that read a file by its name, and the name of one that they take.
READERS = {
    "study": (["study"], "a.toml"),
    "session": (["emg"], "a.toml"),
    "recording": (["emg"], "a.csv"),
    "corrections": (["emg", "--demo", "--corrections"], "a.csv"),
    "reliability": (["reliability"], "a.csv"),
    "criterion": (["simulate", "single-leg-stance", "--criterion"], "a.toml"),
    "body": (["simulate", "single-leg-stance", "--body"], "a.osim"),
    "task": (["simulate"], "a.toml"),
    "trial": (["trial"], "a.toml"),
    "evidence": (["claims", "--evidence"], "a.csv"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("reader", READERS)
def test_what_is_there_in_place_of_a_file_is_said(
    reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command, name = READERS[reader]
    os.mkfifo(name)
    assert main([*command, name]) == 2
    said = capsys.readouterr().err
    assert "is a pipe or a device" in said and "There is no" not in said


def test_a_file_that_has_nothing_to_give_yet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """/proc/kmsg looks like a regular file, and gives None where it should give bytes."""

    def nothing(handle: int, most: int) -> bytes:
        raise BlockingIOError

    monkeypatch.setattr("gluteal.files.incoming.os.read", nothing)
    (tmp_path / "a.toml").write_text("seed = 1")
    assert main(["study", str(tmp_path / "a.toml")]) == 2
    assert "a.toml is a pipe or a device" in capsys.readouterr().err


def test_what_another_program_said_of_the_system_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As matplotlib does where neither its folder nor any temporary one can be written to."""

    def fail(*_: object) -> None:
        try:
            raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")
        except OSError as error:
            raise OSError("Matplotlib requires access to a writable cache directory") from error

    monkeypatch.setattr("gluteal.cli.listing.check_targets", fail)
    assert main(["list", "tasks"]) == 2
    assert "No usable temporary directory found in ['/tmp']; check" in capsys.readouterr().err


def test_a_folder_or_a_link_to_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").mkdir()
    (tmp_path / "link.toml").symlink_to("gone.toml")
    for name, told in (
        ("plan", "is a folder"),
        ("link", "a link to a file that is not there"),
        ("no", "There is no plan"),
    ):
        with pytest.raises(InputError, match=told):
            load_plan(tmp_path / f"{name}.toml")


@pytest.mark.parametrize("name", ["a\0b.csv", "~nosuchuser/a.csv", "x" * 300 + ".csv"])
def test_names_no_file_can_have(name: str) -> None:
    with pytest.raises(InputError):
        check_target(name)
    assert main(["emg", name]) == 2
    assert main(["list", "tasks", "--out", name]) == 2


def test_permissions_stay_and_read_only_is_respected(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    with written_whole(target) as file:
        file.write(b"new")
    assert target.stat().st_mode & 0o777 == 0o600
    target.chmod(0o444)
    with pytest.raises(InputError, match="read-only"):
        check_target(target)


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    with written_whole(tmp_path / "a.csv"):
        mine = next(p.name for p in tmp_path.iterdir())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / mine.replace(f"-{os.getpid()}-", f"-{ended.pid}-")
    going_on = tmp_path / mine.replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
    foreign = tmp_path / ".gluteal-notes.csv"
    for path in (left, going_on, foreign):
        path.write_text("x", encoding="utf-8")
    with written_whole(tmp_path / "b.csv"):
        pass
    assert not left.exists()
    assert going_on.exists()
    assert foreign.exists()


RUN = "import sys; from gluteal.cli import main; sys.exit(main())"


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_stopped_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, signal: str) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old", encoding="utf-8")
    program = (
        # A test that runs in the background inherits that these are ignored.
        "import os, signal, sys\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import gluteal.files as f\nfrom gluteal.cli import main\n"
        "import gluteal.show.pages.outcome as page\n"
        f"page.csv_text = lambda frame: os.kill(os.getpid(), signal.{signal})\n"
        "def late(path, text):\n"
        "    with f.written_whole(path):\n"
        f"        os.kill(os.getpid(), signal.{signal})\n"
        "page.csv_text, page.write_text = (lambda frame: ''), late\n"
        "sys.exit(main(['list', 'tasks', '--out', sys.argv[1]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(target)], capture_output=True, text=True)
    assert done.returncode > 100, done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    target.write_text("old", encoding="utf-8")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
    command = [sys.executable, "-c", limit + RUN, "list", "tasks", "--out", str(target)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, target.read_text(encoding="utf-8")) == (2, "old")
    assert "what was there before is as it was" in done.stderr
    assert len(list(tmp_path.iterdir())) == 1
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-c", RUN, "list", "tasks"], stdout=full, stderr=-1, text=True)
    assert done.returncode == 2
    assert "No space left" in done.stderr


@pytest.mark.parametrize(
    "surroundings", [{"MPLBACKEND": "nosuch"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_surroundings_people_have(surroundings: dict[str, str]) -> None:
    command = [sys.executable, "-c", RUN, "simulate", "single-leg-stance"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **surroundings})
    assert done.returncode == 0, done.stderr


def test_texts_are_shown_not_obeyed(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal_text("a\x1b]0;x\x07b\u202e") == "a\\x1b]0;x\\x07b\\u202e"
    lines = recording.read_text(encoding="utf-8").split("\n", 1)
    recording.write_text("time (s),[/nope] glut $\\frac$ =A1 (mV)\n" + lines[1], encoding="utf-8")
    evil = recording.with_name("\x1b[2J[x] $a^$.csv")
    recording.rename(evil)
    page = evil.with_name("page.html")
    assert main(["emg", str(evil), "--out", str(page)]) == 0
    shown = capsys.readouterr()
    assert "\x1b[2J" not in shown.out + shown.err
    assert page.exists()


def test_a_cell_is_no_formula() -> None:
    names = ["=HYPERLINK(1)", "@SUM", "+1+cmd", "\tx", "\uff1d1+1", "\uff20SUM", "-2", "plain"]
    cells = csv_text(pd.DataFrame({"name": names, "=n": [-1.0] * 8})).splitlines()
    assert cells[0] == "name,'=n"
    assert [c.rsplit(",", 1)[0] for c in cells[1:]] == [f"'{n}" for n in names[:6]] + names[6:]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("ending", ["html", "csv"])
def test_a_result_that_is_printed_is_not_obeyed(tmp_path: Path, ending: str) -> None:
    table = tmp_path / "r.csv"
    rows = "".join(f"{s}\x1b]0;t\x07,{t}\u202e,{s * t + s}\n" for s in range(4) for t in (1, 2))
    table.write_text(f"subject,session,value\n{rows}", encoding="utf-8")
    target = tmp_path / f"o.{ending}"
    assert main(["reliability", str(table), "--unit", "\x9b31m", "--out", str(target)]) == 0
    written = target.read_text(encoding="utf-8")
    assert not set("\x1b\x07\x9b\u202e") & set(written)
    assert "\\u202e" in written and "\\u009b31m" in written


def test_numbers_kept_in_another_file_are_not_fetched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(range(200)) * 20)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", shape=(2000,), dtype="i2", external=[(str(secret), 0, 4000)])
    assert main(["emg", str(path)]) == 2
    assert "takes its samples from another file" in capsys.readouterr().err
