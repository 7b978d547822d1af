"""The live page within another page: packed, started by a button, under a policy that still forbids every request."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass

from markupsafe import Markup

from gluteal.outcome.record import Outcome
from gluteal.show.live.page import make_parts, read_live_code
from gluteal.show.policy import script_hash
from gluteal.simulate.ensemble import Ensemble

# A byte that no text of the page holds: where the data go.
_SEAM = "\0"
# Two thirds of the size in a tenth of the time of the smallest.
_LEVEL = 6


@dataclass(frozen=True)
class LiveBlock:
    """A live page to be put into another page.

    Attributes
    ----------
    html : Markup
        A button, the place where the page appears, and everything it needs, inert until the button is pressed.
        ``templates/live.js`` of the pages starts it.
    hashes : tuple of str
        The scripts in it, as the policy of the page around it has to name them: a frame without an address of its
        own inherits that policy beside the one it carries.
    """

    html: Markup
    hashes: tuple[str, ...]


def live_block(outcome: Outcome, *, ensemble: Ensemble | None = None, beside: Outcome | None = None) -> LiveBlock:
    """Return the live page of an outcome as a part of another page.

    Parameters
    ----------
    outcome : Outcome
        The movement, and the condition with which it opens.
    ensemble : Ensemble, optional
    beside : Outcome, optional
        As in `gluteal.save_live`.

    Raises
    ------
    InputError
        Where the load was shared by another criterion than least effort, or the engine cannot draw the body.
    Unsolved
        Where the undisturbed movement is not solved.
    """
    before, pieces, after = make_parts(outcome, ensemble=ensemble, beside=beside)
    packed = base64.b64encode(gzip.compress(f"{before}{_SEAM}{after}".encode(), _LEVEL, mtime=0)).decode()
    script, _ = read_live_code()
    html = Markup(
        '<p class="start"><button type="button" id="live-start">Move this body yourself</button> '
        '<span id="live-said" role="status"></span></p>\n'
        '<div id="live-stage"></div>\n'
        '<div id="live-pieces" hidden>{}</div>\n'
        '<script type="application/octet-stream" id="live-code">{}</script>'
    ).format(Markup(pieces), packed)
    return LiveBlock(html, (script_hash(script),))
