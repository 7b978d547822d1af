"""How a page's content security policy names what may run in it."""

from __future__ import annotations

import base64
import hashlib


def script_hash(text: str) -> str:
    """Return what a content security policy calls a script or a style by.

    >>> script_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
