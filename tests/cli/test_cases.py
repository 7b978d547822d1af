"""Cases made after public reports, each standing for a kind: what people's files are like, and what is expected."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from gluteal.cli import main


@pytest.fixture
def cases(data: Path) -> Path:
    folder = data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("the folder of cases does not stand beside the recordings")
    return folder


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    code = main([*arguments, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out.strip().startswith("{") else {}, said.err


def test_every_case_is_tried(cases: Path) -> None:
    found = {p.name for kind in ("emg", "opensim") for p in (cases / kind).iterdir() if p.is_dir()}
    assert {n for n in found if n[:2].isdigit()} == {*OPENSIM, *EMG}


EMG = ("07-biopac-txt", "08-opensignals-txt", "10-edf-units", "14-mvc")


def test_text_of_acqknowledge(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = answer(capsys, "emg", str(cases / "emg" / "07-biopac-txt" / "subject01.txt"))
    assert code == 0
    assert [(c["muscle"], c["side"]) for c in told["channels"]] == [("gluteus maximus", "r"), ("biceps femoris", "r")]


def test_text_of_opensignals(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, said = answer(capsys, "emg", str(cases / "emg" / "08-opensignals-txt" / "opensignals.txt"))
    assert code == 0, said
    assert len(told["channels"]) == 1
    assert {"nSeq", "DI"} <= {c["channel"] for c in told["left_out"]}


def test_a_channel_with_an_odd_unit_does_not_vanish(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from gluteal.emg.read import read_contents

    path = cases / "emg" / "10-edf-units" / "units.edf"
    code, told, said = answer(capsys, "emg", str(path))
    assert code == 0, said
    named = {c["channel"] for c in told["channels"]} | {c["channel"] for c in told["left_out"]}
    assert named == {signal.name for signal in read_contents(path).signals}
    odd = {signal.name for signal in read_contents(path).signals if signal.unit.startswith(".")}
    assert odd <= {c["channel"] for c in told["channels"]}


@pytest.mark.parametrize("name", ["mvc", "mvc_mV", "mvc_spike"])
def test_the_maximal_contraction_is_one(cases: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In millivolts it gives the same percentages; a spike of 20 ms is not 100 %; more than 100 % gets a sentence."""
    peaks = {}
    for session in ("mvc", name):
        code, told, said = answer(capsys, "emg", str(cases / "emg" / "14-mvc" / f"{session}.toml"))
        assert code == 0, said
        peaks[session] = [c["peak_percent_mvic"] for c in told["channels"]]
        assert any("of its maximal contraction" in f["sentence"] for f in told["findings"])
    assert peaks[name] == pytest.approx(peaks["mvc"], rel=0.05)


#: Exit codes that are right, and words of which one must be said where the movement is not judged or is warned of.
OPENSIM: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "01-model-spring": ((0, 3, 4), ("spring", "CoordinateLimitForce")),
    "02-disabled-muscle": ((0, 3, 4), ("appliesForce", "carry nothing", "carries nothing", "switched off")),
    "03-nan-cop-in-swing": ((0, 3), ()),
    "05-c3d-force-names": ((0, 3), ()),
    "06-cop-in-mm": ((0, 2, 4), ("mm", "millimetre", "1000")),
    "07-degrees-below-two-pi": ((2, 4), ("degree",)),
    "10-decimal-comma": ((0, 3), ()),
    "12-muscle-lengths": ((0, 3, 4), ("of its optimal fibre length",)),
}


@pytest.mark.slow
@pytest.mark.opensim
@pytest.mark.parametrize("name", OPENSIM)
def test_trials_as_people_have_them(
    cases: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes, words = OPENSIM[name]
    asked: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(cases / "opensim"))
    import common  # type: ignore[import-not-found]

    monkeypatch.setattr(common, "run", lambda target, *more: asked.append([str(target), *more]))
    try:
        runpy.run_path(str(cases / "opensim" / name / "make.py"))
    finally:
        sys.modules.pop("common", None)
    capsys.readouterr()
    assert asked
    for arguments in asked:
        code, told, said = answer(capsys, "simulate", *arguments)
        assert code in codes, said
        everything = json.dumps(told, ensure_ascii=False) + said
        assert not words or any(word in everything for word in words), said
        if name == "10-decimal-comma":  # read, and to the same numbers as with points
            forces = Path(arguments[0]) / "grf_walk.mot"
            forces.write_text(forces.read_text(encoding="utf-8").replace(",", "."), encoding="utf-8")
            _, plain, _ = answer(capsys, "simulate", *arguments)
            assert told["verdict"] == plain["verdict"] and told["joint_loads"]
            loads = [[row["peak_n"] for row in result["joint_loads"]] for result in (told, plain)]
            assert loads[0] == pytest.approx(loads[1], rel=1e-9)
