"""The exercise atlas on a terminal of 80 columns: trust first, every exercise in it, no number cut off."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from gluteal.ledger.atlas.build import build_atlas
from gluteal.ledger.bench import Bench
from gluteal.show.terminal.exercises import show_atlas


@pytest.mark.slow
@pytest.mark.parametrize("group", [None, "gluteus medius"])
def test_it_fits_eighty_columns(bench: Bench, group: str | None) -> None:
    atlas = build_atlas(bench, group)
    text = io.StringIO()
    show_atlas(Console(file=text, width=80), atlas)
    lines = text.getvalue().split("\n")
    assert max(map(len, lines)) <= 80 and "…" not in text.getvalue()
    assert lines[0].startswith("Simulated activation is not shown to order")
    table = lines[next(i for i, line in enumerate(lines) if line.strip().startswith("exercise ")) :]
    names = "".join(line[:32] for line in table).replace(" ", "")
    for entry in atlas.entries:
        assert entry.exercise.title[:12].replace(" ", "") in names
        emg = entry.published[next(iter(atlas.groups))]
        if emg is not None and emg.high > emg.low:
            assert any(f"({100 * emg.low:.0f}-{100 * emg.high:.0f})" in line for line in table)
    assert [w for w in ("gentle", "moderate", "hard") if any(line.strip() == w for line in table)] == [
        "gentle",
        "moderate",
        "hard",
    ]
