"""The one schema that every table of numbers is held to, and the sentence that says what is wrong with a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gluteal.errors import GlutealError, InputError
from gluteal.sources.bibliography import OWN, ReadDepth, split_keys


def _keys(cell: str) -> str:
    try:
        split_keys(cell)
    except GlutealError as error:
        raise ValueError(str(error)) from error
    return cell


class TableRow(BaseModel):
    """A row of a table: keys of the bibliography, and where there are such columns, place, depth and note.

    What else a row holds is the table's own.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    source: Annotated[str, Field(min_length=1), AfterValidator(_keys)]
    locator: Annotated[str, Field(min_length=1)] | None = None
    read: ReadDepth | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _own_choice_has_a_reason(self) -> TableRow:
        if self.source == OWN and self.note is not None and not self.note.strip():
            raise ValueError("a choice of our own without a reason; say why in 'note'")
        return self


def check_rows(rows: Iterable[Mapping[str, Any]], name: str) -> tuple[TableRow, ...]:
    """Return the rows of a table, each held to `TableRow`.

    Raises
    ------
    InputError
        Where a row is not of this form; one sentence with table, row and field.

    Examples
    --------
    >>> check_rows([{"muscle": "psoas", "source": "Moore 2014, ch. 2"}], "mine.csv")
    Traceback (most recent call last):
    ...
    gluteal.errors.InputError: mine.csv, row 1, source: The source 'Moore 2014, ch. 2' is not one or more keys ...
    """
    checked = []
    for number, row in enumerate(rows, 1):
        try:
            checked.append(TableRow.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "row"
            said = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{name}, row {number}, {place}: {said}") from error
    return tuple(checked)
