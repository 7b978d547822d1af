"""The table that `gluteal study` prints."""

from __future__ import annotations

import io

import pytest

from gluteal.cli.study import _show
from gluteal.show.terminal.outcome import Terminal

ROW = {
    "case": "single-leg-stance",
    "condition": "half the right superior gluteal nerve blocked, and a delay of 50 ms beside it",
    "criterion": "p = 2",
    "people": 40,
    "unchanged": 0.0,
    "compensated": 0.675,
    "impossible": 0.325,
    "cannot_be_judged": 0.0,
    "effort_ratio": 123.4,
    "effort_ratio_low": 101.2,
    "effort_ratio_high": 150.7,
    "deficit": 1.0,
    "deficit_low": 0.0,
    "deficit_high": 9.0,
    "nominal_verdict": "compensated",
    "nominal_effort_ratio": 2.0,
}


def printed(rows: list[dict[str, object]], width: int = 80) -> str:
    stream = io.StringIO()
    _show(Terminal(file=stream, width=width), rows)
    return stream.getvalue()


def test_fits_into_eighty_columns_without_breaking_a_word() -> None:
    """The longest names that the kernel's criteria and verdicts have, three-digit efforts."""
    rows = [{**ROW, "criterion": c} for c in ("p = 2", "p = 3.5, by volume")]
    text = printed(rows)
    assert max(map(len, text.splitlines())) <= 80
    for word in ("p = 3.5, by volume", "unchanged", "compensated", "impossible", "68 %", "32 %", "123 (101-151)"):
        assert word in text, word
    assert "…" not in text
    assert text.count("single-leg-stance") == 1 and "40 random people" in text


def test_one_block_for_each_case_and_condition() -> None:
    rows = [{**ROW, "case": a, "condition": b, "criterion": c} for a in "XY" for b in "mn" for c in ("p = 2", "p = 3")]
    lines = printed(rows).splitlines()
    heads = [line for line in lines if line in ("X: m", "X: n", "Y: m", "Y: n")]
    assert heads == ["X: m", "X: n", "Y: m", "Y: n"]
    assert sum(line.startswith("p = ") for line in lines) == 8


@pytest.mark.parametrize("ratio", [1.0, None])
def test_the_body_alone_has_no_band(ratio: float | None) -> None:
    """Without random people there is one number; where it is not a number, a stroke."""
    row = {**ROW, "people": 1, **dict.fromkeys(("effort_ratio", "effort_ratio_low", "effort_ratio_high"), ratio)}
    text = printed([row])
    assert "over the body itself" in text and "(" not in text.split("compensated")[-2].splitlines()[-1]
