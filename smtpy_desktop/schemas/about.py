"""What the program is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """One part with its version (empty where it cannot be told), its licence, and the text of that, where it is here."""

    name: str
    version: str
    licence: str
    text: str = ""
