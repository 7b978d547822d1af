"""The options of a condition: one for every term in the registry."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from gluteal.cli.inputs import read_pair
from gluteal.cli.options import CONDITION
from gluteal.nerves.registry import TERMS

if TYPE_CHECKING:
    from gluteal.nerves.condition import Condition
    from gluteal.nerves.term import Term
    from gluteal.vocabulary import Sides


@dataclass(frozen=True)
class ConditionOptions:
    """What was written behind the options of terms; subclasses have a field for each, None where it was not given."""


def condition_options() -> type[ConditionOptions]:
    """Make the class of options out of the registry."""
    # The parser looks into a class only where its module is not one of Python's own.
    here = {"__module__": __name__}
    options = [(_field(term), _parameter(term), None) for term in TERMS.values()]
    return make_dataclass("TermOptions", options, bases=(ConditionOptions,), frozen=True, namespace=here)


def read_condition(given: ConditionOptions | None, side: Sides) -> Condition:
    """Return the condition that the options ask for, its terms in the registry's order.

    Raises
    ------
    InputError
        Where a text is not NAME=NUMBER, or the number is out of range.
    """
    from gluteal.nerves.condition import Condition

    terms: list[Term] = []
    for term in TERMS.values():
        for text in getattr(given, _field(term), None) or ():
            target, value = _read_term(term, text)
            terms.append(term(target, value, side))
    return Condition(tuple(terms))


def _read_term(term: type[Term], text: str) -> tuple[str, float]:
    """Read NAME=NUMBER, or a NAME alone where the term knows what it then is."""
    unsaid = term.option.unsaid
    if unsaid is not None and text.strip() and "=" not in text:
        return text.strip(), unsaid
    return read_pair(term.option.name, text, term.option.example)


def _field(term: type[Term]) -> str:
    return term.option.name.replace("-", "_")


def _parameter(term: type[Term]) -> object:
    option = term.option
    return Annotated[list[str] | None, Parameter(name=f"--{option.name}", group=CONDITION, help=option.help)]


if TYPE_CHECKING:
    # For the checker one class: which options there are is known at run time only.
    AnyTerms: TypeAlias = ConditionOptions | None
else:
    AnyTerms = Annotated[condition_options() | None, Parameter(name="*")]
