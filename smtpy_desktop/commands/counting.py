"""Numbers of things in the sentences of the command line."""

from __future__ import annotations


def counted(count: int, name: str) -> str:
    """Return "1 message" or "2 messages"."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
