"""The command `gluteal sources`: what it prints where, what it writes, and how it ends."""

from __future__ import annotations

import csv
import doctest
import json
from pathlib import Path

import pytest

import gluteal.show.terminal.sources
from gluteal.cli import main
from gluteal.sources.listing import list_sources, say_counts


def test_every_number_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    out, err = capsys.readouterr()
    said = " ".join(out.split())
    assert say_counts(list_sources()) in said and not err
    assert "outcome.verdict.CHANGED_EFFORT 0.01 Own choice: No reason was noted." in said
    assert "simulate.people.SCATTER.mass 0.137 Rothwell 2019, methods, participants; part named read." in said
    assert "kernels.muscle.ACTIVE 12 numbers De Groote 2016;" in said


def test_json_is_the_listing(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where a value is several numbers; keys and links are there for programs."""
    assert main(["sources", "degroote2016", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == list_sources("degroote2016")
    assert rows[0]["value"][2] == [0.1, 1.0, 0.353553390593274, 0.0]
    assert rows[0]["links"][0] == "https://doi.org/10.1007/s10439-016-1591-9"


def test_unread_of_a_room(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "outcome", "--unread", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == [
        "outcome.metabolics.SPECIFIC_TENSION",
        "outcome.metabolics.HELD_DECAY",
    ]


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, table = tmp_path / "s.html", tmp_path / "s.csv"
    assert main(["sources", "raabe2016", "--out", str(page), "--out", str(table)]) == 0
    assert "Wrote" in capsys.readouterr().err
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [row["name"] for row in list_sources("raabe2016")]
    assert rows[0]["value"].startswith("0.125, 0.185, 0.204")
    assert "Raabe 2016" in page.read_text(encoding="utf-8")


def test_what_nobody_knows_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "raabe2015"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "There is no number or source with the text 'raabe2015'. Close names: raabe2016" in err


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "barker2009"]) == 0
    assert capsys.readouterr().out.strip() == "No parameter, and no row of a table."


def test_examples_in_docstrings() -> None:
    failed, tried = doctest.testmod(gluteal.show.terminal.sources)
    assert tried and not failed
