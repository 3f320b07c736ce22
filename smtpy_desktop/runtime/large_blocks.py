"""How the C library gives memory back."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)
_LARGE_BYTES = 256 * 1024
_SPARE_BYTES = 1024 * 1024


def return_large_blocks() -> bool:
    """Let what is larger than 256 KiB go back to the system when it is freed; return whether the C library can.

    Otherwise glibc takes the first large mail as a reason to keep the memory of all later ones for good.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library than glibc
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)) and bool(mallopt(_TRIM_THRESHOLD, _SPARE_BYTES))
