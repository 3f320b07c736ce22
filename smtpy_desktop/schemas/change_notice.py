"""What the database tells when anybody changed something in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """One statement changed rows of one topic; an empty ``ids`` means "any of them"; ``origin`` is who did it.

    ``mark`` is the number of a statement that changed messages (see ``message_marks``).
    """

    topic: str
    ids: frozenset[int]
    origin: str
    mark: int | None = None
