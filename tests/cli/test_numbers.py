"""Numbers behind options are read as people write them, by every command; nothing else is taken for one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from benchmarks.fuzz_seeds import doors

from gluteal.cli import main
from gluteal.emg.read.load import load_recording
from gluteal.emg.session.part import cut_recording
from gluteal.errors import InputError

#: Commands with an option that takes a number, all but it.
DECIMAL = {
    "rest": ["endurance", "single-leg-stance", "--no-ensemble", "--rest"],
    "exponent": ["simulate", "single-leg-stance", "--no-ensemble", "--exponent"],
    "by": ["delays", "prone-leg-lift", "--by"],
    "habit": ["adapt", "single-leg-stance", "--habit"],
    "end": ["emg", "a.csv", "--end"],
    "notch": ["emg", "a.csv", "--notch"],
    "ceiling": ["exercises", "--ceiling"],
    "effect": ["plan", "--spread", "60", "--effect"],
}
WHOLE = {
    "spread": ["simulate", "single-leg-stance", "--spread"],
    "trials": ["plan", "--effect", "50", "--spread", "60", "--trials"],
    "people": ["plan", "--spread", "60", "--people"],
    "workers": ["study", "p.toml", "--workers"],
}
#: What only Python takes for a number, and what no quantity is.
NONE = ("1_0", "\u0661\u0662", "nan", "inf", "1e308", "9" * 400)


@pytest.mark.parametrize("value", NONE)
@pytest.mark.parametrize("option", [*DECIMAL, *WHOLE])
def test_what_is_no_number_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = DECIMAL.get(option) or WHOLE[option]
    assert main([*command, value]) == 2
    said = capsys.readouterr().err
    assert f"Invalid value for --{option}" in said or "is not a" in said, said
    assert said.count("\n") == 1


@pytest.mark.parametrize("option", WHOLE)
def test_a_whole_number_is_not_rounded(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WHOLE[option], "2.5"]) == 2
    assert "'2.5' is not a whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["simulate", "single-leg-stance", "--no-ensemble", "--body", ""],
        ["simulate", "single-leg-stance", "--no-ensemble", "--hip", ""],
        ["strength", "hip abduction", "--no-ensemble", "--body", ""],
        ["list", "muscles", "--body", ""],
        ["doctor", "--body", ""],
        ["trial", ".", "--body", ""],
        ["simulate", ""],
    ],
)
def test_a_name_that_is_empty_is_not_left_out(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    # As a shell gives it, whose variable of that name is not set: the person meant another body.
    assert main(command) == 2
    assert "''" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["emg", "a.csv", "--band", "2_0-450"], "--band '2_0-450' is no band; write LOW-HIGH in Hz"),
        (["trial", "/nowhere"], "There is no folder or file '/nowhere'; check the path."),
        (["list", "tasks", "walk", "x"], "'walk', 'x' is more than this command takes."),
    ],
)
def test_what_is_wrong_is_said_plainly(command: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("start", "end"), [(1e308, None), (None, -1e308), (math.nan, None), (None, math.nan), (9.0, 10.0)]
)
def test_a_part_beyond_the_recording_is_none(tmp_path: Path, start: float | None, end: float | None) -> None:
    (tmp_path / "a.csv").write_bytes(doors()["text"].files["a.csv"])
    with pytest.raises(InputError):
        cut_recording(load_recording(tmp_path / "a.csv"), start, end)


def test_a_part_is_cut_to_the_sample(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(doors()["text"].files["a.csv"])
    whole = load_recording(tmp_path / "a.csv")
    was = whole.channels[0]
    for start, end, first, last in (
        (-1e308, 1e308, 0, was.length),
        (was.start, was.start + 10 / was.rate, 0, 11),
        (was.start + 3 / was.rate, None, 3, was.length),
    ):
        part = cut_recording(whole, start, end).channels[0]
        assert part.length == last - first and part.start == pytest.approx(was.start + first / was.rate)
        assert np.array_equal(part.read(), was.read()[first:last])
