"""Every build of the native kernels gives the same bits: stored answers of twelve problems, compiler by compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.packages import needs, needs_program
from tests.helpers.sharing_problems import hard_problem, problem
from tests.helpers.twelve_problems import (
    EXPONENTS,
    FOLDER,
    KnownProblem,
    hash_answer,
    known_answers,
    known_problems,
    split_answers,
    write_problem,
)

from gluteal.kernels.native import build, threads
from gluteal.kernels.native.library import Kernels, load_kernels
from gluteal.kernels.native.problem import FrameSolutions, Given
from gluteal.kernels.recruitment import LIMIT, certify_frames, solve_checked, solve_frames

#: Flags of a build of ours, as `gluteal.kernels.native.build` has them.
SAFE = ["-std=gnu11", "-O3", "-fno-math-errno", "-Wno-psabi", "-ffp-contract=off"]
INCLUDE = ["-I", str(build.HERE)]


def hash_all(kernels: Kernels) -> dict[str, dict[str, str]]:
    """Return the hash of every answer of one library."""
    return {
        p.name: {f"{e:g}": hash_answer(solve_checked(kernels, p.given, p.costs(e), LIMIT, None)) for e in EXPONENTS}
        for p in known_problems()
    }


def run_program(command: Sequence[str | Path], folder: Path) -> dict[str, dict[str, str]]:
    """Return the hash of every answer of a program that reads problems from files."""
    answers: dict[str, dict[str, str]] = {p.name: {} for p in known_problems()}
    problems = list(known_problems())
    for exponent in EXPONENTS:
        paths = [write_problem(folder / f"{i}.bin", p, exponent) for i, p in enumerate(problems)]
        done = subprocess.run([*command, *paths], capture_output=True, check=True)
        for p, answer in zip(problems, split_answers(done.stdout, problems), strict=True):
            answers[p.name][f"{exponent:g}"] = hash_answer(answer)
    return answers


def compile_driver(command: Sequence[str], flags: Sequence[str], out: Path) -> Path:
    """Compile the program that solves problems from files."""
    subprocess.run(
        [*command, *flags, *INCLUDE, str(FOLDER / "driver.c"), "-o", str(out), "-lm"], check=True, capture_output=True
    )
    return out


def test_this_installation_gives_the_stored_answers() -> None:
    assert hash_all(load_kernels()) == known_answers()


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig"])
@pytest.mark.parametrize("flavour", ["_base", "_v3"])
def test_both_instruction_sets_of_every_compiler(compiler: str, flavour: str, tmp_path: Path) -> None:
    """x86-64 with and without AVX2, which one library holds; another processor has one set of its own."""
    if compiler == "zig":
        needs("ziglang")
        command = build.find_zig()
    else:
        command = [needs_program(compiler, compiler, always=False)]
    path = build.build_library(tmp_path / f"kernel{build.LIBRARY.suffix}", compiler=command)
    whole = Kernels(path)
    if not hasattr(whole.library, "share_level"):
        assert hash_all(whole) == known_answers()
        return
    if flavour == "_v3" and whole.library.share_level() < 3:
        pytest.skip("This processor has no AVX2.")
    assert hash_all(Kernels(path, flavour)) == known_answers()


@pytest.mark.slow
def test_flags_of_the_user_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither CFLAGS nor what comes along with the compiler's name lets sums be fused or taken in another order."""
    gcc = needs_program("gcc", "gcc", always=False)
    monkeypatch.setenv("CFLAGS", "-Ofast -march=native")
    monkeypatch.setenv("CC", f"{gcc} -ffast-math -ffp-contract=fast -mfma")
    path = build.build_library(tmp_path / f"kernel{build.LIBRARY.suffix}")
    # In a process of its own: code that the linker may add takes subnormal numbers away from all of it.
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from tests.helpers.twelve_problems import known_answers\n"
        "from tests.kernels.test_native_bits import Kernels, hash_all\n"
        "found = hash_all(Kernels(Path(sys.argv[1])))\n"
        "assert np.array([5e-324])[0] * np.array([1.0])[0] > 0.0, 'subnormal numbers are gone'\n"
        "assert found == known_answers()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], cwd=FOLDER.parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_build_that_fuses_is_told_apart(tmp_path: Path) -> None:
    """The check can fail: with contraction every answer differs, and with -ffast-math nothing is built."""
    gcc = needs_program("gcc", "gcc", always=False)
    if load_kernels().library.share_level() < 3:
        pytest.skip("This processor has no fused multiply-add.")
    fused = [flag for flag in SAFE if flag != "-ffp-contract=off"]
    driver = compile_driver([gcc], [*fused, "-ffp-contract=fast", "-march=x86-64-v3"], tmp_path / "driver")
    found, known = run_program([driver], tmp_path), known_answers()
    assert [(n, e) for n in known for e in known[n] if found[n][e] == known[n][e]] == []
    with pytest.raises(subprocess.CalledProcessError) as caught:
        compile_driver([gcc], [*fused, "-ffast-math"], tmp_path / "driver")
    assert "Built with -ffast-math" in caught.value.stderr.decode()


@pytest.mark.slow
def test_arm_gives_the_stored_answers(tmp_path: Path) -> None:
    """AArch64, under emulation."""
    needs("ziglang")
    emulator = needs_program("qemu-aarch64", "qemu-user", always=False)
    target = ["-target", "aarch64-linux-musl", "-mcpu=generic", "-static"]
    driver = compile_driver(build.find_zig(), [*target, *SAFE], tmp_path / "driver")
    assert run_program([emulator, driver], tmp_path) == known_answers()


@pytest.mark.slow
def test_webassembly_gives_the_stored_answers(tmp_path: Path) -> None:
    """The kernels of a page, in Node; and they name the sources they were built from."""
    needs("ziglang")
    node = needs_program("node", "nodejs")
    library = build.build_wasm(tmp_path / "share.wasm")
    assert build.stamp_sources().encode() in library.read_bytes()
    assert run_program([node, FOLDER / "solve.mjs", library], tmp_path) == known_answers()


@pytest.mark.slow
def test_sanitizers_find_nothing(tmp_path: Path) -> None:
    """No read or write out of bounds, no undefined behaviour: the twelve, and problems built to break solvers."""
    gcc = needs_program("gcc", "gcc", always=False)
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g"]
    driver = compile_driver([gcc], [*SAFE, *flags], tmp_path / "driver")
    rng = np.random.default_rng(7)
    problems = list(known_problems())
    shapes = [(1, 1, 1, 0), (5, 3, 9, 2), (2, 7, 40, 0), (3, 2, 1, 5), (9, 12, 33, 4), (0, 3, 4, 1), (2, 1, 0, 1)]
    for frames, rows, muscles, rays in shapes:
        for make in (problem, hard_problem) if muscles and frames else ():
            A, S, b, lower, upper, weight = make(rng, frames, rows, muscles, rays)
            given = Given(A, S, b, lower, upper, weight, rng.uniform(0.0, 1.0, lower.shape))
            problems.append(KnownProblem(f"{make.__name__} {A.shape}", given, 700.0))
        empty = [np.zeros(s) for s in ((frames, rows, muscles), (frames, rows, rays), (frames, rows))]
        one = np.ones((frames, muscles))
        problems.append(KnownProblem("empty", Given(*empty, 0.0 * one, one, one, one), 700.0))
    for exponent in (2.0, 3.0, 2.5):
        paths = [write_problem(tmp_path / f"{i}.bin", p, exponent) for i, p in enumerate(problems)]
        done = subprocess.run([driver, *paths], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        split_answers(done.stdout, problems)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_threads_and_chunks_change_nothing(count: int, exponent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "FEW_ENTRIES", 0)
    given = problem(np.random.default_rng(1), 150, 6, 30, 4, 60.0)
    monkeypatch.setenv(threads.THREADS, "1")
    alone = solve_frames(*given, exponent=exponent)
    monkeypatch.setenv(threads.THREADS, str(count))
    assert hash_answer(solve_frames(*given, exponent=exponent)) == hash_answer(alone)


@pytest.mark.parametrize("exponent", [2.0, 2.5, 3.0])
def test_capacity_is_a_factor_on_the_columns(exponent: float) -> None:
    """To the bit; a share of zero makes another order of columns, and sums are then the same but for rounding."""
    rng = np.random.default_rng(2)
    A, *rest = problem(rng, 40, 6, 30, 4, 60.0)
    for least in (0.0, 0.1):
        capacity = rng.choice([least, 0.3, 1.0], (40, 30))
        scaled = solve_frames(A * capacity[:, None], *rest, exponent=exponent)
        found = solve_frames(A, *rest, exponent=exponent, capacity=capacity)
        np.testing.assert_allclose(found.activation, scaled.activation, atol=1e-9)
        np.testing.assert_allclose(found.reserve, scaled.reserve, atol=1e-8)
        if least:
            assert hash_answer(found) == hash_answer(scaled)
        point = found[:4]
        certificate = certify_frames(A, *rest, *point, exponent=exponent, capacity=capacity)
        np.testing.assert_allclose(certificate, np.stack(found[4:7], axis=1), atol=1e-12)


def test_many_callers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of the caller's own, each of which asks the pool for help: no lock, and the same bits."""
    monkeypatch.setattr(threads, "FEW_ENTRIES", 0)
    monkeypatch.setenv(threads.THREADS, "3")
    given = problem(np.random.default_rng(3), 90, 6, 30, 4, 60.0)
    expected = hash_answer(solve_frames(*given))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: hash_answer(solve_frames(*given)), range(40)))
    assert set(found) == {expected}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork.")
def test_a_fork_after_threads_solves() -> None:
    """A process that was forked while the pool was up makes its own, and does not wait for threads it lacks."""
    program = (
        "import os, numpy as np\n"
        "from gluteal.kernels.native import threads\n"
        "from gluteal.kernels.recruitment import solve_frames\n"
        "threads.FEW_ENTRIES = 0\n"
        "A, b, one = np.full((64, 1, 2), 50.0), np.full((64, 1), 30.0), np.ones((64, 2))\n"
        "solve = lambda: solve_frames(A, np.zeros((64, 1, 0)), b, 0 * one, one, one).activation.sum()\n"
        "solve()\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(0 if abs(solve() - 38.4) < 1e-3 else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    environment = {**os.environ, threads.THREADS: "2"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=environment, check=True, timeout=60)


def test_hashes_see_a_single_bit() -> None:
    solution = solve_checked(load_kernels(), known_problems()[0].given, known_problems()[0].costs(2.0), LIMIT, None)
    changed = solution.activation.copy()
    changed[0, 3] = np.nextafter(changed[0, 3], 2.0)
    assert hash_answer(FrameSolutions._make([changed, *solution[1:]])) != hash_answer(solution)
