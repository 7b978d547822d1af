"""Every door under fire: valid files damaged at random, given to the command line; prints what came of it.

    python -m benchmarks.fuzz --seconds 300 --seed 1

A run counts as kept to the promise where it ends with 0, 2, 3 or 4, without a traceback or "our mistake", and its
inputs are as they were. An audit hook lists the files that are opened outside of the
temporary folder, Python and the project.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gluteal.cli import main as run

#: How a run may end.
ENDS = (0, 2, 3, 4)
#: What numbers and texts are replaced by.
ODD = ("nan", "inf", "-1", "0", "1e308", "1e-308", "9" * 400, "1_0", "[]", "{}", "[[1]]", "''", "true", "\0", "\x1b[2J")

TASK = """name = "mine"
title = "Mine"
description = "A stance"
surfaces = {floor = 0.0}
keyframe = [{time = 0.0, hip_flexion_r = 10.0}]
support = [{points = ["heel_medial_r", "toe_1_r"], friction = 0.8, tolerance = 0.01}]
solve = {free = ["pelvis_ty"]}
"""
TRIAL = """name = "a"
model = "me.osim"
coordinates = "me.mot"
external_loads = "loads.xml"
window = [0.0, 1.0]
rate_hz = 100
mass_kg = 70.0
hold = ["hip_flexion_r"]
supports = [{name = "chair", segment = "pelvis", point = [0, 0, 0]}]
"""
MODEL = '<OpenSimDocument Version="40000"><Model name="m"><Coordinate name="hip_flexion_r"/></Model></OpenSimDocument>'
TABLE = "a\nnRows=3\nnColumns=2\ninDegrees=no\nendheader\ntime\thip_flexion_r\n0\t0.1\n0.5\t0.2\n1\t0.3\n"
LOADS = '<OpenSimDocument><ExternalLoads name="l"><datafile>me.mot</datafile></ExternalLoads></OpenSimDocument>'
PLAN = """seed = 1
people = 0
[[movement]]
task = "single-leg-stance"
[[condition]]
block = {"superior gluteal" = 0.5}
"""
SESSION = '[[recording]]\nfile = "a.csv"\nstart = 0.1\nrole = "task"\n'
EMG = "rate 100 Hz\nGMAX right,GMED right\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(300))
EVIDENCE = "studies:\n- key: a2000\n  title: A\n  year: 2000\nclaims:\n- key: b\n  statement: C\n"


@dataclass(frozen=True)
class Door:
    """A command with the files it reads: name -> content; the first is the argument unless `arguments` says more."""

    files: dict[str, str]
    arguments: Callable[[Path], list[str]]


DOORS = {
    "task": Door({"t.toml": TASK}, lambda f: ["simulate", str(f / "t.toml")]),
    "trial": Door(
        {"trial.toml": TRIAL, "me.osim": MODEL, "me.mot": TABLE, "loads.xml": LOADS}, lambda f: ["trial", str(f)]
    ),
    "model": Door({"me.osim": MODEL}, lambda f: ["simulate", "single-leg-stance", "--body", str(f / "me.osim")]),
    "plan": Door({"p.toml": PLAN}, lambda f: ["study", str(f / "p.toml"), "--out", str(f / "no" / "o.nc")]),
    "session": Door({"s.toml": SESSION, "a.csv": EMG}, lambda f: ["emg", str(f / "s.toml")]),
    "recording": Door({"a.csv": EMG}, lambda f: ["emg", str(f / "a.csv")]),
    "evidence": Door({"e.yaml": EVIDENCE}, lambda f: ["claims", "--evidence", str(f / "e.yaml")]),
    "values": Door({}, lambda f: []),
}
OPTIONS = ("--weaken", "--block", "--inhibit", "--delay", "--set", "--nerve", "--side", "--hip", "--body", "--out")


def damage(text: str, rng: random.Random) -> bytes:
    """Return a text with some numbers replaced, pieces cut out or repeated, or bytes overwritten."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(max(len(text), 1))
        kind = rng.randrange(5)
        if kind == 0:
            digits = [i for i, c in enumerate(text) if c.isdigit()]
            at = rng.choice(digits or [0])
            text = text[:at] + rng.choice(ODD) + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[at + rng.randrange(1, 40) :]
        elif kind == 2:
            text = text[:at] + text[at : at + 30] * rng.randrange(2, 50) + text[at:]
        elif kind == 3:
            text = text[:at] + rng.choice(("[", "{", "<a>")) * rng.choice((3, 3000)) + text[at:]
        else:
            text = text[:at] + rng.choice(ODD) + text[at:]
    raw = bytearray(text.encode())
    if raw and rng.random() < 0.2:
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)


@dataclass
class Totals:
    """What came of all runs."""

    runs: Counter[str] = field(default_factory=Counter)
    ends: Counter[object] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    lost: int = 0
    longest: float = 0.0


def attack(door: str, folder: Path, rng: random.Random, totals: Totals) -> None:
    """Damage the files of a door, run its command and note how it ended."""
    chosen = DOORS[door]
    before = {}
    for name, text in chosen.files.items():
        content = damage(text, rng) if len(chosen.files) == 1 or rng.random() < 0.5 else text.encode()
        before[folder / name] = content
        (folder / name).write_bytes(content)
    arguments = chosen.arguments(folder)
    if door == "values":
        value = rng.choice(("glmed=", "", "x=")) + rng.choice(ODD)
        arguments = ["simulate", "single-leg-stance", rng.choice(OPTIONS), value]
        if arguments[2] == "--out":
            arguments[3] = str(folder / "no" / value)
    said = io.StringIO()
    start = time.process_time()
    end: object
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            end = run(arguments)
        except BaseException as error:
            end = f"{type(error).__name__}: {error}"
    totals.longest = max(totals.longest, time.process_time() - start)
    totals.runs[door] += 1
    totals.ends[end] += 1
    totals.lost += sum(not p.exists() or p.read_bytes() != content for p, content in before.items())
    if end not in ENDS or "our mistake" in said.getvalue() or "Traceback" in said.getvalue():
        totals.broken.append(f"{door}: {end}: {said.getvalue().strip()[-200:]}")


def main() -> None:
    """Run for some seconds and print the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    totals, rng = Totals(), random.Random(given.seed)
    outside: set[str] = set()
    with tempfile.TemporaryDirectory() as place:
        ours = (place, sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), "/dev/", "/proc/", "/sys/")

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
                name = os.fsdecode(arguments[0])
                if name.startswith("/") and not name.startswith(ours):
                    outside.add(name)

        with contextlib.redirect_stdout(io.StringIO()):
            run(["simulate", "single-leg-stance"])
        sys.addaudithook(watch)
        stop = time.monotonic() + given.seconds
        while time.monotonic() < stop:
            for door in DOORS:
                with tempfile.TemporaryDirectory(dir=place) as folder:
                    attack(door, Path(folder), rng, totals)
        seen = sorted(outside)
    print(f"inputs tried         {totals.runs.total()}  {dict(totals.runs)}")
    print(f"ends                 {dict(totals.ends)}")
    print(f"promises broken      {len(totals.broken)}")
    print(f"inputs changed       {totals.lost}")
    print(f"files outside opened {len(seen)}  {seen[:8]}")
    print(f"longest run          {totals.longest:.1f} s processor time")
    print(f"largest memory       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for told in totals.broken[:40]:
        print("  ", ascii(told))


if __name__ == "__main__":
    main()
