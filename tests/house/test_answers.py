"""Answers that came with the package: those of today, found, and never used where they no longer fit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import mujoco
import numpy as np
import pytest
from docs.make_answers import compute_answers, ship_entries

from gluteal.cli import main
from gluteal.engines import cache, compute_geometry, load_body
from gluteal.engines.mujoco.engine import load as load_engine_body
from gluteal.engines.myo import kept as kept_body
from gluteal.engines.myo.assembly import assemble_body
from gluteal.ledger import kept as kept_ledger
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import exercise_table
from gluteal.movements.tasks import load_task

REMEDY = "the package changed since its answers were computed: run python docs/make_answers.py"


class NotKept(kept_ledger._NotKept):
    """An answer would have to be computed; who only asks whether there is one is told that there is none."""


@pytest.fixture
def only_kept(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Whatever is not in the package's archive raises; returns what is asked for."""
    asked: set[str] = set()

    def look(key: str, compute: object) -> object:
        found = cache.read_shipped(key)
        if found is None:
            raise NotKept
        asked.add(f"{key}{cache.ENDING}")
        return found

    for module in (kept_body, kept_ledger, __import__("gluteal.movements.tasks", fromlist=["remember"])):
        monkeypatch.setattr(module, "remember", look)
    return asked


def fits() -> bool:
    """Whether the archive is of this version of the package."""
    return cache.read_shipped(kept_body.body_key()) is not None


def test_answers_are_of_this_version(only_kept: set[str]) -> None:
    """Everything that is kept is found in the package, and nothing else is; or the words say what to run."""
    try:
        compute_answers()
    except NotKept:
        pytest.fail(REMEDY)
    with zipfile.ZipFile(cache.SHIPPED) as archive:
        assert set(archive.namelist()) == only_kept, "something else is in the archive"


def test_the_kept_body_is_the_assembled_one_bit_for_bit() -> None:
    """Every array of the model, and what follows from it: lengths, arms and moments of a frame of walking."""
    kept, fresh = kept_body.load_assembled(), assemble_body(bones=False)
    names = [name for name in dir(fresh[0]) if isinstance(getattr(fresh[0], name), np.ndarray)]
    assert len(names) > 300
    for name in names:
        assert getattr(kept[0], name).tobytes() == getattr(fresh[0], name).tobytes(), name
    assert kept[1] == fresh[1]
    for one, other in zip(kept[2:], fresh[2:], strict=True):
        assert one.tobytes() == other.tobytes()  # type: ignore[attr-defined]


def test_a_body_without_bones_moves_as_one_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Surfaces to draw change no number: same masses, paths and moments, to the bit."""
    body = load_engine_body("myo")
    walk = load_task("walk", body).take(slice(0, 20, 10))
    monkeypatch.setattr("gluteal.engines.mujoco.engine.load_assembled", assemble_body)
    whole = load_engine_body("myo")
    assert whole.model.model.nmesh > 100 and body.model.model.nmesh == 0 and whole.mass == body.mass
    one, other = compute_geometry(body, walk), compute_geometry(whole, walk)
    for name in ("mtu_length", "moment_arm", "joint_moment", "support_arm"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


@pytest.mark.parametrize("task", ["single-leg-stance", "sit-to-stand"])
def test_a_kept_task_is_the_placed_one(task: str) -> None:
    body = load_body("myo")
    kept = load_task(task, body)
    with cache.computed_afresh():
        fresh = load_task(task, body)
    for name in ("coordinates", "speed", "acceleration"):
        np.testing.assert_allclose(getattr(kept, name), getattr(fresh, name), rtol=0, atol=1e-9)  # rad; another BLAS
    assert kept.settings.keys() == fresh.settings.keys() and len(kept.weak_rows) == len(fresh.weak_rows)


@pytest.mark.slow
def test_kept_exercises_are_those_done(bench: Bench) -> None:
    if not fits():
        pytest.skip(REMEDY)
    kept, done = exercise_table(bench, kept=True), exercise_table(bench)
    assert list(kept["task"]) == list(done["task"])
    for name in done.select_dtypes("number"):
        np.testing.assert_allclose(kept[name], done[name], rtol=1e-6)  # sums in the order of another BLAS


@pytest.mark.parametrize("spoil", ["absent", "empty", "cut", "flipped", "another key"])
def test_a_spoilt_archive_is_computed_around(spoil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies there, the arrays are those computed; what fits is read."""
    folder, archive = tmp_path / "entries", tmp_path / "answers.zip"
    arrays = {"a": np.arange(1000.0)}
    cache.write_entry(folder / "k.gluteal", arrays)
    ship_entries(folder, archive)
    monkeypatch.setattr(cache, "SHIPPED", archive)
    monkeypatch.setenv("GLUTEAL_CACHE", "off")
    np.testing.assert_array_equal(cache.remember("k", lambda: pytest.fail("computed"))["a"], arrays["a"])  # type: ignore[arg-type, return-value]
    content = bytearray(archive.read_bytes())
    if spoil == "another key":
        (folder / "other.gluteal").write_bytes((folder / "k.gluteal").read_bytes())
        ship_entries(folder, archive)
    elif spoil == "absent":
        archive.unlink()
    else:
        content[len(content) // 3] ^= 1
        archive.write_bytes({"empty": b"", "cut": bytes(content[:99]), "flipped": bytes(content)}[spoil])
    key = "other" if spoil == "another key" else "k"
    computed = {"a": np.zeros(3)}
    assert cache.remember(key, lambda: computed) is computed


def test_a_changed_text_makes_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any room that computes, of MuJoCo, or of the seed: what was kept is not found any more."""
    bench = Bench()
    asked: list[str] = []
    monkeypatch.setattr(kept_ledger, "remember", lambda key, compute: asked.append(key) or {"a": np.zeros(1)})

    def ask(bench: Bench) -> str:
        kept_ledger.keep_arrays("exercises", bench, dict)
        return asked[-1]

    first = ask(bench)
    assert ask(bench) == first and ask(Bench(seed=1)) != first
    monkeypatch.setattr(cache, "_own_text", lambda rooms: b"a table was edited")
    assert ask(bench) != first
    monkeypatch.undo()
    before = kept_body.body_key()
    monkeypatch.setattr(mujoco, "__version__", "99")
    assert kept_body.body_key() != before


def test_every_computing_room_is_in_the_key() -> None:
    """All rooms but those that only show: one that was forgotten would leave an old answer standing."""
    package = Path(kept_ledger.__file__).parents[1]
    rooms = {p.name for p in package.iterdir() if (p.is_dir() and (p / "__init__.py").exists()) or p.suffix == ".py"}
    left = rooms - set(kept_ledger.COMPUTING)
    assert left == {"__init__.py", "cli", "errors.py", "show", "sto", "testing.py"}


def test_afresh_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    """--fresh gives the same rows as what is kept, and asks no archive for them."""
    assert main(["exercises", "glmed", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert main(["exercises", "glmed", "--json", "--fresh"]) == 0
    fresh = json.loads(capsys.readouterr().out)
    assert [row["task"] for row in kept] == [row["task"] for row in fresh]
    for one, other in zip(kept, fresh, strict=True):
        if one["activation"] is None:  # no task does it
            assert other["activation"] is None
        else:
            assert one["activation"] == pytest.approx(other["activation"], rel=1e-6)
