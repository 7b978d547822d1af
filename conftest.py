"""What holds for tests and for examples in docstrings alike."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib.util import find_spec

import matplotlib
import pytest
from tests.helpers.packages import in_ci, needs

# No test shows a window.
matplotlib.use("agg")

# Without the package these modules cannot be imported; in CI that is a failure.
collect_ignore = [] if in_ci() or find_spec("opensim") else ["src/gluteal/engines/opensim"]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests leave the user's cache of mechanics alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLUTEAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, object, object]:
    """Keep files together in one process, whose fixtures they share, and what takes longest at the front.

    A wrapper, because the plugin for parallel runs reads the groups in a hook of its own, which would come first.
    """
    for item in items:
        # The fixture that runs every experiment.
        if "results" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ledger)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("ledger"))
        else:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.get_closest_marker("ledger") is None, item.path not in slow))
    return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked for a package needs that package."""
    if item.get_closest_marker("opensim"):
        needs("opensim")
