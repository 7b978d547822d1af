"""One door in, one door out: what may be read, what is never written over, and what a text may not do."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from rich.table import Table

from gluteal.cli import main
from gluteal.emg.session.demo import write_demo
from gluteal.errors import InputError
from gluteal.files import check_target, csv_text, one_run, read_bytes, take_input, write_text, written_whole
from gluteal.show.terminal.outcome import Terminal
from gluteal.words import visible

unix = pytest.mark.skipif(os.name != "posix", reason="pipes, modes and signals of Unix")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of the demonstration, in a folder of its own."""
    write_demo(tmp_path / "demo")
    return next(p for p in sorted((tmp_path / "demo").glob("*.csv")) if "truth" not in p.name)


# --- nothing is written over what was read --------------------------------------------------------------------


@pytest.mark.parametrize("way", ["itself", "dots", "link", "hard link", "onsets"])
def test_a_recording_is_never_written_over(
    recording: Path, tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = recording.read_bytes()
    option, target = "--out", recording
    if way == "dots":
        target = recording.parent / ".." / recording.parent.name / recording.name
    elif way == "link":
        target = tmp_path / "link.csv"
        target.symlink_to(recording)
    elif way == "hard link":
        target = tmp_path / "hard.csv"
        target.hardlink_to(recording)
    elif way == "onsets":
        option = "--save-onsets"
    assert main(["emg", str(recording), option, str(target)]) == 2
    assert "was read by this very run" in capsys.readouterr().err
    assert recording.read_bytes() == before
    assert not [p for p in recording.parent.iterdir() if p.name.startswith(".")]


def test_a_recording_of_a_session_is_never_written_over(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = next(recording.parent.glob("*.toml"))
    before = {p: p.read_bytes() for p in recording.parent.iterdir()}
    for target in (recording, *sorted(recording.parent.glob("*.csv"))[:2]):
        code = main(["emg", str(session), "--out", str(target)])
        assert code == 2 or "truth" in target.name
    assert "was read by this very run" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in before if "truth" not in p.name} == {
        p: b for p, b in before.items() if "truth" not in p.name
    }


def test_a_program_may_write_where_it_likes(tmp_path: Path) -> None:
    """Outside a run of the command line nobody remembers; inside, another name of the file is known, too."""
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    take_input(file)
    assert check_target(file) == file
    with one_run():
        take_input(file)
        with pytest.raises(InputError, match=r"a\.csv was read by this very run"):
            check_target(file)
    assert check_target(file) == file


# --- what may be read ------------------------------------------------------------------------------------------


@unix
def test_pipes_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path, words in ((pipe, "is a pipe"), (Path("/dev/zero"), "is a device"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=words):
            take_input(path)
    link = tmp_path / "endless.toml"
    link.symlink_to("/dev/zero")
    with pytest.raises(InputError, match="is a device"):
        read_bytes(link, 1000, "Plan")


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 300 + ".csv", "~nosuchuserhere/a.csv", "none.csv"])
def test_names_that_cannot_be(name: str) -> None:
    for door in (take_input, check_target):
        with pytest.raises(InputError):
            door(name if name != "none.csv" else "no/such/folder/none.csv")


@unix
@pytest.mark.parametrize("command", [["simulate"], ["study"], ["emg"], ["reliability"], ["claims", "--evidence"]])
def test_no_command_waits_for_a_pipe(command: list[str], tmp_path: Path) -> None:
    """Each ends with a sentence within a minute; without the door they hang for ever."""
    pipe = tmp_path / "trial.toml"
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from gluteal.cli import main; sys.exit(main())", *command, str(pipe)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("\n") <= 2


def test_a_long_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "long.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(InputError, match="has more than 1 MB"):
        read_bytes(tmp_path / "long.toml", 1_000_000, "Plan long.toml")


# --- what is written -------------------------------------------------------------------------------------------


@unix
def test_modes_links_and_devices_stay(tmp_path: Path) -> None:
    private, link, pipe, kept = (tmp_path / n for n in ("private.csv", "link.csv", "pipe.csv", "kept.csv"))
    write_text(private, "old")
    private.chmod(0o600)
    link.symlink_to(private)
    write_text(link, "new")
    assert link.is_symlink() and private.read_text() == "new"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="a device or a pipe"):
        write_text(pipe, "x")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(InputError, match="a device or a pipe"):
        check_target("/dev/null")
    write_text(kept, "mine")
    kept.chmod(0o444)
    with pytest.raises(InputError, match="is read-only, so it is kept"):
        write_text(kept, "yours")
    assert kept.read_text() == "mine"


def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    write_text(target, "old")
    with pytest.raises(RuntimeError), written_whole(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    with pytest.raises(InputError, match="what was there is kept"), written_whole(target):
        raise OSError(28, "No space left on device")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_debris_of_killed_runs_is_swept_and_nothing_else(tmp_path: Path) -> None:
    old, young, other = (tmp_path / n for n in (".a.0123abcd.html", ".a.89abcdef.html", ".a.notours.html"))
    for path in (old, young, other):
        path.write_text("x")
    hours_ago = time.time() - 7200.0
    os.utime(old, (hours_ago, hours_ago))
    os.utime(other, (hours_ago, hours_ago))
    write_text(tmp_path / "a.html", "new")
    assert not old.exists() and young.exists() and other.exists()


@unix
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ended_from_outside_the_old_file_stays(number: int, tmp_path: Path) -> None:
    """At the worst moment: the temporary file is there, the new one not yet."""
    target = tmp_path / "a.csv"
    target.write_text("old")
    program = (
        "import sys, time\n"
        "from gluteal import cli\n"
        "from gluteal.files import written_whole\n"
        "@cli.app.command(name='wait')\n"
        "def wait():\n"
        f"    with written_whole({str(target)!r}) as temporary:\n"
        "        temporary.write_text('half')\n"
        "        print('now', flush=True)\n"
        "        time.sleep(60)\n"
        "sys.argv = ['gluteal', 'wait']\n"
        "sys.exit(cli.main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "now\n"
        run.send_signal(number)
        assert run.wait(30) != 0
        assert run.stderr is not None and "Traceback" not in run.stderr.read()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@unix
def test_a_full_disk_is_a_sentence() -> None:
    program = [sys.executable, "-c", "import sys; from gluteal.cli import main; sys.exit(main())"]
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = subprocess.run(
            [*program, "list", "tasks", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    finally:
        os.close(full)
    assert done.returncode == 2 and "nothing can be written there" in done.stderr


# --- what a text may not do ------------------------------------------------------------------------------------


def test_a_table_holds_no_formula() -> None:
    labels = ["=HYPERLINK('http://x')", "@SUM(A1)", "+1+cmd|x", "-2+3", "\tx", "glut", "-1.5"]
    text = csv_text(pd.DataFrame({"=label": labels, "value": [-1.0] * len(labels)}))
    cells = [line.split(",")[0].strip('"') for line in text.splitlines()]
    assert all(not cell.startswith(("=", "@", "+", "\t")) for cell in cells)
    assert cells[4] == "'-2+3" and cells[7] == "-1.5"
    assert text.splitlines()[1].endswith(",-1.0")


def test_a_terminal_obeys_nothing_of_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = "glut\x1b]0;owned\x07\x1b[2J [/nope] [link=http://evil]x[/link] \u202egnp"
    terminal = Terminal(force_terminal=True, width=200)
    table = Table(title=nasty)
    table.add_column(nasty)
    table.add_row(nasty)
    terminal.print(nasty)
    terminal.print(table)
    shown = capsys.readouterr().out
    assert "\x1b]0;" not in shown and "\x1b[2J" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert "[/nope]" in shown and "[link=http://evil]" in shown
    assert visible("a\tb\n") == "a\tb\n"


def test_an_error_obeys_nothing_of_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emg", "no\x1b[2Jsuch.csv"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_label_of_a_picture_is_no_formula(tmp_path: Path) -> None:
    """Labels with dollars are shown as they are; as formulas they ended the report."""
    write_demo(tmp_path)
    source = next(p for p in sorted(tmp_path.glob("*.csv")) if "truth" not in p.name)
    head, rest = source.read_text().split("\n", 1)
    columns = head.split(",")
    columns[1] = "glut a$b^$ max R"
    (tmp_path / "dollars.csv").write_text(",".join(columns) + "\n" + rest)
    assert main(["emg", str(tmp_path / "dollars.csv"), "--out", str(tmp_path / "page.html")]) in (0, 2)
    if (tmp_path / "page.html").exists():
        assert "a$b^$" in (tmp_path / "page.html").read_text()
