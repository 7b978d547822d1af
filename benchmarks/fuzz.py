"""Every door under fire: valid files damaged at random, given to the command line; prints what came of it.

    python -m benchmarks.fuzz --seconds 300 --seed 1

A run counts as kept to the promise where it ends with 0, 2, 3 or 4, without a traceback or "our mistake", and its
inputs are as they were. An audit hook lists the files that are opened outside of the
temporary folder, Python and the project.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import os
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fuzz_seeds import doors
from gluteal.cli import main as run

#: How a run may end.
ENDS = (0, 2, 3, 4)
#: What numbers and texts are replaced by.
ODD = ("nan", "inf", "-1", "0", "1e308", "1e-308", "9" * 400, "1_0", "[]", "{}", "[[1]]", "''", "true", "\0", "\x1b[2J")

OPTIONS = ("--weaken", "--inhibit", "--delay", "--squeeze", "--set", "--nerve", "--side", "--hip", "--body", "--out")
#: Doors, and that of values, which reads no file.
NAMES = (*doors(), "values")


def soften(content: bytes, rng: random.Random) -> bytes:
    """Return a text with a digit or two changed, a line left out or twice: most such files still compute."""
    lines = content.decode().split("\n")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(lines))
        digits = [i for i, c in enumerate(lines[at]) if c.isdigit()]
        if digits and rng.random() < 0.8:
            k = rng.choice(digits)
            lines[at] = lines[at][:k] + rng.choice("0123456789") + lines[at][k + 1 :]
        elif rng.random() < 0.5:
            lines.insert(at, lines[at])
        elif len(lines) > 3:
            del lines[at]
    return "\n".join(lines).encode()


def overwrite(content: bytes, rng: random.Random) -> bytes:
    """Return a file with some bytes of its samples or, one time in three, of its header overwritten.

    Of a packed file mostly what is in it, so that the damage comes through its check sums.
    """
    if rng.random() < 0.8:
        if content[:2] == b"\x1f\x8b":
            return gzip.compress(overwrite(gzip.decompress(content), rng), mtime=0)
        if content[:4] == b"PK\x03\x04":
            return _within_zip(content, rng)
    raw = bytearray(content)
    reach = (0, min(2000, len(raw))) if rng.random() < 0.34 else (len(raw) // 2, len(raw))
    for _ in range(rng.randrange(1, 6)):
        raw[rng.randrange(*reach)] = rng.randrange(256)
    return bytes(raw[: rng.randrange(len(raw))] if rng.random() < 0.05 else raw)


def _within_zip(content: bytes, rng: random.Random) -> bytes:
    """Return an archive with one of its members, mostly the largest, damaged."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {m.filename: archive.read(m) for m in archive.infolist()}
    largest = max(members, key=lambda name: len(members[name]))
    name = largest if rng.random() < 0.7 else rng.choice(list(members))
    # The parts of a workbook are texts.
    members[name] = soften(members[name], rng) if rng.random() < 0.7 else overwrite(members[name], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, raw in members.items():
            archive.writestr(member, raw)
    return packed.getvalue()


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
    computed: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    lost: int = 0
    longest: float = 0.0


def attack(door: str, folder: Path, rng: random.Random, totals: Totals) -> None:
    """Damage the files of a door, run its command and note how it ended."""
    before = {}
    if door == "values":
        arguments = ["simulate", "single-leg-stance", *_option(folder, rng)]
    else:
        chosen = doors()[door]
        hit = rng.choice(list(chosen.hit or chosen.files))
        for name, content in chosen.files.items():
            if name == hit:
                plain = chosen.plain and b"\0" not in content
                harsh = rng.random() < 0.25 and plain
                how = soften if plain else overwrite
                content = damage(content.decode(), rng) if harsh else how(content, rng)
            before[folder / name] = content
            (folder / name).write_bytes(content)
        arguments = chosen.arguments(folder)
    said = io.StringIO()
    start = _processor_time()
    end: object
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            end = run(arguments)
        except BaseException as error:
            end = f"{type(error).__name__}: {error}"
    totals.longest = max(totals.longest, _processor_time() - start)
    totals.runs[door] += 1
    totals.ends[end] += 1
    totals.computed[door] += end in (0, 3, 4)
    totals.lost += sum(not p.exists() or p.read_bytes() != content for p, content in before.items())
    if end not in ENDS or "our mistake" in said.getvalue() or "Traceback" in said.getvalue():
        totals.broken.append(f"{door}: {end}: {said.getvalue().strip()[-200:]}")


def _processor_time() -> float:
    """Of this process and those that it started and that ended, s."""
    return sum(os.times()[:4])


def _option(folder: Path, rng: random.Random) -> list[str]:
    """An option with a good value or an odd one."""
    good = rng.random() < 0.6
    number = f"{rng.uniform(0, 1):.3g}" if good else rng.choice(ODD)
    option = rng.choice(OPTIONS)
    if option == "--out":
        return [option, str(folder / ("a.csv" if good else f"no{number}"))]
    if option in ("--side", "--hip", "--body"):
        return [option, {"--side": "l", "--hip": "tlem2", "--body": "myo"}[option] if good else number]
    name = {"--nerve": "superior gluteal", "--set": "lift"}.get(option, "glmed")
    return [option, f"{name}={number}"]


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

        # What the program unpacks on the way lies in this folder, too.
        tempfile.tempdir = os.environ["TMPDIR"] = os.environ["GLUTEAL_CACHE"] = place
        doors()
        with contextlib.redirect_stdout(io.StringIO()):
            run(["simulate", "single-leg-stance"])
        sys.addaudithook(watch)
        stop = time.monotonic() + given.seconds
        while time.monotonic() < stop:
            for door in NAMES:
                with tempfile.TemporaryDirectory(dir=place) as folder:
                    attack(door, Path(folder), rng, totals)
        seen = sorted(outside)
    print(f"inputs tried         {totals.runs.total()}  {dict(totals.runs)}")
    shares = {d: f"{100 * totals.computed[d] / n:.0f} %" for d, n in totals.runs.items()}
    print(f"that computed        {100 * totals.computed.total() / totals.runs.total():.0f} %  {shares}")
    print(f"ends                 {dict(totals.ends)}")
    print(f"promises broken      {len(totals.broken)}")
    print(f"inputs changed       {totals.lost}")
    print(f"files outside opened {len(seen)}  {seen[:8]}")
    print(f"longest run          {totals.longest:.1f} s processor time")
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"largest memory       {most / 1024:.0f} MB")
    for told in totals.broken[:40]:
        print("  ", ascii(told))


if __name__ == "__main__":
    main()
