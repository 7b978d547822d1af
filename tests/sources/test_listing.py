"""The listing: which numbers depend on a source, and which nobody read at their source."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from gluteal.errors import UnknownName
from gluteal.sources.bibliography import OWN, UNREAD, load_bibliography
from gluteal.sources.listing import count_depths, list_sources, say_counts
from gluteal.sources.parameter import load_parameters, parameter_rooms
from gluteal.sources.tables import TABLES, read_number_table

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"


def test_everything_is_listed_once() -> None:
    rows = list_sources()
    parameters = [name for room in parameter_rooms() for name in load_parameters(room)]
    assert [row["name"] for row in rows if row["kind"] == "parameter"] == parameters
    assert [row["name"] for row in rows if row["kind"] == "table"] == list(TABLES)
    assert len({tuple(row) for row in rows}) == 1, "every row has the same fields, in the same order"
    assert len({row["name"] for row in rows}) == len(rows)


def test_which_numbers_depend_on_a_study() -> None:
    """Counted by hand in the tables: 210 of 290 muscles of the embedded body are from Raabe and Chaudhari's model."""
    by_name = {row["name"]: row for row in list_sources("raabe2016")}
    assert set(by_name) == {"engines.myo.assembly._LUMBAR_SHARES", "engines/myo/muscles.csv"}
    muscles = [row for row in read_number_table("engines/myo/muscles.csv") if "raabe2016" in row["source"]]
    assert by_name["engines/myo/muscles.csv"]["value"] == len(muscles) == 210
    assert by_name["engines/myo/muscles.csv"]["note"].startswith("Of 290 rows.")


@pytest.mark.parametrize("text", ["Chaudhari", "CHAUDHARI", " raabe2016 ", "FBLSmodel"])
def test_a_source_is_found_by_author_key_or_title(text: str) -> None:
    assert [row["name"] for row in list_sources(text)] == [row["name"] for row in list_sources("raabe2016")]


def test_a_room_is_found_by_its_name() -> None:
    names = [row["name"] for row in list_sources("outcome.verdict")]
    assert names == [name for name in load_parameters("outcome") if name.startswith("outcome.verdict.")]


def test_every_source_of_a_number_can_be_asked_for() -> None:
    """Filtering by a key gives the rows that name it, as counting them one by one does."""
    rows = list_sources()
    for key in {key for row in rows for key in row["keys"]} - {OWN}:
        named = {row["name"] for row in rows if key in row["keys"]}
        assert named <= {row["name"] for row in list_sources(key)}, key


def test_unread_are_those_that_nobody_saw_at_their_source() -> None:
    rows = list_sources(unread=True)
    assert rows and {row["read"] for row in rows} <= UNREAD
    everything = [row for row in list_sources() if row["kind"] == "parameter" and row["read"] in UNREAD]
    assert [row for row in rows if row["kind"] == "parameter"] == everything
    abdominal = next(row for row in rows if row["name"] == "sources/published/hip_abduction_strength.csv")
    assert abdominal["read"] == "secondary" and "khayambashi2016" in abdominal["keys"]


def test_a_study_without_numbers_here_is_no_mistake() -> None:
    """The bibliography knows it, no parameter rests on it; what nobody knows is refused."""
    assert "barker2009" in load_bibliography()
    assert list_sources("barker2009") == []
    assert say_counts([]) == "No parameter, and no row of a table."
    with pytest.raises(UnknownName, match="There is no number or source with the text 'nonsense'"):
        list_sources("nonsense")


def test_the_examples_of_the_page_run() -> None:
    failed, tried = doctest.testfile(str(DOCS), module_relative=False)
    assert tried and not failed


def test_the_page_says_how_many_there_are() -> None:
    """docs/sources.md holds the sentence that the command prints, and a line for each depth."""
    page = DOCS.read_text(encoding="utf-8")
    rows = list_sources()
    assert say_counts(rows) in page.replace("\n", " ")
    for depth, count in count_depths(rows).items():
        assert re.search(rf"^\| `{depth}` \|.*\| {count} \|$", page, re.MULTILINE), depth
