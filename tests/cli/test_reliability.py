"""`gluteal reliability`: long and wide tables, both outputs, and one sentence for every fault."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gluteal.cli import main
from gluteal.emg.measure.repeated import RepeatedMeasures, measure_reliability

#: Shrout & Fleiss 1979 (Psychol Bull 86:420-428), Table 2: six targets, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
LONG = "subject,day,onset\n" + "".join(
    f"{'ABCDEF'[i]},{k + 1},{value}\n" for i, row in enumerate(JUDGES) for k, value in enumerate(row)
)
WIDE = "# any comment\nid;ann;bob;cy;di\n" + "".join(
    f"{'ABCDEF'[i]};{';'.join(f'{v},0' for v in row)}\n" for i, row in enumerate(JUDGES)
)
GRADES = "patient\tann\tbob\nA\tmild\tmild\nB\tnone\tmild\nC\tsevere\tsevere\nD\tnone\tnone\nE\tmild\tsevere\n"


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Write a table and return its path as text."""

    def one(text: str, name: str = "table.csv") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return one


@pytest.mark.parametrize(("text", "sessions"), [(LONG, ["day 1", "day 2"]), (WIDE, ["ann", "bob"])])
def test_both_forms_give_the_published_numbers(write, capsys, text: str, sessions: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Shrout & Fleiss 1979, Table 4, from a long table with points and a wide one with decimal commas."""
    assert main(["reliability", write(text), "--unit", "ms", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["subjects"] == 6 and found["sessions"][:2] == sessions and found["unit"] == "ms"
    icc = {row["shrout_fleiss"]: row["value"] for row in found["icc"]}
    # Half a unit of the last printed digit.
    for form, value in {"ICC(1,1)": 0.17, "ICC(2,1)": 0.29, "ICC(3,1)": 0.71, "ICC(3,4)": 0.91}.items():
        assert icc[form] == pytest.approx(value, abs=0.0051)
    assert [row["method"] for row in found["measurement_error"]] == ["agreement", "consistency"]
    assert len(found["bland_altman"]) == 6 and found["kappa"] == []
    mdc = found["measurement_error"][0]["mdc95"]
    assert found["sentences"][0].startswith(f"A change below {mdc:.3g} ms in one subject is within the error")


def test_page_and_table(write, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """The page holds figure, sentence and command; the CSV one number per row; both are named."""
    page, table = tmp_path / "r.html", tmp_path / "r.csv"
    assert main(["reliability", write(LONG), "--out", str(page), "--out", str(table)]) == 0
    shown = capsys.readouterr()
    assert "ICC(A,1)" in shown.out and "within the error of this measurement" in shown.out
    assert f"Wrote {page}" in shown.err
    text = page.read_text(encoding="utf-8")
    assert "limits of agreement" in text and text.count("<svg") == 6 and "gluteal reliability" in text
    assert table.read_text(encoding="utf-8").splitlines()[0] == "measure,item,value,unit,low,high"


def test_categories_get_kappa(write, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """By hand: 3 of 5 alike; chance (2*1 + 2*2 + 1*2)/25 = 0.32; kappa (0.6 - 0.32)/0.68."""
    page = tmp_path / "k.html"
    arguments = ["reliability", write(GRADES), "--categories", "none,mild,severe", "--json", "--out", str(page)]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    kappa = {row["weights"]: row for row in found["kappa"]}
    assert kappa["none"]["value"] == pytest.approx(0.28 / 0.68)
    assert (kappa["none"]["observed"], kappa["none"]["expected"]) == pytest.approx((0.6, 0.32))
    assert kappa["none"]["value"] < kappa["linear"]["value"] < kappa["quadratic"]["value"]
    assert found["icc"] == [] and "chose the same category for 60 % of 5 subjects" in found["sentences"][0]
    assert "kappa" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("who,day,x\nA,1,2\n", [], "has no column of subjects; call one 'subject', or name it with --subject"),
        (LONG, ["--value", "onsets"], "has no column 'onsets'. Close names: onset"),
        (LONG.replace("A,1,9", "A,1,nine"), [], "line 2, column 'onset': 'nine' is not a number"),
        (LONG.replace("A,1,9", "A,1,nan"), [], "line 2, column 'onset': 'nan' is not a number"),
        (LONG.replace("A,1,9", "A,1,"), [], "line 2, column 'onset': the cell is empty"),
        (LONG.replace("A,1,9\n", ""), [], "subject 'A' has no value for day '1'; every subject needs one in each"),
        (LONG + "A,1,9\n", [], "line 26: subject 'A' has a second value for day '1'"),
        (LONG.replace("A,1,9", ",1,9"), [], "line 2: the cell of 'subject' is empty"),
        (LONG.replace("A,1,9", "A,1"), [], "line 2: 2 cells, but there are 3 columns"),
        ("subject,day,x,y\nA,1,2,3\n", [], "which column holds the values? Name it with --value (one of x, y)"),
        ("subject,day\nA,1\n", [], "which column holds the values? Name it with --value (the table has none)"),
        ("subject,x\nA,1\n", [], "has one column beside 'subject'; give a column for every session"),
        ("subject,x,y\nA,1,2\nA,2,3\n", [], "line 3: the subject 'A' is there twice"),
        ("subject,x,x\nA,1,2\n", [], "the column name 'x' is empty or there twice"),
        ("subject,x,y\nA,1,2\n", ["--value", "x"], "has no column of sessions to go with the values"),
        ("subject,x,y\nA,1,2\n", [], "has 1 subject and 2 sessions; reliability needs at least 3 subjects"),
        ("subject,x,y\nA,1,1\nB,1,1\nC,1,1\n", [], "All values are equal"),
        ("subject,x,y\n", [], "has no rows; its first line names the columns"),
        ("", [], "has no rows"),
        (GRADES, [], "line 2, column 'ann': 'mild' is not a number; correct it, or, where values are categories"),
        (GRADES, ["--categories", "none,mild"], "'severe' is none of the categories none, mild"),
        (GRADES, ["--categories", "none"], "Categories are at least two different names"),
        (WIDE, ["--categories", ",".join(map(str, range(11)))], "'9,0' is none of the categories"),
    ],
)
def test_faults_are_one_sentence(write, capsys, text: str, arguments: list[str], words: str) -> None:  # type: ignore[no-untyped-def]
    """Exit 2, nothing on standard output, and what would be right on standard error."""
    assert main(["reliability", write(text), *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and words in shown.err and shown.err.count("\n") == 1


def test_files_that_are_none(write, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """A missing file, bytes, and a report of another kind."""
    assert main(["reliability", str(tmp_path / "none.csv")]) == 2
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00s")
    assert main(["reliability", str(tmp_path / "b.csv")]) == 2
    assert main(["reliability", write(LONG), "--out", str(tmp_path / "x.nc")]) == 2
    said = capsys.readouterr().err
    assert "There is no file none.csv" in said and "b.csv cannot be read" in said and ".html, .csv" in said


def test_three_raters_have_no_kappa(write, capsys) -> None:  # type: ignore[no-untyped-def]
    """Kappa compares two; the sentence says how many there are."""
    text = "subject,a,b,c\nA,no,no,yes\nB,yes,no,yes\nC,no,no,no\n"
    assert main(["reliability", write(text), "--categories", "no,yes"]) == 2
    assert "has 3 raters; kappa compares two" in capsys.readouterr().err


def test_a_shift_between_days_is_said() -> None:
    """A shift of 8 with errors of 1: the bias is found, and agreement counts it as error, consistency does not."""
    rng = np.random.default_rng(1)
    values = rng.normal(50, 10, (30, 1)) + rng.standard_normal((30, 2)) + np.array([0.0, 8.0])
    names = tuple(str(i) for i in range(30))
    found = measure_reliability(RepeatedMeasures("strength", "N", names, ("before", "after"), values))
    limits = found.pairs[0].limits
    assert limits.bias_low < 8.0 < limits.bias_high and found.errors[0].sem > 3.0 * found.errors[1].sem
    assert "after minus before: +" in found.sentences[2]
