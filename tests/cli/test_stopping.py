"""A request to end is heard wherever it comes, and ends the run as shells report it."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Where the request comes: in a callback of the collector, which no exception leaves, or where another error is made
#: of it; and the run goes on for long.
WHERE = {
    "a callback of the collector": (
        "class Thing: pass\n"
        "thing = Thing()\n"
        "watch = weakref.ref(thing, lambda _: os.kill(os.getpid(), number))\n"
        "del thing\n"
        "for _ in range(1000): time.sleep(0.01)\n"
    ),
    "a code that makes another error of it": (
        "try:\n    os.kill(os.getpid(), number); time.sleep(10)\n"
        "except BaseException as error: raise RuntimeError('another') from error\n"
    ),
}


@pytest.mark.parametrize(
    ("name", "code", "where"),
    [
        *((name, code, where) for where in WHERE for name, code in (("SIGTERM", 143), ("SIGHUP", 129))),
        # KeyboardInterrupt made into another error is that error.
        ("SIGINT", 130, "a callback of the collector"),
    ],
)
def test_a_request_to_end_is_never_lost(name: str, code: int, where: str) -> None:
    program = (
        "import os, signal, sys, time, weakref\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import gluteal.cli.listing as listing\nfrom gluteal.cli import main\n"
        f"number = signal.{name}\n"
        "def work(*_, **__):\n    " + WHERE[where].replace("\n", "\n    ") + "\n"
        "listing.check_targets = work\n"
        "sys.exit(main(['list', 'tasks']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert done.stderr == "gluteal: stopped.\n"


@pytest.mark.parametrize("words", [["--help"], ["emg", "--help"], ["--version"], ["list", "tasks"]])
def test_a_reader_that_goes_away_is_no_error(words: list[str]) -> None:
    program = "import sys; from gluteal.cli import main; sys.exit(main())"
    with subprocess.Popen([sys.executable, "-c", program, *words], stdout=-1, stderr=-1, text=True) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        said = run.stderr.read()
        assert run.wait() == 141, said
    assert said == ""
