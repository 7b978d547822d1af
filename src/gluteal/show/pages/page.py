"""What every page has in common: the frame, its scripts and its policy, and numbers for people. No request at all."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
from markupsafe import Markup

from gluteal.files import read_table_text
from gluteal.show.figures.inline import STYLE as STYLE
from gluteal.show.figures.inline import embedded_png as embedded_png
from gluteal.show.figures.inline import inline as inline
from gluteal.show.figures.inline import inline_axes as inline_axes
from gluteal.show.figures.inline import own_style as own_style
from gluteal.show.pages.names import mark_keys
from gluteal.show.policy import script_hash

if TYPE_CHECKING:
    from gluteal.show.live.embed import LiveBlock

#: The script that every page has: tables that sort, and scroll by keyboard.
_PAGE_SCRIPT = "page.js"


def render_page(template: str, **values: Any) -> str:
    """Fill one of the package's templates; a value that is missing is an error."""
    return _environment().get_template(template).render(**values)


def _read_script(name: str) -> str:
    return read_table_text(__package__, f"templates/{name}")


def _script(name: str) -> Markup:
    return Markup("<script>{}</script>").format(Markup(_read_script(name)))


def _policy(*names: str, live: LiveBlock | None = None) -> Markup:
    """Return the policy of a page: its own scripts by their hashes, no request; with a live page its script, too.

    Figures carry their colours as styles of elements, so styles are free; nothing a style can fetch is.
    """
    allowed = [script_hash(_read_script(name)) for name in (_PAGE_SCRIPT, *names)]
    pictures, further = "data:", ""
    if live is not None:
        # A frame without an address of its own inherits what the page around it allows.
        allowed += [*live.hashes, "'wasm-unsafe-eval'"]
        pictures, further = "data: blob:", " media-src blob:;"
    return Markup(
        '<meta http-equiv="Content-Security-Policy" content="'
        f"default-src 'none'; script-src {' '.join(allowed)}; style-src 'unsafe-inline'; img-src {pictures};{further} "
        "connect-src 'none'; base-uri 'none'; form-action 'none'\">"
    )


def number_words(value: float, digits: int = 3) -> str:
    """Write a number for people: `digits` significant ones, 0 below a ten-thousandth, a dash where there is none."""
    if not np.isfinite(value):
        return "–"
    if abs(value) < 1e-4:
        return "0"
    return f"{value:.{digits}g}" if abs(value) < min(10**digits, 1e4) else f"{value:.0f}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {"number": number_words, "keyed": mark_keys}
    environment.globals |= {"version": version("gluteal"), "script": _script, "policy": _policy}
    return environment
