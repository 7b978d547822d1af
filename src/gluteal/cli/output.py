"""What commands print and write: data to standard output, words and progress to standard error."""

from __future__ import annotations

import json
import logging
import re
import shlex
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from gluteal.show.pages.report import Report

#: What reports and tables are written as.
REPORT_ENDINGS = (".html", ".csv", ".nc")
#: The arguments of this run, for "how to repeat this" in reports.
ARGUMENTS: list[str] = []

# Characters that JSON allows and a terminal obeys or cannot encode.
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

#: Who says how far a search is; others say what was done.
_SEARCHES = "gluteal.simulate.adapt"

_log = logging.getLogger(__name__)


def command_line() -> str:
    """Return the command as it was given, to be pasted into a shell."""
    return shlex.join(["gluteal", *ARGUMENTS])


def check_targets(out: list[Path] | None, endings: Collection[str] = REPORT_ENDINGS) -> None:
    """Find out before the work is done whether its result can be written."""
    from gluteal.files import announce_target

    for path in out or []:
        announce_target(path, endings)


def write_rows(
    out: list[Path] | None,
    rows: Any,
    title: str,
    *,
    report: Callable[[], Report] | None = None,
) -> None:
    """Write rows of plain data to every file asked for (.csv, .nc), and `report` where it is given to .html."""
    for path in out or []:
        if report is not None and path.suffix.lower() == ".html":
            from gluteal.show.pages.report import write_report

            write_report(path, report())
            continue
        from gluteal.show.pages.outcome import write_table

        write_table(path, rows, title=title)


def say_written(out: list[Path] | None) -> None:
    """Say on standard error what was written."""
    from gluteal.files import terminal_text

    for path in out or []:
        print(terminal_text(f"Wrote {path}"), file=sys.stderr)


def print_json(data: Any) -> None:
    """Print one JSON value to standard output."""
    # A terminal that knows no UTF-8 gets JSON too; marks of direction and lone bytes of file names become codes.
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(data, indent=2, ensure_ascii=ascii_only, allow_nan=False)
    print(_UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text))


def standard_output() -> Console:
    """Return the terminal, or whatever standard output is."""
    from gluteal.show.terminal.outcome import Terminal

    return Terminal()


@contextmanager
def show_progress(words: str) -> Iterator[None]:
    """Show that something is going on, on a terminal only; with --verbose say how long it took."""
    if _log.isEnabledFor(logging.INFO):
        start = time.perf_counter()
        yield
        _log.info("%s: %.2f s", words, time.perf_counter() - start)
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status(f"{words} …") as status, _following(words, status.update):
            yield
    else:
        yield


@contextmanager
def _following(words: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Tell what the package says of a long search, beside the words of what is going on, while the block runs."""
    handler = logging.Handler()
    handler.emit = lambda record: tell(f"{words} … {record.getMessage()}")  # type: ignore[method-assign]
    with _heard(_SEARCHES, handler):
        yield


@contextmanager
def spoken(verbose: bool) -> Iterator[None]:
    """Let the package say what it does on standard error, while the block runs, if `verbose`."""
    if not verbose:
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    with _heard("gluteal", handler):
        yield


@contextmanager
def _heard(name: str, handler: logging.Handler) -> Iterator[None]:
    """Hand what a logger is told to a handler while the block runs."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
