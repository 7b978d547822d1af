"""Everything that depends on no user, computed once and stored with the package: run after any change to the numbers.

    python docs/make_answers.py

What no longer fits is thrown away, what is missing is computed (minutes, where all of it is). Nothing breaks without
it: an answer that does not fit is never used, and computed when it is asked for. A test says when to run this.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gluteal.engines import cache, load_body


def make_answers(folder: Path) -> None:
    """Write the kept answers into `folder`, and throw away what was in it and is not needed any more."""
    before = set(folder.glob("*.gluteal"))
    chosen, shipped = os.environ.get("GLUTEAL_CACHE"), cache.SHIPPED
    os.environ["GLUTEAL_CACHE"] = str(folder)
    cache.SHIPPED = folder / "none"
    try:
        used = compute_answers()
    finally:
        cache.SHIPPED = shipped
        if chosen is None:
            del os.environ["GLUTEAL_CACHE"]
        else:
            os.environ["GLUTEAL_CACHE"] = chosen
    for path in before - used:
        path.unlink()


def compute_answers() -> None:
    """Ask for everything that is kept."""
    load_body("myo")


if __name__ == "__main__":
    make_answers(cache.SHIPPED)
    sys.exit()
