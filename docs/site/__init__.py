"""The site: what is generated of it, and the command that builds it (``python -m docs.site``).

People write pages in `docs`, `docs/learn` and `docs/guides`, scripts of the gallery in `docs/gallery`, and notebooks in
`docs/notebooks`. Everything generated goes into `docs/made` and `docs/claims`, which are not kept.
"""

from __future__ import annotations

import shutil

from docs.site.places import CLAIMS, MADE


def make_pages() -> None:
    """Make every generated page anew."""
    from docs.site.claims import make_claim_pages
    from docs.site.commands import make_command_pages
    from docs.site.contents import make_contents, make_root_pages
    from docs.site.live import make_live_pages
    from docs.site.nature import make_nature_page
    from docs.site.reference import make_reference

    for folder in (MADE, CLAIMS):
        # The gallery keeps what it ran by itself, and runs what changed.
        for old in folder.glob("*"):
            if old.name != "gallery":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        folder.mkdir(exist_ok=True)
    ledger = make_claim_pages()
    make_nature_page(ledger)
    make_command_pages()
    make_reference()
    make_live_pages()
    make_root_pages()
    make_contents()
