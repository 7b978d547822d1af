"""Make the bones of the live page: the surfaces of the embedded body with fewer faces. Needs fast-simplification.

``python docs/make_bones.py`` writes ``src/gluteal/show/live/asset/bones.bin``; it changes with the release of myo-sim
only. A surface keeps faces by its area, loose pieces that are no bone (an emblem on the sternum) go, and coordinates
are rounded to a tenth of a millimetre.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path

import fast_simplification
import myo_sim
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import gluteal
from gluteal.engines import compute_moving_picture
from gluteal.mechanics.picture import BoneSurface
from gluteal.show.live.container import pack_container

#: Faces to share out; small bones have fewer to give. Below 35,000 left the ribs break.
FACES = 60_000
#: A face costs area to this power: small bones keep their shape.
POWER = 0.75
#: Faces of a piece of the rib cage: a rib has 96 to 192, the sternum with its cartilages 1,450; an emblem on the
#: sternum has pieces with more and with fewer.
RIB = (60, 5_000)
#: A coordinate's unit, m.
GRAIN = 1e-4


def drop_loose_pieces(bone: BoneSurface) -> BoneSurface:
    """Return the rib cage without the emblem on its sternum; every other surface as it is."""
    if "ribcage" not in bone.name:
        return bone
    unique, same = np.unique(np.round(bone.vertices, 7), axis=0, return_inverse=True)
    faces = same.reshape(-1)[bone.faces]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    joined = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(unique),) * 2)
    _, piece = connected_components(joined, directed=False)
    of_face = piece[faces[:, 0]]
    counts = np.bincount(of_face)
    bone_like = (counts >= RIB[0]) & (counts <= RIB[1])
    faces = faces[bone_like[of_face]]
    used, renumbered = np.unique(faces, return_inverse=True)
    return BoneSurface(bone.name, unique[used], renumbered.reshape(faces.shape))


def thin_bones(bones: tuple[BoneSurface, ...], faces: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return vertices and faces of every surface, `faces` altogether, shared by area."""
    area = np.array([_area(b) for b in bones]) ** POWER
    budget = np.maximum(60, area / area.sum() * faces).astype(int)
    found = {}
    for bone, most in zip(bones, budget, strict=True):
        vertices, triangles = bone.vertices.astype(np.float32), bone.faces.astype(np.int32)
        if len(triangles) > most:
            vertices, triangles = fast_simplification.simplify(
                vertices, triangles, target_reduction=1.0 - most / len(triangles)
            )
        found[bone.name] = vertices, triangles
    return found


def _area(bone: BoneSurface) -> float:
    a, b, c = (bone.vertices[bone.faces[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("src/gluteal/show/live/asset/bones.bin"))
    body = gluteal.load_body("myo")
    picture = compute_moving_picture(body, gluteal.load_task("quiet-standing", body))
    kept = thin_bones(tuple(map(drop_loose_pieces, picture.bones)), FACES)
    arrays: dict[str, np.ndarray] = {}
    vertices = [np.round(v / GRAIN).astype(np.int16) for v, _ in kept.values()]
    triangles = [f.astype(np.uint16) for _, f in kept.values()]
    arrays["vertices"], arrays["faces"] = np.concatenate(vertices), np.concatenate(triangles)
    arrays["vertex_count"] = np.array([len(v) for v in vertices], np.uint32)
    arrays["face_count"] = np.array([len(f) for f in triangles], np.uint32)
    header = {
        "names": list(kept),
        "grain_m": GRAIN,
        "source": f"myo-sim {myo_sim.__version__} (myofullbody), Apache-2.0, faces reduced",
    }
    packed = pack_container(header, arrays)
    options.parse_args().out.write_bytes(gzip.compress(packed, 9, mtime=0))
    print(len(arrays["faces"]), "faces,", len(arrays["vertices"]), "vertices,", len(packed), "bytes")


if __name__ == "__main__":
    main()
