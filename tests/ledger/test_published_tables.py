"""Tables of published figures: each row has its source, and what the list of experiments points to is there."""

from __future__ import annotations

import pytest

from gluteal.errors import UnknownName
from gluteal.ledger.evidence.load import load_evidence
from gluteal.sources.bibliography import load_bibliography
from gluteal.sources.published import PUBLISHED, load_published


@pytest.mark.parametrize("name", PUBLISHED)
def test_tables_have_a_source_on_every_row(name: str) -> None:
    """Each row of a table of figures names a source of the bibliography."""
    table = load_published(name)
    assert table["source"].notna().all()
    assert set(table["source"]) <= set(load_bibliography())


def test_replayable_experiments_name_claims_that_exist() -> None:
    """The list of experiments that can be repeated points to claims and to studies that say how."""
    evidence = load_evidence()
    for _, row in load_published("replayable_experiments").iterrows():
        assert evidence.study(row["source"]).simulate is not None
        for claim in row["claims"].split(";"):
            evidence.claim(claim)


def test_unknown_table() -> None:
    """A table that does not exist is refused with the close names."""
    with pytest.raises(UnknownName, match="exercise_emg"):
        load_published("exercise_eng")
