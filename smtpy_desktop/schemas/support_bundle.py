"""What is packed up for somebody who is asked for help."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One file in the bundle, without secrets: its name, what it is there for, and what is in it."""

    name: str
    explanation: Text
    content: str

    @property
    def size_bytes(self) -> int:
        """How large the file is before it is packed."""
        return len(self.content.encode())


@dataclass(frozen=True, slots=True)
class SupportBundle:
    """All parts in their order; ``name`` is what the file is called unless somebody wants it otherwise."""

    name: str
    parts: tuple[BundlePart, ...]


@dataclass(frozen=True, slots=True)
class TableFigures:
    """A table with its rows (``is_estimate``: not counted) and its size on the disk, indexes included."""

    name: str
    rows: int
    is_estimate: bool
    size_bytes: int
