"""Names, groups and nerves: every model in use is covered, and a wrong name is answered helpfully."""

import re

import pytest

from gluteal import anatomy
from gluteal.engines import load_body
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body

#: Rajagopal names, one side each, and a trunk slip whose name has dots and a dash.
MUSCLES = (
    "glmed1_r", "glmed2_r", "glmed3_r", "glmin1_r", "tfl_r", "glmax1_r", "bflh_r", "bfsh_r", "semimem_r",
    "glmed1_l", "tfl_l", "psoas_l", "soleus_l", "edl_l", "QL_post_I.1-L3_r", "IL_R10_l",
)  # fmt: skip

REQUIRED_GROUPS = {
    "glmax", "glmed", "glmin", "tfl", "hamstrings", "vasti", "quadriceps", "adductors", "iliopsoas",
    "hip-flexors", "hip-extensors", "hip-abductors", "hip-adductors", "hip-external-rotators",
    "plantarflexors", "dorsiflexors", "erector-spinae", "multifidus", "quadratus-lumborum", "abdominals",
}  # fmt: skip


@pytest.fixture(scope="module")
def myo() -> Body:
    return load_body("myo")


def test_every_row_states_a_source_and_known_nerves() -> None:
    nerves = {nerve.name for nerve in anatomy.nerve_rows()}
    for row in anatomy.muscle_rows():
        assert row.source and row.name and row.groups[0] == row.group
        assert set(row.nerves) <= nerves and row.nerves
    for nerve in anatomy.nerve_rows():
        assert nerve.source and (not nerve.part_of or nerve.part_of in nerves)


def test_no_two_rows_claim_the_same_name() -> None:
    patterns = [p for row in anatomy.muscle_rows() for p in row.patterns]
    assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize(
    ("model", "anatomical", "group"),
    [
        ("glmed1_r", "gluteus medius", "glmed"),
        ("glut_med3_l", "gluteus medius", "glmed"),
        ("bifemlh_r", "biceps femoris long head", "bflh"),
        ("gaslat140_r", "gastrocnemius lateral head", "gastrocnemius"),
        ("IL_R10_l", "iliocostalis lumborum", "iliocostalis"),
        ("QL_post_I.1-L3_r", "quadratus lumborum", "quadratus-lumborum"),
        ("QL_post_I_1_L3_r", "quadratus lumborum", "quadratus-lumborum"),
        ("ercspn_l", "erector spinae", "erector-spinae"),
        ("vasti_r", "vasti", "vasti"),
        ("some_robot_arm", "some_robot_arm", anatomy.UNGROUPED),
    ],
)
def test_names_of_several_models(model: str, anatomical: str, group: str) -> None:
    assert anatomy.anatomical_name(model) == anatomical
    assert anatomy.group_of(model) == group


def test_models_in_the_data_folder_are_covered(data) -> None:
    for path in sorted(data.glob("**/*.osim")):
        names = re.findall(r'<\w*Muscle\w* name="([^"]+)"', path.read_text(encoding="utf-8"))
        # "default" is a template of the file format; the patellar ligament is a ligament drawn as a muscle.
        unknown = {n for n in names if anatomy.row_of(n) is None} - {"default", "patlig_r", "patlig_l"}
        assert not unknown, f"{path.name}: {unknown}"


def test_embedded_body_has_the_promised_groups(myo) -> None:
    assert set(myo.groups) >= REQUIRED_GROUPS
    assert all(anatomy.row_of(m) is not None for m in myo.muscle_names)


def test_superior_gluteal_nerve_is_medius_minimus_tfl(myo) -> None:
    # Moore, Clinically Oriented Anatomy, chapter on the lower limb; also DESIGN of every nerve-block study.
    groups = myo.groups
    assert set(myo.nerves["superior gluteal nerve"]) == {*groups["glmed"], *groups["glmin"], *groups["tfl"]}
    assert set(myo.nerves["inferior gluteal nerve"]) == set(groups["glmax"])


def test_a_nerve_holds_the_muscles_of_its_branches(myo) -> None:
    nerves = myo.nerves
    for nerve in anatomy.nerve_rows():
        if nerve.name in nerves and nerve.part_of:
            assert set(nerves[nerve.name]) <= set(nerves[nerve.part_of])
    assert {"bfsh_r", "soleus_l", "tibant_r"} <= set(nerves["sciatic nerve"])


@pytest.mark.parametrize(
    "name", ["superior gluteal", "Superior Gluteal Nerve", "superior-gluteal-nerve", "superior_gluteal"]
)
def test_spelling_does_not_matter(name: str) -> None:
    expected = ("glmed1_r", "glmed2_r", "glmed3_r", "glmin1_r", "tfl_r")
    assert anatomy.resolve(name, MUSCLES, side="r") == expected


def test_every_kind_of_name_resolves() -> None:
    resolve = anatomy.resolve
    assert resolve("GLMED1_R", MUSCLES, side="l") == ("glmed1_r",)  # a named side ignores `side`
    assert resolve("glmed1", MUSCLES) == ("glmed1_r", "glmed1_l")
    assert resolve("glmed_l", MUSCLES) == ("glmed1_l",)
    assert resolve("gluteus medius", MUSCLES, side="r") == ("glmed1_r", "glmed2_r", "glmed3_r")
    assert resolve("gluteus medius anterior", MUSCLES) == ("glmed1_r", "glmed1_l")
    assert resolve("hamstrings", MUSCLES) == ("bflh_r", "semimem_r")
    assert resolve("ql post i 1 l3", MUSCLES) == ("QL_post_I.1-L3_r",)
    assert resolve("deep fibular nerve", MUSCLES) == ("edl_l",)


def test_unknown_name_gets_close_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        anatomy.resolve("gluteus medus", MUSCLES)
    assert "There is no muscle, group or nerve 'gluteus medus'. Close names: gluteus medius" in str(caught.value)


def test_name_on_the_other_side_only() -> None:
    with pytest.raises(InputError) as caught:
        anatomy.resolve("hamstrings", MUSCLES, side="l")
    assert str(caught.value) == (
        "'hamstrings' has no muscle on the left side of this body. It means bflh_r, semimem_r; choose the other side."
    )


def test_a_muscle_unknown_to_the_table_is_still_found_by_its_name() -> None:
    assert anatomy.resolve("robot_r", ["robot_r", "glmed1_r"]) == ("robot_r",)
    assert anatomy.groups_of(["robot_r"]) == {} and anatomy.nerves_of(["robot_r"]) == {}
