"""Everything that depends on no user, computed once and stored with the package: run after any change to the numbers.

    python docs/make_answers.py

The ledger's texts as parsed, the embedded body as assembled, the built-in tasks as placed, the readings of all
experiments, and the exercises with their pictures, about a minute in all. Nothing breaks without it: an answer that no
longer fits is never used, and computed when it is asked for. `tests/house/test_answers.py` says when to run it.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from gluteal.engines import cache, load_body
from gluteal.engines.myo.kept import load_assembled
from gluteal.files import written_whole
from gluteal.ledger.atlas.build import build_atlas
from gluteal.ledger.atlas.poses import list_posed
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.parsed import keep_texts
from gluteal.ledger.experiments import all_experiments
from gluteal.ledger.foretold import keep_foretold
from gluteal.ledger.run import run_experiments
from gluteal.movements.tasks import list_tasks, load_task
from gluteal.show.pages.exercises import draw_exercises


def ship_entries(folder: Path, archive: Path) -> None:
    """Put all entries of a folder into an archive, the same bytes whenever they are the same."""
    with written_whole(archive) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.glob(f"*{cache.ENDING}")):
            packed.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


def compute_answers() -> None:
    """Ask for everything that is kept."""
    load_assembled()
    body, bench = load_body("myo"), Bench()
    for task in list_tasks():
        load_task(task.name, body)
    draw_exercises(bench, list_posed(build_atlas(bench, kept=True)), kept=True)
    results = run_experiments(all_experiments(), bench=bench, progress=print, kept=True)
    # The published bodies are asked where their answer can count: by experiments that pass their checks.
    speaking = [key for key, result in results.items() if result.credibility.credible]
    run_experiments(speaking, bench=bench, progress=print, kept=True, bodies=True)


def make_answers(archive: Path) -> None:
    """Compute all answers and put them into `archive`, in place of what is there."""
    with tempfile.TemporaryDirectory() as fresh:
        chosen, shipped = os.environ.get("GLUTEAL_CACHE"), cache.SHIPPED
        os.environ["GLUTEAL_CACHE"], cache.SHIPPED = fresh, Path(fresh) / "nothing"
        try:
            compute_answers()
        finally:
            cache.SHIPPED = shipped
            os.environ.pop("GLUTEAL_CACHE")
            if chosen is not None:
                os.environ["GLUTEAL_CACHE"] = chosen
        ship_entries(Path(fresh), archive)


if __name__ == "__main__":
    keep_texts()
    keep_foretold()
    make_answers(cache.SHIPPED)
