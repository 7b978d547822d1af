"""Small tables, plain values, and texts that would fill the memory."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from gluteal.errors import InputError, NotJudged
from gluteal.files import measure_text, plain, read_kept, read_rows, reading
from gluteal.sto import load_table


def test_rows_without_comments() -> None:
    """Lines that begin with # are left out wherever they stand; quoted commas stay in their cell."""
    text = '# source\nmuscle,note\n# between\npsoas,"long, deep"\n'
    assert read_rows(text) == [{"muscle": "psoas", "note": "long, deep"}]


def test_plain_values_are_json() -> None:
    """NumPy, tuples and sets become what JSON holds; what is no number becomes null, at any depth."""
    value = {"a": np.array([[1.0, np.inf]]), 2: (np.int64(3), {"x": float("nan")}), "s": frozenset({"y"}), "t": True}
    found = plain(value)
    assert found == {"a": [[1.0, None]], "2": [3, {"x": None}], "s": ["y"], "t": True}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_size_of_a_text(tmp_path: Path) -> None:
    """Bytes as written, unzipped where zipped."""
    bare, zipped = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    text = b"1,2\n" * 1000
    bare.write_bytes(text)
    zipped.write_bytes(gzip.compress(text))
    assert measure_text(bare) == measure_text(zipped) == len(text)


def test_an_opensim_table_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """100 MB of zeros zip to 100 kB: refused before they are held."""
    bomb = tmp_path / "bomb.sto.gz"
    bomb.write_bytes(gzip.compress(bytes(100 << 20), compresslevel=1))
    with pytest.raises(InputError, match=r"bomb\.sto\.gz grows more than 100-fold when unzipped"):
        load_table(bomb)


@pytest.mark.parametrize(
    "error", [RecursionError(), ValueError("a"), OverflowError("a"), UnicodeDecodeError("utf-8", b"", 0, 1, "a")]
)
def test_the_last_net_names_the_file(error: Exception) -> None:
    with pytest.raises(InputError, match=r"^me\.mot .*; correct it"), reading("folder/me.mot"):
        raise error


@pytest.mark.parametrize("error", [TypeError("ours"), KeyError("ours"), NotJudged("why"), FileNotFoundError("gone")])
def test_the_last_net_lets_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)), reading("folder/me.mot"):
        raise error


def test_what_the_program_keeps_is_read_only_where_it_is_a_file(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_bytes(b"content")
    link.symlink_to(kept)
    assert read_kept(kept) == b"content"
    assert [read_kept(p) for p in (link, tmp_path, tmp_path / "absent")] == [None] * 3
    assert read_kept(kept, most=3) is None
