"""Valid small files for every door of the command line; whole, each of them computes."""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tests.helpers import emg_files

from gluteal.cli import main as run

TASK = files("gluteal.movements.tasks").joinpath("library", "single-leg-stance.toml").read_text(encoding="utf-8")
TRIAL = """name = "a"
model = "me.osim"
coordinates = "me.mot"
external_loads = "none"
window = [0.2, 0.8]
rate_hz = 20
mass_kg = 2.0
filter_hz = 6
"""
TABLE = "me\nversion=1\nnRows=41\nnColumns=2\ninDegrees=no\nendheader\ntime\tswing\n" + "".join(
    f"{i / 40:.3f}\t{0.2 * math.sin(i / 10):.4f}\n" for i in range(41)
)
PLAN = """seed = 1
people = 2
chunk = 1
[[movement]]
task = "single-leg-stance"
[[condition]]
block = {"superior gluteal" = 0.5}
"""
SESSION = """title = "day 1"
[[recording]]
file = "a.csv"
start = 0.1
task = "walking"
[[recording]]
file = "m.csv"
role = "mvic"
"""
EVIDENCE = """claims:
- id: my-claim
  topic: x
  statement: y
  articles: {trainer: asserts}
  test: emg
"""
BIB = """@string{jb = "J Biomech"}
@article{a2000, title = {On one muscle}, author = {Ames, A. and Bode, B.}, journal = jb # " A", year = 2000}
@article{b2001, title = {On another}, author = {Bode, Bo}, journal = jb, year = 2001, doi = {10.1000/x}}
"""
CRITERION = """name = "own"
exponent = 2.0
weighting = "size"
joint_force = {hip = 0.2}
[[floor]]
target = "glmax"
value = 0.05
price = 1.0
"""
RATINGS = "subject,session,value\n" + "".join(
    f"p{i},{day},{20 + 3 * i + (i * day) % 2}\n" for i in range(6) for day in (1, 2)
)
STANCE = ("simulate", "single-leg-stance")
RIS = "TY  - JOUR\nAU  - Ames, A.\nTI  - On one muscle\nJO  - J Biomech\nPY  - 2000\nDO  - 10.1000/x\nER  -\n"


@dataclass(frozen=True)
class Door:
    """A command with the files it reads, name -> content.

    `plain` are texts, whose numbers and lines are damaged; only a file of `hit` is, where some are named.
    """

    files: dict[str, bytes]
    arguments: Callable[[Path], list[str]]
    plain: bool = True
    hit: tuple[str, ...] = ()


def bursts() -> np.ndarray:
    """Two channels of 2 s at 1 kHz with a burst each, mV."""
    rng = np.random.default_rng(5)
    on = np.stack([np.r_[np.zeros(a), np.ones(700), np.zeros(1300 - a)] for a in (500, 650)], 1)
    return (rng.normal(scale=0.01, size=(2000, 2)) + on * rng.normal(scale=0.25, size=(2000, 2))).clip(-1.9, 1.9)


def pendulum() -> bytes:
    """An OpenSim model of 2 kg that swings about a pin, with a muscle on each side."""
    import opensim

    model = opensim.Model()
    model.setName("pendulum")
    bob = opensim.Body("bob", 2.0, opensim.Vec3(0), opensim.Inertia(0.02))
    zero = opensim.Vec3(0)
    pin = opensim.PinJoint("pin", model.getGround(), zero, zero, bob, opensim.Vec3(0, 0.5, 0), zero)
    pin.updCoordinate().setName("swing")
    model.addBody(bob)
    model.addJoint(pin)
    for name, x in (("psoas_r", 0.05), ("glmax1_r", -0.05)):
        muscle = opensim.Millard2012EquilibriumMuscle(name, 500.0, 0.2, 0.1, 0.0)
        muscle.addNewPathPoint("origin", model.getGround(), opensim.Vec3(x, 0.1, 0))
        muscle.addNewPathPoint("insertion", bob, opensim.Vec3(x, 0.3, 0))
        model.addForce(muscle)
    model.finalizeConnections()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "me.osim"
        model.printToXML(str(path))
        return path.read_bytes()


def _written(write: Callable[[Path, np.ndarray], Path], ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / f"a{ending}", bursts()).read_bytes()


EVENTS = "name,time,side\ngo,0.4,r\nstop,1.6,\n"
#: Formats that a library of their own reads, file -> what writes it.
BY_LIBRARIES = {
    "a.xlsx": emg_files.write_frame,
    "a.parquet": emg_files.write_frame,
    "a.rds": emg_files.write_frame,
    "a.acq": emg_files.write_acq,
    "a.otb+": emg_files.write_otb,
}


@cache
def doors() -> dict[str, Door]:
    """Every door; that of trials needs OpenSim."""
    csv = _written(emg_files.write_csv, ".csv")
    found = {
        "task": Door({"t.toml": TASK.encode()}, lambda f: ["simulate", str(f / "t.toml")]),
        "plan": Door({"p.toml": PLAN.encode()}, lambda f: ["study", str(f / "p.toml"), "--out", str(f / "o.nc")]),
        "session": Door({"s.toml": SESSION.encode(), "a.csv": csv, "m.csv": csv}, lambda f: ["emg", str(f / "s.toml")]),
        "text": Door({"a.csv": csv}, lambda f: ["emg", str(f / "a.csv")]),
        "evidence": Door({"e.yaml": EVIDENCE.encode()}, lambda f: ["claims", "--evidence", str(f / "e.yaml")]),
        "bibtex": Door({"e.bib": BIB.encode()}, lambda f: ["claims", "--evidence", str(f / "e.bib")]),
        "ris": Door({"e.ris": RIS.encode()}, lambda f: ["claims", "--evidence", str(f / "e.ris")]),
    }
    binary = {".edf": emg_files.write_edf, ".c3d": emg_files.write_c3d, ".h5": emg_files.write_h5,
              ".mat": emg_files.write_mat}  # fmt: skip
    for ending, write in binary.items():
        found[ending[1:]] = _recording(_written(write, ending), f"a{ending}")
    for name, write in BY_LIBRARIES.items():
        found[Path(name).suffix.strip(".+")] = _recording(_written(write, Path(name).suffix), name)
    found |= _beside(csv)
    found["criterion"] = Door({"c.toml": CRITERION.encode()}, lambda f: [*STANCE, "--criterion", str(f / "c.toml")])
    found["reliability"] = Door({"r.csv": RATINGS.encode()}, lambda f: ["reliability", str(f / "r.csv")])
    if find_spec("opensim"):
        model = pendulum()
        states = TABLE.replace("swing", "/jointset/pin/swing/value").encode()
        trial = {"trial.toml": TRIAL.encode(), "me.osim": model, "me.mot": TABLE.encode()}
        found["trial"] = Door(trial, lambda f: ["simulate", str(f)])
        found["model"] = Door({"me.osim": model, "me.mot": TABLE.encode()}, lambda f: ["simulate", str(f)])
        found["states"] = Door({"me.osim": model, "me.sto": states}, lambda f: ["simulate", str(f)])
    return found


def _recording(content: bytes, name: str) -> Door:
    return Door({name: content}, lambda f: ["emg", str(f / name)], plain=False)


def _beside(csv: bytes) -> dict[str, Door]:
    """Files that are read beside a recording, a BIDS data set in and out, and a folder of people."""
    with tempfile.TemporaryDirectory() as place, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        recording = Path(place) / "a.csv"
        recording.write_bytes(csv)
        given = ["emg", str(recording), "--save-onsets", f"{place}/o.csv", "--bids", f"{place}/bids"]
        assert run(given) == 0, "the seed itself must be measured"
        onsets = Path(place, "o.csv").read_bytes()
        data_set = {p.name: p.read_bytes() for p in Path(place, "bids").rglob("*_*.*") if p.is_file()}
    beside = {"events": EVENTS.encode(), "corrections": onsets, "mvc": csv}
    found = {
        kind: Door(
            {"a.csv": csv, f"{kind}.csv": content},
            lambda f, kind=kind: ["emg", str(f / "a.csv"), f"--{kind}", str(f / f"{kind}.csv")],
            hit=(f"{kind}.csv",),
        )
        for kind, content in beside.items()
    }
    found["bids"] = Door(data_set, lambda f: ["emg", str(f), "--bids", str(f / "out")])
    found["people"] = Door(
        {"p1.csv": csv, "p2.csv": csv},
        lambda f: ["emg", *(str(f / n) for n in ("p1.csv", "p2.csv")), "--out", str(f / "o.csv")],
    )
    return found
