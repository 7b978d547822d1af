"""Where an interval lies against the smallest difference that matters: the word of a verdict, and nothing else."""

from __future__ import annotations

from typing import Literal

PositionForm = Literal["difference", "equivalence", "no worse", "level"]
PositionWord = Literal["supported", "contradicted", "too-small", "insufficient"]


def place_interval(
    low: float, value: float, high: float, *, band: float, form: PositionForm = "difference"
) -> PositionWord:
    """Return what an interval says of a claim; all distances towards the claim, 0 is no effect.

    Parameters
    ----------
    low, value, high : float
        Estimate and its 95 % interval.
    band : float
        The smallest difference that matters, above 0.
    form : str
        "difference": the claim says there is one that matters; "equivalence": that there is none either way;
        "no worse": that there is none that speaks against it; "level": that the level lies on this side of the
        reference.

    Examples
    --------
    >>> place_interval(0.49, 0.70, 0.90, band=0.5), place_interval(-3.5, 4.0, 11.5, band=15.0)
    ('supported', 'too-small')
    >>> place_interval(-3.5, 4.0, 11.5, band=5.0), place_interval(-3.0, 0.5, 4.0, band=5.0, form="equivalence")
    ('insufficient', 'supported')
    """
    inside = -band < low and high < band
    if form == "equivalence":
        if inside:
            return "supported"
        beyond = (low > 0 and value >= band) or (high < 0 and value <= -band)
        return "contradicted" if beyond else "insufficient"
    if form == "no worse":
        if low > -band:
            return "supported"
        return "contradicted" if high < 0 and value <= -band else "insufficient"
    if form == "level":
        if low > 0 or high < 0:
            return "supported" if low > 0 else "contradicted"
        return "too-small" if inside else "insufficient"
    if inside:
        return "too-small"
    if low > 0 and value >= band:
        return "supported"
    return "contradicted" if high < 0 else "insufficient"


def count_edges(low: float, value: float, high: float, *, band: float, form: PositionForm = "difference") -> int:
    """Return how many edges that the word rests on the interval reaches across (GRADE's imprecision, 0 to 2).

    >>> count_edges(0.49, 0.70, 0.90, band=0.5), count_edges(-1.0, 0.3, 1.6, band=0.5)
    (1, 2)
    """
    word = place_interval(low, value, high, band=band, form=form)
    if word == "insufficient":
        return 2 if (low < -band and high > band) or (low < 0 < high and form == "level") else 1
    if form == "difference" and word == "supported":
        return int(low < band)
    if form == "difference" and word == "contradicted":
        return int(high > -band)
    if form in ("equivalence", "no worse") and word == "contradicted":
        return int(-band < low < band or -band < high < band)
    return 0
