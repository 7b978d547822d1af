"""Files and folders are made whole or not at all; what killed runs left is swept, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gluteal.files.held
import gluteal.files.outgoing
from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.files import (
    TemporaryFolder,
    check_target,
    folder_written_whole,
    open_input,
    remembered_inputs,
    write_text,
    written_whole,
)


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_lone_byte_of_a_name_is_written_as_its_code(tmp_path: Path) -> None:
    write_text(tmp_path / "a.html", os.fsdecode(b"<p>a\xff</p>"))
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "<p>a\\udcff</p>"


def test_one_run_writes_a_name_once(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "a.csv")
    with remembered_inputs():
        write_text(tmp_path / "a.csv", "first")
        for again in (tmp_path / "a.csv", tmp_path / "." / "a.csv", link):
            with pytest.raises(InputError, match="twice in one run; give each result a name of its own"):
                write_text(again, "second")
    assert (tmp_path / "a.csv").read_text() == "first"
    write_text(tmp_path / "a.csv", "another run")
    assert (tmp_path / "a.csv").read_text() == "another run"


def test_two_results_of_one_name_are_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert main(["list", "tasks", "--out", str(tmp_path / "a.csv"), "--out", str(tmp_path / "link.csv")]) == 2
    assert "twice in one run" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_a_result_is_known_by_its_number_too(tmp_path: Path) -> None:
    # Where A.csv and a.csv are one file, names do not tell; here a hard link stands for that.
    with remembered_inputs():
        write_text(tmp_path / "a.csv", "first")
        (tmp_path / "A.csv").hardlink_to(tmp_path / "a.csv")
        with pytest.raises(InputError, match="twice in one run"):
            write_text(tmp_path / "A.csv", "second")
    assert (tmp_path / "a.csv").read_text() == "first"


def test_an_input_is_known_by_its_name_too(tmp_path: Path) -> None:
    # Memory cards and file systems of other machines give a file another inode when they look again.
    recording = tmp_path / "a.csv"
    recording.write_text("raw")
    with remembered_inputs():
        open_input(recording).close()
        (tmp_path / "b.csv").write_text("raw")
        (tmp_path / "b.csv").replace(recording)
        with pytest.raises(InputError, match="this run reads it"):
            check_target(recording)


def test_a_folder_comes_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "set"
    with pytest.raises(ZeroDivisionError), folder_written_whole(target) as folder:
        write_text(folder / "a.txt", "half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    target.mkdir()
    with folder_written_whole(target) as folder:
        write_text(folder / "a.txt", "whole")
    assert (target / "a.txt").read_text() == "whole"
    with pytest.raises(InputError, match="not an empty folder"), folder_written_whole(target):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_a_folder_that_somebody_fills_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "set"
    with pytest.raises(InputError, match="not an empty folder"), folder_written_whole(target) as folder:
        write_text(folder / "a.txt", "mine")
        target.mkdir()
        (target / "thesis.txt").write_text("theirs")
    assert [p.name for p in target.iterdir()] == ["thesis.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


@pytest.mark.parametrize("name", ["a\0b", "~nosuchuser/a", "x" * 300])
def test_names_no_folder_can_have(name: str) -> None:
    with pytest.raises(InputError), folder_written_whole(name):
        pass


def test_a_temporary_folder_of_a_killed_run_is_swept(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = TemporaryFolder()
    assert mine.path.stat().st_mode & 0o777 == 0o700
    name = mine.path.name
    left = tmp_path / name.replace(f"-{os.getpid()}-", f"-{dead}-")
    going_on = tmp_path / name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
    theirs = tmp_path / "gluteal-notes"
    for folder in (left, going_on, theirs):
        folder.mkdir()
        (folder / "0.npy").write_text("x")
    # One that works for days is no debris.
    os.utime(going_on, (time.time() - 1e6,) * 2)
    link = tmp_path / left.name.replace("gluteal", ".gluteal")
    link.symlink_to(theirs)
    second = TemporaryFolder()
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in (mine.path, second.path, going_on, theirs)}
    assert (theirs / "0.npy").exists()
    paths = mine.path, second.path
    del mine, second
    assert not any(p.exists() for p in paths)


def test_the_number_of_a_process_means_nothing_elsewhere(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that shares a folder with this one has other processes of the same numbers."""
    monkeypatch.setattr(gluteal.files.outgoing, "_here", lambda: "0000beef")
    with written_whole(tmp_path / "a.csv"):
        (mine,) = tmp_path.iterdir()
        theirs = tmp_path / mine.name.replace(f"-{os.getpid()}-", f"-{dead}-")
    theirs.write_text("going on")
    monkeypatch.undo()
    write_text(tmp_path / "b.csv", "x")
    assert theirs.exists()
    os.utime(theirs, (time.time() - 1e6,) * 2)
    write_text(tmp_path / "c.csv", "x")
    assert not theirs.exists()


# --- folders that are swapped while a run works ------------------------------------------------------------


def swap(folder: Path, by: str = "a link") -> None:
    """Put a link to another person's folder, or a new folder, where a folder was."""
    folder.rename(folder.with_name("moved"))
    theirs = folder.with_name("theirs") if by == "a link" else folder
    theirs.mkdir()
    if by == "a link":
        folder.symlink_to(theirs)


def all_within(place: Path) -> list[str]:
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


MOVED = pytest.mark.skipif(sys.platform == "win32", reason="there, no folder is moved while a file in it is open")
SWAPPED = "swapped for another or a link, so nothing was written there"


@MOVED
@pytest.mark.parametrize("by", ["a link", "a folder"])
@pytest.mark.parametrize("by_handle", [True, False])
def test_a_folder_swapped_meanwhile_gets_nothing(
    by_handle: bool, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gluteal.files.held, "_BY_HANDLE", by_handle and gluteal.files.held._BY_HANDLE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("old")
    with pytest.raises(InputError, match=SWAPPED), written_whole(tmp_path / "out/a.csv") as file:
        file.write(b"new")
        swap(tmp_path / "out", by)
    if not by_handle:  # what cannot be reached by name any more stays where the folder went
        for left in (tmp_path / "moved").glob(".gluteal-*"):
            left.unlink()
    assert all_within(tmp_path) == ["moved/a.csv"]
    assert (tmp_path / "moved/a.csv").read_text() == "old"


@MOVED
def test_a_folder_swapped_while_a_library_fills_one_by_name(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match=SWAPPED), folder_written_whole(tmp_path / "out/set") as made:
        swap(tmp_path / "out")
        made.mkdir(parents=True)
        (made / "chunk").write_text("x")
    assert all_within(tmp_path) == []
    assert list((tmp_path / "theirs").iterdir()) == list((tmp_path / "moved").iterdir()) == []


def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    target, theirs = tmp_path / "a.csv", tmp_path / "theirs.csv"
    theirs.write_text("thesis")
    with pytest.raises(InputError, match=SWAPPED), written_whole(target) as file:
        file.write(b"new")
        target.symlink_to(theirs)
    assert theirs.read_text() == "thesis" and target.is_symlink()


@MOVED
def test_a_second_result_is_not_written_into_a_folder_that_was_swapped(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with remembered_inputs():
        write_text(tmp_path / "out/a.csv", "first")
        swap(tmp_path / "out")
        with pytest.raises(InputError, match="not what it was when this run began"):
            write_text(tmp_path / "out/b.csv", "second")
    assert all_within(tmp_path) == ["moved/a.csv"]


@MOVED
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_was_looked_at_before_the_work_is_where_its_result_goes(what: str, tmp_path: Path) -> None:
    target = tmp_path / "out/a.csv"
    target.parent.mkdir()
    with remembered_inputs():
        check_target(target)
        if what == "folder":
            swap(target.parent)
        else:
            (tmp_path / "theirs").mkdir()
            (tmp_path / "theirs/a.csv").write_text("thesis")
            target.symlink_to(tmp_path / "theirs/a.csv")
        with pytest.raises(InputError, match="not what it was when this run began"):
            write_text(target, "new")
    assert [p.read_text() for p in (tmp_path / "theirs").iterdir()] == ([] if what == "folder" else ["thesis"])
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept")
    with remembered_inputs():
        check_target(tmp_path / "link/a.csv")
        write_text(tmp_path / "link/a.csv", "a link that stays is followed")
    assert (tmp_path / "kept/a.csv").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists what is open")
def test_no_folder_is_held_after_a_run(tmp_path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    with remembered_inputs():
        for number in range(20):
            check_target(tmp_path / f"{number}.csv")
            write_text(tmp_path / f"{number}.csv", "x")
        assert count() == before + 1
    assert count() == before
