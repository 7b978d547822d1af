"""Tables of a trial that are wrong as a whole: by another clock, or of another vertical."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gluteal.sto import load_table, save_table


def lean_forward(forces: Path) -> None:
    """Turn forces of both feet so that their vertical is 5 degrees off that of the coordinates."""
    table = load_table(forces)
    values = table.values.copy()
    for side in "rl":
        ahead, up = (table.columns.index(f"ground_force_{side}_v{axis}") for axis in "xy")
        values[:, ahead] += np.tan(np.deg2rad(5.0)) * values[:, up]
    save_table(forces, table.time, table.columns, values, in_degrees=False)


def count_time(folder: Path, factor: float, *names: str) -> None:
    """Write tables by a clock that counts so many seconds for one."""
    for name in names:
        table = load_table(folder / name)
        degrees = bool(table.in_degrees)
        save_table(folder / name, factor * table.time, table.columns, table.values, in_degrees=degrees)
