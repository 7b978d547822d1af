"""What `gluteal emg FOLDER --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.vocabulary import Side


class PersonRow(Printed):
    """One burst of one channel of one person; a channel without bursts, or left out, has one row without times."""

    person: str
    recording: str
    channel: str
    muscle: str | None
    side: Side | None
    burst: int | None = Field(description="number of the burst in the channel, from 1")
    onset_s: float | None = Field(description="s on the recording's clock")
    onset_low_s: float | None = Field(description="95 % interval")
    onset_high_s: float | None
    amplitude_mean: float | None = Field(description="of the whole recording")
    amplitude_peak: float | None
    amplitude_unit: str | None
    usable: bool = Field(description="whether nothing is wrong with the channel that excludes it")
    timed: bool
    why_left_out: str | None


class SkippedJson(Printed):
    """A file that could not be used."""

    person: str
    file: str
    why: str


class EmgPeopleJson(Printed):
    """A folder of people."""

    folder: str
    people: list[str]
    rows: list[PersonRow]
    skipped: list[SkippedJson]
