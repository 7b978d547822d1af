"""The built-in texts as they were parsed: kept beside them, and read only where not one byte of them has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gluteal.files.stamped import read_stamped, stamp_texts, write_stamped
from gluteal.ledger.evidence.yaml_text import read_yaml

#: The built-in claims; beside them stands a folder of studies, one file each, named by its key.
BUILT_IN = "claims.yaml"
STUDIES = "studies"
#: Where the parsed texts are kept (``python docs/make_answers.py`` writes it).
PARSED = Path(__file__).parent / "parsed.json.gz"


def list_texts() -> list[tuple[str, Path]]:
    """Return the built-in texts, claims first, then the studies by name: the words that name one, and its place."""
    folder = Path(__file__).parent
    studies = sorted((folder / STUDIES).glob("*.yaml"), key=lambda path: path.name)
    return [
        (f"built-in {BUILT_IN}", folder / BUILT_IN),
        *((f"built-in {STUDIES}/{path.name}", path) for path in studies),
    ]


def read_texts() -> list[tuple[str, Any]]:
    """Return what each built-in text holds, by its name: kept where it fits, else parsed."""
    texts = list_texts()
    held = read_stamped(PARSED, _stamp(texts))
    if isinstance(held, list) and len(held) == len(texts):
        return [(name, content) for (name, _), content in zip(texts, held, strict=True)]
    return parse_texts()


def parse_texts() -> list[tuple[str, Any]]:
    """Return what each built-in text holds, parsed now."""
    return [(name, read_yaml(path.read_bytes(), name)) for name, path in list_texts()]


def keep_texts() -> None:
    """Parse all built-in texts and keep what they hold."""
    write_stamped(PARSED, _stamp(list_texts()), [content for _, content in parse_texts()])


def _stamp(texts: list[tuple[str, Path]]) -> str:
    # How a text is read counts as well.
    return stamp_texts([*(path for _, path in texts), Path(__file__).parent / "yaml_text.py"])
