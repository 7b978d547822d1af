"""Nobody but the doors (`gluteal.files`) opens, makes, moves or removes a file; who does is listed with the reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gluteal

SOURCE = Path(gluteal.__file__).parent
#: Calls by a bare name that reach files.
NAMES = {"open", "copyfile", "mkdtemp", "mkstemp", "rmtree", "GzipFile", "ZipFile", "TemporaryDirectory"}
#: Calls of a method that reach files, whatever it belongs to.
METHODS = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "touch", "mkdir", "makedirs", "unlink", "rmdir",
    "rmtree", "symlink_to", "hardlink_to", "copyfile", "copytree", "copy2", "File", "loadmat", "savemat", "ZipFile",
    "GzipFile", "memmap", "fromfile", "tofile", "loadtxt", "genfromtxt", "savetxt", "read_csv", "read_excel",
    "read_parquet", "load_dataset", "open_dataset", "to_netcdf", "to_zarr", "savefig", "mkdtemp", "mkstemp",
    "TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "expanduser",
}  # fmt: skip
#: Calls of a method that reach files where it belongs to this module.
OF_MODULES = {
    "os": {"replace", "rename", "remove", "link", "symlink", "truncate"},
    "np": {"load", "save", "savez", "savez_compressed"},
    "shutil": {"move", "copy"},
    "ET": {"parse"},
}

WRITTEN_WHOLE = "into the temporary file that a door gave"
#: File -> its calls, and why they may be there.
EXEMPT: dict[str, dict[str, str]] = {
    "cli/__init__.py": {"open": "the null device", "os.open": "the null device"},
    "cli/adapt.py": {"to_netcdf": "the record's own method"},
    "cli/see.py": {"mkdtemp": "a page to look at, which stays"},
    "cli/simulate.py": {"to_netcdf": "the record's own method"},
    "cli/tolerance.py": {"savefig": WRITTEN_WHOLE},
    "emg/analysis/bids_out.py": {"mkdir": "within the folder that a door gave"},
    "emg/read/hdf5.py": {"File": "h5py opens by name; `check_file` looked first"},
    "emg/read/hdf5_describe.py": {"File": "h5py opens by name, in a process of its own"},
    "emg/read/library.py": {"np.load": "what a process of ours just wrote"},
    "emg/read/library_describe.py": {
        "ZipFile": "openpyxl opens by name, in a process of its own",
        "np.load": "NumPy opens by name, in a process of its own, and unpickles nothing",
        "np.save": "into its temporary folder",
        "open": "into its temporary folder",
    },
    "emg/read/mat.py": {"np.load": "what a process of ours just wrote"},
    "emg/read/mat_describe.py": {
        "loadmat": "SciPy opens by name, in a process of its own",
        "np.save": "into its temporary folder",
    },
    "emg/read/otb.py": {"open": "tarfile reads what a door opened"},
    "emg/read/spool.py": {"SpooledTemporaryFile": "has no name"},
    "emg/read/text_rows.py": {"read_csv": "a block in memory"},
    "emg/read/tidy.py": {"open": "into its temporary folder"},
    "emg/session/demo.py": {"mkdir": "the folder that was asked for"},
    "engines/cache.py": {
        "ZipFile": "answers of the package itself",
        "mkdir": "the folder of what is kept",
        "np.load": "bytes in memory",
        "np.savez": "bytes in memory",
        "unlink": "entries of its own",
    },
    "kernels/native/build.py": {
        "TemporaryDirectory": "only builds",
        "copyfile": "only builds",
        "read_bytes": "sources of the package itself",
        "replace": "only builds",
    },
    "ledger/evidence/parsed.py": {"read_bytes": "tables of the package itself"},
    "show/figures/inline.py": {"savefig": "bytes in memory"},
    "show/pages/delays.py": {"savefig": WRITTEN_WHOLE},
    "show/pages/exercises.py": {"open": "a picture in memory", "savefig": "bytes in memory"},
    "simulate/study/parts.py": {
        "ZipFile": "bytes in memory",
        "mkdir": "the folder of parts",
        "np.load": "bytes in memory",
        "np.savez": WRITTEN_WHOLE,
        "os.open": "the lock",
        "rmdir": "the folder of parts, empty",
        "unlink": "parts of its own",
    },
    "simulate/study/result.py": {
        "File": "h5py reads what a door opened",
        "load_dataset": "xarray opens by name; links to other files were refused",
        "to_zarr": WRITTEN_WHOLE,
    },
    "simulate/study/work.py": {"read_bytes": "sources of the package itself"},
    "sources/parameter.py": {"read_text": "tables of the package itself"},
    "sources/published/__init__.py": {
        "open": "tables of the package itself",
        "read_csv": "tables of the package itself",
    },
    "sources/tables.py": {"read_text": "tables of the package itself"},
}


def reaching(text: str) -> Iterator[str]:
    """Name the calls in a program that reach files."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "open" for alias in node.names):
            yield f"{node.module}.open"
        if not isinstance(node, ast.Call):
            continue
        f = node.func
        if isinstance(f, ast.Name) and f.id in NAMES:
            yield f.id
        if isinstance(f, ast.Attribute):
            of = f.value.id if isinstance(f.value, ast.Name) else ""
            if of == "os" and f.attr == "open":
                yield "os.open"
            elif f.attr in METHODS:
                yield f.attr
            elif f.attr in OF_MODULES.get(of, ()):
                yield f"{of}.{f.attr}"
            elif f.attr == "replace" and len(node.args) == 1 and not node.keywords:  # of a path; a text's takes two
                yield "replace"


def offenders(source: Path) -> dict[str, set[str]]:
    """Return the files outside the doors, and their calls that are not exempt."""
    found = {}
    for path in sorted(source.rglob("*.py")):
        name = path.relative_to(source).as_posix()
        if not name.startswith("files/"):
            calls = set(reaching(path.read_text(encoding="utf-8"))) - set(EXEMPT.get(name, ()))
            if calls:
                found[name] = calls
    return found


def test_only_the_doors_reach_files() -> None:
    assert offenders(SOURCE) == {}


def test_no_exception_outlives_its_use() -> None:
    there = {name: set(reaching((SOURCE / name).read_text(encoding="utf-8"))) for name in EXEMPT}
    assert {name: set(calls) - there[name] for name, calls in EXEMPT.items() if set(calls) - there[name]} == {}


@pytest.mark.parametrize(
    "line",
    [
        "open(p)", "with p.open() as f: pass", "p.read_text()", "p.write_bytes(b)", "h5py.File(p)", "np.load(p)",
        "np.memmap(p)", "os.open(p, 0)", "os.replace(p, q)", "p.replace(q)", "gzip.open(p)", "shutil.rmtree(p)",
        "zipfile.ZipFile(p)", "pd.read_csv(p)", "ET.parse(p)", "from io import open", "tempfile.mkdtemp()",
        "Path(p).expanduser()", "p.unlink()", "xr.load_dataset(p)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("room", ["outcome", "ledger", "show/pages"])
def test_an_opening_planted_in_a_room_is_seen(tmp_path: Path, room: str, line: str) -> None:
    (tmp_path / room).mkdir(parents=True)
    (tmp_path / room / "planted.py").write_text(f"def look(p, q, b):\n    {line}\n")
    assert list(offenders(tmp_path)) == [f"{room}/planted.py"]
    (tmp_path / room / "planted.py").write_text("def look(t):\n    return t.replace('a', 'b').strip()\n")
    assert offenders(tmp_path) == {}


@pytest.mark.parametrize("name", ["cli/adapt.py", "emg/read/mat.py", "simulate/study/parts.py"])
def test_an_exception_is_for_its_calls_only(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text((SOURCE / name).read_text(encoding="utf-8") + "\n\ndef more(p):\n    open(p)\n")
    assert offenders(tmp_path) == {name: {"open"}}
