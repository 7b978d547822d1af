"""OpenSim tables: what is repaired, what is refused, and in which words."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from gluteal.errors import InputError
from gluteal.sto import ENDINGS, load_table, read_table_head, save_table

HEAD = "Coordinates\nversion=1\nnRows=3\nnColumns=3\ninDegrees=yes\nendheader\n"
ROWS = "time\thip_flexion_r\tknee_angle_r\n0.0\t1.0\t2.0\n0.1\t3.0\t4.0\n0.2\t5.0\t6.0\n"


def write(folder: Path, text: str, name: str = "walk.mot") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(text)
    return path


def test_every_digit_survives_writing_and_reading(tmp_path: Path) -> None:
    """Writing and reading gives back the same doubles, the columns, and the unit of angles."""
    rng = np.random.default_rng(1)
    time, values = np.cumsum(rng.uniform(0.001, 0.01, 50)) + 1.667e9, rng.normal(size=(50, 2))
    save_table(tmp_path / "a.sto", time, ["a", "b"], values, in_degrees=True)
    table = load_table(tmp_path / "a.sto")
    np.testing.assert_array_equal(table.time, time)
    np.testing.assert_array_equal(table.values, values)
    assert table.columns == ("a", "b")
    assert table.in_degrees is True
    assert table.warnings == ()


def test_writing_refuses_another_shape(tmp_path: Path) -> None:
    """The message names both shapes."""
    with pytest.raises(InputError, match=r"a.sto: values have shape \(1, 1\), but 2 times and 1 columns were given"):
        save_table(tmp_path / "a.sto", [0.0, 1.0], ["a"], [[1.0]])


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        ROWS.replace("\t", "  "),
        ROWS.replace("\n", "\t\n"),
        ROWS.replace("\n", "\r\n"),
        ROWS + "\n\n",
        ROWS.replace("hip_flexion_r", "  hip_flexion_r "),
    ],
    ids=["tabs", "blanks", "trailing tabs", "Windows", "empty lines", "padded labels"],
)
def test_layouts_read_alike(tmp_path: Path, rows: str) -> None:
    """Separators, line ends and padding make no difference."""
    table = load_table(write(tmp_path, HEAD + rows))
    np.testing.assert_array_equal(table.column("hip_flexion_r"), [1.0, 3.0, 5.0])
    np.testing.assert_array_equal(table.time, [0.0, 0.1, 0.2])
    assert table.in_degrees is True


def test_gzip_reads_like_plain(tmp_path: Path) -> None:
    """A .gz file gives the same table, and its labels without reading its rows."""
    path = tmp_path / "walk.mot.gz"
    path.write_bytes(gzip.compress((HEAD + ROWS).encode()))
    np.testing.assert_array_equal(load_table(path).values, load_table(write(tmp_path, HEAD + ROWS)).values)
    assert read_table_head(path).columns == ("hip_flexion_r", "knee_angle_r")


def test_broken_gzip_says_so(tmp_path: Path) -> None:
    """Half an archive is named as such."""
    path = tmp_path / "walk.mot.gz"
    path.write_bytes(gzip.compress((HEAD + ROWS).encode())[:-20])
    with pytest.raises(InputError, match=r"walk.mot.gz is a broken gzip archive \(.*\); copy it again."):
        load_table(path)
    assert read_table_head(path).columns == ()


@pytest.mark.parametrize(("line", "said"), [("inDegrees=no", False), ("inDegrees=yes", True), ("", None)])
def test_unit_of_angles_is_what_the_header_says(tmp_path: Path, line: str, said: bool | None) -> None:
    """No `inDegrees` line is told apart from either answer."""
    assert load_table(write(tmp_path, HEAD.replace("inDegrees=yes", line) + ROWS)).in_degrees is said


def test_header_that_announces_more_rows_is_a_warning(tmp_path: Path) -> None:
    """A complete file with a wrong header is read, and the difference is told."""
    table = load_table(write(tmp_path, HEAD.replace("nRows=3", "nRows=121120") + ROWS))
    assert len(table.time) == 3
    assert table.warnings == ("walk.mot: the header announces 121120 rows, the file has 3 complete ones.",)


def test_unsorted_and_repeated_time_stamps_are_repaired(tmp_path: Path) -> None:
    """Rows are sorted; of rows with one time stamp the first stays; both are told."""
    rows = "time\ta\n0.2\t3\n0.0\t1\n0.1\t2\n0.1\t9\n"
    table = load_table(write(tmp_path, "endheader\n" + rows))
    np.testing.assert_array_equal(table.time, [0.0, 0.1, 0.2])
    np.testing.assert_array_equal(table.column("a"), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(table.lines, [4, 5, 3])
    assert table.warnings == (
        "walk.mot: the rows were not in order of time; they were sorted.",
        "walk.mot: 1 rows repeat a time stamp; the first of each was kept.",
    )


def test_missing_endheader_is_found_by_the_labels(tmp_path: Path) -> None:
    """Labels directly above numbers are enough, with a warning."""
    table = load_table(write(tmp_path, HEAD.replace("endheader\n", "") + ROWS))
    assert table.columns == ("hip_flexion_r", "knee_angle_r")
    assert table.warnings == ("walk.mot has no 'endheader' line; its labels were found on line 6.",)


BAD = {
    "truncated last line": (
        HEAD + ROWS[: ROWS.rindex("\t")],
        "walk.mot, line 10: 2 values, but there are 3 labels; the file breaks off there: copy it again, or "
        "delete its last line.",
    ),
    "short row inside": (
        HEAD + ROWS.replace("0.1\t3.0\t4.0", "0.1\t3.0"),
        "walk.mot, line 9: 2 values, but there are 3 labels; repair or delete that row.",
    ),
    "word for a number": (
        HEAD + ROWS.replace("4.0", "four"),
        "walk.mot, line 9, column 'knee_angle_r': 'four' is not a number; repair that value.",
    ),
    "no header end": (
        "1 2 3\n4 5 6\n",
        "walk.mot has no 'endheader' line and no line of labels that starts with 'time'; this is not an "
        "OpenSim table (.sto, .mot), or its header was cut off.",
    ),
    "no rows": (HEAD, "walk.mot ends after its header; export it again with its rows."),
    "one row": (
        HEAD + ROWS[: ROWS.index("0.1")],
        "walk.mot has 1 rows of numbers; at least 2 are needed.",
    ),
    "no time": (
        HEAD + ROWS.replace("time", "frame"),
        "walk.mot, line 7: the first column is 'frame'; it must be 'time'.",
    ),
    "twice the same column": (
        HEAD + ROWS.replace("hip_flexion_r", "knee_angle_r"),
        "walk.mot, line 7: column 'knee_angle_r' appears more than once; rename or remove one of them.",
    ),
    "time not a number": (
        HEAD + ROWS.replace("0.1", "nan"),
        "walk.mot, line 9: the time stamp is not a number; delete that row.",
    ),
    "empty": ("\n", "walk.mot is empty; copy or export it again."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_plain_words(tmp_path: Path, case: str) -> None:
    """Each message names file, place and remedy."""
    text, message = BAD[case]
    with pytest.raises(InputError) as caught:
        load_table(write(tmp_path, text))
    assert str(caught.value) == message


def test_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    """A misspelt name gets the close ones."""
    write(tmp_path, HEAD + ROWS)
    with pytest.raises(InputError, match=r"There is no file wlak.mot in .*\. Close names there: walk.mot\."):
        load_table(tmp_path / "wlak.mot")


def test_missing_column_gets_the_close_names(tmp_path: Path) -> None:
    """The message names the file, the column, and what comes near."""
    table = load_table(write(tmp_path, HEAD + ROWS))
    with pytest.raises(InputError) as caught:
        table.column("hip_flex_r")
    assert str(caught.value) == (
        "walk.mot has no column 'hip_flex_r'. Close names: hip_flexion_r. "
        "Add the column, or name the right one of its 2."
    )


@pytest.mark.parametrize("word", ["nan", "NaN", "-nan(ind)", "1.#QNAN"])
def test_gaps_are_read_and_refused_only_where_they_matter(tmp_path: Path, word: str) -> None:
    """NaN is kept; asking for finite numbers names line, column and time of the first gap."""
    table = load_table(write(tmp_path, HEAD + ROWS.replace("4.0", word)))
    assert np.isnan(table.column("knee_angle_r")[1])
    table.check_finite(["hip_flexion_r"])
    table.check_finite(["knee_angle_r"], (0.15, 0.2))
    with pytest.raises(InputError) as caught:
        table.check_finite(["knee_angle_r"])
    assert str(caught.value) == (
        "walk.mot, line 9, column 'knee_angle_r': not a number at 0.1 s (1 such values); fill the gap in the "
        "file, or choose a time window without it."
    )


def test_every_real_table_is_read(data: Path) -> None:
    """All recordings of the data folder pass, with finite numbers; two have headers that are wrong."""
    paths = [p for p in sorted(data.rglob("*")) if p.name.lower().endswith(ENDINGS)]
    assert len(paths) >= 25
    tables = {p.name: load_table(p) for p in paths}
    assert all(np.isfinite(t.values).all() for t in tables.values())
    assert tables["walking_baseline1_forces.mot"].warnings == (
        "walking_baseline1_forces.mot: the header announces 121120 rows, the file has 3028 complete ones.",
    )
    assert tables["results_ik.sto"].in_degrees is True
    assert tables["JA1Gait35_ik.mot"].in_degrees is False


SEPARATED = {
    "labels by blanks, rows by tabs": ROWS.replace("\t", "   ", 2),
    "labels by tabs, rows by blanks": ROWS.splitlines()[0] + "\n0.0  1.0  2.0\n0.1  3.0  4.0\n0.2 5.0   6.0\n",
    "tabs repeated": ROWS.replace("\t", "\t\t"),
    "tabs and blanks mixed": ROWS.replace("\t", " \t  "),
    "semicolons": ROWS.replace("\t", ";"),
    "commas": ROWS.replace("\t", ", "),
    "decimal commas": ROWS.replace(".", ","),
    "decimal commas and semicolons": ROWS.replace(".", ",").replace("\t", "; "),
    "decimal commas and blanks": ROWS.replace(".", ",").replace("\t", "    "),
    "many digits": ROWS.replace(".0", ",000000").replace(".", ","),
}


@pytest.mark.parametrize("case", SEPARATED)
@pytest.mark.parametrize("head", [HEAD, ""], ids=["header", "no header"])
def test_columns_may_be_parted_by_anything(tmp_path: Path, case: str, head: str) -> None:
    """Tabs, several blanks, semicolons, commas, and decimal commas beside all but the last; labels are found alike."""
    path = write(tmp_path, head + SEPARATED[case])
    table = load_table(path)
    np.testing.assert_array_equal(table.values, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    np.testing.assert_array_equal(table.time, [0.0, 0.1, 0.2])
    assert read_table_head(path).columns == table.columns == ("hip_flexion_r", "knee_angle_r")
    assert any("decimals with a comma" in note for note in table.warnings) is (
        "," in SEPARATED[case].splitlines()[1]
    ) & (case != "commas")


def test_blanks_inside_labels_stay_where_tabs_part_them(tmp_path: Path) -> None:
    """Electrodes are called "L GRF"; a value left out at the end of a row is a gap, not a short row."""
    table = load_table(write(tmp_path, "endheader\ntime\tL GRF\tR Glut Max\n0\t1\t2\n1\t3\t\n"))
    assert table.columns == ("L GRF", "R Glut Max")
    np.testing.assert_array_equal(table.values, [[1.0, 2.0], [3.0, np.nan]])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_spreadsheets_mark_their_encoding(tmp_path: Path, encoding: str) -> None:
    """What a spreadsheet saves as Unicode text reads like any other, also without a header."""
    path = tmp_path / "walk.mot"
    path.write_bytes(ROWS.encode(encoding))
    assert load_table(path).columns == read_table_head(path).columns == ("hip_flexion_r", "knee_angle_r")


AMBIGUOUS = {
    "thousands": ("0\t1.234,5\n1\t2.000,5\n", "line 3: '1.234,5' has a comma, but '1.234,5' is no number, so it"),
    "points elsewhere": ("0\t1,25\n1\t2.5\n", "line 3: '1,25' has a comma, but line 4 has points, so it"),
    "two commas": ("0\t1,234,500\n1\t2,000,000\n", "line 3: '1,234,500' has a comma, but '1,234,500' is no number"),
    "perhaps thousands": ("0\t1,234\n1\t2,345\n", "line 3: '1,234' could be a decimal comma or thousands, and so"),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_commas_that_may_mean_two_things_are_named(tmp_path: Path, case: str) -> None:
    """Nothing is guessed: a force of 1,234 N is not 1.234 N."""
    rows, message = AMBIGUOUS[case]
    with pytest.raises(InputError) as caught:
        load_table(write(tmp_path, f"endheader\ntime\ta\n{rows}"))
    assert str(caught.value).startswith(f"walk.mot, {message}")
    assert "export the table with points for decimals" in str(caught.value)


def test_commas_between_values_and_for_decimals_are_named(tmp_path: Path) -> None:
    """0,0,1,5 may be two values or four."""
    with pytest.raises(InputError, match=r"4 values, but there are 2 labels \(a decimal comma cannot be told from one"):
        load_table(write(tmp_path, "endheader\ntime,a\n0,0,1,5\n0,1,2,5\n"))


def test_an_answer_about_degrees_that_is_none_counts_as_silence(tmp_path: Path) -> None:
    """`inDegrees=perhaps` says nothing; `inDegrees = NO` says no."""
    assert load_table(write(tmp_path, HEAD.replace("=yes", "=perhaps") + ROWS)).in_degrees is None
    assert load_table(write(tmp_path, HEAD.replace("=yes", " = NO") + ROWS)).in_degrees is False


@pytest.mark.parametrize(("limit", "most"), [("LARGEST_TABLE", 400), ("LARGEST_TABLE", 2000), ("MOST_LINES", 101)])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_long_tables_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, ending: str
) -> None:
    """Bounded as text, as numbers (short cells grow fourfold) and as lines, packed or not; a little less is read."""
    text = "endheader\ntime\ta\tb\n" + "".join(f"{i}\t0\t0\n" for i in range(100))
    path = tmp_path / f"long.mot{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending else text.encode())
    monkeypatch.setattr(f"gluteal.sto.rows.{limit}", most)
    with pytest.raises(InputError, match=r"long\.mot.* is too long: .*thin its rows"):
        load_table(path)
    monkeypatch.setattr(f"gluteal.sto.rows.{limit}", 2400)
    assert len(load_table(path).time) == 100
