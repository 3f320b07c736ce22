"""Keeps the sandbox's zones between two starts, and what was filled: one JSON file, replaced whole or not at all."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from smtpy_desktop.errors import FieldError
from smtpy_desktop.sandbox.damaged_file import put_aside
from smtpy_desktop.sandbox.dns_zones import Zones
from smtpy_desktop.whole_file import write_whole

FILE_NAME = "zones.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptWorld:
    """The zones, whether filling them with samples had been finished, and whether there were sample messages."""

    zones: Zones
    is_filled: bool = False
    has_messages: bool = False


def load_zones(directory: Path) -> KeptWorld:
    """Return what was kept.

    A damaged file is put aside, and the zones are empty again.
    """
    path = directory / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        # Profiles from before there were messages do not say whether they have some.
        has_messages = "has_messages" in content and bool(content["has_messages"])
        return KeptWorld(Zones.load(content["zones"]), bool(content["is_filled"]), has_messages)
    except FileNotFoundError:
        return KeptWorld(Zones())
    except (OSError, ValueError, TypeError, KeyError, FieldError) as error:
        _log.info("the sandbox's zones cannot be read and are made anew: %s", error)
        put_aside(path)
        return KeptWorld(Zones())


def save_zones(directory: Path, content: dict[str, object]) -> None:
    """Write what ``load_zones`` reads; a crash at any moment leaves the old file or the new one."""
    write_whole(directory / FILE_NAME, json.dumps(content, ensure_ascii=False, indent=1))
