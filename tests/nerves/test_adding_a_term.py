"""A new term is one file, one line in the registry and one test: here a toy that makes a muscle dear to use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

import numpy as np
import pytest
from cyclopts import App, Parameter
from tests.helpers.synthetic import MUSCLES, make_body, make_mechanics

from gluteal.cli.condition import ConditionOptions, condition_options, read_condition
from gluteal.cli.listing import list_command
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition, assemble
from gluteal.nerves.registry import TERMS
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange
from gluteal.simulate.study.plan import load_plan


@final
@dataclass(frozen=True)
class Slow(Term):
    """Activation counts so many times as much in the effort."""

    reason: str = "made up"

    kind = "slow"
    sentence = "{where} {value} times as dear"
    value_range = ValueRange(1.0, 100.0, "factor", "between 1 (as ever) and 100")
    option = TermOption("slow-down", "M=FACTOR", "activation counts so many times as much.", "glmed=4")

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        return Share(price=np.array(self.value))


@contextmanager
def registered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TERMS, Slow.kind, Slow)
        yield


@pytest.fixture
def slow() -> Iterator[None]:
    with registered():
        yield


@pytest.mark.usefixtures("slow")
def test_it_is_found_by_its_kind_and_says_itself() -> None:
    """`Condition.of`, the words and the JSON need nothing but the class."""
    condition = Condition.of("slow", "glmed", 4.0, side="r")
    assert condition.name == "right gluteus medius 4 times as dear"
    assert [t.to_json() for t in condition.effects] == [
        {"kind": "slow", "target": "glmed", "value": 4.0, "side": "r", "reason": "made up"}
    ]
    assert condition.affected(make_body()) == {"glmed1_r"}
    with pytest.raises(InputError, match=r"slow 'glmed' = 0.5 is out of range: the factor must lie between 1 \(as"):
        Condition.of("slow", "glmed", 0.5)


@pytest.mark.usefixtures("slow")
def test_its_price_is_what_the_sharing_gets() -> None:
    """Prices multiply and stay with the term's own muscles; nothing else changes."""
    condition = Condition.of("slow", "glmed", 4.0) & Condition.of("slow", "glmed1_r", 2.5)
    share = assemble(condition, make_mechanics())
    expected = np.ones((3, len(MUSCLES)))
    expected[:, list(MUSCLES).index("glmed1_r")] = 10.0
    expected[:, list(MUSCLES).index("glmed1_l")] = 4.0
    np.testing.assert_array_equal(share.price, expected)
    assert not share.floor.any() and (share.ceiling == 1.0).all() and (share.capacity == 1.0).all()


@pytest.mark.usefixtures("slow")
def test_it_brings_its_option() -> None:
    """A command that takes a condition takes the option, shows it and reads it."""
    app = App(name="toy", default_parameter=Parameter(negative=(), consume_multiple=False))
    heard: list[Condition] = []

    def command(*, terms: ConditionOptions | None = None) -> None:
        heard.append(read_condition(terms, "r"))

    command.__annotations__["terms"] = Annotated[condition_options() | None, Parameter(name="*")]
    app.default(command)
    app("--slow-down glmed=4 --weaken tfl=0.5", exit_on_error=False, result_action="return_value")
    assert heard == [Condition.weaken("tfl", loss=0.5, side="r") & Condition.of("slow", "glmed", 4.0, side="r")]
    shown = {a.name: a.parameter.help for a in app.assemble_argument_collection()}
    assert shown["--slow-down"] == "M=FACTOR: activation counts so many times as much."


@pytest.mark.usefixtures("slow")
def test_it_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`gluteal list terms` says its option, range and what it does."""
    list_command("terms", json_=True)
    assert json.loads(capsys.readouterr().out)[-1] == {
        "name": "slow",
        "option": "--slow-down M=FACTOR",
        "value": "factor between 1 (as ever) and 100",
        "does": "activation counts so many times as much.",
    }


def make_plan(folder: Path) -> Path:
    path = folder / "plan.toml"
    path.write_text(
        'seed = 1\n[[movement]]\ntask = "single-leg-stance"\n[[condition]]\nside = "l"\nslow = { glmed = 4 }\n'
    )
    return path


@pytest.mark.usefixtures("slow")
def test_a_plan_of_a_study_can_ask_for_it(tmp_path: Path) -> None:
    """The key of a plan is the term's kind."""
    assert load_plan(make_plan(tmp_path)).conditions == (
        ("left gluteus medius 4 times as dear", Condition((Slow("glmed", 4.0, "l"),))),
    )


def test_without_its_line_nobody_knows_it(tmp_path: Path) -> None:
    """What is in the registry is all there is; a misspelt kind gets the close ones."""
    with registered():
        assert Condition.of("slow", "glmed", 4.0)
    with pytest.raises(UnknownName, match=r"There is no term 'slow'.*gluteal list terms"):
        Condition.of("slow", "glmed", 4.0)
    with pytest.raises(UnknownName, match=r"There is no term 'weakn'\. Close names: weaken"):
        Condition.of("weakn", "glmed", 0.5)
    with pytest.raises(InputError, match=r"condition 1\.slow: is no known key"):
        load_plan(make_plan(tmp_path))
    assert not hasattr(condition_options(), "slow_down")
