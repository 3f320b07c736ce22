"""Settings as they are listed."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: what holds now, what holds when it is not set, and what it is for."""

    key: str
    value: str
    default: str
    explanation: Text
