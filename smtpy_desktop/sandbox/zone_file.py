"""Keeps the sandbox's zones between two starts: one JSON file, replaced whole or not at all."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from pathlib import Path

from smtpy_desktop.errors import FieldError
from smtpy_desktop.sandbox.dns_zones import Zones

FILE_NAME = "zones.json"
_log = logging.getLogger(__name__)


def load_zones(directory: Path) -> tuple[Zones, bool]:
    """Return the zones that were kept, and whether filling them with samples had been finished.

    A damaged file is put aside, and the zones are empty again.
    """
    path = directory / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Zones.load(content["zones"]), bool(content["is_filled"])
    except FileNotFoundError:
        return Zones(), False
    except (OSError, ValueError, TypeError, KeyError, FieldError) as error:
        _log.info("the sandbox's zones cannot be read and are made anew: %s", error)
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".damaged.json"))
        return Zones(), False


def save_zones(directory: Path, content: dict[str, object]) -> None:
    """Write what ``load_zones`` reads; a crash at any moment leaves the old file or the new one."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(dir=directory, prefix=f".{FILE_NAME}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream, ensure_ascii=False, indent=1)
        Path(unfinished).replace(directory / FILE_NAME)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
        raise
