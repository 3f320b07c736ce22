"""What becomes of damaged files in the sandbox's profile."""

from __future__ import annotations

import contextlib
from pathlib import Path


def put_aside(path: Path) -> None:
    """Keep a damaged file under another name, so that it can be made anew."""
    with contextlib.suppress(OSError):
        path.replace(path.with_suffix(f".damaged{path.suffix}"))
