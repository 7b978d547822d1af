"""The EMG report: one file, faults and errors in it, and words that do not frighten."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.synthetic import make_body

from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.session.demo import write_demo
from gluteal.emg.session.file import Session, load_session
from gluteal.held_against.emg import Beside, compare_with_activation
from gluteal.show.pages.emg import render_analysis, save_report

pytestmark = pytest.mark.slow

#: Words that tell a person that their body is broken.
FRIGHTENING = re.compile(
    r"dysfunction|patholog|damaged?|broken|abnormality|amnesia|lazy|inhibited|failure|defect|deficien|impair|weakness",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Analysis]:
    path, truth = write_demo(tmp_path_factory.mktemp("demo") / "session")
    session = load_session(path)
    return session, analyse_session(session, truth=truth)


@pytest.fixture(scope="module")
def beside(made: tuple[Session, Analysis]) -> Beside:
    channels = made[0].recordings[0].recording.channels
    time = np.arange(2.0, 12.0, 0.02)
    activation = xr.DataArray(
        np.abs(np.sin(time))[:, None] * np.ones(6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    return compare_with_activation(channels, activation, make_body(), name="six muscles <walk>")


@pytest.fixture(scope="module")
def page(made: tuple[Session, Analysis], beside: Beside) -> str:
    return render_analysis(made[1], beside=beside, command="gluteal emg --demo")


class _Text(HTMLParser):
    """Text of a page without styles and scripts; every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br", "img", "link", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


def text_of(page: str) -> str:
    parser = _Text()
    # SVG closes its own tags in place; they carry no prose that is checked here but the labels.
    parser.feed(re.sub(r"<(\w+)([^<>]*)/>", r"<\1\2></\1>", page))
    assert parser.open == []
    return " ".join(" ".join(parser.words).split())


def test_the_page_says_what_was_found(page: str, made: tuple[Session, Analysis], beside: Beside) -> None:
    """Every finding, every fault, every repetition's error, the synthetic nature, settings, sources, the command."""
    text = text_of(page)
    for finding in made[1].findings:
        assert finding.sentence in text
    for channel in made[1].channels:
        assert channel.words in text
        assert all(fault.sentence in text for fault in channel.quality.faults)
    for must in (
        "no person was measured", "Found beside true", "gluteal emg --demo", "20-450 Hz", "De Luca 2010",
        "Lewis & Sahrmann 2009", "Cannot tell", "six muscles <walk>", "95 % interval", "% MVIC",
    ):  # fmt: skip
        assert must in text, must
    assert "were found within 100 ms" in text and "Synthetic signals, computed onsets" in text
    assert all(f"{m.overlap * 100:.0f}" in text for m in beside.muscles)


def test_the_head_says_who_started_when_where_it_was_seen(made: tuple[Session, Analysis]) -> None:
    """Else what cannot be told; that channels were left out is no answer."""

    def head(analysis: Analysis) -> str:
        return text_of(render_analysis(analysis)).split("For the person")[0]

    seen = next(f for f in made[1].findings if f.kind == "timing" and f.answer == "seen")
    assert seen.sentence in head(made[1])
    without = tuple(f for f in made[1].findings if f.kind not in ("timing", "order"))
    assert without[0].answer == "left out" and without[0].sentence not in head(replace(made[1], findings=without))


def test_the_page_frightens_nobody_and_asks_nobody(page: str) -> None:
    """No word that calls a body broken; "abnormal" only where it is about rules; no request to anywhere."""
    text = text_of(page)
    assert not FRIGHTENING.search(text), FRIGHTENING.search(text)
    for match in re.finditer("abnormal", text):
        around = text[max(0, match.start() - 120) : match.end() + 60]
        assert "rule" in around.lower() or "healthy people" in around.lower()
    links = re.findall(r"""(?:src|href)=["'](?!data:|#)([^"']*)""", page)
    assert links == [] and "@import" not in page and "url(http" not in page
    assert len(page) < 3_000_000


def test_the_same_analysis_gives_the_same_page(made: tuple[Session, Analysis]) -> None:
    """No dates, no random ids: byte for byte."""
    assert render_analysis(made[1]) == render_analysis(made[1])


def test_names_from_files_are_text(made: tuple[Session, Analysis], tmp_path: Path) -> None:
    """A session called like a script stays text."""
    page = render_analysis(replace(made[1], name="<script>alert(1)</script>", notes=("<b>bold</b>",)))
    assert "<script>alert" not in page and "<b>bold" not in page and "&lt;b&gt;bold" in page
    target = tmp_path / "r.html"
    save_report(target, made[1])
    assert target.read_text(encoding="utf-8") == render_analysis(made[1])


def test_an_hour_of_bursts_is_still_a_page(made: tuple[Session, Analysis]) -> None:
    """Fifteen thousand bursts do not make a page of tens of megabytes; it says where they are."""
    channel = made[1].channels[0]
    assert channel.bursts is not None
    many = replace(channel, bursts=replace(channel.bursts, bursts=channel.bursts.bursts * 500))
    page = render_analysis(replace(made[1], channels=(many,) * 5))
    assert len(page) < 3_000_000 and "15000 onsets are too many for a page" in page


def test_a_real_session_does_not_speak_of_truth(made: tuple[Session, Analysis]) -> None:
    """Without known onsets nothing is called true or synthetic beyond what the session's own name says."""
    page = render_analysis(analyse_session(made[0]))
    assert "Found beside true" not in page and "no person was measured" not in page
    assert "Measured signals, computed onsets" in page
