"""Where the site's parts lie."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
#: Generated pages; claims have a folder of their own, so that the address of one is claims/ID.
MADE, CLAIMS = DOCS / "made", DOCS / "claims"
#: The site itself.
BUILT = ROOT / "build" / "site"
