"""XML of other people, looked through before a library builds a tree of it."""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path
from xml.parsers import expat

from gluteal.errors import InputError
from gluteal.files.incoming import MOST_TEXT, open_text

#: Elements inside each other; OpenSim's models have some 20, and it runs out of stack at some tens of thousands.
DEEPEST = 200
#: Attributes of one element; models have three at most, and OpenSim compares each with all before it.
MOST_ATTRIBUTES = 200
_PIECE = 2**20


def check_xml(path: Path) -> None:
    """Read an XML file piece by piece, gzipped or not, and refuse what a library would choke on.

    Raises
    ------
    InputError
        Where it is no well-formed XML, declares entities, keeps a part in another file, is nested more than `DEEPEST`
        times, has more than `MOST_ATTRIBUTES` in one element, or is longer than `MOST_TEXT` once unzipped; OSError as
        `gluteal.files.open_input`.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.osim"
    >>> _ = file.write_text("<a>" * 201 + "</a>" * 201)
    >>> check_xml(file)
    Traceback (most recent call last):
    ...
    gluteal.errors.InputError: a.osim has more than 200 XML elements inside each other; export it again.
    """
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if "file" in attributes:  # as OpenSim reads it
            raise InputError(
                f"{path.name} keeps its {name} in another file, {attributes['file'][:80]!r}, which is not opened; save "
                "it as one file."
            )
        if len(attributes) > MOST_ATTRIBUTES:
            raise InputError(f"{path.name}: {name} has more than {MOST_ATTRIBUTES} attributes; export it again.")
        depth += 1
        if depth > DEEPEST:
            raise InputError(f"{path.name} has more than {DEEPEST} XML elements inside each other; export it again.")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def declare(*_: object) -> None:
        raise InputError(f"{path.name} declares XML entities, which no model needs; remove its <!DOCTYPE ...>.")

    total = 0
    try:
        with open_text(path) as file:
            wide = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            file.seek(0)
            # Elements are looked at, not texts: a letter in another encoding than announced is no reason to refuse.
            parser = expat.ParserCreate(None if wide else "iso-8859-1")
            parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = begin, end, declare
            while piece := file.read(_PIECE):
                total += len(piece)
                if total > MOST_TEXT:
                    raise InputError(f"{path.name} has more than {MOST_TEXT >> 20} MB; name the file that was meant.")
                parser.Parse(piece)
            parser.Parse(b"", True)
    except InputError:
        raise
    except (expat.ExpatError, EOFError, zlib.error, ValueError, LookupError) as error:
        raise InputError(f"{path.name} cannot be read as XML ({error}); export it again.") from error
