"""Errors a person can act on: what was given, what would be right, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class GlutealError(Exception):
    """Base of every error that bad input can cause; the command line exits with 2 on it."""


class InputError(GlutealError, ValueError):
    """A file or value that cannot be used as given."""


class UnknownName(GlutealError, LookupError):
    """A name that is not in the list it was looked up in.

    Parameters
    ----------
    kind : str
        What was looked for, in the singular ("muscle", "task").
    name : str
        What was given.
    known : iterable of str
        The names that would have worked.
    listing : str
        How the user sees all of them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], listing: str) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        near = close_names(name, self.known)
        hint = f" Close names: {', '.join(near)}." if near else ""
        found = f"List all {len(self.known)} with {listing}."
        if listing.startswith("docs/"):  # a page is no command: what it tells of is named here
            found = f"There are {', '.join(self.known)}; {listing} tells of each."
        if not self.known:
            found = "There is none at all here."
        super().__init__(f"There is no {kind} {name!r}.{hint} {found}")


class MissingEngine(GlutealError, ImportError):
    """An optional engine that is not installed."""

    def __init__(self, engine: str, extra: str) -> None:
        self.engine, self.extra = engine, extra
        super().__init__(
            f"This needs {engine}, which is not installed. Install it with: pip install 'gluteal[{extra}]', or in a "
            f"clone of the repository: pip install '.[{extra}]'."
        )


class NotJudged(GlutealError, ArithmeticError):
    """A movement that is no ground to judge from; the command line exits with 4 on it.

    Attributes
    ----------
    cause : gluteal.mechanics.cause.Cause or None
        Why; None where the error came from another process.
    """

    def __init__(self, message: str, cause: object = None) -> None:
        super().__init__(message)
        self.cause = cause

    def __reduce__(self) -> tuple[type[NotJudged], tuple[str]]:
        """Travel between processes as words."""
        return type(self), (str(self),)


class Unsolved(GlutealError, ArithmeticError):
    """A load sharing that was not solved, so that nothing may be concluded from it.

    Attributes
    ----------
    solution : gluteal.Solution or None
        What was found, sealed; None where the error came from another process.
    """

    def __init__(self, message: str, solution: object = None) -> None:
        super().__init__(message)
        self.solution = solution

    def __reduce__(self) -> tuple[type[Unsolved], tuple[str]]:
        """Travel between processes as words; a solution holds an engine's model, which cannot."""
        return type(self), (str(self),)


def close_names(name: str, known: Sequence[str], most: int = 4) -> list[str]:
    """Return the known names that look like `name`, ignoring case and separators."""

    def plain(text: str) -> str:
        return text.lower().replace("_", "-").replace(" ", "-")

    by_plain = {plain(k): k for k in reversed(known)}
    return [by_plain[p] for p in get_close_matches(plain(name), list(by_plain), n=most, cutoff=0.55)]
