"""Make the table of hip muscle paths from the published points.

    python docs/make_hips.py ANATOMY GAIT2392    # hip_paths, hip_wraps, hip_landmarks, hip_moment_arms

ANATOMY is a folder with the published tables as plain text (``dostal1981_muscle_points.csv``, ``tlem2/*.csv``,
``tlem21_point_updates.csv``), GAIT2392 the file ``gait2392.osim``. Points are written as published, from the hip's
centre, in each source's own frame; `gluteal.engines.myo.hips` brings them to the body. A muscle of several lines in a
source keeps them all. Left out, and so supplied by the next source in ``hip_frames.csv``:

- gluteus maximus of Dostal and Andrews: one straight line, which becomes a flexor when the hip flexes;
- gluteus maximus of TLEM 2.1: its points were moved together with wrapping surfaces that are not in the table;
- TLEM's path points of sartorius on the thigh, with which it becomes an extensor beyond 80 degrees of flexion;
- iliacus and psoas of Delp 1990: a path point that vanishes beyond 45 degrees of flexion, so that the path jumps;
- everything below the thigh: two-joint muscles run down the body's own path to the knee.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import mujoco
import myo_sim
import numpy as np
from docs.hip_arms import read_arms

TABLES = Path(__file__).parents[1] / "src" / "gluteal" / "engines" / "myo"
#: The hip's centre in TLEM's frame of the femur, m (its table of joint centres).
TLEM_HIP = np.array([0.0, 0.3590877, 0.0])

#: Our muscles -> those of Dostal and Andrews, and whether the line ends at the thigh.
DOSTAL = {
    "iliacus": ("iliopsoas", "via+insertion"),
    "psoas": ("iliopsoas", "via+insertion"),
    "pect": ("pectineus", "origin+insertion"),
    "sart": ("sartorius", "origin"),
    "recfem": ("rectus femoris", "origin"),
    "addlong": ("adductor longus", "origin+insertion"),
    "addbrev": ("adductor brevis", "origin+insertion"),
    "addmagProx": ("adductor minimus", "origin+insertion"),
    "addmagMid": ("adductor magnus mid", "origin+insertion"),
    "addmagDist": ("adductor magnus mid", "origin+insertion"),
    "addmagIsch": ("adductor magnus posterior", "origin+insertion"),
    "grac": ("gracilis", "origin"),
    "glmed1": ("gluteus medius anterior", "origin+insertion"),
    "glmed2": ("gluteus medius mid", "origin+insertion"),
    "glmed3": ("gluteus medius posterior", "origin+insertion"),
    "glmin1": ("gluteus minimus anterior", "origin+insertion"),
    "glmin2": ("gluteus minimus mid", "origin+insertion"),
    "glmin3": ("gluteus minimus posterior", "origin+insertion"),
    "tfl": ("tensor fasciae latae", "origin"),
    "piri": ("piriformis", "origin+insertion"),
    "obtint": ("obturator internus", "origin+insertion"),
    "gemsup": ("gemellus superior", "origin+insertion"),
    "geminf": ("gemellus inferior", "origin+insertion"),
    "quadfem": ("quadratus femoris", "origin+insertion"),
    "obtext": ("obturator externus", "origin+insertion"),
    "bflh": ("biceps femoris", "origin"),
    "semiten": ("semitendinosus", "origin"),
    "semimem": ("semimembranosus", "origin"),
}
#: Our muscles -> TLEM's elements (names without blanks), by pattern.
TLEM = {
    "iliacus": r"Iliacus(Lateralis|Mid|Medialis)\d",
    "psoas": r"PsoasMajor1",
    "pect": r"Pectineus\d",
    "sart": r"Sartorius\d",
    "recfem": r"RectusFemoris\d",
    "addlong": r"AdductorLongus\d",
    "addbrev": r"AdductorBrevis(Proximal|Mid|Distal)\d",
    "addmagProx": r"AdductorMagnusProximal\d",
    "addmagMid": r"AdductorMagnusMid[123]",
    "addmagDist": r"AdductorMagnusMid[456]",
    "addmagIsch": r"AdductorMagnusDistal\d",
    "grac": r"Gracilis\d",
    "glmax1": r"GluteusMaximusSuperior[1-4]",
    "glmax2": r"GluteusMaximus(Superior[56]|Inferior[12])",
    "glmax3": r"GluteusMaximusInferior[3-6]",
    "glmin1": r"GluteusMinimusAnterior\d",
    "glmin2": r"GluteusMinimusMid\d",
    "glmin3": r"GluteusMinimusPosterior\d",
    "tfl": r"TensorFasciaeLatae\d",
    "piri": r"Piriformis\d",
    "obtint": r"ObturatorInternus\d",
    "gemsup": r"GemellusSuperior\d",
    "geminf": r"GemellusInferior\d",
    "quadfem": r"QuadratusFemoris\d",
    "obtext": r"ObturatorExternus(Superior|Inferior)\d",
    "bflh": r"BicepsFemorisCaputLongum\d",
    "semiten": r"Semitendinosus\d",
    "semimem": r"Semimembranosus\d",
}
#: Our muscles -> those of gait2392.
DELP = {
    **{f"glmax{i}": f"glut_max{i}" for i in (1, 2, 3)},
    **{f"glmed{i}": f"glut_med{i}" for i in (1, 2, 3)},
    **{f"glmin{i}": f"glut_min{i}" for i in (1, 2, 3)},
    "semimem": "semimem",
    "semiten": "semiten",
    "bflh": "bifemlh",
    "sart": "sar",
    "addlong": "add_long",
    "addbrev": "add_brev",
    "addmagProx": "add_mag1",
    "addmagMid": "add_mag2",
    "addmagIsch": "add_mag3",
    "tfl": "tfl",
    "pect": "pect",
    "grac": "grac",
    "quadfem": "quad_fem",
    "gemsup": "gem",
    "geminf": "gem",
    "piri": "peri",
    "recfem": "rect_fem",
}
#: Muscles of the two revisions that differ: gluteus medius and minimus, and where tensor fasciae latae begins.
REVISED = ("glmed1", "glmed2", "glmed3", "glmin1", "glmin2", "glmin3", "tfl")


#: Muscles of the embedded body that begin at a bony point, and which.
LANDMARKS = {
    "sart": "anterior superior iliac spine",
    "recfem": "anterior inferior iliac spine",
    "bflh": "ischial tuberosity",
    "semimem": "ischial tuberosity",
    "addlong": "pubis",
    "grac": "pubis",
}
#: Which way out of a cylinder a path runs, forward and up: extensors behind and below, flexors in front.
BEHIND, BEFORE = (-0.70711, -0.70711), (1.0, 0.0)
#: Hip, muscle, centre (forward, up) and radius in the source's size (m), side, and why there and so wide.
_WIDE = "as wide as leaves the femoral ends outside in every posture"
CYLINDERS = (
    *(("tlem2", f"glmax{part}", (-0.014, -0.010), 0.0424, BEHIND, _WIDE) for part in (1, 2, 3)),
    *(("tlem2", muscle, (0.0, 0.0), 0.0275, BEFORE, "the published radius") for muscle in ("iliacus", "psoas")),
    *(("dostal1981", muscle, (0.0, 0.0), 0.0275, BEFORE, "as TLEM's") for muscle in ("iliacus", "psoas")),
)


@dataclass(frozen=True)
class Row:
    """One point of one line of one muscle."""

    hip: str
    muscle: str
    line: int
    role: str
    segment: str
    point: np.ndarray
    source: str
    locator: str
    note: str = ""


def dostal(folder: Path) -> Iterator[Row]:
    """Read the straight lines of Dostal and Andrews 1981."""
    with (folder / "dostal1981_muscle_points.csv").open(encoding="utf-8") as text:
        table = {row["muscle"]: row for row in csv.DictReader(text)}
    shared = [muscle for muscle, _ in DOSTAL.values()]
    for muscle, (theirs, ends) in DOSTAL.items():
        note = f"{theirs}, one line for several parts" if shared.count(theirs) > 1 else ""
        for role in ends.split("+"):
            end = "insertion" if role == "insertion" else "origin"
            point = np.array([float(table[theirs][f"{end}_{axis}_cm"]) for axis in "xyz"]) / 100.0
            segment = "femur" if end == "insertion" else "pelvis"
            yield Row("dostal1981", muscle, 1, role, segment, point, "dostal1981", "table of coordinates", note)


Element = list[tuple[str, str, np.ndarray]]


def tlem_elements(folder: Path) -> dict[str, Element]:
    """Read TLEM's lines of action: element -> (role, segment, point in the segment's frame)."""
    elements: dict[str, Element] = {}
    current: Element = []
    with (folder / "tlem2" / "muscle_tendon_lines_of_action.csv").open(encoding="utf-8") as text:
        for row in csv.reader(text):
            if len(row) < 7 or row[2] not in ("Origin", "Via", "Insertion"):
                continue
            if row[1]:
                current = elements[row[1].replace(" ", "")] = []
            if row[4] != "-":
                current.append((row[2].lower(), row[3].lower(), np.array([float(v) for v in row[4:7]])))
    return elements


def update_tlem(elements: dict[str, Element], folder: Path) -> dict[str, Element]:
    """Return the elements that De Pieri et al. 2018 moved, with their new points."""
    with (folder / "tlem21_point_updates.csv").open(encoding="utf-8") as text:
        moved = {
            (row["element"], row["segment"]): np.array([float(row[f"{axis}_m"]) for axis in "xyz"])
            for row in csv.DictReader(text)
        }
    updated = {}
    for name, element in elements.items():
        points = [
            (role, segment, moved.get((name, segment), point)) if role != "via" else (role, segment, point)
            for role, segment, point in element
        ]
        via = moved.get((f"{name} via", "femur"))
        if via is not None and not np.allclose(via, points[-1][2]):
            points.insert(-1, ("via", "femur", via))
        if any(key[0] == name for key in moved):
            updated[name] = points
    return updated


def tlem(folder: Path, *, revised: bool) -> Iterator[Row]:
    """Read TLEM 2.0, or the muscles that TLEM 2.1 moved, whole."""
    hip, source = ("tlem2.1", "carbone2015;depieri2018") if revised else ("tlem2", "carbone2015")
    published = tlem_elements(folder)
    moved = update_tlem(published, folder)
    elements = {**published, **moved} if revised else published
    patterns = {**TLEM, **_medius_parts(published)}
    for muscle, pattern in patterns.items():
        names = [name for name in elements if re.fullmatch(pattern, name)]
        if revised and (muscle.startswith("glmax") or not any(name in moved for name in names)):
            continue
        for line, name in enumerate(names, start=1):
            for role, segment, point in elements[name]:
                if segment == "pelvis" or (segment == "femur" and muscle != "sart"):
                    local = point - TLEM_HIP if segment == "femur" else point
                    yield Row(hip, muscle, line, role, segment, local, source, f"lines of action, {name}")


def _medius_parts(elements: dict[str, Element]) -> dict[str, str]:
    """Divide the twelve lines of gluteus medius into front, middle and back by their origins."""
    names = sorted((n for n in elements if n.startswith("GluteusMedius")), key=lambda n: -elements[n][0][2][0])
    return {f"glmed{part + 1}": "|".join(names[4 * part : 4 * part + 4]) for part in range(3)}


def delp(file: Path) -> Iterator[Row]:
    """Read the hip of gait2392."""
    root = ElementTree.parse(file).getroot()
    centre = _hip_centre(root)
    muscles = {m.get("name"): m for m in root.iter() if m.tag.endswith("Muscle")}
    for muscle, theirs in DELP.items():
        points = list(muscles[f"{theirs}_r"].find(".//PathPointSet/objects"))
        kept = []
        for point in points:
            segment = point.findtext("socket_parent_frame").split("/")[-1].removesuffix("_r")
            if segment not in ("pelvis", "femur") or point.tag != "PathPoint":
                continue
            place = np.array([float(v) for v in point.findtext("location").split()])
            if segment == "pelvis":
                kept.append((segment, place - centre))
            else:
                kept.append((segment, place))
        ends = points[-1].findtext("socket_parent_frame").split("/")[-1].startswith("femur")
        kept = kept if ends else [place for place in kept if place[0] == "pelvis"]
        note = "both gemelli as one line" if theirs == "gem" else ""
        for i, (segment, place) in enumerate(kept):
            role = "origin" if i == 0 else "insertion" if ends and i == len(kept) - 1 else "via"
            yield Row("delp1990", muscle, 1, role, segment, place, "delp1990", f"gait2392.osim, {theirs}", note)


def _hip_centre(root: ElementTree.Element) -> np.ndarray:
    for joint in root.iter("CustomJoint"):
        if joint.get("name") == "hip_r":
            for frame in joint.iter("PhysicalOffsetFrame"):
                if frame.findtext("socket_parent").endswith("pelvis"):
                    return np.array([float(v) for v in frame.findtext("translation").split()])
    raise SystemExit("The file has no joint hip_r on the pelvis; give gait2392.osim.")


def embedded() -> mujoco.MjSpec:
    """Return the model of 2016 from the package that carries it, uncorrected."""
    mujoco.set_mju_user_warning(lambda _: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return myo_sim.load_spec("myofullbody")


def landmarks() -> Iterator[list[str]]:
    """Read where muscles begin at bony points of the embedded body's pelvis."""
    spec = embedded()
    centre = np.array(spec.body("femur_r").pos)
    for muscle, bone in LANDMARKS.items():
        place = np.array(spec.tendon(f"{muscle}_r_tendon").path[0].target.pos) - centre
        yield [muscle, *(f"{v:.5f}" for v in place), "rajagopal2016", "Rajagopal2016.osim, as in myo-sim 0.2.3", bone]


def rajagopal() -> Iterator[Row]:
    """Read what the model of 2016 had before its revision."""
    spec = embedded()
    centre = np.array(spec.body("femur_r").pos)
    for muscle in REVISED:
        sites = [wrap.target for wrap in spec.tendon(f"{muscle}_r_tendon").path]
        points = [(s.parent.name.removesuffix("_r"), np.array(s.pos)) for s in sites]
        points = [p for p in points if p[0] == "pelvis" or (p[0] == "femur" and muscle != "tfl")]
        for i, (segment, place) in enumerate(points):
            role = "origin" if i == 0 else "insertion" if i == len(points) - 1 else "via"
            local = place - centre if segment == "pelvis" else place
            locator = "Rajagopal2016.osim, as in myo-sim 0.2.3"
            yield Row("rajagopal2016", muscle, 1, role, segment, local, "rajagopal2016", locator)


def wraps() -> Iterator[list[str]]:
    """List the cylinders that muscles run around: the head of the femur with its capsule, across the pelvis.

    TLEM's own two cylinders let gluteus maximus turn flexor (12 mm at 90 degrees) and its path, psoas' and iliacus'
    jump by 3 to 35 mm where the hip is ad- or abducted. These lie across the hip's centre: no path point enters them.
    """
    for hip, muscle, (x, y), radius, outward, about in CYLINDERS:
        numbers = [f"{v:g}" for v in (x, y, 0, 0, 0, 1, radius, *outward, 0)]
        yield [hip, muscle, "pelvis", *numbers, "gluteal", "own choice", about]


def write(name: str, header: str, rows: list[list[str]], head: str = "") -> None:
    """Write one table, its place told from the embedded body's."""
    text = io.StringIO()
    text.write(head)
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header.split(","))
    out.writerows(rows)
    (TABLES / name).write_text(text.getvalue(), encoding="utf-8")


def main(folder: Path, gait2392: Path) -> None:
    """Write the four tables."""
    rows = [
        *dostal(folder),
        *tlem(folder, revised=False),
        *tlem(folder, revised=True),
        *delp(gait2392),
        *rajagopal(),
    ]
    write(
        "hip_paths.csv",
        "hip,muscle,line,role,segment,x_m,y_m,z_m,source,locator,note",
        [
            [
                r.hip,
                r.muscle,
                str(r.line),
                r.role,
                r.segment,
                *(f"{v:.5f}" for v in r.point),
                r.source,
                r.locator,
                r.note,
            ]
            for r in rows
        ],
    )
    write(
        "hip_wraps.csv",
        "hip,muscle,segment,x_m,y_m,z_m,axis_x,axis_y,axis_z,radius_m,side_x,side_y,side_z,source,locator,note",
        list(wraps()),
    )
    write("hip_landmarks.csv", "muscle,x_m,y_m,z_m,source,locator,note", list(landmarks()))
    head = (
        "# Moment arms about the hip, not scaled; mm; flexion, adduction and inward rotation positive.\n"
        "# Of two cadavers, from their points; and measured. end: of a band of fibres, the lowest or the highest.\n"
    )
    write(
        "../../sources/published/hip_moment_arms.csv",
        "muscle,coordinate,hip_flexion_deg,moment_arm_mm,source,locator,end",
        list(read_arms(folder)),
        head,
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
