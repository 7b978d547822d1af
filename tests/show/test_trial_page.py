"""The pages of measured trials speak in words, whatever their models call things."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.helpers.packages import needs
from tests.helpers.page_text import Text, raw_names

from gluteal.cli import main
from gluteal.show.pages.names import mark_keys, say_within
from gluteal.show.parts import say_part

BLOCK = ["--nerve", "superior gluteal=0.52", "--side", "r"]
#: A trial that can be judged, and one that cannot, whose page tells what to write into the trial's file.
TRIALS = {"walk_rajagopal2016": 0, "sprint_emg_ja1": 4}


@pytest.mark.slow
@pytest.mark.opensim
@pytest.mark.parametrize(("trial", "code"), TRIALS.items())
def test_a_trials_pages_speak_in_words(trial: str, code: int, data: Path, tmp_path: Path) -> None:
    needs("opensim")
    page, found = tmp_path / "simulated.html", tmp_path / "found.html"
    assert main(["simulate", str(data / trial), *BLOCK, "--out", str(page)]) == code
    assert main(["trial", str(data / trial), "--out", str(found)]) == 0
    html = page.read_text(encoding="utf-8")
    assert raw_names(html) == [] and raw_names(found.read_text(encoding="utf-8")) == []
    assert "right heel bone" in html and "e+0" not in _text(html)
    assert str(data / trial / "").rstrip("/") in _text(html)  # where the model lies is said as it is


def _text(html: str) -> str:
    parser = Text()
    parser.feed(html)
    return " ".join(parser.said)


def test_a_models_names_are_found() -> None:
    """The fault planted: what OpenSim calls bones, joints and forces is not words."""
    for name in ("right calcn", "left mtp", "Right GRF", "a hip_flexion_r"):
        assert raw_names(f"<p>{name}</p>") != [], name
    assert raw_names("<p>the heel bone, from grf_walk.mot in /data/my_trial/grf_walk.mot</p>") == []


def test_names_of_models_in_words() -> None:
    said = {
        "calcn_r": "right heel bone",
        "mtp_angle_l": "left toe joint",
        "lumbar_ext": "lumbar extension",
        "L5_S1_Flex_Ext": "L5 S1 flexion extension",
        "ext_dig_r": "right ext dig",  # a muscle's, of which nothing is guessed
    }
    assert {name: say_part(name) for name in said} == said


def test_what_is_typed_stays_as_it_is_typed() -> None:
    text = say_within("<b> hip_flexion_r: give a higher force_filter_hz in my_trial.toml", {})
    assert text == "<b> right hip flexion: give a higher force_filter_hz in my_trial.toml"
    assert "&lt;b&gt;" in mark_keys(text) and "<code>force_filter_hz</code>" in mark_keys(text)
    assert mark_keys(mark_keys(text)) == mark_keys(text)
