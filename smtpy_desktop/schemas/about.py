"""What the program is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """One part with its version (empty where it cannot be told) and the licence that it comes under."""

    name: str
    version: str
    licence: str
