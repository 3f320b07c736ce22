"""What the self-test says about each part."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text


class HealthState(enum.StrEnum):
    """Fine; usable with something to know; not usable until something is done."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part, how it is, and what to do about it (None when there is nothing to do)."""

    part: str
    state: HealthState
    message: Text
    hint: Text | None = None
