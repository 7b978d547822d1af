"""What all commands share: help without engines, --verbose, completion, exit codes, options of conditions."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import cyclopts.completion.detect
import pytest

import gluteal.cli
from gluteal.cli import COMMANDS, main
from gluteal.nerves.registry import TERMS

PUBLIC = ["list" if name == "listing" else name for name in COMMANDS if name != "completion"]


def test_every_module_of_the_room_is_a_command_or_shared() -> None:
    """A command that nobody registers cannot be called."""
    folder = Path(gluteal.cli.__file__).parent
    shared = {"__init__", "condition", "emg_people", "emg_words", "extras", "inputs", "instead", "options", "output"}
    shared |= {"settings", "stopping"}
    assert {path.stem for path in folder.glob("*.py")} == shared | set(COMMANDS)


def test_help_of_every_command_needs_no_engine() -> None:
    """One process asks all of them; none may import what computes."""
    program = (
        "import sys; from gluteal.cli import COMMANDS, main\n"
        "assert all(main([c, '--help']) == 0 for c in sys.argv[1:])\n"
        "heavy = ('mujoco', 'opensim', 'matplotlib', 'xarray', 'pandas', 'scipy')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, *PUBLIC], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.count("--verbose") == len(PUBLIC) and done.stdout.count("--json") >= len(PUBLIC)


@pytest.mark.parametrize(
    "line",
    [
        ["claims", "abductor-block-leaves-gait-unchanged"],
        ["plan", "--effect", "50", "--spread", "60", "--sem", "55", "--trials", "10"],
    ],
)
def test_an_answer_without_a_body_loads_no_tables(line: list[str]) -> None:
    """On the terminal, too: what says names in words must not bring pandas and xarray, half of the time."""
    program = (
        "import sys; from gluteal.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print([m for m in ('mujoco', 'matplotlib', 'xarray', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, *line], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["simulate", "strength"])
def test_a_condition_has_an_option_for_every_term(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each under one heading."""
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    group = text.split("Condition (each may be repeated)")[1].split("╰")[0]
    words = " ".join(group.replace("│", " ").split())
    for kind, term in TERMS.items():
        assert f"--{term.option.name} STR... {term.option.help}" in words, kind


def test_strength_says_that_a_delay_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strength", "hip abduction", "--delay", "glmed=0.1", "--no-ensemble"]) == 0
    assert "A late start changes nothing here" in " ".join(capsys.readouterr().out.split())


def test_terms_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "terms", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(TERMS)
    assert rows[0] == {
        "name": "weaken",
        "option": "--weaken M=LOSS",
        "value": "loss between 0 (none) and 1 (all)",
        "does": "share (0..1) of the motor units of a muscle or group gone.",
    }


@pytest.mark.parametrize("place", [0, 1, 4])
def test_verbose_says_what_is_done_on_standard_error(place: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Anywhere on the line; data stays alone on standard output, and the next run is quiet again."""
    arguments = ["simulate", "quiet-standing", "--weaken", "glmed=0.5", "--json"]
    arguments.insert(place, "--verbose")
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["task"] == "quiet-standing"
    for words in (
        "gluteal.engines: mechanics of quiet-standing, 1 frames, in ",
        "gluteal.simulate.experiment: load of 1 frames shared in ",
        "gluteal.cli.output: Computing mechanics and recruitment: ",
    ):
        assert words in err, words
    assert main(["list", "terms"]) == 0
    assert capsys.readouterr().err == ""
    assert not logging.getLogger("gluteal").handlers


def test_completion_is_written_for_the_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script knows the commands and the options, those of terms among them."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert main(["--install-completion", "--shell", "bash"]) == 0
    out, err = capsys.readouterr()
    written = Path(err.removeprefix("Wrote ").strip())
    assert out == "" and tmp_path in written.parents
    script = written.read_text()
    assert all(name in script for name in PUBLIC) and "--strength-loss" in script
    assert str(written) in (tmp_path / ".bashrc").read_text()


def test_a_shell_that_cannot_be_seen_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unseen() -> None:
        raise cyclopts.completion.detect.ShellDetectionError

    monkeypatch.setattr(cyclopts.completion.detect, "detect_shell", unseen)
    assert main(["--install-completion"]) == 2
    assert capsys.readouterr().err == (
        "gluteal: Which shell this is cannot be seen; name it, for example: "
        "gluteal --install-completion --shell bash.\n"
    )


def test_exit_codes_are_those_of_the_docs() -> None:
    """Scripts rely on them."""
    codes = ("DONE", "OUR_ERROR", "BAD_INPUT", "SCIENTIFIC_NO", "CANNOT_JUDGE")
    assert [getattr(gluteal.cli, name) for name in codes] == [0, 1, 2, 3, 4]
