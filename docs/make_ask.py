"""Write what `gluteal ask` finds: every claim with its plain answer, and every task.

Run after any change to claims, studies, the rule or the tasks: ``python docs/make_ask.py``.
"""

from __future__ import annotations

from pathlib import Path

from gluteal.files import write_text
from gluteal.ledger.ask.known import KEPT, gather_known, render_known

TARGET = Path(__file__).parents[1] / "src" / "gluteal" / "ledger" / "ask" / KEPT


def main() -> None:
    """Write the file."""
    write_text(TARGET, render_known(gather_known()))


if __name__ == "__main__":
    main()
