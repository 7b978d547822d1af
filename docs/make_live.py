"""Build what the live page is made of: its code from ``web/`` (needs Node and npm) and the kernel as WebAssembly.

``python docs/make_live.py`` writes into ``src/gluteal/show/live/asset``; run it after a change in ``web/`` or in the
native kernel. A test builds the code again and compares every byte.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path

from gluteal.kernels.native.build import build_wasm

WEB = Path(__file__).parents[1] / "web"
ASSET = Path(__file__).parents[1] / "src" / "gluteal" / "show" / "live" / "asset"


def build_code(web: Path, out: Path) -> None:
    """Install the exact packages of the lock file, check the types and build the page's code into a folder.

    Raises
    ------
    subprocess.CalledProcessError
        Where npm, the type checker or the bundler fails; its words are on standard error.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not on the path; the system's package npm brings it.")
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], ["run", "--silent", "check"]):
        subprocess.run([npm, *command], cwd=web, check=True)
    subprocess.run([npm, "run", "--silent", "build", "--", str(out)], cwd=web, check=True)


def main() -> None:
    """Build all of it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    build_code(WEB, ASSET)
    build_wasm(ASSET / "kernel.wasm")
    for path in sorted(ASSET.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
