"""XML that a library would choke on is refused before the library sees it."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.helpers.packages import needs

from gluteal.errors import InputError
from gluteal.files import check_xml
from gluteal.files.markup import DEEPEST
from gluteal.movements.trials.external_loads import read_external_loads


def nested(depth: int) -> str:
    return "<OpenSimDocument>" + "<a>" * (depth - 1) + "</a>" * (depth - 1) + "</OpenSimDocument>"


LAUGHS = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (nested(DEEPEST + 1), f"more than {DEEPEST} XML elements inside each other"),
        ("<a " + " ".join(f'a{i}="1"' for i in range(201)) + "/>", "a has more than 200 attributes"),
        (nested(100_000), f"more than {DEEPEST} XML elements inside each other"),
        (LAUGHS, "declares XML entities"),
        (OUTSIDE, "declares XML entities"),
        (
            '<a><Body name="x" file="/etc/hostname"/></a>',
            "keeps its Body in another file, '/etc/hostname'",
        ),
        ("<a><b></a>", "cannot be read as XML"),
        ("", "cannot be read as XML"),
        ("<a>" + "\0" * 9, "cannot be read as XML"),
    ],
)
@pytest.mark.parametrize("ending", [".osim", ".osim.gz"])
def test_what_a_library_would_choke_on(tmp_path: Path, text: str, why: str, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith(".gz") else text.encode())
    with pytest.raises(InputError, match=why):
        check_xml(path)


@pytest.mark.parametrize("content", [nested(DEEPEST).encode(), "<a>Müller</a>".encode("latin-1")])
def test_what_is_harmless_passes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    check_xml(path)
    path.write_bytes("<a/>".encode("utf-16"))
    check_xml(path)


def test_external_loads_come_through_the_same_gate(tmp_path: Path) -> None:
    path = tmp_path / "loads.xml"
    path.write_text(nested(100_000), encoding="utf-8")
    with pytest.raises(InputError, match="inside each other"):
        read_external_loads(path)


def test_a_nested_model_does_not_end_the_process(tmp_path: Path) -> None:
    """OpenSim itself ends with a segmentation fault on it."""
    needs("opensim")
    path = tmp_path / "a.osim"
    path.write_text(nested(100_000), encoding="utf-8")
    program = "import sys; from gluteal.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "simulate", "single-leg-stance", "--body", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "inside each other" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("tag", ["mesh_file", "controls_file"])
def test_a_pipe_that_a_model_names_is_not_waited_for(tmp_path: Path, tag: str) -> None:
    """A picture of a bone is not opened at all; what OpenSim has to open is looked at first."""
    needs("opensim")
    from gluteal.engines.opensim.contents import look_into

    os.mkfifo(tmp_path / "bone.vtp")
    path = tmp_path / "a.osim"
    path.write_text(f"<OpenSimDocument><Model><{tag}> bone.vtp</{tag}></Model></OpenSimDocument>")
    if tag == "mesh_file":
        assert "bone.vtp" not in str(look_into(path).text)
    else:
        with pytest.raises(InputError, match=r"bone\.vtp is a pipe or a device"):
            look_into(path)
