"""A request to end (TERM, HUP) passes by all that tidies up, wherever it comes in between."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# How long after a request that got lost it is made again, s.
_AGAIN = 0.02
_asked: list[int] = []


@contextmanager
def tidy_when_stopped() -> Iterator[None]:
    """While the block runs, let a request to end raise SystemExit with the exit code that shells report."""
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, _end) for number in wanted if signal.getsignal(number) is signal.SIG_DFL}
    hook, later = sys.unraisablehook, list[threading.Timer]()

    def ask_again(told: Any) -> None:
        # It came within a callback of the collector, which no exception leaves.
        lost = told.exc_value
        if not isinstance(lost, SystemExit | KeyboardInterrupt):
            hook(told)
            return
        number = _asked[-1] if isinstance(lost, SystemExit) and _asked else signal.SIGINT
        later.append(threading.Timer(_AGAIN, signal.raise_signal, (number,)))
        later[-1].daemon = True
        later[-1].start()

    sys.unraisablehook = ask_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for timer in later:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_code() -> int | None:
    """Return the exit code of a run that was asked to end, or None: what it raised since may be another error."""
    return 128 + _asked[-1] if _asked else None


def _end(number: int, frame: object) -> None:
    _asked.append(number)
    raise SystemExit(128 + number)
