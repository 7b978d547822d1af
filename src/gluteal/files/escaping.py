"""Texts of other people's files, made harmless where they are shown: on a terminal, in a cell of a table."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Characters of a sentence that are shown, and those of its end among them, which says what to do: no sentence of
#: the program is half as long, and a terminal shows it whole.
LONGEST_SENTENCE, _END = 2000, 400
_NUMBER = r"(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:[iI][nN][fF]|[nN][aA][nN]))"
#: Where a spreadsheet takes a formula to begin: at the start of a text, or behind what some country parts cells with;
#: written so that scripts of pages read it, too.
FORMULA = rf"(^|[;,\t\r\n])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])(?!{_NUMBER}(?:[;,\t\r\n]|$))"
# What a page or a table obeys where it is printed, and what turns the order of letters round.
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def terminal_text(text: str) -> str:
    r"""Return a text that a terminal shows and does not obey: control and direction characters become visible.

    >>> terminal_text("a\x1b[2Jb\u202ec")
    'a\\x1b[2Jb\\u202ec'
    """
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else _visible(c) for c in text)


def shown_text(text: str) -> str:
    r"""Return the text of a page or a table without what is obeyed where it is shown; data in a page stay data.

    >>> shown_text('<p>a\x1b[2J</p><script>["b\u202ec"]</script>')
    '<p>a\\u001b[2J</p><script>["b\\u202ec"]</script>'
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def short_sentence(text: str) -> str:
    """Return a sentence as it is, or without its middle where a name in it has no end.

    >>> short_sentence("There is no muscle " + "a" * 10_000 + "; see the list.")[-26:]
    'aaaaaaaaaaa; see the list.'
    """
    if len(text) <= LONGEST_SENTENCE:
        return text
    return f"{text[: LONGEST_SENTENCE - _END]} … {text[-_END:]}"


def _visible(character: str) -> str:
    return character.encode("unicode_escape", errors="surrogatepass").decode("ascii")


def as_text(name: str) -> str:
    r"""Return a file's name as text, which tables and pages can hold: a lone byte of it becomes its code.

    >>> as_text("a\udcff.csv")
    'a\\udcff.csv'
    """
    return name.encode(errors="backslashreplace").decode()


def csv_cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: such a text gets an apostrophe before it.

    >>> csv_cell("=1+2"), csv_cell("-1.5"), csv_cell("- glut"), csv_cell("a;=1+2"), csv_cell(-2.0)
    ("'=1+2", '-1.5', "'- glut", "a;'=1+2", -2.0)
    """
    return re.sub(FORMULA, r"\1'", value) if isinstance(value, str) else value


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as comma-separated text, columns and cells as `csv_cell` and `shown_text` have them.

    >>> import pandas as pd
    >>> print(csv_text(pd.DataFrame({"channel": ["=A1"], "mean": [-1.0]})), end="")
    channel,mean
    '=A1,-1.0
    """
    safe = frame.rename(columns=csv_cell)
    text = safe.apply(lambda column: column.map(csv_cell) if column.dtype.kind not in "biufcmM" else column).to_csv(
        index=False, lineterminator="\n"
    )
    return shown_text(text.encode("utf-8", errors="backslashreplace").decode("utf-8"))
