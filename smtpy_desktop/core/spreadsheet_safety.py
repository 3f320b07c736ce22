"""Keeps text from becoming a formula when it is opened in a spreadsheet."""

from __future__ import annotations

import unicodedata

_FORMULA_STARTS = frozenset("=+-@")
_CONTROL_STARTS = frozenset("\t\r\n")
_QUOTE = "'"


def defuse(value: str) -> str:
    """Return text that no spreadsheet takes for a formula: a risky beginning gets a leading quote.

    Risky are ``= + - @`` (also as full-width or small forms, and behind blanks or invisible characters) and a leading
    tab or line break (OWASP, "CSV Injection").
    """
    if not value:
        return value
    if value[0] in _CONTROL_STARTS:
        return _QUOTE + value
    first = next((character for character in value if not _is_invisible(character)), "")
    normal = unicodedata.normalize("NFKC", first)
    return _QUOTE + value if normal[:1] in _FORMULA_STARTS else value


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")
