"""Which experiments make a prediction about which claim, known without importing a single one of them.

It stands in the experiments' own texts; what was read from them is kept, and used only where they are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from gluteal.files.stamped import read_stamped, stamp_texts, write_stamped

#: Where it is kept (``python docs/make_answers.py`` writes it).
FORETOLD = Path(__file__).parent / "foretold.json.gz"
_EXPERIMENTS = Path(__file__).parent / "experiments"


@cache
def foretold_experiments() -> Mapping[str, tuple[str, ...]]:
    """Return the keys of the experiments that make a prediction about each claim, each once, in their order."""
    held = read_stamped(FORETOLD, _stamp())
    found = held if isinstance(held, dict) else read_experiments()
    return MappingProxyType({claim: tuple(keys) for claim, keys in found.items()})


def read_experiments() -> dict[str, list[str]]:
    """Return the same from the experiments themselves."""
    predictions = import_module("gluteal.ledger.experiments").all_predictions()
    return {claim: list(dict.fromkeys(p.experiment for p in made)) for claim, made in predictions.items()}


def keep_foretold() -> None:
    """Ask the experiments and keep what they say."""
    write_stamped(FORETOLD, _stamp(), read_experiments())


def _stamp() -> str:
    return stamp_texts(_EXPERIMENTS.rglob("*.py"))
