"""A folder of people in, one table out: who, which channel, when it switched on, how strongly, what was left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import FORMATS, name_channels, read_contents
from gluteal.emg.read.bids import find_recording
from gluteal.emg.read.refused import is_refused_recording
from gluteal.emg.session.file import Session, SessionRecording, load_session
from gluteal.errors import GlutealError, InputError
from gluteal.files import as_text, plain
from gluteal.vocabulary import Side

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.emg.analysis.record import Analysis, ChannelAnalysis

#: Called with who is next (from 1), how many people there are, and a sentence.
PersonProgress = Callable[[int, int, str], None]

#: Columns of the table, in order.
COLUMNS = (
    *("person", "recording", "channel", "muscle", "side", "burst", "onset_s", "onset_low_s", "onset_high_s"),
    *("amplitude_mean", "amplitude_peak", "amplitude_unit", "usable", "timed", "why_left_out"),
)


@dataclass(frozen=True)
class Skipped:
    """A file or a person that could not be used, and why."""

    person: str
    file: str
    why: str


@dataclass(frozen=True)
class PeopleAnalysis:
    """Everything measured in a folder of people.

    Attributes
    ----------
    folder : str
    analyses : mapping of person -> Analysis
        In the order of their names.
    skipped : tuple of Skipped
    """

    folder: str
    analyses: Mapping[str, Analysis]
    skipped: tuple[Skipped, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return a row per burst; a channel without one, or left out, has a row with the reason."""
        empty = dict.fromkeys(COLUMNS)
        return [empty | row for person, analysis in self.analyses.items() for row in _rows(person, analysis)]

    def to_table(self) -> pd.DataFrame:
        """Return the rows as a table with the columns `COLUMNS`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(COLUMNS)).astype({"burst": "Int64"})

    def to_json(self) -> dict[str, Any]:
        """Plain values, missing ones as None."""
        skipped = [{"person": s.person, "file": s.file, "why": s.why} for s in self.skipped]
        return plain({"folder": self.folder, "people": list(self.analyses), "rows": self.to_rows(), "skipped": skipped})


def is_folder_of_people(path: Path) -> bool:
    """Whether a path is a folder that is not itself the one recording of a BIDS folder."""
    if not path.is_dir():
        return False
    try:
        find_recording(path)
    except InputError:
        return True
    return False


def find_people(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Return the recordings, or the one session file, of every person, in the order of their names.

    Every subfolder is a person, with its session file (.toml) where it has one, else with its recordings. What lies
    in the folder itself is one person per file.

    Raises
    ------
    InputError
        A folder without any, or two people of one name.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
            sessions = tuple(p for p in inside if p.suffix.lower() == ".toml")
            mine = sessions or tuple(p for p in inside if _is_recording(p))
            name = as_text(path.name)
        else:
            mine = (path,) if path.suffix.lower() == ".toml" or _is_recording(path) else ()
            name = as_text(path.name).removesuffix(".gz").rsplit(".", 1)[0]
        if mine:
            # Two files of one name and different endings are two people until a folder says otherwise.
            found[name if name not in found else path.name] = mine
    if not found:
        raise InputError(
            f"The folder {folder.name} holds neither recordings ({', '.join(FORMATS)}) nor session files; put the "
            "recordings of each person into a folder of their own."
        )
    return found


def analyse_people(
    folder: Path,
    *,
    analyse: Callable[[Session], Analysis] = analyse_session,
    muscle_map: Mapping[str, str] | None = None,
    side: Side | None = None,
    task: str | None = None,
    progress: PersonProgress | None = None,
) -> PeopleAnalysis:
    """Analyse every person of a folder; a file that cannot be read is named and skipped.

    Parameters
    ----------
    folder : Path
        See `find_people`.
    analyse : callable
        `analyse_session`, perhaps with other options than its own.
    muscle_map : mapping of channel -> muscle, optional
        For every recording that has such a channel.
    side : "r" | "l", optional
        Of channels whose label states none.
    task : str, optional
        What was done, in every recording without a session file.
    progress : callable, optional
        See `PersonProgress`.

    Raises
    ------
    InputError
        A folder without recordings, or none that can be used; the message names the first.
    """
    people = find_people(folder)
    analyses: dict[str, Analysis] = {}
    skipped: list[Skipped] = []
    for k, (person, paths) in enumerate(people.items()):
        if progress is not None:
            progress(k + 1, len(people), f"{person} ({len(paths)} file{'s' if len(paths) > 1 else ''})")
        sessions = list(_sessions(person, paths, muscle_map or {}, side, task, skipped))
        for name, session in sessions:
            try:
                analyses[name] = analyse(session)
            except GlutealError as error:
                skipped.append(Skipped(name, session.name, str(error)))
    if not analyses:
        first = skipped[0]
        raise InputError(
            f"None of the {len(skipped)} files of {folder.name} could be used. The first: {first.file}: {first.why}"
        )
    return PeopleAnalysis(as_text(folder.name), analyses, tuple(skipped))


def _sessions(
    person: str,
    paths: tuple[Path, ...],
    muscle_map: Mapping[str, str],
    side: Side | None,
    task: str | None,
    skipped: list[Skipped],
) -> Iterator[tuple[str, Session]]:
    """Give the sessions of a person, each with the name that its rows carry."""
    entries: list[SessionRecording] = []
    for path in paths:
        try:
            if path.suffix.lower() == ".toml":
                session = load_session(path)
                yield (person if len(paths) == 1 else f"{person}/{as_text(path.stem)}"), session
                continue
            contents = read_contents(path)
            here = {s.name.lower() for s in contents.signals}
            mine = {c: m for c, m in muscle_map.items() if c.lower() in here}
            recording = name_channels(contents, muscle_map=mine, side=side)
        except GlutealError as error:
            skipped.append(Skipped(person, path.name, str(error)))
            continue
        taken = {e.name for e in entries}
        name = path.name if path.name not in taken else f"{path.parent.name}/{path.name}"
        entries.append(SessionRecording(name, "trial", recording, words={"task": task} if task else {}))
    if entries:
        yield person, Session(person, tuple(entries), muscle_map=dict(muscle_map))


def _hidden(path: Path, top: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(top).parts)


def _is_recording(path: Path) -> bool:
    """Whether a file's ending is that of a recording, read here or not; sidecars of BIDS are none."""
    name = path.name.lower()
    endings = (*FORMATS, *(f"{ending}.gz" for ending in (".csv", ".tsv", ".txt")))
    sidecar = name.endswith((".tsv", ".tsv.gz")) and name.split("_")[-1].split(".")[0] in _SIDECARS
    if name.endswith(endings):
        return not sidecar and not name.startswith("readme")
    # A recording of a format that is not read is named, too; beside an export of the same name it is its original.
    return is_refused_recording(path) and not any(
        p.name.lower().endswith(endings) for p in path.parent.glob(f"{escape(path.stem)}.*")
    )


_SIDECARS = frozenset(("channels", "events", "electrodes", "participants", "scans", "sessions", "coordsystem"))


def _rows(person: str, analysis: Analysis) -> Iterator[dict[str, Any]]:
    for channel in analysis.channels:
        yield from _channel_rows(person, channel)
    for recording in analysis.recordings:
        for left in recording.left_out:
            yield {
                "person": person,
                "recording": recording.name,
                "channel": left.channel,
                "usable": False,
                "timed": False,
                "why_left_out": left.why,
            }


def _channel_rows(person: str, channel: ChannelAnalysis) -> Iterator[dict[str, Any]]:
    amplitude = channel.amplitude
    row = {
        "person": person,
        "recording": channel.recording,
        "channel": channel.channel,
        "muscle": channel.muscle,
        "side": channel.side,
        "amplitude_mean": amplitude.mean if amplitude else None,
        "amplitude_peak": amplitude.peak if amplitude else None,
        "amplitude_unit": amplitude.unit if amplitude else None,
        "usable": channel.quality.usable,
        "timed": channel.bursts is not None,
        "why_left_out": channel.why_not or None,
    }
    begun = [b for b in channel.bursts or () if math.isfinite(b.onset_s)]
    for i, burst in enumerate(begun):
        low, high = burst.onset_interval_s
        yield {**row, "burst": i + 1, "onset_s": burst.onset_s, "onset_low_s": low, "onset_high_s": high}
    if not begun:
        yield row
