"""Keeps text from becoming a formula when it is opened in a spreadsheet."""

from __future__ import annotations

import re

# Blanks, control and format characters (Unicode categories Zs, Zl, Zp, Cc, Cf), behind which a formula may hide.
_INVISIBLE = (
    r"\u0001-\u0020\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u1680\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
# ``= + - @``, and everything that compatibility normalization (NFKC) makes begin with one of them.
_STARTS = r"=+\-@\u207a\u207c\u208a\u208c\u2a75-\u2a76\ufb29\ufe62-\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
RISKY_BEGINNING = rf"^(?:[\t\r\n]|[{_INVISIBLE}]*[{_STARTS}])"
"""What ``defuse`` puts a quote before, in the words that Python and PostgreSQL share (which has no NUL)."""

_QUOTE = "'"
_risky = re.compile(RISKY_BEGINNING.replace(r"\u0001-", r"\x00-"))


def defuse(value: str) -> str:
    """Return text that no spreadsheet takes for a formula: a risky beginning gets a leading quote.

    Risky are ``= + - @`` (also as full-width or small forms, and behind blanks or invisible characters) and a leading
    tab or line break (OWASP, "CSV Injection").
    """
    return _QUOTE + value if is_risky(value) else value


def is_risky(value: str) -> bool:
    """Say whether a spreadsheet might take a text for a formula."""
    return _risky.match(value) is not None
