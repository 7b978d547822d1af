"""How long a newcomer waits: processor time of whole commands, first and second time, and what is installed.

    python -m benchmarks.first_answer                  # all commands, as a table and as JSON lines
    python -m benchmarks.first_answer --only claims    # commands whose words hold this

Each command runs in a process of its own with a home that nobody has used. *First*: no byte code of any package and
no cache, as an installer leaves it that compiles nothing; *installed*: byte code, as pip leaves it, and no cache;
*second*: the same again. Processor time (user and system) of the process and its children; nothing else of the
machine counts, but the threads of NumPy's libraries, which wait actively, do.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

#: What a newcomer types, and what is asked of it on two idle cores (processor time once installed, s).
COMMANDS: tuple[tuple[tuple[str, ...], float | None], ...] = (
    (("--help",), 0.3),
    (("list", "tasks"), 1.0),
    (("claims", "abductor-block-leaves-gait-unchanged"), 1.0),
    (("plan", "--effect", "50", "--spread", "60", "--sem", "55", "--trials", "10"), 1.0),
    (("simulate", "single-leg-stance", "--nerve", "superior gluteal=0.46"), 2.0),
    (("simulate", "walk", "--nerve", "superior gluteal=0.46"), 4.0),
    (("strength", "hip abduction"), None),
    (("exercises",), 2.0),
    (("claims", "--run"), 20.0),
)
_RUN = "import sys; from gluteal.cli import main; sys.exit(main())"
_MEGABYTE = 1e6


def measure_run(words: Sequence[str], home: Path, bytecode: Path | None) -> tuple[float, float, int]:
    """Run one command; return processor time, s, largest memory, MB, and exit code."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GLUTEAL_", "XDG_", "PYTHONPYCACHE"))}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "MPLCONFIGDIR": str(home / "mpl")}
    if bytecode is not None:
        environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, *words],
        env=environment,
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000.0, process.returncode


def measure_command(words: Sequence[str], *, bare: bool = True) -> dict[str, object]:
    """Measure a command without byte code, freshly installed, and the second time (the least of three)."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / name for name in ("bare", "installed")]
        for home in homes:
            home.mkdir()
        first = measure_run(words, homes[0], homes[0] / "bytecode") if bare else None
        installed = measure_run(words, homes[1], None)
        again = [measure_run(words, homes[1], None) for _ in range(3 if installed[0] < 10.0 else 1)]
    return {
        "command": " ".join(words),
        "first_s": None if first is None else round(first[0], 2),
        "installed_s": round(installed[0], 2),
        "second_s": round(min(run[0] for run in again), 2),
        "memory_MB": round(max(run[1] for run in again)),
        "exit": installed[2],
    }


def installed_sizes(name: str = "gluteal") -> dict[str, float]:
    """Return package -> installed size, MB, of a package and all it asks for, byte code left out."""
    sizes: dict[str, float] = {}
    waiting = [name]
    while waiting:
        package = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if package in sizes:
            continue
        try:
            found = distribution(package)
        except PackageNotFoundError:
            continue
        paths = [Path(str(found.locate_file(file))) for file in found.files or () if "__pycache__" not in file.parts]
        sizes[package] = sum(path.stat().st_size for path in paths if path.is_file()) / _MEGABYTE
        waiting += [re.split(r"[ ;<>=!~\[(]", text)[0] for text in found.requires or () if "extra ==" not in text]
    if name in sizes:  # an editable installation lists no file of its own
        own = Path(__file__).parents[1] / "src" / "gluteal"
        sizes[name] = sum(p.stat().st_size for p in own.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        sizes[name] /= _MEGABYTE
    return sizes


def wheel_size() -> float:
    """Build the wheel and return its size, MB."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, "."]
        subprocess.run(build, cwd=Path(__file__).parents[1], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.stat().st_size / _MEGABYTE


def main() -> None:
    """Measure and print a table; JSON lines go to standard error as they come."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="commands whose words hold this")
    parser.add_argument("--no-sizes", action="store_true", help="times alone")
    given = parser.parse_args()
    print("| command | first, no byte code | installed | second | asked | memory, MB | exit |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for words, asked in COMMANDS:
        if given.only not in " ".join(words):
            continue
        row = measure_command(words)
        print(json.dumps(row), file=sys.stderr, flush=True)
        print(
            f"| `{row['command']}` | {row['first_s']} | {row['installed_s']} | {row['second_s']} | {asked or ''} | "
            f"{row['memory_MB']} | {row['exit']} |",
            flush=True,
        )
    if not given.no_sizes:
        sizes = installed_sizes()
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
        print(f"\nInstalled: {sum(sizes.values()):.0f} MB; " + ", ".join(f"{n} {s:.0f}" for n, s in largest))
        print(f"gluteal itself {sizes['gluteal']:.2f} MB, its wheel {wheel_size():.2f} MB")


if __name__ == "__main__":
    main()
