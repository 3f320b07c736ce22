"""Where widgets keep what they remember between two starts."""

from __future__ import annotations

from typing import Any, Protocol


class Store(Protocol):
    """The part of ``QSettings`` that widgets use; tests give a dictionary in its clothes."""

    def value(self, key: str, defaultValue: Any = None) -> Any:
        """Return what was kept under a key."""

    def setValue(self, key: str, value: Any) -> None:
        """Keep a value under a key."""


class MemoryStore:
    """Keeps values for this run only."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def value(self, key: str, defaultValue: Any = None) -> Any:
        """Return what was kept under a key."""
        return self._values.get(key, defaultValue)

    def setValue(self, key: str, value: Any) -> None:
        """Keep a value under a key."""
        self._values[key] = value
