"""Actions on everything that a search finds: which messages are meant, how many these are, and what was done."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_search import MessageCount, MessageQuery
from smtpy_desktop.schemas.paging import Key


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive rows of a sorted list by their keys, both ends included; None: from its start, or up to its end."""

    first: Key | None
    last: Key | None


@dataclass(frozen=True, slots=True)
class MessageSelection:
    """The messages of a search that there were at a moment: those with numbers up to ``newest_id``.

    With ``spans`` only these parts of the query's sorted list are meant, with ``ids`` only these messages.
    """

    query: MessageQuery
    newest_id: int
    spans: tuple[Span, ...] = ()
    ids: tuple[MessageId, ...] | None = None


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What an action would reach: how many messages, and how many of them are still on their way (None: unknown)."""

    selection: MessageSelection
    count: MessageCount
    under_way: int | None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What an action came to: messages that it looked at, and those of them that it changed."""

    matching: int
    changed: int
