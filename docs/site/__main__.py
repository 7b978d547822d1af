"""Build the site: ``python -m docs.site``. Warnings are errors; every link within it is held to its target."""

from __future__ import annotations

import shutil
import sys
import time

from docs.site.places import BUILT, DOCS
from docs.site.writing import check_pages
from sphinx.cmd.build import build_main


def main() -> int:
    """Build and check; 0 where all is well."""
    start = time.perf_counter()
    # What an earlier build left would be checked, and published, as if it were of this one.
    shutil.rmtree(BUILT, ignore_errors=True)
    options = ["-W", "--keep-going", "-n", "-q", "-b", "html", "-d", str(BUILT.parent / "doctrees")]
    code = build_main([*options, *sys.argv[1:], str(DOCS), str(BUILT)])
    if code:
        return code
    if faults := check_pages(BUILT):
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    print(f"{BUILT / 'index.html'}, in {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
