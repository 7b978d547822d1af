"""Colours of verdicts and answers in a terminal."""

from __future__ import annotations

TONES = {
    "supported": "green",
    "supports": "green",
    "contradicted": "red",
    "contradicts": "red",
    "mixed": "dark_orange",
    "inconsistent": "dark_orange",
    "too-small": "cyan",
    "insufficient": "bright_black",
    "untested": "bright_black",
    "untestable": "bright_black",
    "undecided": "bright_black",
    "neutral": "bright_black",
}
