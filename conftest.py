"""What holds for tests and for examples in docstrings alike."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import matplotlib
import pytest
from tests.helpers.packages import in_ci, needs
from xdist.scheduler import LoadScopeScheduling

# No test shows a window.
matplotlib.use("agg")

#: Files with tests that ask for the fixture `results`, which runs every experiment.
LEDGER_FILES = {
    f"tests/ledger/test_{name}.py" for name in ("adaptation", "kept", "ledger", "observers", "postures", "walking")
}

# Without the package these modules cannot be imported; in CI that is a failure.
collect_ignore = [] if in_ci() or find_spec("opensim") else ["src/gluteal/engines/opensim"]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests leave the user's cache of mechanics alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLUTEAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs every experiment, and put files that take longest at the front."""
    for item in items:
        if "results" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ledger)
            item.add_marker(pytest.mark.slow)
            if item.nodeid.split("::")[0] not in LEDGER_FILES:
                raise pytest.UsageError(f"{item.nodeid} runs the whole ledger: add its file to LEDGER_FILES.")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.get_closest_marker("ledger") is None, item.path not in slow))


class _FilesTogether(LoadScopeScheduling):
    """One process works on a file, whose tests share fixtures, and one on all that share the run of the ledger."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return "the ledger" if path in LEDGER_FILES else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Hand out tests by file. (Groups by mark, `--dist=loadgroup`, do nothing in xdist 3.8 under pytest 9.)"""
    return _FilesTogether(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked for a package needs that package."""
    if item.get_closest_marker("opensim"):
        needs("opensim")
