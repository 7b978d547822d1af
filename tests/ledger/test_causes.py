"""The cause question: chance alone gives alpha, size gives certainty, and no size gives direction to one look."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from scipy import stats

matplotlib.use("Agg")

from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.ledger.evidence.causal_worlds import Assumptions, World, live, make_people, measure_population_strength
from gluteal.ledger.evidence.causes import CAUSAL_DESIGNS, CauseDesigns, compute_cause_designs
from gluteal.show.figures.causes import plot_cause_designs

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"
WEAKNESS, PAIN, BOTH, COMMON, NEITHER = (w.name for w in Assumptions().worlds())


@pytest.fixture(scope="module")
def designs() -> CauseDesigns:
    """The default table."""
    return compute_cause_designs()


def test_chance_alone_finds_half_of_alpha(designs: CauseDesigns) -> None:
    """Without any effect a one-sided finding at a two-sided alpha of 0.05: 0.025.

    Four standard errors of 1000 studies are 0.02. Exercise helps by itself in the trial against rest, so that one is
    left out.
    """
    for design in CAUSAL_DESIGNS:
        if design.name == "trial against rest":
            continue
        for n in designs.people:
            assert 0.0 < designs.chance(design.name, NEITHER, n) < 0.045, (design.name, n)


def test_size_brings_certainty(designs: CauseDesigns) -> None:
    """With 1000 people every design finds its arrow where it is true, and never less often than with fewer."""
    for chance in designs.chances:
        if chance.true:
            if chance.people == 1000:
                assert chance.found > 0.95, chance
            smaller = designs.chance(chance.design.name, chance.world.name, 40)
            assert smaller <= chance.found + 0.06, chance


def test_one_look_cannot_tell_direction(designs: CauseDesigns) -> None:
    """A large cross-sectional study finds the same link whatever causes what; a coin would conclude as well."""
    for world in (WEAKNESS, PAIN, BOTH, COMMON):
        assert designs.chance("cross-sectional", world, 1000) > 0.95
    found = {d.people: d.right for d in designs.discriminations() if d.design.name == "cross-sectional"}
    assert found[1000] == pytest.approx(0.5, abs=0.03)


def test_time_gives_direction_but_not_freedom_from_confounding(designs: CauseDesigns) -> None:
    """A cohort tells weakness before pain from weakness after it, and takes a common cause for a cause."""
    assert designs.chance("cohort", WEAKNESS, 1000) > 0.95
    assert designs.chance("cohort", PAIN, 1000) < 0.1
    assert designs.chance("cohort", COMMON, 1000) > 0.8


def test_assignment_by_chance_gives_both(designs: CauseDesigns) -> None:
    """Only what is assigned by chance, against an equal alternative, is right in every world."""
    for name in ("trial against other exercise", "nerve injury", "induced pain"):
        [large] = [d for d in designs.discriminations() if d.design.name == name and d.people == 1000]
        assert large.right > 0.95, name
    assert designs.chance("trial against rest", NEITHER, 1000) > 0.9


def test_relief_is_what_wins_against_rest() -> None:
    """If exercise does nothing but strengthen, rest is as fair a comparison as any other."""
    plain = compute_cause_designs(Assumptions(relief=0.0), people=(400,), studies=400)
    assert plain.chance("trial against rest", NEITHER, 400) < 0.06
    assert plain.chance("trial against rest", WEAKNESS, 400) == pytest.approx(
        plain.chance("trial against other exercise", WEAKNESS, 400), abs=0.1
    )


def test_no_arrow_no_finding() -> None:
    """Effects of nothing: all worlds become the one without any link."""
    none = compute_cause_designs(Assumptions(weakness=0.0, pain=0.0, relief=0.0), people=(100,), studies=400)
    assert max(c.found for c in none.chances) < 0.07


def test_error_of_measurement_costs_power() -> None:
    """The worse strength is measured, the less often a cohort finds a true cause."""
    good, bad = (
        compute_cause_designs(Assumptions(reliability=r), people=(200,), studies=600).chance("cohort", WEAKNESS, 200)
        for r in (1.0, 0.3)
    )
    assert bad < good - 0.1


def test_people_are_as_assumed() -> None:
    """Trait and strength vary by one; lasting pain takes the strength it should; injury takes its part at once."""
    assumed, rng = Assumptions(), np.random.default_rng(5)
    world = World(name="pain", pain=0.6)
    people = make_people(world, assumed, rng, number=40_000)
    assert people.trait.std() == pytest.approx(1.0, abs=0.02)
    # Trait, error, and what the monthly changes of size f add up to at a return of k: f² / (1 - (1 - k)²).
    idle = make_people(World(name="none"), assumed, rng, number=40_000)
    monthly = assumed.fluctuation**2 / (1.0 - (1.0 - assumed.adaptation) ** 2)
    variance = measure_population_strength(idle, World(name="none"), assumed, rng).var()
    assert variance == pytest.approx(1.0 / assumed.reliability + monthly, rel=0.03)
    never_ends = replace(assumed, recovery=1e-6)
    sore = people.take(people.pain)
    for_ever = live(sore, world, never_ends, rng, months=24)
    shown = measure_population_strength(for_ever, world, never_ends, rng)
    assert (shown - sore.trait).mean() == pytest.approx(-0.6, abs=0.03)
    hurt = live(people, World(name="none"), assumed, rng, months=1, injury=2.0)
    assert (hurt.strength - people.trait).mean() == pytest.approx(-2.0, abs=0.05)


def test_weakness_raises_the_odds_as_stated() -> None:
    """Over a month without pain at first, log-odds of pain fall by 0.58 a standard deviation of strength."""
    assumed, rng = Assumptions(proneness=0.0), np.random.default_rng(6)
    world = World(name="weakness", weakness=0.58)
    start = make_people(world, assumed, rng, number=400_000)
    well = start.take(~start.pain)
    came = live(well, world, assumed, rng, months=1).pain
    low, high = (np.abs(well.strength - at) < 0.1 for at in (-1.0, 1.0))
    odds = [came[g].mean() / (1.0 - came[g].mean()) for g in (low, high)]
    assert np.log(odds[0] / odds[1]) / 2.0 == pytest.approx(0.58, abs=0.06)


def test_the_test_is_welchs() -> None:
    """Shares found in one pool equal those of SciPy's Welch test on the same kind of samples."""
    from gluteal.ledger.evidence.causes import _find, _Pool

    rng = np.random.default_rng(7)
    value = np.concatenate([rng.normal(-0.4, 1.0, 5000), rng.normal(0.0, 2.0, 15_000)])
    group = np.repeat([1, 0], [5000, 15_000])
    found = _find(_Pool(value, group, False), rng, people=80, studies=3000, alpha=0.05)
    chosen = rng.integers(value.size, size=(3000, 80))
    p = []
    for row in chosen:
        a, b = value[row][group[row] == 1], value[row][group[row] == 0]
        p.append(stats.ttest_ind(a, b, equal_var=False, alternative="less").pvalue)
    assert found == pytest.approx(np.mean(np.array(p) < 0.025), abs=0.03)


def test_a_seed_repeats_the_table() -> None:
    """The default table is the same every time; another seed gives another."""
    one, two = (compute_cause_designs(people=(40,), studies=60) for _ in range(2))
    other = compute_cause_designs(people=(40,), studies=60, rng=np.random.default_rng(1))
    assert one.chances == two.chances
    assert one.chances != other.chances


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"people": (4,)}, "Sizes of studies are whole numbers from 8 to 10000; given (4,)."),
        ({"people": ()}, "Sizes of studies are whole numbers from 8 to 10000; given ()."),
        ({"people": (40, 10_001)}, "Sizes of studies are whole numbers from 8 to 10000; given (40, 10001)."),
        ({"studies": 0}, "Give a number of studies from 1 and an alpha between 0 and 1; given 0, 0.05."),
        ({"alpha": 0.0}, "Give a number of studies from 1 and an alpha between 0 and 1; given 1000, 0.0."),
    ],
)
def test_bad_questions_are_refused(given: dict[str, object], says: str) -> None:
    """One sentence each."""
    with pytest.raises(InputError, match=re.escape(says)):
        compute_cause_designs(**given)  # type: ignore[arg-type]


def test_bad_assumptions_are_refused() -> None:
    """Shares between 0 and 1, the others from 0."""
    with pytest.raises(InputError, match=r"reliability is 1\.2; give a share between 0 and 1\."):
        Assumptions(reliability=1.2)
    with pytest.raises(InputError, match=r"weakness is -1\.0; give a finite number from 0\."):
        Assumptions(weakness=-1.0)


@pytest.mark.parametrize(
    ("assumed", "design"),
    [(Assumptions(onset=1e-6), "cross-sectional"), (Assumptions(onset=1.0), "cohort, a year without pain")],
)
def test_worlds_without_anybody_to_compare_are_refused(assumed: Assumptions, design: str) -> None:
    """Where nobody hurts or everybody does, the design and the world are named."""
    with pytest.raises(InputError, match=f"The design '{design}' has nobody to compare in the world '.*'; change"):
        compute_cause_designs(assumed, people=(40,), studies=10)


def test_the_command_takes_alpha_and_refuses_what_it_would_not_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A smaller alpha finds less; options of the other question and a folder that is not there are refused."""
    found = {}
    for alpha in ("0.05", "0.001"):
        assert main(["plan", "--causes", "--people", "40", "--alpha", alpha, "--json"]) == 0
        found[alpha] = [row["found if true"] for row in json.loads(capsys.readouterr().out)]
    assert all(strict < usual for usual, strict in zip(found["0.05"], found["0.001"], strict=True))
    refused = {
        ("--power", "0.9", "--kind", "cohort"): "leave --kind and --power out, or --causes.",
        ("--effect", "1"): "leave --effect out, or --causes.",
        ("--alpha", "1.5"): "an alpha between 0 and 1; given 1000, 1.5.",
        ("--people", "20000"): "whole numbers from 8 to 10000; given (20000,).",
        ("--out", str(tmp_path / "missing" / "a.nc")): "missing",
    }
    for options, says in refused.items():
        assert main(["plan", "--causes", *options]) == 2
        assert says in " ".join(capsys.readouterr().err.split())


def test_the_figure_shows_every_world_once(designs: CauseDesigns) -> None:
    """A dot a design and world, at its chance; filled dots are those where the finding is true."""
    ax = plot_cause_designs(designs, people=200)
    assert len(ax.collections) == len(CAUSAL_DESIGNS) * len(designs.assumptions.worlds())
    shown = sorted(float(np.asarray(c.get_offsets())[0, 0]) for c in ax.collections)
    assert shown == pytest.approx(sorted(100.0 * c.found for c in designs.chances if c.people == 200))
    filled = sum(tuple(c.get_facecolor()[0][:3]) != (1.0, 1.0, 1.0) for c in ax.collections)
    assert filled == sum(c.true for c in designs.chances if c.people == 200)
    with pytest.raises(InputError, match="There are no studies of 7 people; choose from 40, 200, 1000"):
        plot_cause_designs(designs, people=7)


def test_the_page_shows_the_computed_table(designs: CauseDesigns) -> None:
    """Every figure of the table on the page is what is computed now, to three in a hundred."""
    page = (DOCS / "causes.md").read_text(encoding="utf-8")
    worlds = [w.name for w in designs.assumptions.worlds()]
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if re.search(r"\| (40|200|1000) \|", line)]
    assert len(rows) == len(CAUSAL_DESIGNS) * len(designs.people)
    for name, _, people, *cells in rows:
        found = [designs.chance(name, w, int(people)) for w in worlds]
        assert [float(c.strip("*")) for c in cells[:-1]] == pytest.approx([100.0 * f for f in found], abs=0.6)
    assert designs.table().shape == (len(rows), 3 + len(worlds))


def test_sentences_name_design_and_hardest_world(designs: CauseDesigns) -> None:
    """The sentence of the large cross-sectional study."""
    [large] = [d for d in designs.discriminations() if d.design.name == "cross-sectional" and d.people == 1000]
    assert large.sentence.startswith("A study of 1000 people (cross-sectional) finds that weakness causes pain")
    assert large.hardest.name in (PAIN, COMMON)
    assert BOTH not in large.sentence
