"""Reads sizes as people type them."""

from __future__ import annotations

import re
from decimal import Decimal

SIZE_EXAMPLES = ("10k", "100k", "1M", "10M", "25M")

_SIZE = re.compile(r"(\d{1,12})(?:[.,](\d{1,6}))? ?(b|k|kb|kib|m|mb|mib|g|gb|gib)?", re.ASCII)
_FACTORS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_LARGEST = 2**62


def parse_size(value: str) -> int | None:
    """Return the number of bytes, where k, M and G count in steps of 1,024; None for what is no size."""
    found = _SIZE.fullmatch(value.strip().lower())
    if not found:
        return None
    unit = (found[3] or "b")[0]
    if found[2] and unit == "b":
        return None
    size = int(Decimal(f"{found[1]}.{found[2] or 0}") * _FACTORS[unit])
    return min(size, _LARGEST)
