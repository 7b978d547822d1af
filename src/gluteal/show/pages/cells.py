"""Cells of tables that are more than a text: what is typed, what is linked, names said in words."""

from __future__ import annotations

from markupsafe import Markup

from gluteal.show.pages.names import say_within


def type_cell(text: str) -> Markup:
    """Return what a person types, set as such.

    >>> type_cell("glmed1_r")
    Markup('<code>glmed1_r</code>')
    """
    return Markup("<code>{}</code>").format(text)


def link_cell(text: str, address: str | None) -> str:
    """Return a text that leads somewhere, or just the text where there is no address.

    >>> link_cell("Pohl 2015", "https://doi.org/10.1"), link_cell("own choice", None)
    (Markup('<a href="https://doi.org/10.1">Pohl 2015</a>'), 'own choice')
    """
    return Markup('<a href="{}">{}</a>').format(address, text) if address else text


def plain_cell(text: str) -> str:
    """Return a sentence of the program's in words: its names by their parts, marks of code left out.

    >>> plain_cell("`hip_flexion_r` of the walk")
    'right hip flexion of the walk'
    """
    return say_within(text.replace("`", ""), {})
