"""Asking: lay questions find their claims, nonsense finds nothing, and what is kept is what the ledger says today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from docs.make_ask import TARGET, list_pages, render_known

from gluteal.cli import main
from gluteal.cli.ask import _list_commands
from gluteal.errors import InputError
from gluteal.ledger.ask import known as known_room
from gluteal.ledger.ask.answer import LONGEST, MOST, answer_question
from gluteal.ledger.ask.known import gather_known, load_known
from gluteal.ledger.ask.search import Index
from gluteal.ledger.ask.words import _stems, load_words
from gluteal.ledger.evidence.load import load_evidence
from gluteal.movements.tasks import list_tasks

HERE = Path(__file__).parent
ASKED = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))
#: File of questions that words and numbers were not chosen on -> how many of the dozen find their claim at once.
LEAST_FOUND = {"held_out": 9, "held_out_second": 12, "held_out_third": 10, "held_out_fourth": 12, "held_out_fifth": 6}
HELD_OUT = {name: tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8")) for name in LEAST_FOUND}
REMEDY = "claims, tasks or pages changed since: run python docs/make_ask.py"


def found_claims(text: str) -> list[str]:
    return [hit.known.name for hit in answer_question(text).of("claim")]


@pytest.mark.parametrize("question", ASKED["question"], ids=lambda q: q["text"])
def test_a_lay_question_finds_its_claim(question: dict[str, object]) -> None:
    """One of the claims expected is among the first three."""
    found = found_claims(str(question["text"]))
    assert len(found) <= MOST["claim"] == 3 and set(found) & set(question["claims"]), found  # type: ignore[call-overload]


def answers(question: dict[str, Any]) -> bool:
    """Whether a claim that answers is among those found, or a page, movement or command that does."""
    found = answer_question(question["text"], _list_commands())
    claims, others = (
        {h.known.name for h in found.hits if (h.known.kind == "claim") is wanted} for wanted in (True, False)
    )
    return bool(claims & set(question["claims"]) or others & set(question.get("others", ())))


@pytest.mark.parametrize("name", LEAST_FOUND)
def test_questions_that_nothing_was_chosen_on(name: str) -> None:
    """Fewer than were found when each dozen was last asked is a step back."""
    hits = [answers(q) for q in HELD_OUT[name]["question"]]
    assert len(hits) == 12 and sum(hits) >= LEAST_FOUND[name]


def test_the_questions_kept_apart_are_apart() -> None:
    """None stands in two files, and every claim that is expected exists."""
    asked, *held = [{q["text"] for q in part["question"]} for part in (ASKED, *HELD_OUT.values())]
    assert len(asked) > 40 and len(asked.union(*held)) == len(asked) + sum(map(len, held))
    known = {claim.id for claim in load_evidence().claims}
    assert {c for part in (ASKED, *HELD_OUT.values()) for q in part["question"] for c in q["claims"]} <= known
    others = {*main_commands(), *(page.name for page in list_pages()), *(task.name for task in list_tasks())}
    assert set(load_words().asked) - known <= others


def main_commands() -> list[str]:
    return [command.name for command in _list_commands()]


@pytest.mark.parametrize("text", [text for part in (ASKED, *HELD_OUT.values()) for text in part["nonsense"]["texts"]])
def test_nonsense_finds_nothing_and_says_what_could_be_asked(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", text]) == 4
    words = capsys.readouterr().out
    assert words.startswith("Nothing found") and 'gluteal ask "do weak glutes cause back pain?"' in words


@pytest.mark.parametrize("text", ["", "  \n", "glutes " * LONGEST])
def test_no_question_or_a_page_of_it_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError):
        answer_question(text)
    assert main(["ask", text]) == 2
    assert "gluteal: The question" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["\x1b] weak glutes\x07?", "glutes\u202e?", "GLÚTES ??? 💥", "'; DROP TABLE claims; -- glutes"]
)
def test_strange_letters_do_no_harm(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", text, "--json"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and json.loads(out)["question"] == text


def test_a_slip_of_the_pen_is_mended() -> None:
    for slip, meant in [
        ("trendelenberg test", "trendelenburg test"),
        ("do weak gluetus muscles cause back pain", "do weak gluteus muscles cause back pain"),
        ("does siting make my butocks forget", "does sitting make my buttocks forget"),
    ]:
        assert found_claims(slip) == found_claims(meant) != []


def test_words_of_one_meaning_are_one() -> None:
    """However the muscle is called, the same claims are found; a word has one meaning alone."""
    for word in ("butt", "bum", "buttocks", "gluteal muscles"):
        assert found_claims(f"does weak {word} cause back pain?") == found_claims("do weak glutes cause back pain?")
    table = tomllib.loads((TARGET.parent / "words.toml").read_text(encoding="utf-8"))
    meanings = defaultdict(set)
    for row in table["meaning"]:
        for word in row["words"]:
            meanings[tuple(_stems(word))].add((row["means"], *row.get("also", ())))
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


def test_commands_and_pages_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    for question, command in [
        ("how weak can a muscle get before walking fails?", "tolerance"),
        ("how do I read my EMG recording", "emg"),
        ("how many people does a study need?", "plan"),
    ]:
        assert main(["ask", question, "--json"]) == 0
        assert command in [c["name"] for c in json.loads(capsys.readouterr().out)["commands"]], question
    pages = [hit.known.name for hit in answer_question("what sample size does my study need?").of("page")]
    assert "docs/study-planning.md" in pages


def test_a_rarer_word_weighs_more() -> None:
    """BM25: a document with the rare word of two stands before one with the common word, and none without either."""
    index = Index.of([["a", "b"], ["a", "c"], ["a", "d"], ["d", "e"]])
    asked = index.understand(["a", "b"])
    assert [i for i, _ in index.rank(asked.words)] == [0, 1, 2] and asked.known == 1.0
    assert index.understand(["a", "zz"]).unknown == ("zz",)
    # ln(1 + (4 - 1 + 0.5) / 1.5) for one document of four that has it, by hand.
    assert index.rarity["b"] == pytest.approx(1.2040, abs=1e-4)


# --- what is kept ---------------------------------------------------------------------------------------


def test_what_is_kept_is_what_the_ledger_says_today() -> None:
    assert render_known([*gather_known(), *list_pages()]) == TARGET.read_text(encoding="utf-8"), REMEDY


def test_what_is_kept_is_not_used_where_the_package_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that changed is told as it is now: with another mark everything is put together anew."""
    kept = load_known()
    asked: list[str] = []
    monkeypatch.setattr(known_room, "known_mark", lambda: "another")
    monkeypatch.setattr(known_room, "gather_known", lambda: asked.append("anew") or kept[:1])
    fresh = load_known()
    assert asked == ["anew"] and fresh[0] == kept[0] and {one.kind for one in fresh[1:]} == {"page"}


def test_the_mark_changes_with_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    before = known_room.known_mark()
    monkeypatch.setattr(known_room, "read_whole", lambda path: b"a study was edited")
    assert known_room.known_mark() != before


@pytest.mark.slow
def test_asking_takes_less_than_a_second(tmp_path: Path) -> None:
    """Of processor time, Python's start included."""
    code = "import resource, sys; from gluteal.cli import main; main(['ask', 'do my glutes matter?', '--json']);"
    code += "used = resource.getrusage(resource.RUSAGE_SELF); print(used.ru_utime + used.ru_stime, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert float(done.stderr) < 1.0
