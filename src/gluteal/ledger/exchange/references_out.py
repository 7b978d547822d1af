"""Studies as RIS, for reference managers."""

from __future__ import annotations

from collections.abc import Iterable

from gluteal.ledger.evidence.records import Study

#: What stands after the authors that a page names where it names only some.
_MORE = " and others"


def render_ris(studies: Iterable[Study]) -> str:
    """Return studies as RIS; what is not known is left out.

    Examples
    --------
    >>> from gluteal.ledger.evidence.load import load_evidence
    >>> print(render_ris([load_evidence().study("pohl2015")]).splitlines()[0])
    TY  - JOUR
    """
    return "".join(_entry(study) for study in studies)


def _entry(study: Study) -> str:
    lines: list[tuple[str, str | None]] = [("TY", "JOUR"), ("ID", study.key), ("TI", study.title)]
    named, more, _ = (study.authors or "").partition(_MORE)
    lines += [("AU", _author(name)) for name in named.split(",") if name.strip()]
    lines += [
        ("PY", None if study.year is None else str(study.year)),
        ("T2", study.journal),
        ("DO", study.doi),
        ("AN", None if study.pmid is None else str(study.pmid)),
        ("UR", study.link),
        ("N1", "There are more authors than the page read names." if more else None),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_one_line(value)}\n" for tag, value in lines if value is not None)


def _author(name: str) -> str:
    family, _, initials = name.strip().rpartition(" ")
    return f"{family}, {initials}" if family and initials.isupper() else name.strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
