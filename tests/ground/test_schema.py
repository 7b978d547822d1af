"""Files held against a model: whatever is wrong with one is said in one sentence with place and remedy."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, model_validator

import gluteal.schema
from gluteal.errors import InputError
from gluteal.schema import MOST_BYTES, Flag, Number, Record, Text, Whole, fault, load_toml, refusal, validate


class Row(Record, extra="allow"):
    """An entry of a list, with keys of the user's own."""

    __pydantic_extra__: dict[str, Annotated[Number, Field(description="a number of metres")]] = Field(init=False)
    name: Text = Field(description="a name")
    until: Number | None = Field(default=None, alias="till", description="a number of seconds")

    @model_validator(mode="after")
    def _not_late(self) -> Row:
        if self.until is not None and self.until > 10:
            raise fault("till", "is too late; give 10 s or less.")
        return self


class Example(Record):
    """A file with one of everything."""

    count: Whole = Field(ge=1, description="a whole number, 1 or more")
    ratio: Number = Field(default=0.5, gt=0, description="a share, above 0")
    on: Flag = Field(default=False, description="true or false")
    plain: Number = 0.0
    pair: tuple[Number, Number] | None = Field(default=None, description="two numbers")
    either: tuple[str | tuple[str, ...], ...] = Field(default=(), description="names, or lists of them")
    heights: dict[str, Number] = Field(default={}, description="a height in metres")
    row: tuple[Row, ...] = Field(default=(), description="at least one [[row]]")


def written(folder: Path, text: str) -> Path:
    path = folder / "a.toml"
    path.write_text(text, encoding="utf-8")
    return path


def said(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load_toml(written(folder, text), Example, "Plan")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """Every kind of value arrives with its type; a whole number may stand for a number."""
    text = 'count = 2\nratio = 1\npair = [0, 1.5]\neither = ["a", ["b", "c"]]\n[[row]]\nname = " x "\ntill = 3\ntop = 2'
    found = load_toml(written(tmp_path, "\ufeff" + text), Example, "Plan")
    assert (found.count, found.ratio, found.pair, found.either) == (2, 1.0, (0.0, 1.5), ("a", ("b", "c")))
    assert found.row[0].name == "x" and found.row[0].until == 3.0 and found.row[0].model_extra == {"top": 2.0}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Plan a.toml, count: is missing; give a whole number, 1 or more."),
        ("count = 0", "Plan a.toml, count: is 0; give a whole number, 1 or more."),
        ("count = 1.0", "Plan a.toml, count: is 1.0; give a whole number, 1 or more."),
        ("count = true", "Plan a.toml, count: is True; give a whole number, 1 or more."),
        ('count = "1"', "Plan a.toml, count: is '1'; give a whole number, 1 or more."),
        ("count = 1979-05-27", "Plan a.toml, count: is datetime.date(1979, 5, 27); give a whole number, 1 or more."),
        ("count = 1\nratio = 0", "Plan a.toml, ratio: is 0; give a share, above 0."),
        ("count = 1\nratio = nan", "Plan a.toml, ratio: is nan, which is no finite number; give a share, above 0."),
        ("count = 1\nratio = -inf", "Plan a.toml, ratio: is -inf, which is no finite number; give a share, above 0."),
        ("count = 1\non = 1", "Plan a.toml, on: is 1; give true or false."),
        ("count = 1\nplain = 'x'", "Plan a.toml, plain: is 'x'; give a number."),
        ("count = 1\npair = [1]", "Plan a.toml, pair: is [1]; give two numbers."),
        ("count = 1\npair = [1, 2, 3]", "Plan a.toml, pair: is [1, 2, 3]; give two numbers."),
        ("count = 1\npair = [1, 'x']", "Plan a.toml, pair: holds 'x'; give two numbers."),
        ("count = 1\neither = [3]", "Plan a.toml, either: holds 3; give names, or lists of them."),
        ("count = 1\n[heights]\nseat = true", "Plan a.toml, heights.seat: is True; give a height in metres."),
        ("count = 1\nrow = 3", "Plan a.toml, row: is 3; give at least one [[row]]."),
        ("count = 1\nrow = [3]", "Plan a.toml, row: holds 3; give at least one [[row]]."),
        ("count = 1\n[[row]]\nname='a'\n[[row]]\n", "Plan a.toml, row 2.name: is missing; give a name."),
        ("count = 1\n[[row]]\nname=''", "Plan a.toml, row 1.name: is ''; give a name."),
        ("count = 1\n[[row]]\nname='a'\ntop='b'", "Plan a.toml, row 1.top: is 'b'; give a number of metres."),
        ("count = 1\n[[row]]\nname='a'\ntill=11", "Plan a.toml, row 1.till: is too late; give 10 s or less."),
        ("count = 1\nrato = 1", "Plan a.toml, rato: is no known key; did you mean 'ratio'?"),
        ("count = 1\nzzz = 1", "Plan a.toml, zzz: is no known key; known are count, ratio, on, plain, pair, either"),
        ("cuont = 1", "Plan a.toml, cuont: is no known key; did you mean 'count'?"),
        ("count = 0\nratio = 0", "Plan a.toml, count: is 0; give a whole number, 1 or more. (There is 1 more fault.)"),
        ("count = 0\nratio = 0\non = 0", "(There are 2 more faults.)"),
        ("count = ", "Plan a.toml is no TOML: "),
        ("count = 1\ncount = 2", "Plan a.toml is no TOML: "),
        ("a = " + "[" * 5000, "Plan a.toml is nested too deeply; a few levels are enough."),
    ],
)
def test_each_fault_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """Place, what was given, what would be right; a wrong key goes before what is missing because of it."""
    assert sentence in said(tmp_path, text)


def test_long_values_are_cut(tmp_path: Path) -> None:
    """A sentence stays a sentence, whatever a file holds."""
    assert len(said(tmp_path, f'count = "{"x" * 1000}"')) < 150


def test_files_that_are_none(tmp_path: Path) -> None:
    """Missing, a folder, not UTF-8, too long: told apart."""
    with pytest.raises(InputError, match=r"Plan none\.toml cannot be read \(No such file or directory\)"):
        load_toml(tmp_path / "none.toml", Example, "Plan")
    with pytest.raises(InputError, match=r"cannot be read"):
        load_toml(tmp_path, Example, "Plan")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"Plan binary\.toml is not written in UTF-8; save it again"):
        load_toml(tmp_path / "binary.toml", Example, "Plan")
    with (tmp_path / "long.toml").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match=r"Plan long\.toml has more than 1 MB"):
        load_toml(tmp_path / "long.toml", Example, "Plan")


def test_records_are_frozen_and_errors_chained() -> None:
    """Nothing that was read can be changed, and the library's own error stays behind ours."""
    record = validate({"count": 1}, Example, "Plan a.toml")
    with pytest.raises(ValueError, match="frozen"):
        record.count = 2  # type: ignore[misc]
    with pytest.raises(InputError) as caught:
        validate({}, Example, "Plan a.toml")
    assert type(caught.value.__cause__).__name__ == "ValidationError"


@pytest.mark.parametrize("raw", [None, 3, "text", [], {1: 2}])
def test_what_is_no_table_is_refused(raw: Any) -> None:
    with pytest.raises(InputError, match=r"^Plan a\.toml[:,] "):
        validate(raw, Example, "Plan a.toml")


def test_a_refusal_without_a_place() -> None:
    assert str(refusal("Plan a.toml", "", "is empty.")) == "Plan a.toml: is empty."


def test_examples_in_docstrings() -> None:
    result = doctest.testmod(gluteal.schema)
    assert result.attempted > 0 and result.failed == 0
