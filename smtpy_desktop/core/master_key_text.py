"""The master key as text: 64 hexadecimal digits."""

from __future__ import annotations

import re

from smtpy_desktop.core.sealing import MASTER_KEY_BYTES

_DIGITS = re.compile(rf"[0-9A-Fa-f]{{{2 * MASTER_KEY_BYTES}}}")


def format_master_key(master_key: bytes) -> str:
    """Return the key as 64 lower-case hexadecimal digits."""
    return master_key.hex()


def parse_master_key(written: str) -> bytes | None:
    """Read 64 hexadecimal digits with white space around them; None when it is something else."""
    stripped = written.strip(" \t\r\n\ufeff")
    return bytes.fromhex(stripped) if _DIGITS.fullmatch(stripped) else None
