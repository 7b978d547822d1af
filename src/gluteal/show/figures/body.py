"""Drawing a body: lit bones, muscles coloured by what they do, the ground under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from gluteal.errors import InputError
from gluteal.kernels.raster import light, rasterise, shrink, tube, vertex_normals
from gluteal.mechanics.movement import View
from gluteal.mechanics.picture import Picture
from gluteal.vocabulary import Side

Mesh = tuple[np.ndarray, np.ndarray]  # vertices (V, 3) m, faces (F, 3)

#: Right and up on the page, and towards the viewer, in the world frame (X forward, Y up, Z right).
_VIEWS: Mapping[tuple[str, str], tuple[tuple[float, ...], tuple[float, ...]]] = {
    ("side", "r"): ((1, 0, 0), (0, 1, 0)),
    ("side", "l"): ((-1, 0, 0), (0, 1, 0)),
    ("front", "r"): ((0, 0, -1), (0, 1, 0)),
    ("back", "r"): ((0, 0, 1), (0, 1, 0)),
    ("top", "r"): ((0, 0, 1), (1, 0, 0)),
}
#: Blue does less, orange-red does more (safe for colour-blind readers), grey stays.
CHANGE = LinearSegmentedColormap.from_list("gluteal_change", ["#0b4f8a", "#5b9fd0", "#cfc9c2", "#f0874a", "#b8310c"])
#: From a resting to a fully active muscle.
ACTIVITY = LinearSegmentedColormap.from_list(
    "gluteal_activity", ["#d9c7be", "#e9a283", "#d6543a", "#b01f24", "#7a0a18"]
)
_BONE = (0.985, 0.965, 0.925)
_GROUND, _SUPPORT = "#8a8f98", "#5c6470"
_SUPERSAMPLE = 2
#: Room around what is shown, m.
_MARGIN = 0.03
#: Rings along a muscle, and its thickest radius at no and at full value, m.
_RINGS, _THIN, _THICK = 28, 0.0012, 0.0125
#: Below this share of the strongest colour a muscle is drawn as a resting one.
_RESTING = 0.02
#: A muscle this far behind the bone in front of it is hidden by it, m; so much of it shines through.
_BEHIND, _SHINE = 0.004, 0.3
#: Rows of a picture that are lit at once, and how far the shadows of `light` reach, m.
_STRIP, _SHADOW = 256, 0.012


@dataclass(frozen=True)
class _Canvas:
    """A viewer's window on the world: frame (3, 3) right, up, towards; low corner; supersampled pixels."""

    frame: np.ndarray
    low: np.ndarray
    scale: float  # supersampled pixels per metre
    shape: tuple[int, int]  # rows, columns

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top, m."""
        rows, columns = self.shape
        x, y = float(self.low[0]), float(self.low[1])
        return x, x + columns / self.scale, y, y + rows / self.scale

    def render(self, meshes: Sequence[Mesh]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return depth (H, W) m, normals (H, W, 3) and which mesh is seen (H, W)."""
        depth, normal = np.full(self.shape, -np.inf), np.zeros((*self.shape, 3))
        labels = np.zeros(self.shape, np.int64)
        ends = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
        seen = np.concatenate([vertices for vertices, _ in meshes]) @ self.frame.T
        facing = vertex_normals(seen, np.concatenate([f + end for (_, f), end in zip(meshes, ends, strict=False)]))
        column = (seen[:, 0] - self.low[0]) * self.scale - 0.5
        row = self.shape[0] - (seen[:, 1] - self.low[1]) * self.scale - 0.5
        point = np.column_stack([column, row, seen[:, 2]])
        for label, (_, faces) in enumerate(meshes):
            own = slice(ends[label], ends[label + 1])
            rasterise(point[own], facing[own], faces, label, depth, normal, labels)
        return depth, normal, labels


def plot_body(
    picture: Picture,
    *,
    view: View = "side",
    side: Side = "r",
    muscle_values: Mapping[str, float] | None = None,
    signed: bool = False,
    limit: float | None = None,
    focus: Sequence[str] = (),
    colorbar: bool = True,
    pixels_per_metre: float = 700.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw a body in one frame, seen from one side without perspective.

    Parameters
    ----------
    picture : Picture
        From `gluteal.engines.compute_picture`.
    view, side
        Where the viewer stands; `side` says which side for ``view="side"``.
    muscle_values : mapping of muscle -> float, optional
        Activation (0..1) or, with `signed`, change of activation. Muscles without one are drawn thin.
    signed : bool
        Whether zero is the neutral middle of the colours.
    limit : float, optional
        Value of the strongest colour; default 1, or the largest change (0.05 at least) with `signed`.
    focus : sequence of str
        Muscles to show close up; the whole body without.
    colorbar : bool
        Whether to add the scale of colours.
    pixels_per_metre : float
        Resolution of the drawing.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Raises
    ------
    InputError
        For an unknown view or a picture without bones and sticks.
    """
    if view not in ("side", "front", "back", "top"):
        raise InputError(f"There is no view {view!r}; choose side, front, back or top.")
    right, up = (np.array(v, float) for v in _VIEWS[view, side if view == "side" else "r"])
    bones = [*picture.bones, *(_spindle(stick) for stick in picture.sticks)]
    if not bones:
        raise InputError("This picture has neither bones nor sticks to draw.")
    ax = ax or plt.subplots(figsize=(5, 7))[1]
    values = dict(muscle_values or {})
    if limit is None:
        limit = max([0.05, *map(abs, values.values())]) if signed else 1.0
    norm = Normalize(-limit if signed else 0.0, limit)
    colours = CHANGE if signed else ACTIVITY

    shown = [line for m in focus for line in picture.lines(m)]
    shown = shown or [*(vertices for vertices, _ in bones), *(x for m in picture.muscles for x in picture.lines(m))]
    canvas = _make_canvas(shown, np.array([right, up, np.cross(right, up)]), pixels_per_metre)
    strength = {m: min(abs(values.get(m, 0.0)) / limit, 1.0) for m in picture.muscles}
    tones = colours(norm(np.array([values.get(m, 0.0) for m in picture.muscles])))
    paint = {m: (*tone[:3], 0.92) for m, tone in zip(picture.muscles, tones, strict=True)}
    if not focus:
        _draw_ground(ax, picture, canvas, view)
    image = _compose(canvas, bones, picture, strength, paint)
    ax.imshow(image, extent=canvas.extent, origin="upper", interpolation="bilinear", zorder=2)
    ax.set_aspect("equal")
    ax.set_axis_off()
    margin = 0.0 if focus else 0.04
    left, right_end, bottom, top = canvas.extent
    ax.set_xlim(left - margin, right_end + margin)
    ax.set_ylim(bottom - margin, top + margin)
    if colorbar and values:
        label = "change of activation (1)" if signed else "activation (1)"
        scale = mpl.cm.ScalarMappable(norm, colours)
        bar = ax.figure.colorbar(scale, ax=ax, orientation="horizontal", fraction=0.03, pad=0.02, shrink=0.6)
        bar.set_label(label)
        bar.outline.set_visible(False)
    return ax


def _make_canvas(points: Sequence[np.ndarray], frame: np.ndarray, pixels_per_metre: float) -> _Canvas:
    every = np.concatenate(points) @ frame.T
    low, high = every.min(axis=0) - _MARGIN, every.max(axis=0) + _MARGIN
    columns, rows = np.ceil((high - low)[:2] * pixels_per_metre).astype(int) * _SUPERSAMPLE
    return _Canvas(frame, low, pixels_per_metre * _SUPERSAMPLE, (int(rows), int(columns)))


def _compose(
    canvas: _Canvas,
    bones: Sequence[Mesh],
    picture: Picture,
    strength: Mapping[str, float],
    paint: Mapping[str, tuple[float, ...]],
) -> np.ndarray:
    """Return the picture (H, W, 4): bones, over them resting muscles, over them those that do something."""
    pixel = 1.0 / canvas.scale
    bone_depth, normal, labels = canvas.render(bones)
    image = _light_in_strips(bone_depth, normal, np.tile(_BONE, (len(bones), 1)), labels, pixel=pixel)
    for resting in (True, False):
        names = [m for m in picture.muscles if (strength[m] < _RESTING) == resting]
        if not names:
            continue
        names = [m for m in names for _ in picture.lines(m)]
        lines = [x for m in dict.fromkeys(names) for x in picture.lines(m)]
        meshes = _bellies(lines, np.array([strength[m] for m in names]))
        depth, normal, labels = canvas.render(meshes)
        colours = np.array([paint[m] for m in names])
        ink = np.inf if resting else 0.006
        layer = _light_in_strips(depth, normal, colours[:, :3], labels, pixel=pixel, ink=ink, dark=0.62)
        for rows in _strips(len(depth)):
            alpha = layer[rows, :, 3] * (0.4 if resting else colours[labels[rows], 3])
            alpha = np.where(depth[rows] < bone_depth[rows] - _BEHIND, _SHINE * alpha, alpha)[..., None]
            below = image[rows, :, 3:] * (1.0 - alpha)
            total = alpha + below
            rgb = (layer[rows, :, :3] * alpha + image[rows, :, :3] * below) / np.maximum(total, 1e-9)
            image[rows] = np.concatenate([rgb, total], axis=2)
    return np.concatenate([shrink(image[rows], _SUPERSAMPLE) for rows in _strips(len(image))])


def _strips(height: int) -> Iterator[slice]:
    """Yield the rows of a picture a few at a time: a whole one of a close-up is a gigabyte while it is worked on."""
    for first in range(0, height, _STRIP):
        yield slice(first, min(first + _STRIP, height))


def _light_in_strips(
    depth: np.ndarray, normal: np.ndarray, colours: np.ndarray, labels: np.ndarray, *, pixel: float, **how: float
) -> np.ndarray:
    """Do `light` with each mesh's colour, a strip after the other, with as many rows around as its shadows reach."""
    image = np.zeros((*depth.shape, 4))
    reach = 3 * (max(int(_SHADOW / pixel), 1) + 1) + 1
    for rows in _strips(len(depth)):
        around = slice(max(rows.start - reach, 0), rows.stop + reach)
        lit = light(depth[around], normal[around], colours[labels[around]], pixel=pixel, **how)
        image[rows] = lit[rows.start - around.start :][: rows.stop - rows.start]
    return image


def _bellies(paths: Sequence[np.ndarray], strength: np.ndarray) -> list[Mesh]:
    """Return muscles as spindles along their paths, (n,); their tendons keep a third of the width."""
    share = np.linspace(0.0, 1.0, _RINGS)
    points = np.empty((len(paths), _RINGS, 3))
    for path, along in zip(paths, points, strict=True):
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        for k in range(3):
            along[:, k] = np.interp(share * length[-1], length, path[:, k])
    profile = 0.33 + 0.67 * np.sin(np.pi * share) ** 1.5
    thick = np.array([_THIN + (_THICK - _THIN) * float(s) ** 0.7 for s in strength])
    vertices, faces = tube(points, thick[:, None] * profile)
    return [(mesh, faces) for mesh in vertices]


def _spindle(stick: np.ndarray) -> Mesh:
    """Return a bone-like spindle between two joint centres (2, 3), for bodies without bone surfaces."""
    share = 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, 16)))
    width = min(0.016, 0.09 * float(np.linalg.norm(stick[1] - stick[0]))) + 1e-4
    radius = width * np.sqrt(np.maximum(1.0 - (2.0 * share - 1.0) ** 4, 0.0))
    return tube(stick[0] + share[:, None] * (stick[1] - stick[0]), radius)


def _draw_ground(ax: Axes, picture: Picture, canvas: _Canvas, view: View) -> None:
    """Draw the ground at the lowest support, or under the lowest bone, and mark the supports."""
    points = np.array(list(picture.supports.values())).reshape(-1, 3) @ canvas.frame.T
    if view != "top":
        level = points[:, 1].min() if len(points) else canvas.extent[2] + _MARGIN
        ax.axhline(level, color=_GROUND, linewidth=1.2, zorder=1)
        ax.axhspan(level - 0.04, level, color=_GROUND, alpha=0.14, linewidth=0, zorder=0)
    if len(points):
        offset = 0.0 if view == "top" else 0.014
        where = points[:, 0], points[:, 1] - offset
        ax.scatter(*where, marker="^", s=26, color=_SUPPORT, linewidths=0, zorder=4)
