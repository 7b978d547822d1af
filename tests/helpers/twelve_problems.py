"""Twelve problems whose answers are known to the bit: four movements, each undisturbed, weakened and without a nerve.

The frames are in `tests/kernels/native/frames.npz`, rounded to single precision: of three tasks on the embedded body
(23 coordinates x 290 muscles, with supports), and random ones of the shape of a measured walk (10 x 80, none). The
answers are in `answers.json` beside them, as hashes of every array that the kernel returns.

``python -m tests.helpers.twelve_problems`` writes the answers anew, by the kernels of this installation, and with
``--frames`` the frames, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gluteal.kernels.native.library import as_doubles, load_kernels
from gluteal.kernels.native.problem import Costs, FrameSolutions, Given
from gluteal.kernels.recruitment import LIMIT, RESERVE_COST, SUPPORT_COST, TOLERANCE, solve_checked

FOLDER = Path(__file__).parents[1] / "kernels" / "native"
FRAMES, ANSWERS = FOLDER / "frames.npz", FOLDER / "answers.json"
TASKS = ("single-leg-stance", "walk", "sit-to-stand")
#: Share of the capacity that the muscles of the right superior gluteal nerve have left.
LEFT = {"0": 1.0, "46": 0.54, "100": 0.0}
#: Exponents that need no library's power, whose last bit differs from platform to platform.
EXPONENTS = (2.0, 3.0)


class KnownProblem(NamedTuple):
    """One problem, by name."""

    name: str
    given: Given
    support_scale: float

    def costs(self, exponent: float) -> Costs:
        """The settings that the product solves with."""
        return Costs(exponent, RESERVE_COST, SUPPORT_COST, self.support_scale, TOLERANCE)


@cache
def known_problems() -> tuple[KnownProblem, ...]:
    """Return the twelve."""
    stored = np.load(FRAMES)
    problems = []
    for name in (*TASKS, "random"):
        A, S, b = (as_doubles(stored[f"{name} {key}"]) for key in "ASb")
        one = np.ones((len(A), A.shape[2]))
        for loss, left in LEFT.items():
            capacity = one * np.where(stored[f"{name} hit"], left, 1.0)
            given = Given(A, S, b, 0.0 * one, one, one, capacity)
            problems.append(KnownProblem(f"{name}, loss {loss} %", given, float(stored[f"{name} scale"])))
    return tuple(problems)


def hash_answer(answer: bytes | FrameSolutions) -> str:
    """Return the hash of every array of a solution."""
    whole = answer if isinstance(answer, bytes) else b"".join(np.ascontiguousarray(v).tobytes() for v in answer)
    return hashlib.sha256(whole).hexdigest()


def write_problem(path: Path, problem: KnownProblem, exponent: float) -> Path:
    """Write a problem as driver.c and solve.mjs read it."""
    given, costs = problem.given, problem.costs(exponent)
    arrays = [*given, np.zeros_like(given.b)]
    head = struct.pack("=4q5d", *given.A.shape, given.S.shape[2], *costs)
    path.write_bytes(head + b"".join(np.ascontiguousarray(v).tobytes() for v in arrays))
    return path


def split_answers(whole: bytes, problems: list[KnownProblem]) -> list[bytes]:
    """Part what a program wrote into the answers of each problem."""
    parts, at = [], 0
    for problem in problems:
        (frames, rows, muscles), rays = problem.given.A.shape, problem.given.S.shape[2]
        size = 8 * frames * (muscles + rays + 2 * rows + 4) + frames
        parts.append(whole[at : at + size])
        at += size
    assert at == len(whole)
    return parts


def known_answers() -> dict[str, dict[str, str]]:
    """Return the hash of each problem's answer, by exponent."""
    return json.loads(ANSWERS.read_text())


def make_frames() -> None:
    """Store some frames of each task, in single precision."""
    from benchmarks.recruitment.problems import make_frames as pose

    import gluteal
    from tests.helpers.sharing_problems import problem

    stored = {}
    body = gluteal.load_body("myo")
    hit = np.isin(body.muscle_names, body.resolve("superior gluteal", side="r"))
    for task in TASKS:
        frames = pose(task, gluteal.compute_mechanics(body, gluteal.load_task(task, body)))
        some = slice(None, None, 10)
        stored |= {f"{task} A": frames.A[some], f"{task} S": frames.S[some], f"{task} b": frames.b[some]}
        stored |= {f"{task} hit": hit, f"{task} scale": frames.support_scale}
    A, S, b, *_ = problem(np.random.default_rng(15), 21, 10, 80)
    stored |= {"random A": A, "random S": S, "random b": b, "random hit": np.arange(80) < 7, "random scale": 700.0}
    single = {k: np.float32(v) if np.asarray(v).dtype == np.float64 and np.ndim(v) else v for k, v in stored.items()}
    np.savez_compressed(FRAMES, **single)


def main() -> None:
    """Write the answers, and the frames if asked to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--frames", action="store_true")
    if options.parse_args().frames:
        make_frames()
    answers: dict[str, dict[str, str]] = {}
    for p in known_problems():
        solved = {f"{e:g}": solve_checked(load_kernels(), p.given, p.costs(e), LIMIT, None) for e in EXPONENTS}
        assert all(s.converged.all() for s in solved.values()), p.name
        answers[p.name] = {e: hash_answer(s) for e, s in solved.items()}
    ANSWERS.write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
