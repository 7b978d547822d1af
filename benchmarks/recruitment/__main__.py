"""Run every measurement, print a table, and write table, numbers and picture.

What runs on one thread is measured in processor time, so that other programs count little; what runs on all
threads by the clock: let nothing else run. Set OMP_NUM_THREADS=1 to hold the others to one
thread.

``python -m benchmarks.recruitment [--quick] [--data FOLDER] [--out FOLDER]``
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import gluteal
from benchmarks.recruitment.opensim_reference import time_opensim
from benchmarks.recruitment.problems import Frames, load_walk, make_frames, vary
from benchmarks.recruitment.solvers import available, prepare_ours, time_other, time_ours
from gluteal.kernels.native.threads import THREADS, count_threads
from gluteal.mechanics.build import Mechanics
from gluteal.sharing.tolerance import compute_loss_curve, rank_tolerance
from gluteal.simulate.people import draw_people
from gluteal.simulate.runs import run_people

TASKS = (
    "quiet-standing",
    "single-leg-stance",
    "bridge",
    "prone-hip-extension",
    "forward-bend",
    "squat",
    "walk",
)
LEG = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")
#: How many frames the slow ones get.
FEW = {"SciPy SLSQP": 5, "SciPy lsq_linear": 20}


def main() -> None:
    """Run, print and write."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.recruitment", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the work")
    default = os.environ.get("GLUTEAL_DATA", "../shared/data")
    options.add_argument("--data", type=Path, default=Path(default), help="the folder with walk_rajagopal2016")
    options.add_argument("--out", type=Path, default=Path("docs"), help="where benchmarks.* is written")
    chosen = options.parse_args()
    share = 0.1 if chosen.quick else 1.0

    # OpenSim looks for files from the folder of its setup file.
    walk = load_walk(chosen.data.resolve())
    body = gluteal.load_body("myo")
    tasks = {name: gluteal.compute_mechanics(body, gluteal.load_task(name, body)) for name in TASKS}
    rng = np.random.default_rng(1)
    count = int(10_000 * share)
    batches = (
        vary(make_frames(f"walk, {count_size(walk)}", walk), count, rng),
        vary(
            make_frames(f"single-leg stance, {count_size(tasks[TASKS[1]])}, supports", tasks[TASKS[1]]),
            count // 10,
            rng,
        ),
    )
    result: dict[str, Any] = {"machine": describe_machine(), "frames": count}
    result["solvers"] = [row for frames in batches for row in compare_solvers(frames, share)]
    seconds, release = time_opensim(chosen.data, frames=(2, 12) if chosen.quick else (2, 40))
    ours = result["solvers"][0]["us"]
    result["opensim"] = {"version": release, "us": 1e6 * seconds, "ratio": 1e6 * seconds / ours}
    result["slow_frame"] = time_slow_frames(make_frames("walk", walk), walk, share)
    result["warm"] = time_warm_start(batches[0], walk)
    result["posture"] = time_posture(tasks[TASKS[1]])
    result["sweep"] = time_sweep(tasks, share)
    result["people"] = time_people(tasks[TASKS[1]], count)
    result["tolerance"] = time_tolerance(walk)

    table = write_table(result)
    print(table)
    chosen.out.mkdir(exist_ok=True)
    (chosen.out / "benchmarks-results.md").write_text(table)
    (chosen.out / "benchmarks-results.json").write_text(json.dumps(result, indent=2) + "\n")
    draw(result, chosen.out / "pictures" / "benchmarks.png")


def count_size(mechanics: Mechanics) -> str:
    """Say how large a problem is."""
    data = mechanics.dataset
    return f"{data.sizes['muscle']} muscles × {int(data['recruited'].sum())} coordinates"


def use_threads(count: int | None) -> None:
    """Hold the solver to so many threads; None lets it use every core."""
    if count is None:
        os.environ.pop(THREADS, None)
    else:
        os.environ[THREADS] = str(count)


def describe_machine() -> dict[str, Any]:
    """Return what speeds depend on; no names of machine or people."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        model = next((x.split(":")[1].strip() for x in info.read_text().splitlines() if "model name" in x), model)
    packages = {}
    for name in ("numpy", "scipy", "clarabel", "proxsuite", "osqp", "opensim", "mujoco"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "threads": count_threads(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": packages,
    }


def compare_solvers(frames: Frames, share: float) -> Iterator[dict[str, Any]]:
    """Yield one row per solver: ours over the batch, with all threads and with one; the others on some."""
    threads = count_threads()
    repeats = 11 if share == 1.0 else 5
    ours = 1e6 * time_ours(frames, repeats=repeats)
    use_threads(1)
    alone = 1e6 * time_ours(frames, repeats=repeats, clock=time.process_time)
    use_threads(None)
    solution = prepare_ours(frames)()
    certificate = max(float(v.max()) for v in (solution.stationarity, solution.feasibility, solution.complementarity))
    common = {"problem": frames.name, "ratio": 1.0}
    yield {**common, "solver": f"gluteal, {threads} threads", "us": ours, "certificate": certificate}
    yield {**common, "solver": "gluteal, 1 thread", "us": alone, "ratio": alone / ours}
    some = np.linspace(0, len(frames) - 1, max(10, int(100 * share))).astype(int)
    for name in available():
        part = some[: FEW.get(name, len(some))]
        seconds, activation = time_other(name, frames.take(part))
        us = 1e6 * float(np.median(seconds))
        off = float(np.abs(activation - solution.activation[part]).max())
        yield {"problem": frames.name, "solver": name, "us": us, "ratio": us / ours, "difference": off}


def time_slow_frames(frames: Frames, mechanics: Mechanics, share: float) -> dict[str, float]:
    """Time single frames under losses 0..1 of every group, on one thread, against their median.

    A frame is timed as a batch of copies of itself, so that the call's overhead does not count, in processor
    time and as the fastest of three runs, so that interruptions do not; those that look slow are run more often.
    """
    use_threads(1)
    groups = list(mechanics.body.groups.values())
    rng = np.random.default_rng(2)
    taken = []
    for _ in range(int(2000 * share)):
        hit = np.isin(mechanics.body.muscle_names, groups[rng.integers(len(groups))])
        t = int(rng.integers(len(frames)))
        copies = frames.take(np.full(100, t)).weakened(hit, float(rng.integers(11)) / 10.0)
        solve = prepare_ours(copies)
        fastest = time_fastest(solve, 3)
        if taken and fastest > 1.3 * np.median(taken):
            fastest = min(fastest, time_fastest(solve, 17))
        taken.append(fastest)
    taken = [1e4 * seconds for seconds in taken]
    use_threads(None)
    median = float(np.median(taken))
    return {
        "median_us": median,
        "p99_us": float(np.percentile(taken, 99)),
        "slowest_us": max(taken),
        "ratio": max(taken) / median,
    }


def time_fastest(solve: Callable[[], object], runs: int) -> float:
    """Return the processor time of the fastest run, s."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        solve()
        taken.append(time.process_time() - start)
    return min(taken)


def time_warm_start(frames: Frames, mechanics: Mechanics) -> dict[str, float]:
    """Time a new condition, the right hip abductors at half their strength, on one thread.

    From scratch, and from the multipliers of the undisturbed frames.
    """
    use_threads(1)
    hit = np.isin(mechanics.body.muscle_names, mechanics.body.resolve("glmed", side="r"))
    start = prepare_ours(frames)().multiplier
    weak = frames.weakened(hit, 0.5)
    cold = time_ours(weak, repeats=5, clock=time.process_time)
    warm = time_ours(weak, repeats=5, clock=time.process_time, start=start)
    use_threads(None)
    return {"cold_us": 1e6 * cold, "warm_us": 1e6 * warm}


def time_posture(mechanics: Mechanics) -> dict[str, float]:
    """Time one posture of the embedded body: solving alone, with labels, and mechanics from scratch.

    Processor time of the only thread, medians; the clock beside it.
    """
    clocks = (time.process_time, time.perf_counter)
    taken: list[tuple[list[float], list[float]]] = []
    for _ in range(100):
        start = [clock() for clock in clocks]
        again = gluteal.compute_mechanics(mechanics.body, mechanics.movement)
        middle = [clock() for clock in clocks]
        gluteal.solve_sharing(again)
        end = [clock() for clock in clocks]
        taken.append(
            ([e - m for e, m in zip(end, middle, strict=True)], [e - s for e, s in zip(end, start, strict=True)])
        )
    solve, whole = (np.median([t[i] for t in taken], axis=0) for i in range(2))
    frames = make_frames("posture", mechanics)
    return {
        "kernel_ms": 1e3 * time_ours(frames, repeats=100, clock=time.process_time),
        "solve_ms": 1e3 * float(solve[0]),
        "with_mechanics_ms": 1e3 * float(whole[0]),
        "solve_clock_ms": 1e3 * float(solve[1]),
        "with_mechanics_clock_ms": 1e3 * float(whole[1]),
    }


def time_sweep(tasks: dict[str, Mechanics], share: float) -> dict[str, Any]:
    """Time 7 tasks × 20 losses × every leg muscle group, on one thread."""
    use_threads(1)
    losses = np.linspace(0.05, 1.0, 20)
    groups = list_leg_groups(next(iter(tasks.values())))
    chosen = groups[:: int(1 / share)]
    start = time.process_time()
    for mechanics in tasks.values():
        for group in chosen:
            compute_loss_curve(mechanics, group, side="r", losses=losses)
    seconds = (time.process_time() - start) * len(groups) / len(chosen)
    use_threads(None)
    frames = sum(len(m.time) for m in tasks.values()) * len(groups) * len(losses)
    return {"seconds": seconds, "groups": len(groups), "frames": frames}


def list_leg_groups(mechanics: Mechanics) -> list[str]:
    """Return the groups whose muscles all cross a joint of the leg."""
    data = mechanics.dataset
    rows = [str(c).startswith(LEG) for c in data["coordinate"].values]
    crosses = np.abs(data["moment_arm"].values[0][rows]).max(axis=0) > 1e-4
    leg = {m for m, c in zip(mechanics.body.muscle_names, crosses, strict=True) if c}
    return [g for g, muscles in mechanics.body.groups.items() if leg.issuperset(muscles)]


def time_people(mechanics: Mechanics, count: int) -> dict[str, float]:
    """Time random people in single-leg stance, undisturbed and with half the abductors' nerve gone."""
    block = gluteal.Condition.block("superior gluteal", loss=0.5, side="r")
    run_people(mechanics, draw_people(mechanics.body, 2, rng=np.random.default_rng(0)), conditions=[block])
    start = time.perf_counter()
    for chunk in range(0, count, 1000):
        people = draw_people(mechanics.body, min(1000, count - chunk), rng=np.random.default_rng(chunk))
        run_people(mechanics, people, conditions=[block])
    seconds = time.perf_counter() - start
    return {"people": count, "seconds": seconds, "seconds_per_10000": seconds * 10_000 / count}


def time_tolerance(mechanics: Mechanics) -> dict[str, float]:
    """Time the ranking of all groups on the measured walk."""
    start = time.perf_counter()
    ranking = rank_tolerance(mechanics, side="r")
    return {"targets": len(ranking.tolerances), "seconds": time.perf_counter() - start}


def say_number(value: float) -> str:
    """Write a number with three digits, and a large one without a power of ten.

    >>> say_number(2.163), say_number(86_512.0)
    ('2.16', '86,500')
    """
    digits = 2 - int(np.floor(np.log10(value))) if value >= 1000.0 else 0
    return f"{round(value, digits):,.0f}" if value >= 1000.0 else f"{value:.3g}"


def write_table(result: dict[str, Any]) -> str:
    """Return the results as markdown."""
    machine = result["machine"]
    packages = ", ".join(f"{k} {v}" for k, v in machine["packages"].items())
    lines = [
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}; {packages}. Load when started: {machine['load_before']} "
        "(above 0.5, what is measured by the clock is too slow).",
        "",
    ]
    for problem in dict.fromkeys(r["problem"] for r in result["solvers"]):
        rows = [r for r in result["solvers"] if r["problem"] == problem]
        alone = rows[1]["us"]
        lines += [f"**{problem}**", ""]
        lines.append("| solver | µs a frame | / ours, all threads | / ours, one thread | largest difference |")
        lines.append("|---|---:|---:|---:|---:|")
        for row in rows:
            off = f"{row['difference']:.0e}" if "difference" in row else ""
            ratios = f"{say_number(row['ratio'])} | {say_number(row['us'] / alone)}"
            lines.append(f"| {row['solver']} | {say_number(row['us'])} | {ratios} | {off} |")
        if problem.startswith("walk"):
            row = result["opensim"]
            ratios = f"{say_number(row['ratio'])} | {say_number(row['us'] / alone)}"
            lines.append(f"| OpenSim StaticOptimization | {say_number(row['us'])} | {ratios} | its own problem |")
        certificate = max(r.get("certificate", 0.0) for r in rows)
        lines += ["", f"Largest certificate: {certificate:.0e}.", ""]
    slow, posture, sweep = result["slow_frame"], result["posture"], result["sweep"]
    people, tolerance = result["people"], result["tolerance"]
    alone = result["solvers"][1]["us"]
    checks = [
        ("walk, a frame, all threads (µs)", result["solvers"][0]["us"], 8.0, "<="),
        ("walk, a frame, one thread (µs)", alone, None, ""),
        *(
            (f"{name} / gluteal, walk, {threads}", row["us"] / us, wanted, ">=")
            for threads, us in (("all threads", result["solvers"][0]["us"]), ("one thread", alone))
            for name, wanted in (("ProxQP", 60.0), ("Clarabel", 150.0))
            for row in result["solvers"]
            if row["solver"] == name and row["problem"].startswith("walk")
        ),
        ("OpenSim StaticOptimization / gluteal, all threads", result["opensim"]["ratio"], 10_000.0, ">="),
        ("slowest frame / median, any group and loss", slow["ratio"], 2.0, "<="),
        ("99 of 100 frames / median, any group and loss", slow["p99_us"] / slow["median_us"], None, ""),
        ("walk with weak abductors, a frame, one thread (µs)", result["warm"]["cold_us"], None, ""),
        ("the same, started from the undisturbed multipliers (µs)", result["warm"]["warm_us"], None, ""),
        ("posture of the embedded body, kernel (ms)", posture["kernel_ms"], 0.5, "<="),
        ("the same with labels (ms)", posture["solve_ms"], 0.5, "<="),
        ("the same with labels, by the clock (ms)", posture["solve_clock_ms"], None, ""),
        ("the same with labels and mechanics (ms)", posture["with_mechanics_ms"], 1.5, "<="),
        ("the same with labels and mechanics, by the clock (ms)", posture["with_mechanics_clock_ms"], None, ""),
        (f"7 tasks × 20 losses × {sweep['groups']} leg groups, one thread (s)", sweep["seconds"], 10.0, "<="),
        ("10,000 random people in single-leg stance (s)", people["seconds_per_10000"], 60.0, "<="),
        (f"tolerance of {tolerance['targets']} groups on the walk (s)", tolerance["seconds"], None, ""),
    ]
    lines += ["| what | measured | wanted | reached |", "|---|---:|---:|---|"]
    for what, value, wanted, sense in checks:
        if wanted is None:
            lines.append(f"| {what} | {say_number(value)} | | |")
            continue
        reached = value <= wanted if sense == "<=" else value >= wanted
        sign = "≤" if sense == "<=" else "≥"
        lines.append(f"| {what} | {say_number(value)} | {sign} {wanted:g} | {'yes' if reached else 'no'} |")
    return "\n".join(lines) + "\n"


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw the solvers' times on the walk as bars on a logarithmic axis."""
    import matplotlib.pyplot as plt

    rows = [r for r in result["solvers"] if r["problem"].startswith("walk")]
    rows = [*rows, {"solver": "OpenSim StaticOptimization", **result["opensim"]}][::-1]
    _, ax = plt.subplots(figsize=(7.2, 3.2), layout="constrained")
    colours = ["#d9541e" if r["solver"].startswith("gluteal") else "#6b8299" for r in rows]
    bars = ax.barh([r["solver"] for r in rows], [r["us"] for r in rows], color=colours)
    ax.bar_label(bars, [f"{r['us']:,.0f} µs" for r in rows], padding=4, fontsize="small")
    ax.set_xscale("log")
    ax.margins(x=0.15)
    ax.set_xlabel("median time per frame, 80 muscles × 10 coordinates (µs)")
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    path.parent.mkdir(exist_ok=True)
    plt.savefig(path, dpi=120)
    plt.close()


if __name__ == "__main__":
    main()
