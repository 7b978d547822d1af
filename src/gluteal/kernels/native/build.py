"""Build the library of the native kernels from the C sources beside this file; run as a program.

``python -m gluteal.kernels.native.build`` builds for this machine, in place; ``--wheel-platform TAG`` for another, and
``--wasm FILE`` for the browser. `hatch_build.py` calls the same functions where a wheel or an editable installation is
made. The compiler is the one that ``CC`` names, else gcc, clang or cc, else Zig's, which comes as a package
(``ziglang``) and is the only one that builds for other machines.

Every build comes to the same bits: no fused multiply-add, no contraction, no other order of sums. Flags from the
environment (``CFLAGS``) are not read.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
#: The library, beside its sources.
LIBRARY = HERE / ("_kernel" + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so"))
#: What to run where the library is missing or was built from other sources.
REBUILD = f"{Path(sys.executable).name} -m gluteal.kernels.native.build"

# Undoes what a compiler's name in `CC` may bring along. To the linker, too: with -ffast-math it adds code that takes
# subnormal numbers away from the whole process.
_EXACT = ["-fno-fast-math", "-ffp-contract=off"]
_FLAGS = ["-std=gnu11", "-O3", "-g0", "-fno-math-errno", "-fvisibility=hidden", "-Wno-psabi", *_EXACT]


class Target(NamedTuple):
    """Another platform: Zig's name of it and of its plainest processor, and the ending of a library."""

    zig: str
    processor: str
    ending: str


#: By the tag of a wheel.
TARGETS = {
    "manylinux_2_17_x86_64": Target("x86_64-linux-gnu.2.17", "x86_64", ".so"),
    "manylinux_2_17_aarch64": Target("aarch64-linux-gnu.2.17", "generic", ".so"),
    "musllinux_1_1_x86_64": Target("x86_64-linux-musl", "x86_64", ".so"),
    "musllinux_1_1_aarch64": Target("aarch64-linux-musl", "generic", ".so"),
    "macosx_11_0_x86_64": Target("x86_64-macos.11.0", "x86_64", ".dylib"),
    "macosx_11_0_arm64": Target("aarch64-macos.11.0", "apple_m1", ".dylib"),
    "win_amd64": Target("x86_64-windows-gnu", "x86_64", ".dll"),
    "win_arm64": Target("aarch64-windows-gnu", "generic", ".dll"),
}


class BuildError(Exception):
    """The library could not be built."""


def stamp_sources() -> str:
    """Return the SHA-256 of the C sources, whatever ends their lines; empty where they are not there."""
    digest = hashlib.sha256()
    sources = sorted(p for p in HERE.iterdir() if p.suffix in (".c", ".h"))
    for path in sources:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest() if sources else ""


def find_compiler() -> list[str] | None:
    """Return the command of this machine's C compiler, or None."""
    for command in (shlex.split(os.environ.get("CC", "")), ["gcc"], ["clang"], ["cc"]):
        if command and shutil.which(command[0]):
            return command
    return None


def find_zig() -> list[str]:
    """Return the command of Zig's C compiler.

    Raises
    ------
    BuildError
        Where the package ``ziglang`` is not installed.
    """
    if find_spec("ziglang") is None:
        raise BuildError("No C compiler was found; install one (gcc or clang), or Zig's with: pip install ziglang")
    return [sys.executable, "-m", "ziglang", "cc"]


def build_library(out: Path = LIBRARY, tag: str = "", compiler: list[str] | None = None) -> Path:
    """Compile and link the library; it is put in its place whole, so that a running program keeps the old one.

    Parameters
    ----------
    out : Path
        Where it goes.
    tag : str
        Platform of a wheel, of `TARGETS`; empty for this machine.
    compiler : list of str, optional
        Command of the compiler, in place of the one found.

    Raises
    ------
    BuildError
        Where there is no compiler, or it fails.
    """
    if tag and tag not in TARGETS:
        raise BuildError(f"There is no platform {tag!r}; choose one of {', '.join(TARGETS)}.")
    target = TARGETS.get(tag)
    command = find_zig() if target else compiler or find_compiler() or find_zig()
    machine = target.zig.split("-")[0] if target else platform.machine()
    windows = target.ending == ".dll" if target else sys.platform == "win32"
    flags = [*_FLAGS, f'-DSTAMP="{stamp_sources()}"', *([] if windows else ["-fPIC"])]
    is_zig = "ziglang" in command or Path(command[0]).stem == "zig"
    if target:
        platform_flags, plain = ["-target", target.zig], [f"-mcpu={target.processor}"]
    else:  # else Zig builds for the very processor it runs on
        platform_flags, plain = [], ["-mcpu=baseline"] if is_zig else []
    parts = {"kernel": ("kernel.c", plain)}
    if machine in ("x86_64", "AMD64"):
        wide = ["-mcpu=x86_64_v3" if is_zig else "-march=x86-64-v3"]
        parts = {
            "base": ("kernel.c", [*plain, "-DNAME(x)=x##_base"]),
            "v3": ("kernel.c", [*wide, "-DNAME(x)=x##_v3"]),
            "dispatch": ("dispatch.c", plain),
        }
    with tempfile.TemporaryDirectory() as folder:
        objects = [str(Path(folder) / f"{name}.o") for name in parts]
        for to, (source, own) in zip(objects, parts.values(), strict=True):
            _run([*command, *platform_flags, *flags, *own, "-c", str(HERE / source), "-o", to])
        whole = Path(folder) / f"whole{out.suffix}"
        link = [*_EXACT, "-shared", "-s", *objects, "-o", str(whole), *([] if windows else ["-lm"])]
        _run([*command, *platform_flags, *plain, *link])
        _put(whole, out)
    return out


def build_wasm(out: Path) -> Path:
    """Compile the kernels to WebAssembly, with vectors of 128 bits; needs Zig.

    Raises
    ------
    BuildError
        Where Zig is missing or fails.
    """
    target = ["-target", "wasm32-wasi", "-mexec-model=reactor", "-mcpu=generic+simd128+bulk_memory"]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "share.wasm"
        flags = [*_FLAGS, f'-DSTAMP="{stamp_sources()}"', "-Wl,--export=__heap_base", "-s"]
        _run([*find_zig(), *target, *flags, str(HERE / "kernel.c"), "-o", str(whole)])
        _put(whole, out)
    return out


def _run(command: list[str]) -> None:
    """Run a compiler; raise BuildError with its last words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise BuildError(f"{shlex.join(command)} ended with {done.returncode}:\n{words}")


def _put(whole: Path, out: Path) -> None:
    """Put a file in its place at once."""
    beside = out.with_name(f"{out.name}.{os.getpid()}.new")
    shutil.copyfile(whole, beside)
    beside.replace(out)


def run_build(arguments: list[str] | None = None) -> int:
    """Build as the command line says; return its exit code."""
    options = argparse.ArgumentParser(prog="python -m gluteal.kernels.native.build", description=__doc__)
    options.add_argument("--wasm", type=Path, metavar="FILE", help="write WebAssembly instead")
    options.add_argument("--wheel-platform", default="", metavar="TAG", help=f"one of {', '.join(TARGETS)}")
    options.add_argument("--out", type=Path, help="where the library goes, if not beside its sources")
    chosen = options.parse_args(arguments)
    try:
        if chosen.wasm:
            print(build_wasm(chosen.wasm))
        else:
            print(build_library(chosen.out or LIBRARY, chosen.wheel_platform))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_build())
