"""Make the figures of the paper from today's outputs.

Run from anywhere: ``python paper/make_figures.py``. Half a minute where nothing is kept; writes into ``paper``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import NullLocator

from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments import all_experiments
from gluteal.ledger.nature import BesideNature, compare_with_nature
from gluteal.ledger.run import run_experiments

HERE = Path(__file__).parent
ROOT = HERE.parent
#: Within this share of a published value the model counts as agreeing in size, as in the ledger.
AGREES = 0.25
DETECTORS = {
    "rise": "gluteal",
    "hodges-bui": "Hodges-Bui",
    "bonato": "Bonato",
    "staude": "Staude",
    "laplace": "Laplace",
}


def published_value(row: BesideNature) -> float | None:
    """Return what was published as one number: itself, or the middle of a range; None for a limit."""
    published = row.published
    if published.value is not None:
        return published.value
    if published.low is not None and published.high is not None:
        return (published.low + published.high) / 2
    return None


def draw_nature() -> None:
    """Draw simulated over published, for every reading that has a number of its own on both sides."""
    compared = compare_with_nature(run_experiments(tuple(all_experiments()), bench=Bench()).values())
    rows = [(row, published_value(row)) for row in compared if row.difference is not None]
    points = [(row.title, row.reading.value / value) for row, value in rows if value and row.reading.value / value > 0]
    titles = list(dict.fromkeys(title for title, _ in points))
    figure, ax = plt.subplots(figsize=(7.0, 0.3 * len(titles) + 1.2), layout="constrained")
    ax.axvspan(1 / (1 + AGREES), 1 + AGREES, color="tab:green", alpha=0.15)
    ax.axvline(1.0, color="0.4", linewidth=0.8)
    ax.plot([ratio for _, ratio in points], [titles.index(title) for title, _ in points], "o", alpha=0.7)
    ax.set_xscale("log")
    ax.set_xticks([0.25, 0.5, 1, 2, 4], ["¼", "½", "1", "2", "4"])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(range(len(titles)), [title.removesuffix("?")[:64] for title in titles], fontsize=7)
    ax.invert_yaxis()
    ax.set_xlabel(f"simulated / published ({len(points)} numbers)")
    figure.savefig(HERE / "nature.png", dpi=150)
    plt.close(figure)


def draw_onsets() -> None:
    """Draw the median error of detectors over the level of the burst, from the stored benchmark."""
    table = pd.read_csv(ROOT / "docs" / "onset-benchmark.csv")
    table = table[(table["table"] == "shape") & table["detector"].isin(DETECTORS)]
    figure, ax = plt.subplots(figsize=(6.0, 3.6), layout="constrained")
    for name, words in DETECTORS.items():
        by_level = table[table["detector"] == name].groupby("snr_db")["median_ms"].median()
        kept = by_level[np.isfinite(by_level)]
        ax.plot(kept.index, kept, marker="o", label=words, linewidth=2.2 if name == "rise" else 1.2)
    ax.set_yscale("log")
    ax.set_xlabel("level of the burst (dB)")
    ax.set_ylabel("median error of onset (ms)")
    ax.legend(fontsize=8)
    figure.savefig(HERE / "onsets.png", dpi=150)
    plt.close(figure)


def main() -> None:
    """Write both figures."""
    draw_onsets()
    draw_nature()


if __name__ == "__main__":
    main()
