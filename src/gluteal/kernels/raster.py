"""Triangles to pixels: a depth buffer with interpolated normals, and how to light it."""

from __future__ import annotations

import struct

import numpy as np

from gluteal.kernels.native.library import address, as_doubles, load_kernels

# `Picture` of raster.h.
_PICTURE = struct.Struct("=3Q2q3Q2q")


def rasterise(
    point: np.ndarray,
    normal: np.ndarray,
    faces: np.ndarray,
    label: int,
    depth: np.ndarray,
    shade: np.ndarray,
    labels: np.ndarray,
) -> None:
    """Draw triangles into buffers, in place.

    Parameters
    ----------
    point : (V, 3)
        Pixel column, pixel row, depth (larger is nearer).
    normal : (V, 3)
        Unit normals in the viewer's frame (right, up, towards the viewer).
    faces : (F, 3) int
        Vertices of each triangle.
    label : int
        Written where a triangle is seen.
    depth : (H, W)
        Filled with -inf before the first mesh.
    shade : (H, W, 3)
        Takes the normals.
    labels : (H, W) int64
        Takes the label.

    Raises
    ------
    ValueError
        Where a shape is another, a face names a vertex that is not there, or a buffer cannot be written into as it is
        (float64, and int64 for labels, contiguous).
    """
    point, normal = as_doubles(point), as_doubles(normal)
    faces = np.ascontiguousarray(faces, np.int64)
    for name, values in (("point", point), ("normal", normal), ("faces", faces)):
        if values.ndim != 2 or values.shape[1] != 3:
            raise ValueError(f"{name} must be (n, 3); its shape is {values.shape}.")
    if normal.shape != point.shape:
        raise ValueError(f"normal must be {point.shape}, as point is; its shape is {normal.shape}.")
    if faces.size and not (faces.min() >= 0 and faces.max() < len(point)):
        raise ValueError(f"faces name vertices from {faces.min()} to {faces.max()}; there are {len(point)}.")
    for name, buffer, shape, kind in (
        ("depth", depth, depth.shape[:2], np.float64),
        ("shade", shade, (*depth.shape, 3), np.float64),
        ("labels", labels, depth.shape, np.int64),
    ):
        ready = buffer.dtype == kind and buffer.flags.c_contiguous and buffer.flags.aligned and buffer.flags.writeable
        if buffer.shape != shape or not ready:
            raise ValueError(f"{name} must be contiguous {np.dtype(kind)} of shape {shape}, to be written into.")
    load_kernels().rasterise(
        _PICTURE.pack(
            *(address(v) for v in (point, normal, faces)),
            len(faces),
            label,
            *(address(v) for v in (depth, shade, labels)),
            *depth.shape,
        )
    )


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return unit normals (V, 3), the mean of the faces around each vertex, weighted by area."""
    corner = vertices[faces]
    face = _cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    around = faces.T.ravel()
    normal = np.stack([np.bincount(around, np.tile(part, 3), minlength=len(vertices)) for part in face.T], axis=1)
    return normal / np.maximum(_length(normal), 1e-12)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross products of vectors (..., 3); `np.cross` takes most of its time to find out their shapes."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def _length(vectors: np.ndarray) -> np.ndarray:
    """Lengths of vectors (..., 3), as (..., 1)."""
    return np.sqrt(vectors[..., :1] ** 2 + vectors[..., 1:2] ** 2 + vectors[..., 2:] ** 2)


def tube(path: np.ndarray, radius: np.ndarray, *, around: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices (..., P * around, 3) and faces of tubes along `path` (..., P, 3) with `radius` (..., P), open."""
    tangent = np.gradient(path, axis=-2)
    tangent /= np.maximum(_length(tangent), 1e-12)
    # One reference axis for the whole path keeps the rings from twisting against each other.
    reference = np.eye(3)[np.argmin(np.abs(tangent).max(axis=-2), axis=-1)][..., None, :]
    first = _cross(tangent, np.broadcast_to(reference, tangent.shape))
    first /= np.maximum(_length(first), 1e-12)
    second = _cross(tangent, first)
    angle = np.linspace(0.0, 2.0 * np.pi, around, endpoint=False)
    ring = np.cos(angle)[:, None] * first[..., None, :] + np.sin(angle)[:, None] * second[..., None, :]
    vertices = path[..., None, :] + radius[..., None, None] * ring
    i, j = np.meshgrid(np.arange(path.shape[-2] - 1), np.arange(around), indexing="ij")
    here, turn = i * around + j, i * around + (j + 1) % around
    lower = np.stack([here, turn, here + around], axis=-1)
    upper = np.stack([turn, turn + around, here + around], axis=-1)
    return vertices.reshape(*path.shape[:-2], -1, 3), np.stack([lower, upper]).reshape(-1, 3)


def blur(image: np.ndarray, radius: int) -> np.ndarray:
    """Return `image` (H, W) after three box filters of `radius` pixels: close to a Gaussian."""
    size = 2 * radius + 1
    for _ in range(3):
        for axis in (0, 1):
            width = [(0, 0), (0, 0)]
            width[axis] = (radius + 1, radius)
            total = np.cumsum(np.pad(image, width, mode="edge"), axis=axis)
            image = (total[size:] - total[:-size] if axis == 0 else total[:, size:] - total[:, :-size]) / size
    return image


def light(
    depth: np.ndarray,
    normal: np.ndarray,
    colour: np.ndarray,
    *,
    pixel: float,
    ink: float = 0.012,
    dark: float = 0.5,
) -> np.ndarray:
    """Turn a depth buffer into an RGBA picture (H, W, 4) with values 0..1, all 0 where nothing is seen.

    Wrapped diffuse light from above left of the viewer, darkening where something lies well in front
    (unsharp-masked depth buffer: Luft et al. 2006, doi 10.1145/1141911.1142016), and an ink line where
    depth jumps by more than `ink` metres. `pixel` is a pixel's size in metres; `colour` (3,) or (H, W, 3);
    `dark` is the tone of a surface turned away from the light.
    """
    image = np.zeros((*depth.shape, 4))
    solid = np.isfinite(depth)
    if not solid.any():
        return image
    reach = max(int(0.012 / pixel), 1)
    # What is empty is left out, but for as much of it as the shadows reach.
    at = tuple(_around(solid.any(axis=1 - axis), 3 * (reach + 1)) for axis in (0, 1))
    depth, solid = depth[at], solid[at]
    seen = normal[at][solid]
    # Surfaces of meshes may be wound either way round; what is seen faces the viewer.
    facing = seen / np.maximum(_length(seen), 1e-9) * np.sign(seen[:, 2:] + 1e-12)
    towards = np.array([-0.45, 0.62, 0.65])
    diffuse = 0.5 + 0.5 * facing @ (towards / np.linalg.norm(towards))
    floor = depth[solid].min() - 0.05
    filled = np.where(solid, depth, floor)
    # Weighted so that the empty background casts no shadow.
    weight = blur(solid.astype(float), reach)[solid]
    around = blur(np.where(solid, depth - floor, 0.0), reach)[solid] / np.maximum(weight, 1e-6)
    shadow = np.clip((around - (filled[solid] - floor)) / 0.05, 0.0, 1.0)
    tone = (dark + (1.0 - dark) * diffuse**1.3) * (1.0 - 0.45 * shadow)
    edge = np.zeros(depth.shape, bool)
    if np.isfinite(ink):
        for axis in (0, 1):
            jump = np.abs(np.diff(filled, axis=axis)) > ink
            low = [(0, 0), (0, 0)]
            low[axis] = (1, 0)
            high = [(0, 0), (0, 0)]
            high[axis] = (0, 1)
            edge |= np.pad(jump, low) | np.pad(jump, high)
    rgb = (colour if colour.ndim == 1 else colour[at][solid]) * tone[:, None]
    rgb[edge[solid]] *= 0.45
    image[at][solid] = np.concatenate([np.clip(rgb, 0, 1), np.ones((len(rgb), 1))], axis=1)
    return image


def _around(filled: np.ndarray, margin: int) -> slice:
    """From the first to the last that is filled, and so many more on each side."""
    first, last = np.flatnonzero(filled)[[0, -1]]
    return slice(max(int(first) - margin, 0), int(last) + margin + 1)


def shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of `factor` x `factor` pixels of an RGBA image, colours weighted by their alpha."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    block = image[: height * factor, : width * factor].reshape(height, factor, width, factor, 4)
    alpha = block[..., 3:].sum(axis=(1, 3))
    rgb = (block[..., :3] * block[..., 3:]).sum(axis=(1, 3)) / np.maximum(alpha, 1e-9)
    return np.concatenate([rgb, alpha / factor**2], axis=2)
