"""The command `gluteal emg`."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.emg_people import measure_people
from gluteal.cli.emg_words import show_analysis, tell_steps
from gluteal.cli.options import OUTPUT, ChannelSide, Json
from gluteal.cli.output import check_targets, command_line, print_json, say_written, show_progress, standard_output
from gluteal.errors import InputError, UnknownName
from gluteal.files import read_number
from gluteal.vocabulary import Side

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import Analysis
    from gluteal.emg.onset.rules import BurstRules
    from gluteal.emg.read.contents import Contents
    from gluteal.emg.recording import Recording
    from gluteal.emg.session.file import Session
    from gluteal.held_against.emg import Beside

_WRITTEN = (".html", ".csv")
DEMO_FOLDER = "gluteal-emg-demo"
_DEMO_WORDS = (
    "The folder {folder} holds the made-up recordings, session.toml to copy for your own, the true onsets and "
    "report.html to open; delete it when you have seen enough, or give another: gluteal emg --demo FOLDER."
)


@app.command(name="emg", help_epilogue="Example: gluteal emg --demo")
def emg_command(
    *recordings: Annotated[
        Path,
        Parameter(help="Recordings of one person, one session (.toml), or a folder of people (one table out)."),
    ],
    muscle_map: Annotated[
        list[str] | None,
        Parameter(help='CHANNEL=MUSCLE, such as "CH1=gluteus maximus right"; CHANNEL=- leaves it out. Repeatable.'),
    ] = None,
    side: ChannelSide = None,
    task: Annotated[str | None, Parameter(help='What was done, such as "prone hip extension".')] = None,
    onset: Annotated[
        str, Parameter(help="Onset method: rise, hodges-bui, bonato, teager-kaiser, staude, laplace.")
    ] = "rise",
    mvc: Annotated[
        list[Path] | None, Parameter(help="Recording of a maximal contraction, of the muscles in it. Repeatable.")
    ] = None,
    events: Annotated[
        Path | None, Parameter(help="Table (CSV, TSV) of events of the recording: name, time in s, side.")
    ] = None,
    rate: Annotated[float | None, Parameter(help="Samples per second, where the file states none.")] = None,
    unit: Annotated[str | None, Parameter(help="Unit of the samples (V, mV, uV), where the file states none.")] = None,
    start: Annotated[float | None, Parameter(help="Use the recording from here on, s on its clock.")] = None,
    end: Annotated[float | None, Parameter(help="Use the recording up to here, s on its clock.")] = None,
    band: Annotated[str, Parameter(help="Band-pass, LOW-HIGH in Hz.")] = "20-450",
    notch: Annotated[
        float | None, Parameter(help="Mains frequency to take out, Hz; by default where hum is found.")
    ] = None,
    least_level: Annotated[
        float | None, Parameter(help="Least burst, as a share of the amplitude of the channel's strongest (0.05).")
    ] = None,
    least_duration: Annotated[float | None, Parameter(help="Shortest burst, s (0.03).")] = None,
    merge_gap: Annotated[float | None, Parameter(help="Bursts with a shorter pause are one, s (0.03).")] = None,
    reference: Annotated[str | None, Parameter(help="Muscle from whose onset the others are counted.")] = None,
    corrections: Annotated[
        Path | None, Parameter(help="Corrections by hand: a CSV from --save-onsets or from the page of --correct.")
    ] = None,
    beside: Annotated[
        str | None, Parameter(help="Trial (folder or .toml) recorded together with the EMG: simulate and compare.")
    ] = None,
    demo: Annotated[
        bool, Parameter(help=f"Make a synthetic session in a folder (default {DEMO_FOLDER}) and report on it.")
    ] = False,
    save_onsets: Annotated[
        Path | None, Parameter(group=OUTPUT, help="Write the onsets to a CSV that can be corrected by hand.")
    ] = None,
    correct: Annotated[
        Path | None, Parameter(group=OUTPUT, help="Write an .html page on which to correct onsets by hand.")
    ] = None,
    bids: Annotated[
        Path | None, Parameter(group=OUTPUT, help="Write the recordings as a BIDS data set into a new folder.")
    ] = None,
    json_: Json = False,
    out: Annotated[
        list[Path] | None, Parameter(group=OUTPUT, help="Write an .html report or a tidy .csv. Repeatable.")
    ] = None,
) -> int:
    """Measure EMG: what is wrong with it, when muscles switched on, in what order, how strongly, how they tire."""
    from gluteal.emg.analysis.bursts import check_method
    from gluteal.emg.signal.conditioning import check_mains
    from gluteal.files import check_new_folder, expand_user, terminal_text

    check_targets(out, _WRITTEN)
    check_targets([save_onsets] if save_onsets else [], (".csv",))
    check_targets([correct] if correct else [], (".html",))
    if bids is not None:
        check_new_folder(bids)
    check_method(onset)
    check_mains(notch)
    written = [*([save_onsets] if save_onsets else []), *(out or [])]
    truth: dict[str, list[float]] | None = None
    if demo:
        recordings, truth, report = _make_demo(recordings)
        out, written = [report, *(out or [])], [report.parent, *written]
    passed = _band(band)
    rules = _rules(least_level, least_duration, merge_gap)
    given = Supplement(rate, unit, start, end, tuple(mvc or ()), events)

    if not demo and len(recordings) == 1 and expand_user(recordings[0]).is_dir():
        from gluteal.emg.analysis.people import is_folder_of_people
        from gluteal.emg.analysis.run import analyse_session

        if is_folder_of_people(expand_user(recordings[0])):
            single: dict[str, object] = {
                "--reference": reference,
                "--corrections": corrections,
                "--beside": beside,
                "--bids": bids,
            }
            single |= {"--save-onsets": save_onsets, "--rate": rate, "--unit": unit, "--start": start, "--end": end}
            for option, value in (single | {"--correct": correct, "--mvc": mvc, "--events": events}).items():
                if value is not None:
                    raise InputError(f"{option} goes with recordings of one person, not with a folder of people.")
            return measure_people(
                recordings[0],
                partial(analyse_session, method=onset, band=passed, notch=notch, rules=rules),
                muscle_map=_mapped(muscle_map),
                side=side,
                task=task,
                json_=json_,
                out=out or [],
            )
    with show_progress("Reading"):
        session = _load(recordings, muscle_map, side, task, given)
    analysis = _analyse(session, onset, corrections, reference, truth, band=passed, notch=notch, rules=rules)
    compared = None
    if beside is not None:
        with show_progress("Simulating the trial"):
            compared = _compare(session, analysis, beside, side)
    if save_onsets is not None:
        analysis.save_onsets(save_onsets)
    if correct is not None:
        from gluteal.show.pages.correct import save_correcting

        save_correcting(correct, analysis, command=command_line())
        written.append(correct)
    if bids is not None:
        from gluteal.emg.analysis.bids_out import write_bids

        with show_progress("Writing the BIDS data set"):
            written.append(write_bids(session, analysis, bids))
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            _write(path, analysis, compared)
    if json_:
        print_json(analysis.to_json() | ({"beside": compared.to_json()} if compared else {}))
    else:
        show_analysis(standard_output(), analysis, compared)
    say_written(written)
    if demo:
        print(terminal_text(_DEMO_WORDS.format(folder=report.parent)), file=sys.stderr)
    return DONE


def _make_demo(given: tuple[Path, ...]) -> tuple[tuple[Path, ...], dict[str, list[float]], Path]:
    """Write the demo; return its session file, the true onsets and where its report goes."""
    from gluteal.emg.session.demo import write_demo

    if len(given) > 1:
        raise InputError("--demo takes one folder to write to, and no recordings.")
    with show_progress("Making a synthetic session"):
        session, truth = write_demo(given[0] if given else DEMO_FOLDER)
    return (session,), truth, session.parent / "report.html"


@dataclass(frozen=True)
class Supplement:
    """What the command line says about recordings beside their files."""

    rate: float | None = None
    unit: str | None = None
    start: float | None = None
    end: float | None = None
    mvc: tuple[Path, ...] = ()
    events: Path | None = None

    def options(self) -> dict[str, Any]:
        """Options that were given, by name."""
        named = {"--rate": self.rate, "--unit": self.unit, "--start": self.start, "--end": self.end}
        return {
            k: v for k, v in (named | {"--mvc": self.mvc or None, "--events": self.events}).items() if v is not None
        }

    def read(self, path: Path) -> Contents:
        """Read a file, at the rate given where it states none."""
        from gluteal.emg.read import read_contents

        if self.rate is not None and not (math.isfinite(self.rate) and self.rate > 0.0):
            raise InputError(f"--rate is {self.rate:g}; give samples per second, such as 2000.")
        return read_contents(path, rate=self.rate)

    def unite(self, recording: Recording) -> Recording:
        """Return a recording in the unit given where its file states none."""
        from gluteal.emg.session.part import give_unit

        return recording if self.unit is None else give_unit(recording, self.unit, remedy="leave --unit out")


def _band(text: str) -> tuple[float, float]:
    """Read LOW-HIGH."""
    low, dash, high = text.replace("..", "-").partition("-")
    try:
        band = read_number(low), read_number(high)
    except ValueError:
        band = math.nan, math.nan
    if not (dash and 0.0 < band[0] < band[1] < math.inf):
        raise InputError(f"--band {text!r} is no band; write LOW-HIGH in Hz, such as --band 20-450.")
    return band


def _rules(level: float | None, duration: float | None, gap: float | None) -> BurstRules:
    from gluteal.emg.onset.rules import BurstRules

    named = {"least_level": level, "least_duration": duration, "merge_gap": gap}
    return BurstRules(**{k: v for k, v in named.items() if v is not None})


def _load(
    paths: tuple[Path, ...], muscle_map: list[str] | None, side: Side | None, task: str | None, given: Supplement
) -> Session:
    from gluteal.emg.session.file import Session, SessionRecording, load_session

    if not paths:
        raise InputError("Name a recording or a session file; gluteal emg --demo makes one to try it with.")
    sessions = [p for p in paths if p.suffix.lower() == ".toml"]
    if sessions:
        if len(paths) > 1:
            raise InputError("A session file names its recordings itself; give it alone.")
        others = given.options().items()
        for option, value in (("--muscle-map", muscle_map), ("--side", side), ("--task", task), *others):
            if value is not None:
                raise InputError(f"{option} does not go with a session file; write it into {sessions[0].name}.")
        return load_session(sessions[0])
    mapped = _mapped(muscle_map)
    everything = _read_all((*paths, *given.mvc), mapped, side, given)
    names = list(everything)
    read = {name: _part(everything[name], given, len(paths)) for name in names[: len(paths)]}
    words = {"task": task} if task else {}
    entries = tuple(SessionRecording(name, "trial", recording, words=words) for name, recording in read.items())
    entries += tuple(SessionRecording(name, "mvic", everything[name]) for name in names[len(paths) :])
    return Session(" and ".join(read) if len(read) < 3 else f"{len(read)} recordings", entries, muscle_map=mapped)


def _part(recording: Recording, given: Supplement, several: int) -> Recording:
    """The part of a trial that was asked for, with the events that were noted elsewhere."""
    from gluteal.emg.session.part import add_events, cut_recording

    if given.events is not None:
        if several > 1:
            raise InputError("--events belongs to one recording; name only that one, or write a session file.")
        recording = add_events(recording, given.events)
    return cut_recording(recording, given.start, given.end)


def _read_all(
    paths: tuple[Path, ...], mapped: dict[str, str], side: Side | None, given: Supplement
) -> dict[str, Recording]:
    """Read recordings by name; every channel of the muscle map must be in one of them."""
    from gluteal.emg.read import name_channels

    found: dict[str, Recording] = {}
    known: dict[str, str] = {}
    for path in paths:
        contents = given.read(path)
        name = contents.name if contents.name not in found else str(path)
        if name in found:
            raise InputError(f"{str(path)!r} was named twice; name each recording once.")
        here = {signal.name.lower(): signal.name for signal in contents.signals}
        known |= here
        mine = {channel: muscle for channel, muscle in mapped.items() if channel.lower() in here}
        found[name] = given.unite(name_channels(contents, muscle_map=mine, side=side))
    for channel in mapped:
        if channel.lower() not in known:
            raise UnknownName("channel", channel, list(known.values()), "gluteal emg RECORDING --json")
    return found


def _mapped(texts: list[str] | None) -> dict[str, str]:
    mapped: dict[str, str] = {}
    for text in texts or []:
        channel, equals, muscle = text.rpartition("=")
        if not (equals and channel.strip() and muscle.strip()):
            raise InputError(
                f"--muscle-map {text!r} is not CHANNEL=MUSCLE; write, for example, --muscle-map "
                '"CH1=gluteus maximus right".'
            )
        mapped[channel.strip()] = muscle.strip()
    return mapped


def _analyse(
    session: Session,
    onset: str,
    corrections: Path | None,
    reference: str | None,
    truth: dict[str, list[float]] | None,
    *,
    band: tuple[float, float],
    notch: float | None,
    rules: BurstRules,
) -> Analysis:
    from gluteal.emg.analysis.run import analyse_session
    from gluteal.emg.onset import load_bursts

    corrected = load_bursts(corrections) if corrections is not None else None
    dropped: tuple[str, ...] = ()
    if corrections is not None:
        from gluteal.emg.analysis.corrections import load_left_out, without_channels

        session = without_channels(session, dropped := load_left_out(corrections))
    with tell_steps() as tell:
        analysis = analyse_session(
            session,
            method=onset,
            rules=rules,
            band=band,
            notch=notch,
            corrections=corrected,
            reference=reference,
            truth=truth,
            progress=tell,
        )
    if corrections is None:
        return analysis
    told = {"file": corrections.name, "channels": sorted(corrected or {}), "left_out": list(dropped)}
    return replace(analysis, settings={**analysis.settings, "corrections": told})


def _compare(session: Session, analysis: Analysis, trial: str, side: Side | None) -> Beside:
    from gluteal.held_against.emg import compare_with_trial

    trials = session.of_role("trial")
    if len(trials) != 1:
        raise InputError("--beside compares one recording with one trial; name only the recording of that trial.")
    usable = {c.channel: c.settings for c in analysis.channels if c.quality.usable}
    return compare_with_trial(trials[0].recording.channels, trial, side=side, usable=usable)


def _write(path: Path, analysis: Analysis, beside: Beside | None) -> None:
    if path.suffix.lower() == ".html":
        from gluteal.show.pages.emg import save_report

        save_report(path, analysis, beside=beside, command=command_line())
        return
    import pandas as pd

    from gluteal.files import csv_text, write_text

    table = analysis.to_table()
    if beside is not None:
        table = pd.concat([table, pd.DataFrame(beside.to_rows())], ignore_index=True)
    write_text(path, csv_text(table))
