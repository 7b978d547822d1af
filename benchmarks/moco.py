"""The load sharing beside OpenSim Moco: a recorded walk held as it was, whole and with part of a nerve gone.

    python -m benchmarks.moco DATA            # a problem of direct collocation: minutes of processor time

DATA is the folder of recordings. The same model, curves of force, rigid tendons, passive forces, foot forces and cost
(activation squared, no dynamics of activation) go into both; Moco solves all frames as one nonlinear program, the
product each by itself. Needs the extra ``opensim``.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time as clock
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import gluteal
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import Solution, solve_sharing

#: The recording, and the part of it that both solve, s: the right leg stands alone.
TRIAL, WINDOW = "walk_rajagopal2016", (0.55, 0.75)
#: Intervals of Moco's mesh, s.
MESH = 0.05
#: What is gone of the right superior gluteal nerve.
LOSSES = (0.46, 0.0)
NERVE = "superior gluteal"
#: Moco's reserves: as control^2 with this optimal force, N m, a squared newton-metre costs 1; the product's costs 1000.
RESERVE_FORCE = 1.0

RESERVE_BOUND = 2000.0


def solve_moco(folder: Path, weak: dict[str, float]) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray, float]:
    """Return times (T,), activations (T,) by muscle, the largest reserve (T,) N m, and processor time, s.

    `weak` is the share of its strength that a muscle has left.
    """
    import opensim as osim

    osim.Logger.setLevelString("off")
    folder = folder.resolve()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):  # Moco leaves files where it runs
        model = osim.Model(str(folder / "subject_walk_scaled.osim"))
        for name, left in weak.items():
            muscle = osim.Muscle.safeDownCast(model.getMuscles().get(name))
            muscle.set_max_isometric_force(left * muscle.get_max_isometric_force())
        path = Path(scratch) / "weak.osim"
        model.printToXML(str(path))
        steps = osim.ModelProcessor(str(path))
        toes = osim.StdVectorString()
        for side in "rl":
            toes.append(f"mtp_{side}")  # no angles of the toes were recorded
        steps.append(osim.ModOpReplaceJointsWithWelds(toes))
        steps.append(osim.ModOpAddExternalLoads(str(folder / "grf_walk.xml")))
        steps.append(osim.ModOpIgnoreTendonCompliance())
        steps.append(osim.ModOpReplaceMusclesWithDeGrooteFregly2016())
        steps.append(osim.ModOpIgnoreActivationDynamics())
        # Also where the model has actuators, whose bounds are below what arms and pelvis ask for.
        steps.append(osim.ModOpAddReserves(RESERVE_FORCE, RESERVE_BOUND, False))
        inverse = osim.MocoInverse()
        inverse.setModel(steps)
        inverse.setKinematics(osim.TableProcessor(str(folder / "coordinates.sto")))  # smooth already
        inverse.set_initial_time(WINDOW[0])
        inverse.set_final_time(WINDOW[1])
        inverse.set_mesh_interval(MESH)
        inverse.set_kinematics_allow_extra_columns(True)
        begin = clock.process_time()
        found = inverse.solve().getMocoSolution()
        seconds = clock.process_time() - begin
        if not found.success():
            raise SystemExit(f"Moco did not solve it: {found.getStatus()}")
        names = list(found.getControlNames())
        values = {name: found.getControlMat(name) for name in names}
        at = found.getTimeMat()
    muscles = {n.rsplit("/", 1)[-1]: v for n, v in values.items() if "reserve" not in n}
    reserves = [RESERVE_FORCE * np.abs(v) for n, v in values.items() if "reserve" in n and "pelvis" not in n]
    return at, muscles, np.max(reserves, axis=0), seconds


def compare(mechanics: Mechanics, solved: Solution, moco: tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]) -> str:
    """Say how the product's activations differ from Moco's, right leg and left."""
    at, muscles, reserve = moco
    names = [n for n in mechanics.body.muscle_names if n in muscles]
    ours = solved.dataset["activation"].sel(muscle=names)
    time = ours["time"].values
    ours_at = np.array([np.interp(at, time, ours.sel(muscle=n).values) for n in names])
    theirs = np.array([muscles[n] for n in names])
    off = ours_at - theirs
    worst = int(np.abs(off).max(axis=1).argmax())
    effort = [float((x**2).sum(axis=0).mean()) for x in (ours_at, theirs)]
    return (
        f"{len(names)} muscles, {len(at)} times: root mean square {np.sqrt((off**2).mean()):.4f}, mean "
        f"size {np.abs(off).mean():.4f}, largest {np.abs(off[worst]).max():.3f} ({names[worst]}); "
        f"effort {effort[0]:.3f} and {effort[1]:.3f}; largest reserve of Moco {reserve.max():.3f} N m"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Solve both ways and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args(arguments).data / TRIAL
    trial = gluteal.load_trial(folder)
    body = trial.body
    mechanics = gluteal.compute_mechanics(body, trial.movement)
    for loss in LOSSES:
        condition = Condition.block(NERVE, loss=loss, side="r")
        begin = clock.process_time()
        solved = solve_sharing(mechanics, condition=condition)
        own = clock.process_time() - begin
        weak = dict.fromkeys(condition.affected(body), 1.0 - loss)
        at, muscles, reserve, seconds = solve_moco(folder, weak)
        print(f"{loss:.0%} of the nerve: {compare(mechanics, solved, (at, muscles, reserve))}")
        print(f"  processor time: {own:.3f} s here, {seconds:.0f} s Moco", flush=True)


if __name__ == "__main__":
    main()
