"""Files of the sandbox's profile that are replaced whole or not at all, and put aside when they are damaged."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write a file; a crash at any moment leaves the old one or the new one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(unfinished).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
        raise


def put_aside(path: Path) -> None:
    """Keep a damaged file under another name, so that it can be made anew."""
    with contextlib.suppress(OSError):
        path.replace(path.with_suffix(f".damaged{path.suffix}"))
