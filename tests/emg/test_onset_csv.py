"""Bursts written to CSV, corrected by hand, and read back."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.onset.signals import (
    SHAPES,
    Record,
    make_record,
)

from gluteal.emg.analysis.corrections import LEFT_OUT_HEAD, load_left_out
from gluteal.emg.onset import Burst, Bursts, detect_bursts, load_bursts, save_bursts
from gluteal.errors import InputError

RATE = 2000.0


@pytest.fixture(scope="module")
def two_bursts() -> Record:
    """Two ramped bursts at 20 dB."""
    return make_record(np.random.default_rng(3), shape=SHAPES["ramp 50 ms"], snr_db=20, bursts=2)


class TestCsv:
    """Bursts written, corrected by hand, and read back."""

    @pytest.fixture
    def found(self, two_bursts: Record) -> dict[str, Bursts]:
        """Two channels, one of them quiet."""
        quiet = np.random.default_rng(0).standard_normal(4000)
        return {"GMED, right": detect_bursts(two_bursts.signal, RATE), "quiet": detect_bursts(quiet, 1000.0)}

    def test_round_trip(self, found: dict[str, Bursts], tmp_path: Path) -> None:
        """Every digit comes back, and the channel without a burst too."""
        save_bursts(tmp_path / "b.csv", found)
        back = load_bursts(tmp_path / "b.csv")
        assert list(back) == list(found)
        for name, bursts in found.items():
            assert back[name].bursts == bursts.bursts
            assert (back[name].method, back[name].rate) == (bursts.method, bursts.rate)
            assert back[name].settings["high_pass"] == bursts.settings["high_pass"]

    @pytest.mark.parametrize("name", ["#1 R GMAX", "# R, GMAX", "=A1+1", "-R GMAX", "R;=1+1", "+5", " x ", "'x"])
    @pytest.mark.parametrize("spreadsheet", [False, True])
    def test_every_name_comes_back(self, name: str, spreadsheet: bool, tmp_path: Path) -> None:
        """Names that look like comments or formulas, also from a spreadsheet that opened and saved the file."""
        path, once = tmp_path / "b.csv", (Burst(onset_s=1.0, offset_s=2.0),)
        kept = Bursts(bursts=once, method="rise", rate=RATE, settings={"high_pass": 20.0})
        save_bursts(path, {name: kept, "other": replace(kept, bursts=())})
        path.write_text(f'{path.read_text()}{LEFT_OUT_HEAD}{{"channel": "L, {name}"}}\n')
        assert not re.search(r"(^|[,;])[=-][^0-9]", path.read_text(), re.MULTILINE)
        if spreadsheet:
            with path.open(newline="") as file:
                rows = [row + [""] * (12 - len(row)) for row in csv.reader(file)]
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
        back = load_bursts(path)
        assert {k: [b.onset_s for b in v] for k, v in back.items()} == {name: [1.0], "other": []}
        assert back[name].settings == {"high_pass": 20.0}
        assert load_left_out(path) == (f"L, {name}",)

    def test_corrections_are_marked(self, found: dict[str, Bursts], tmp_path: Path) -> None:
        """A changed time loses its interval, the other edge keeps it; rows can be added and deleted."""
        path = tmp_path / "b.csv"
        save_bursts(path, found)
        heads = [line for line in path.read_text().splitlines() if line.startswith("#")]
        rows = list(csv.reader(line for line in path.read_text().splitlines() if not line.startswith("#")))
        rows[1][1] = "0.5"
        rows[2] = ["quiet", "1.25", "1.5"]
        path.write_text("\n".join([*heads, *(",".join(f'"{c}"' for c in row) for row in rows)]))
        back = load_bursts(path)
        [first] = back["GMED, right"]
        original = found["GMED, right"][0]
        assert math.isnan(first.onset_sd_s) and math.isnan(first.onset_interval_s[0])
        # Not a number is no number's equal: what is open is compared apart.
        known = replace(first, onset_sd_s=0.0, onset_interval_s=(0.0, 0.0))
        assert known == replace(
            original, onset_s=0.5, onset_by_hand=True, onset_sd_s=0.0, onset_interval_s=(0.0, 0.0)
        )  # fmt: skip
        [added] = back["quiet"]
        assert (added.onset_s, added.offset_s) == (1.25, 1.5) and added.onset_by_hand and added.offset_by_hand
        save_bursts(path, back)
        assert load_bursts(path)["quiet"][0].onset_by_hand

    def test_a_burst_without_onset_comes_back_as_detected(self, tmp_path: Path) -> None:
        """Not seen is not the same as set by hand."""
        cut = Bursts(bursts=(Burst(onset_s=math.nan, offset_s=1.0),), method="bonato", rate=RATE)
        save_bursts(tmp_path / "b.csv", {"x": cut})
        [back] = load_bursts(tmp_path / "b.csv")["x"]
        assert math.isnan(back.onset_s) and not back.onset_by_hand and not back.offset_by_hand

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("onset_s,offset_s\n1,2\n", "no column 'channel'"),
            ("", "no column 'channel'"),
            ("channel,onset_s,offset_s\nx,2,1\n", "line 2: the offset must come after the onset"),
            ("channel,onset_s,offset_s\nx,,\n", "line 2: the offset must come after the onset"),
            ('channel,onset_s,offset_s\nx,"1,5",2\n', "line 2: onset_s is '1,5'; give seconds, with a decimal point"),
            ("channel,onset_s,offset_s\n,1,2\n", "line 2: the channel is empty"),
            ("channel,onset_s,offset_s\n" + "x" * 200_000 + ",1,2\n", "is not a CSV"),
            ("# gluteal bursts: [1]\nchannel,onset_s,offset_s\n", "line 1: the line of settings is damaged"),
            ("# gluteal bursts: {oops\nchannel,onset_s,offset_s\n", "line 1: the line of settings is damaged"),
        ],
    )
    def test_damaged_files_get_one_sentence(self, text: str, words: str, tmp_path: Path) -> None:
        """The line is named."""
        path = tmp_path / "b.csv"
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            load_bursts(path)

    def test_files_that_are_not_there(self, found: dict[str, Bursts], tmp_path: Path) -> None:
        """Reading none, writing to another ending."""
        with pytest.raises(InputError, match="Cannot read"):
            load_bursts(tmp_path / "none.csv")
        with pytest.raises(InputError, match=r"ending must be one of \.csv"):
            save_bursts(tmp_path / "b.txt", found)
