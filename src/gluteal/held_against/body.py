"""Compare a body with a reference, muscle by muscle: what differs, by how much, worst first.

Strength and optimal fibre length come from the two muscle tables; hip moment arms and active capacity from
the two engines' geometry in upright postures that differ only in hip flexion. Capacity goes through the one
muscle kernel for both, so it compares geometry and parameters, not muscle models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from gluteal import anatomy, engines
from gluteal.errors import InputError
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.mechanics.build import CROSSES
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import side_of

#: Hip flexion of the compared postures, degrees; every other coordinate is zero.
HIP_FLEXION = (-15.0, 0.0, 30.0, 60.0, 90.0)
#: Groups whose muscles are compared unless others are asked for: those that hip experiments act on.
GROUPS = ("glmax", "glmed", "glmin", "tfl", "hamstrings")

#: Largest difference accepted, as a share of the reference.
TARGETS = {
    "max_isometric_force": 0.10,
    "optimal_fiber_length": 0.10,
    "moment_arm": 0.10,
    "active_capacity": 0.20,
}
#: Smaller differences of a moment arm are accepted whatever their share, m: living people differ more.
MOMENT_ARM_FLOOR = 0.003

_UNITS = {"max_isometric_force": "N", "optimal_fiber_length": "m", "moment_arm": "m", "active_capacity": "N"}
_SHOWN = {"N": ("N", 1.0, "{:.0f}"), "m": ("mm", 1000.0, "{:.1f}")}


@dataclass(frozen=True)
class AuditRow:
    """One quantity of one muscle in both bodies.

    Attributes
    ----------
    muscle, reference_muscle : str
        Names in the two bodies; they differ where the bodies name muscles differently.
    quantity : str
        A key of `TARGETS`.
    coordinate : str or None
        Of a moment arm.
    hip_flexion_deg : float or None
        Posture, None for parameters.
    value, reference, difference : float
        In `units`; difference is value minus reference.
    ratio : float or None
        value / reference, None where the reference is zero or the two have opposite signs.
    size_ratio : float
        By how much this body is larger where the quantity depends on size, 1: for moment arms of the hip the
        ratio of the distances from the pelvis's origin to the hip's centre, for fibre lengths that of the
        muscle's path in upright posture, else one. `sized_ratio` is `ratio` without it. A reference that was
        scaled differently along its three axes still differs.
    within_target, within_target_sized : bool
        Whether the difference is acceptable as it is, and once the reference is brought to the body's size.
    """

    muscle: str
    reference_muscle: str
    quantity: str
    coordinate: str | None
    hip_flexion_deg: float | None
    value: float
    reference: float
    units: str
    difference: float
    ratio: float | None
    size_ratio: float
    sized_ratio: float | None
    within_target: bool
    within_target_sized: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Audit:
    """The comparison of two bodies.

    Attributes
    ----------
    rows : tuple of AuditRow
        Worst first: by the difference as a share of what is accepted, as it is or at equal size, whichever is
        smaller.
    renamed : mapping
        Muscle -> muscle of the reference, where they were matched by anatomical name.
    unmatched : tuple of str
        Muscles asked for that the reference has no counterpart of.
    """

    body: str
    reference: str
    rows: tuple[AuditRow, ...]
    renamed: Mapping[str, str]
    unmatched: tuple[str, ...]

    @property
    def failed(self) -> tuple[AuditRow, ...]:
        """Rows outside the target, both as they are and at equal size."""
        return tuple(row for row in self.rows if not (row.within_target or row.within_target_sized))

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "body": self.body,
            "reference": self.reference,
            "targets": {**TARGETS, "moment_arm_floor_m": MOMENT_ARM_FLOOR},
            "rows": [row.as_dict() for row in self.rows],
            "renamed": dict(self.renamed),
            "unmatched": list(self.unmatched),
        }


def audit_body(
    body: Body,
    reference: Body,
    *,
    muscles: Sequence[str] = GROUPS,
    hip_flexion_deg: Sequence[float] = HIP_FLEXION,
    compute_geometry: Callable[[Body, Movement], Geometry] = engines.compute_geometry,
    segment_points: Callable[..., np.ndarray] = engines.segment_points,
) -> Audit:
    """Compare strength, fibre length, hip moment arms and active capacity of two bodies.

    Parameters
    ----------
    body, reference : Body
        From `gluteal.load_body`; both need hip coordinates with OpenSim's names.
    muscles : sequence of str
        Muscles, groups, nerves or anatomical names of `body`.
    hip_flexion_deg : sequence of float
        Postures: both hips flexed so much, everything else zero. Isometric.
    compute_geometry : callable
        What delivers the geometry of a body in a movement.
    segment_points : callable
        What delivers world positions of points fixed in segments.

    Returns
    -------
    Audit
        Rows worst first, with what was matched by anatomical name and what could not be matched.

    Raises
    ------
    UnknownName
        A name of `muscles` is not in `body`.
    InputError
        The two bodies share none of the muscles, or one has no hip.

    Notes
    -----
    Muscles are matched by name, else by anatomical name, part and side.
    """
    wanted = dict.fromkeys(m for name in muscles for m in body.resolve(name))
    match = {m: _counterpart(m, body, reference) for m in wanted}
    pairs = {m: r for m, r in match.items() if r is not None}
    if not pairs:
        raise InputError(
            f"{reference.name!r} has none of the {len(wanted)} muscles to compare with {body.name!r}; "
            "give a reference with gluteal muscles, or other muscles."
        )
    ours = _measure(body, list(pairs), hip_flexion_deg, compute_geometry)
    theirs = _measure(reference, list(pairs.values()), hip_flexion_deg, compute_geometry)
    pelvis = _pelvis_size(body, segment_points) / _pelvis_size(reference, segment_points)
    rows = [row for k in range(len(pairs)) for row in _compare(ours, theirs, k, hip_flexion_deg, pelvis)]
    rows.sort(key=lambda row: -min(_share(row, 1.0), _share(row, row.size_ratio)))
    return Audit(
        body=body.name,
        reference=reference.name,
        rows=tuple(rows),
        renamed={m: r for m, r in pairs.items() if m != r},
        unmatched=tuple(m for m, r in match.items() if r is None),
    )


def render_audit(audit: Audit, console: Console, *, most: int = 30) -> None:
    """Print an audit as a table of the `most` largest differences and what lies outside the target."""
    # Without lines between columns a row fits into a terminal of 80.
    table = Table(
        title=f"{audit.body} against {audit.reference}, worst first",
        caption="flex: hip flexion; sized: ratio at equal bone size",
        box=SIMPLE_HEAD,
        padding=(0, 1),
        collapse_padding=True,
        pad_edge=False,
    )
    for column in (
        "muscle",
        "quantity",
        "flex",
        "value",
        "ref.",
        "ratio",
        "sized",
        "target",
    ):
        words = column in ("muscle", "quantity")
        table.add_column(
            column,
            justify="left" if words else "right",
            min_width={"muscle": 10, "quantity": 15, "ratio": 5}.get(column, 0),
            max_width=8 if column == "target" else None,
            no_wrap=column not in ("quantity", "target"),
        )
    for row in audit.rows[:most]:
        unit, factor, form = _SHOWN[row.units]
        quantity = row.quantity.replace("_", " ")
        table.add_row(
            row.muscle,
            f"{quantity}, {row.coordinate[:-2].replace('_', ' ')}" if row.coordinate else quantity,
            "" if row.hip_flexion_deg is None else f"{row.hip_flexion_deg:g}°",
            f"{form.format(row.value * factor)} {unit}",
            f"{form.format(row.reference * factor)} {unit}",
            "" if row.ratio is None else f"{row.ratio:.2f}",
            "" if row.sized_ratio is None else f"{row.sized_ratio:.2f}",
            "met" if row.within_target else "met at equal size" if row.within_target_sized else "missed",
        )
    console.print(table)
    console.print(
        f"{len(audit.rows) - len(audit.failed)} of {len(audit.rows)} quantities are within the target "
        "(moment arm 10 % or 3 mm, active capacity 20 %, parameters 10 %), some only at equal size."
    )
    if audit.renamed:
        console.print(f"{len(audit.renamed)} muscles were matched by anatomical name, not by the model's name.")
    if audit.unmatched:
        console.print(f"Without counterpart in the reference: {', '.join(audit.unmatched)}.")


@dataclass(frozen=True)
class _Measured:
    """What is compared, of one body: arrays over the matched muscles, in matching order."""

    names: list[str]
    force: np.ndarray  # (M,) N
    fiber: np.ndarray  # (M,) m
    upright: np.ndarray  # (M,) m, path length
    arm: dict[str, np.ndarray]  # coordinate -> (T, M) m
    capacity: np.ndarray  # (T, M) N


def _measure(
    body: Body,
    names: list[str],
    hip_flexion_deg: Sequence[float],
    compute_geometry: Callable[[Body, Movement], Geometry],
) -> _Measured:
    """Evaluate one body upright and in the postures."""
    geometry = compute_geometry(body, _postures(body, (0.0, *hip_flexion_deg)))
    index = [body.muscle_names.index(n) for n in names]
    length = geometry.mtu_length[:, index]
    parameters = [body.muscles[column].values[index] for column in MUSCLE_PARAMETERS]
    _, _, capacity, _ = rigid_tendon_muscle(length, np.zeros_like(length), *parameters)
    coordinates = body.coordinate_names
    return _Measured(
        names=names,
        force=parameters[0],
        fiber=parameters[1],
        upright=length[0],
        arm={c: geometry.moment_arm[1:, coordinates.index(c)][:, index] for c in coordinates if "hip_" in c},
        capacity=capacity[1:],
    )


def _pelvis_size(body: Body, segment_points: Callable[..., np.ndarray]) -> float:
    """Return the distance from the pelvis's origin to the right hip's centre, m."""
    origin = (0.0, 0.0, 0.0)
    upright = np.zeros(len(body.coordinates))
    pelvis, hip = segment_points(body, upright, [("pelvis", origin), ("femur_r", origin)])
    return float(np.linalg.norm(hip - pelvis))


def _postures(body: Body, hip_flexion_deg: Sequence[float]) -> Movement:
    """Stand upright with both hips flexed; isometric, one frame per angle."""
    names = list(body.coordinate_names)
    hips = [n for n in ("hip_flexion_r", "hip_flexion_l") if n in names]
    if not hips:
        raise InputError(f"Body {body.name!r} has no coordinate hip_flexion_r or hip_flexion_l to compare hips.")
    values = xr.DataArray(
        np.zeros((len(hip_flexion_deg), len(names))),
        dims=("time", "coordinate"),
        coords={"time": np.arange(len(hip_flexion_deg), dtype=float), "coordinate": names},
    )
    still = xr.zeros_like(values)
    for hip in hips:
        values.loc[{"coordinate": hip}] = np.radians(hip_flexion_deg)
    return Movement("audit", "Upright with flexed hips", "task", values, still, still)


def _counterpart(muscle: str, body: Body, reference: Body) -> str | None:
    """Find the same muscle in the reference: by name, else by anatomy where that is unambiguous."""
    if muscle in reference.muscle_names:
        return muscle
    row, side = anatomy.row_of(muscle), side_of(muscle)

    def same(names: Sequence[str]) -> list[str]:
        return [n for n in names if anatomy.row_of(n) == row and side_of(n) == side]

    if row is None or len(same(body.muscle_names)) != 1 or len(same(reference.muscle_names)) != 1:
        return None
    return same(reference.muscle_names)[0]


def _compare(ours: _Measured, theirs: _Measured, k: int, flexion: Sequence[float], pelvis: float) -> list[AuditRow]:
    """Return the rows of the k-th matched muscle."""
    path = float(ours.upright[k] / theirs.upright[k])
    side = side_of(ours.names[k])
    rows = [
        _row(ours, theirs, k, "max_isometric_force", None, None, ours.force[k], theirs.force[k], 1.0),
        _row(ours, theirs, k, "optimal_fiber_length", None, None, ours.fiber[k], theirs.fiber[k], path),
    ]
    for t, angle in enumerate(flexion):
        for hip in ("hip_flexion", "hip_adduction", "hip_rotation"):
            c = f"{hip}_{side}"
            if c in ours.arm and c in theirs.arm:
                value, reference = ours.arm[c][t, k], theirs.arm[c][t, k]
                if max(abs(value), abs(reference)) > CROSSES:
                    rows.append(_row(ours, theirs, k, "moment_arm", c, angle, value, reference, pelvis))
        capacity = ours.capacity[t, k], theirs.capacity[t, k]
        rows.append(_row(ours, theirs, k, "active_capacity", None, angle, *capacity, 1.0))
    return rows


def _row(
    ours: _Measured,
    theirs: _Measured,
    k: int,
    quantity: str,
    coordinate: str | None,
    angle: float | None,
    value: float,
    reference: float,
    size: float,
) -> AuditRow:
    value, reference = float(value), float(reference)
    ratio = value / reference if value * reference > 0 else None
    row = AuditRow(
        muscle=ours.names[k],
        reference_muscle=theirs.names[k],
        quantity=quantity,
        coordinate=coordinate,
        hip_flexion_deg=angle,
        value=value,
        reference=reference,
        units=_UNITS[quantity],
        difference=value - reference,
        ratio=ratio,
        size_ratio=size,
        sized_ratio=None if ratio is None else ratio / size,
        within_target=True,
        within_target_sized=True,
    )
    return AuditRow(
        **{
            **row.as_dict(),
            "within_target": _share(row, 1.0) <= 1.0,
            "within_target_sized": _share(row, size) <= 1.0,
        }
    )


def _share(row: AuditRow, size: float) -> float:
    """Difference from the reference at a given size, as a share of the largest accepted one."""
    reference = row.reference * size
    accepted = TARGETS[row.quantity] * abs(reference)
    if row.quantity == "moment_arm":
        accepted = max(accepted, MOMENT_ARM_FLOOR)
    return abs(row.value - reference) / accepted if accepted > 0 else (np.inf if row.value != reference else 0.0)
