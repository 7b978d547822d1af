"""Moment arms of the hip's muscles as published, for the table that `docs/make_hips.py` makes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

#: Muscle and part in the table of arms -> ours (several where one line stands for several parts).
ARMS = {
    ("gluteus medius", "anterior"): ("glmed1",),
    ("gluteus medius", "middle"): ("glmed2",),
    ("gluteus medius", "mid"): ("glmed2",),
    ("gluteus medius", "posterior"): ("glmed3",),
    ("gluteus minimus", "anterior"): ("glmin1",),
    ("gluteus minimus", "mid"): ("glmin2",),
    ("gluteus minimus", "middle"): ("glmin2",),
    ("gluteus minimus", "posterior"): ("glmin3",),
    ("piriformis", "whole"): ("piri",),
    ("obturator internus", "whole"): ("obtint",),
    ("obturator externus", "whole"): ("obtext",),
    ("quadratus femoris", "whole"): ("quadfem",),
    ("gemellus superior", "whole"): ("gemsup",),
    ("gemellus inferior", "whole"): ("geminf",),
    ("tensor fasciae latae", "whole"): ("tfl",),
    ("sartorius", "whole"): ("sart",),
    ("rectus femoris", "whole"): ("recfem",),
    ("adductor longus", "whole"): ("addlong",),
    ("adductor brevis", "whole"): ("addbrev",),
    ("adductor magnus", "proximal (adductor minimus)"): ("addmagProx",),
    ("adductor magnus", "proximal"): ("addmagProx",),
    ("adductor magnus", "middle"): ("addmagMid",),
    ("adductor magnus", "posterior (ischiocondylar)"): ("addmagIsch",),
    ("adductor magnus", "distal"): ("addmagIsch",),
    ("pectineus", "whole"): ("pect",),
    ("gracilis", "whole"): ("grac",),
    ("semimembranosus", "whole"): ("semimem",),
    ("semitendinosus", "whole"): ("semiten",),
    ("biceps femoris", "long head"): ("bflh",),
    ("iliopsoas", "as one line"): ("psoas", "iliacus"),
    ("psoas major", "whole"): ("psoas",),
}


def read_arms(folder: Path) -> Iterator[list[str]]:
    """Read the arms computed from two cadavers' points, and those measured in vivo and in three more specimens.

    Gluteus medius and minimus beyond 60 degrees are straight lines through bone and left out, as is Dostal's gluteus
    maximus; Blemker and Delp's lowest and highest fibres are the ends of a band.
    """
    coordinates = {"flexion": "hip_flexion", "adduction": "hip_adduction", "inward": "hip_rotation"}
    keys = {
        "Dostal & Andrews 1981": "dostal1981",
        "Carbone et al. 2015": "carbone2015",
        "Nemeth & Ohlsen 1985": "nemeth1985",
        "Arnold, Salinas": "arnold2000",
        "Blemker & Delp 2005": "blemker2005",
    }
    wholes = {"gluteus maximus": "glmax", "gluteus medius": "glmed", "psoas major": "psoas", "iliacus": "iliacus"}
    with (folder / "hip_moment_arms.csv").open(encoding="utf-8") as text:
        for row in csv.DictReader(text):
            source = next((key for name, key in keys.items() if row["source"].startswith(name)), None)
            turned = float(row["hip_adduction_deg"] or 0) or float(row["hip_rotation_deg"] or 0)
            if source is None or turned or (row["unit"] and row["unit"] != "mm"):
                continue
            coordinate = coordinates[row["quantity"].split()[1]]
            if source in ("dostal1981", "carbone2015"):
                muscles = ARMS.get((row["muscle"], row["part"]), ())
                if float(row["hip_flexion_deg"]) > 60.0:
                    continue
            else:
                muscles = (wholes[row["muscle"]],)
            part = next((end for end in ("lowest", "highest") if row["part"].startswith(end)), "")
            for muscle in muscles:
                yield [muscle, coordinate, row["hip_flexion_deg"], row["value"], source, row["read"], part]
