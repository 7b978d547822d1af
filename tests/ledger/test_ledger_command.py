"""The commands of the ledger: claims and their verdicts, the atlas of exercises, the plan of a study."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluteal.cli import main
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence

EVIDENCE = load_evidence()


def test_listing_claims(capsys: pytest.CaptureFixture[str]) -> None:
    """A line a claim; JSON has the fields of the interface."""
    assert main(["claims"]) == 0
    text = capsys.readouterr().out
    assert all(c.id in text for c in EVIDENCE.claims)
    assert main(["claims", "--topic", "function", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"id", "statement", "plain", "verdict", "certainty", "rule", "estimate", "evidence"} <= set(found[0])
    numbers = [c["estimate"] for c in found if c["estimate"]]
    assert numbers and {"value", "low", "high", "unit", "bound", "studies"} <= set(numbers[0])
    assert all(c["experiment"] is None for c in found)
    assert main(["list", "claims", "--json"]) == 0
    assert {"name", "statement"} <= set(json.loads(capsys.readouterr().out)[0])


@pytest.mark.slow
def test_one_claim_with_its_experiment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A contradicted claim exits with 3; the experiment's readings are in the JSON and the page is written whole."""
    page = tmp_path / "one.html"
    assert main(["claims", "prone-extension-fixed-firing-order", "--run", "--json", "--out", str(page)]) == 3
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["verdict"] == "contradicted" and entry["experiment"]["result"] == "contradicts"
    assert entry["experiment"]["credible"] is False and entry["experiment"]["failed_check"]
    assert entry["experiment"]["tests"][0]["criteria"][0]["supports_if"]
    assert "prone-extension-fixed-firing-order" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["claims", "abductor-block-leave-gait"],
            "There is no claim 'abductor-block-leave-gait'. Close names: abductor",
        ),
        (["claims", "--topic", "funktion"], "There is no topic 'funktion'. Close names: function"),
        (["claims", "glutes-quiet-in-walking", "--topic", "other"], "None of the claims asked for is about other"),
        (["claims", __file__], f"write --evidence {__file__}"),
        (["claims", "--out", "x.docx"], "must be one of .html, .csv"),
        (["plan", "--effect", "50"], "A plan needs --spread"),
        (["plan", "--effect", "0", "--spread", "60"], "Give the difference that the study should see"),
        (["plan", "--effect", "50", "--spread", "60", "--trials", "1.5"], "'1.5' is not a whole number"),
        (["plan", "--causes", "--effect", "50"], "--causes has worlds of its own"),
        (["exercises", "glmed_l"], "The exercises are those of the right leg"),
    ],
)
def test_wrong_input_gets_one_sentence(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 2, one line that says what was given and what would be right."""
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert words in error and "\n" not in error and not list(tmp_path.iterdir())


def test_own_claims_and_studies(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A user's file adds to the ledger; a fault in it names file, entry and field."""
    own = tmp_path / "mine.yaml"
    own.write_text(
        "claims:\n- id: stairs-train-glutes\n  topic: other\n  statement: Stairs train the glutes.\n  test: emg\n",
        encoding="utf-8",
    )
    assert main(["claims", "stairs-train-glutes", "--evidence", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "untested"
    own.write_text(own.read_text(encoding="utf-8").replace("topic:", "topik:"), encoding="utf-8")
    assert main(["claims", "--evidence", str(own)]) == 2
    error = capsys.readouterr().err
    assert "mine.yaml" in error and "stairs-train-glutes" in error and "topik" in error


@pytest.mark.slow
def test_the_atlas_shows_what_is_published_and_what_is_wrong(
    bench: Bench, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clam, which the body does wrongly, stands there with its EMG and its fault, and no simulated value."""
    monkeypatch.setattr("gluteal.ledger.bench.Bench", lambda: bench)
    assert main(["exercises", "gluteus medius", "--json"]) == 0
    rows = {r["name"]: r for r in json.loads(capsys.readouterr().out)}
    assert rows["clam"]["emg"] == pytest.approx(0.39) and "deep outward rotators" in rows["clam"]["fault"]
    assert rows["clam"]["simulated"] is None and not rows["clam"]["credible"]
    assert rows["single-leg stance"]["published"] is None
    assert main(["exercises", "glmed", "--ceiling", "4"]) == 0
    out = capsys.readouterr().out
    assert (
        out.startswith("Simulated activation is not shown to order exercises")
        and "The model disagrees with people here" in out
    )


def test_planning_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    """Cohen 1988: two groups, half a standard deviation, 80 %: 64 people each."""
    assert main(["plan", "--effect", "0.5", "--spread", "1", "--unit", "SD", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 128
