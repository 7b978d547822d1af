"""OpenSim's own StaticOptimization on the measured walk: seconds a frame of a new condition."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any


def time_opensim(data: Path, *, frames: tuple[int, int] = (2, 40)) -> tuple[float, str]:
    """Return the processor seconds that one more frame costs, and OpenSim's version.

    Two runs of the analysis tool over different numbers of frames, both with everything loaded anew as a new
    condition needs it; the difference leaves the loading out. Reserves of optimal force 1 N m at every joint
    without an actuator and of 100 at the pelvis, exponent 2, muscle force-length-velocity on: the tool's
    usual set-up.
    """
    import opensim

    opensim.Logger.setLevelString("Off")
    folder = data / "walk_rajagopal2016"
    with tempfile.TemporaryDirectory() as place:
        model = opensim.Model(str(folder / "subject_walk_scaled.osim"))
        actuated = {
            opensim.CoordinateActuator.safeDownCast(f).get_coordinate()
            for f in model.getForceSet()
            if opensim.CoordinateActuator.safeDownCast(f) is not None
        }
        for coordinate in model.getCoordinateSet():
            name = coordinate.getName()
            if name in actuated or name.endswith("_beta"):
                continue
            reserve = opensim.CoordinateActuator(name)
            reserve.setName(f"reserve_{name}")
            reserve.setOptimalForce(100.0 if name.startswith("pelvis") else 1.0)
            reserve.setMinControl(-1e3)
            reserve.setMaxControl(1e3)
            model.addForce(reserve)
        model.finalizeConnections()
        path = Path(place) / "model.osim"
        model.printToXML(str(path))
        (short, few), (long, many) = (_run(opensim, path, folder, Path(place), n) for n in frames)
    return (long - short) / (many - few), opensim.GetVersion()


def _run(opensim: Any, model: Path, folder: Path, place: Path, frames: int) -> tuple[float, int]:
    step, first = 0.01, 0.6
    analysis = opensim.StaticOptimization()
    last = first + (frames - 1) * step + 1e-6
    analysis.setStartTime(first)
    analysis.setEndTime(last)
    analysis.setStepInterval(10)  # the coordinates are given at 1000 Hz
    analysis.setUseModelForceSet(True)
    analysis.setActivationExponent(2.0)
    analysis.setUseMusclePhysiology(True)
    tool = opensim.AnalyzeTool()
    tool.setName("static")
    tool.setModelFilename(str(model))
    tool.setCoordinatesFileName(str(folder / "coordinates.sto"))
    tool.setExternalLoadsFileName(str(folder / "grf_walk.xml"))
    tool.setLowpassCutoffFrequency(6.0)
    tool.setInitialTime(first)
    tool.setFinalTime(last)
    tool.setResultsDir(str(place))
    tool.getAnalysisSet().cloneAndAppend(analysis)
    path = place / "setup.xml"
    tool.printToXML(str(path))
    start = time.process_time()
    opensim.AnalyzeTool(str(path)).run()
    seconds = time.process_time() - start
    solved = opensim.TimeSeriesTable(str(place / "static_StaticOptimization_activation.sto"))
    return seconds, int(solved.getNumRows())
