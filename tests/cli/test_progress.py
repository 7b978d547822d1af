"""What commands say while they work."""

from __future__ import annotations

import logging
import sys

import pytest

from gluteal.cli.output import _following, show_progress


def test_a_long_search_says_how_far_it_is() -> None:
    told: list[str] = []
    search = logging.getLogger("gluteal.simulate.adapt.cycle_search")
    with _following("Looking", told.append):
        search.info("%d cycles shared", 10)
        logging.getLogger("gluteal.engines").info("found, not computed again")
    search.info("unheard")
    assert told == ["Looking … 10 cycles shared"]
    assert not search.isEnabledFor(logging.INFO)


def test_progress_is_for_terminals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with show_progress("Looking"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with show_progress("Looking"):
        logging.getLogger("gluteal.simulate.adapt.cycle").info("half way")
    captured = capsys.readouterr()
    assert captured.out == "" and "Looking" in captured.err
