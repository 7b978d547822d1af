"""What was read from the ledger's own texts and is kept beside them: the same, of today, and never used when stale."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from gluteal.files.stamped import read_stamped, stamp_texts, write_stamped
from gluteal.ledger import foretold
from gluteal.ledger.evidence import parsed
from gluteal.ledger.experiments import all_predictions

REMEDY = "the ledger's texts changed since they were parsed: run python docs/make_answers.py"


def test_what_is_kept_is_of_today_and_the_same_as_parsed_now(monkeypatch: pytest.MonkeyPatch) -> None:
    now = parsed.parse_texts()
    with monkeypatch.context() as patched:
        patched.setattr(parsed, "parse_texts", lambda: pytest.fail(REMEDY))
        assert parsed.read_texts() == now
    monkeypatch.setattr(foretold, "read_experiments", lambda: pytest.fail(REMEDY))
    foretold.foretold_experiments.cache_clear()
    kept = foretold.foretold_experiments()
    assert {claim: set(keys) for claim, keys in kept.items()} == {
        claim: {p.experiment for p in made} for claim, made in all_predictions().items()
    }


def test_one_changed_byte_and_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for text in texts:
        text.write_text("estimate: 1\n")
    kept = tmp_path / "kept.json.gz"
    write_stamped(kept, stamp_texts(texts), {"estimate": 1})
    assert read_stamped(kept, stamp_texts(reversed(texts))) == {"estimate": 1}
    texts[1].write_text("estimate: 2\n")
    assert read_stamped(kept, stamp_texts(texts)) is None
    texts[1].write_text("estimate: 1\n")
    texts[1].rename(tmp_path / "c.yaml")
    assert read_stamped(kept, stamp_texts([texts[0], tmp_path / "c.yaml"])) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        gzip.compress(b"{"),
        gzip.compress(b"[]"),
        gzip.compress(b'{"stamp": "s"}'),
        gzip.compress(b"{}")[:-4],
    ],
    ids=["empty", "no-gzip", "cut", "no-table", "no-content", "torn"],
)
def test_a_spoilt_file_is_not_there(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kept.json.gz"
    path.write_bytes(content)
    assert read_stamped(path, "s") is None
    assert read_stamped(tmp_path / "none.json.gz", "s") is None


def test_what_is_kept_is_the_same_bytes_whenever_it_is_the_same(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_stamped(tmp_path / name, "s", {"a": [1.5, None, "µ"]})
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert read_stamped(tmp_path / "first", "s") == {"a": [1.5, None, "µ"]}


def test_what_studies_say_needs_neither_body_nor_labels() -> None:
    """A claim is told without xarray, an engine or a single experiment; `--run` is what needs them."""
    code = (
        "import sys; from gluteal.ledger.run import compile_ledger;"
        "from gluteal.ledger.evidence.load import load_evidence;"
        "compile_ledger(load_evidence(), ['abductor-block-leaves-gait-unchanged']).entries[0].to_json();"
        "print([m for m in ('xarray', 'pandas', 'mujoco', 'gluteal.ledger.bench', 'gluteal.ledger.experiments')"
        " if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]", f"{told.stdout}{REMEDY}"
