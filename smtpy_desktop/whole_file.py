"""Small files that are replaced whole or not at all: a crash or a power cut at any moment leaves the old or the new."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write a file for its owner alone, in a directory that is made when it is not there; raise OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).replace(path)
        sync_directory(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
        raise


def sync_directory(directory: Path) -> None:
    """Make sure that new names in a directory outlive a crash; Windows does so by itself. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
