"""Bursts of muscle activity as a detector returns them, and their CSV for correction by hand."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gluteal.errors import InputError
from gluteal.files import check_target, csv_cell, read_bounded, write_text

NAN = math.nan
UNKNOWN = (NAN, NAN)
EdgeName = Literal["onset", "offset"]
EDGES: tuple[EdgeName, EdgeName] = ("onset", "offset")


@dataclass(frozen=True, kw_only=True)
class Burst:
    """One burst of activity; all times in s on the clock of the recording.

    Attributes
    ----------
    onset_s, offset_s : float
        When activity started and ended; nan where the recording starts or ends within the burst.
    onset_sd_s, offset_sd_s : float
        Standard deviation of that time; nan where the method states none or a person set the time.
    onset_interval_s, offset_interval_s : (float, float)
        95 % interval of that time; nan likewise.
    level_db : float
        Mean power during the burst over power at rest, dB; nan where a person added the burst.
    onset_by_hand, offset_by_hand : bool
        Whether a person set that time.
    """

    onset_s: float
    offset_s: float
    onset_sd_s: float = NAN
    offset_sd_s: float = NAN
    onset_interval_s: tuple[float, float] = UNKNOWN
    offset_interval_s: tuple[float, float] = UNKNOWN
    level_db: float = NAN
    onset_by_hand: bool = False
    offset_by_hand: bool = False

    @property
    def onset_reach_s(self) -> tuple[float, float]:
        """How far the onset may lie before and after its time because there are two answers, s; zeros for one answer.

        One answer has its probability in the middle of its interval; two have a standard deviation of that of a flat
        probability over it, its length over the root of 12, or more. The same two answers may stand in every burst, so
        no mean over bursts takes this error away.
        """
        low, high = self.onset_interval_s
        if not self.onset_sd_s * math.sqrt(12.0) >= (high - low) * (1.0 - 1e-9):
            return 0.0, 0.0
        return low - self.onset_s, high - self.onset_s

    def moved(self, by: float) -> Burst:
        """Return the burst later by so many s."""
        return replace(
            self,
            onset_s=self.onset_s + by,
            offset_s=self.offset_s + by,
            onset_interval_s=(self.onset_interval_s[0] + by, self.onset_interval_s[1] + by),
            offset_interval_s=(self.offset_interval_s[0] + by, self.offset_interval_s[1] + by),
        )

    def timed(self, edge: EdgeName, at: float, deviation: float, interval: tuple[float, float]) -> Burst:
        """Return the burst with an edge at a time, s, of a standard deviation, s, and a 95 % interval, s."""
        changed: dict[str, Any] = {f"{edge}_s": at, f"{edge}_sd_s": deviation, f"{edge}_interval_s": interval}
        return replace(self, **changed)

    def opened(self, edge: EdgeName, low: float, high: float) -> Burst:
        """Return the burst with an edge that may lie anywhere from one time to another, s, or in its own interval."""
        at, own = (self.onset_s, self.onset_interval_s) if edge == "onset" else (self.offset_s, self.offset_interval_s)
        known = [v for v in (at, *own) if math.isfinite(v)]
        low, high = min(low, *known), max(high, *known)
        deviation = self.onset_sd_s if edge == "onset" else self.offset_sd_s
        # A flat probability over the interval: its standard deviation is its length over the root of 12.
        flat = (high - low) / math.sqrt(12.0)
        return self.timed(edge, at, max(flat, deviation) if math.isfinite(deviation) else flat, (low, high))


@dataclass(frozen=True)
class CheckedBursts:
    """Bursts after a check, and what it changed.

    Attributes
    ----------
    bursts : tuple of Burst
    changed : dict of str to int
        How many bursts were "left_out", and how many edges were "opened" (the interval now holds another answer, too)
        or "retimed"; a check names what it does.
    """

    bursts: tuple[Burst, ...]
    changed: dict[str, int]


def join_bursts(first: Burst, second: Burst) -> Burst:
    """Return one burst from the onset of the first to the offset of the second; its level is that of the stronger."""
    return replace(
        first,
        offset_s=second.offset_s,
        offset_sd_s=second.offset_sd_s,
        offset_interval_s=second.offset_interval_s,
        offset_by_hand=second.offset_by_hand,
        level_db=max(first.level_db, second.level_db),
    )


@dataclass(frozen=True, kw_only=True)
class Bursts:
    """Bursts of one channel in order of time, none to many, with the settings that found them.

    Attributes
    ----------
    bursts : tuple of Burst
    method : str
        Detector.
    settings : dict
        Every setting of the detector, by name.
    rate : float
        Samples per second of the signal.
    """

    bursts: tuple[Burst, ...]
    method: str
    rate: float
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of bursts."""
        return len(self.bursts)

    def __iter__(self) -> Iterator[Burst]:
        """Go through the bursts in order of time."""
        return iter(self.bursts)

    def __getitem__(self, index: int) -> Burst:
        """Return one burst."""
        return self.bursts[index]

    @property
    def onsets_s(self) -> tuple[float, ...]:
        """Onset of every burst, s."""
        return tuple(b.onset_s for b in self.bursts)

    @property
    def offsets_s(self) -> tuple[float, ...]:
        """Offset of every burst, s."""
        return tuple(b.offset_s for b in self.bursts)


#: Columns of the CSV that a person edits, and those that say what had been detected.
EDITED = ("channel", "onset_s", "offset_s")
DETECTED = (
    "detected_onset_s",
    "onset_sd_s",
    "onset_low_s",
    "onset_high_s",
    "detected_offset_s",
    "offset_sd_s",
    "offset_low_s",
    "offset_high_s",
    "level_db",
)
HEAD = "# gluteal bursts: "
# An hour of bursts of 16 channels takes some 10 MB.
_MOST_BYTES = 100_000_000


def save_bursts(path: str | Path, bursts: Mapping[str, Bursts]) -> None:
    """Write bursts of channels to a CSV that a person can correct and `load_bursts` reads back.

    One row per burst. Change `onset_s` or `offset_s`, delete rows or add some (channel, onset_s and
    offset_s suffice); the other columns keep what had been detected. Lines that start with `#` hold the
    method and its settings.

    Parameters
    ----------
    path : str or Path
        Ends in .csv; replaced whole or not at all.
    bursts : mapping of channel name to Bursts

    Raises
    ------
    InputError
        Where the path cannot be written.
    """
    check_target(path, (".csv",))
    text = io.StringIO()
    for channel, found in bursts.items():
        head = {
            "channel": channel,
            "method": found.method,
            "rate": found.rate,
            "settings": dict(found.settings),
        }
        text.write(HEAD + json.dumps(head) + "\n")
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*EDITED, *DETECTED))
    for channel, found in bursts.items():
        for b in found:
            onset = (NAN if b.onset_by_hand else b.onset_s, b.onset_sd_s, *b.onset_interval_s)
            offset = (NAN if b.offset_by_hand else b.offset_s, b.offset_sd_s, *b.offset_interval_s)
            cells = (b.onset_s, b.offset_s, *onset, *offset, b.level_db)
            table.writerow((csv_cell(channel), *("" if math.isnan(c) else repr(float(c)) for c in cells)))
    write_text(path, text.getvalue())


def load_bursts(path: str | Path) -> dict[str, Bursts]:
    """Read bursts written by `save_bursts`, corrected by hand or not; channels by name.

    A time that differs from the detected one, or has none beside it, is marked as set by hand and has
    no standard deviation or interval: those belonged to the detected time.

    Raises
    ------
    InputError
        Where the file cannot be read, or a row is not what it should be (the row is named).
    """
    source = Path(path)
    try:
        lines = read_bounded(source, _MOST_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {str(source)!r} ({error}); give a CSV written by save_bursts.") from error
    heads = _heads(source, lines)
    # A name that begins with # is no comment, and one that a spreadsheet would obey is written with an apostrophe.
    names = {csv_cell(name).strip(): name for name in heads}
    body = [(i, line) for i, line in enumerate(lines, 1) if line.strip() and not _is_comment(line, names)]
    rows: dict[str, list[Burst]] = {name: [] for name in heads}
    try:
        reader = csv.DictReader(line for _, line in body)
        table = list(reader)
    except csv.Error as error:
        raise InputError(f"{source.name} is not a CSV ({error}); give one written by save_bursts.") from error
    if absent := [c for c in EDITED if c not in (reader.fieldnames or ())]:
        raise InputError(
            f"{source.name} has no column {absent[0]!r}; its first row must name {', '.join(EDITED)}, "
            "separated by commas."
        )
    for (number, _), row in zip(body[1:], table, strict=False):
        if not (channel := (row["channel"] or "").strip()):
            raise InputError(f"{source.name}, line {number}: the channel is empty; give its name.")
        rows.setdefault(names.get(channel, channel), []).append(_burst(source, number, row))
    return {
        channel: Bursts(
            bursts=tuple(sorted(found, key=lambda b: b.offset_s if math.isnan(b.onset_s) else b.onset_s)),
            **heads.get(channel, {"method": "by hand", "rate": NAN}),
        )
        for channel, found in rows.items()
    }


def comment_of(line: str) -> str:
    """Return a comment as it was written, empty for another line; a spreadsheet quotes it, in one cell or several."""
    line = line.strip()
    if not line.startswith(("#", '"#')):
        return ""
    return (",".join(_cells(line)) if line[0] == '"' else line).rstrip(",")


def _is_comment(line: str, names: Mapping[str, str]) -> bool:
    return bool(comment_of(line)) and _cells(line)[0].strip() not in names


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]))
    except csv.Error:  # a cell without end, which is none of ours
        return [line]


def _heads(source: Path, lines: list[str]) -> dict[str, dict[str, Any]]:
    """Method, rate and settings of each channel from the comment lines."""
    heads = {}
    for number, line in enumerate(lines, 1):
        text = comment_of(line)
        if not text.startswith(HEAD):
            continue
        try:
            head = json.loads(text.removeprefix(HEAD))
            heads[str(head["channel"])] = {
                "method": str(head["method"]),
                "rate": float(head["rate"]),
                "settings": dict(head["settings"]),
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{source.name}, line {number}: the line of settings is damaged; restore or delete it."
            ) from error
    return heads


class _Row:
    """One row of the CSV, read by column with errors that name it."""

    def __init__(self, source: Path, number: int, row: dict[str, str]) -> None:
        self.source, self.number, self.row = source, number, row

    def cell(self, column: str) -> float:
        text = (self.row.get(column) or "").strip()
        try:
            value = float(text) if text else NAN
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise InputError(
                f"{self.source.name}, line {self.number}: {column} is {text!r}; give seconds, with a decimal "
                "point, or leave it empty."
            )
        return value

    def time(self, side: str) -> dict[str, Any]:
        """Fields of a Burst about its onset or offset."""
        now, detected = self.cell(f"{side}_s"), self.cell(f"detected_{side}_s")
        # Empty in both: the recording does not show it. A spreadsheet may round to microseconds.
        kept = abs(now - detected) < 1e-6 or (math.isnan(now) and math.isnan(detected))
        fields: dict[str, Any] = {f"{side}_s": detected if kept else now, f"{side}_by_hand": not kept}
        if kept:
            fields[f"{side}_sd_s"] = self.cell(f"{side}_sd_s")
            fields[f"{side}_interval_s"] = (self.cell(f"{side}_low_s"), self.cell(f"{side}_high_s"))
        return fields


def _burst(source: Path, number: int, row: dict[str, str]) -> Burst:
    cells = _Row(source, number, row)
    burst = Burst(**cells.time("onset"), **cells.time("offset"), level_db=cells.cell("level_db"))
    if burst.offset_s <= burst.onset_s or (math.isnan(burst.onset_s) and math.isnan(burst.offset_s)):
        raise InputError(
            f"{source.name}, line {number}: the offset must come after the onset, but they are "
            f"{burst.onset_s:g} and {burst.offset_s:g} s; correct or delete the row."
        )
    return burst
