"""Retrying, deleting and changing everything that a search finds, in small batches that each are done or not begun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.controllers.unbroken_work import finished
from smtpy_desktop.core.email_address import parse_email_address
from smtpy_desktop.core.message_extent import is_beyond
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.database import (
    messages_bulk_database,
    messages_database,
    messages_list_database,
    messages_shape_database,
)
from smtpy_desktop.errors import ConflictError, FieldError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_bulk import BulkPreview, BulkResult, MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageRow, MessageStatus
from smtpy_desktop.schemas.paging import ListShape, Position
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text

_BATCH = 1000
_READ_AT_ONCE = 20_000
"""Numbers that are read ahead: searching anew for every batch would cost more than the action."""
_TRIES = 3
_LONGEST_NAME = 200


@dataclass(slots=True)
class BulkProgress(Progress):
    """How far an action has come; ``batch`` is the one that is being written."""

    batch: asyncio.Future[None] | None = None


Act = Callable[[AsyncSession, Sequence[MessageId]], Awaitable[Sequence[MessageId]]]


async def everything(sessions: Sessions, query: MessageQuery) -> MessageSelection:
    """Return the selection of all messages that a search finds now; raise FieldError when it is not understood."""
    _refuse_misunderstood(query)
    async with sessions.read() as db:
        return MessageSelection(query, await messages_bulk_database.newest_id(db))


async def shape_as_of(sessions: Sessions, query: MessageQuery, step: int) -> tuple[int, ListShape]:
    """Return a list's shape with the newest message's number from before it was read: what came later is not in it."""
    async with sessions.read() as db:
        newest = await messages_bulk_database.newest_id(db)
        return newest, await messages_shape_database.list_shape(db, query, step)


async def rough_shape(sessions: Sessions, query: MessageQuery, step: int) -> ListShape | None:
    """Return a list's length at once where counts know it and its shape takes longer; else None."""
    async with sessions.read() as db:
        return await messages_shape_database.rough_shape(db, query, step)


async def preview(sessions: Sessions, selection: MessageSelection) -> BulkPreview:
    """Return how many messages an action would reach; raise FieldError for a search that is not understood in full."""
    _refuse_misunderstood(selection.query)
    async with sessions.read() as db:
        return await messages_bulk_database.preview(db, selection)


async def count(sessions: Sessions, selection: MessageSelection) -> int:
    """Return the exact number of messages; raise FieldError for a search that is not understood in full."""
    _refuse_misunderstood(selection.query)
    async with sessions.read() as db:
        return await messages_bulk_database.count(db, selection)


async def delete_selected(
    sessions: Sessions,
    selection: MessageSelection,
    *,
    actor: Actor,
    publish: Publish,
    progress: BulkProgress | None = None,
) -> BulkResult:
    """Delete all messages of a selection for good.

    ``progress.done`` is what is done also when it is stopped or fails in the middle; then the rest is as it was.
    """
    work = _Work(sessions, selection, actor, publish, progress or BulkProgress(), "messages.deleted")
    return await work.run(messages_database.delete_messages)


async def retry_selected(
    sessions: Sessions,
    selection: MessageSelection,
    *,
    actor: Actor,
    publish: Publish,
    progress: BulkProgress | None = None,
) -> BulkResult:
    """Make everything of a selection that is not delivered due now; as ``delete_selected`` when it is stopped."""
    work = _Work(sessions, selection, actor, publish, progress or BulkProgress(), "messages.retried")
    return await work.run(messages_database.make_due)


async def update_selected(
    sessions: Sessions,
    selection: MessageSelection,
    status: MessageStatus,
    forwarded_to: str | None,
    *,
    actor: Actor,
    publish: Publish,
    progress: BulkProgress | None = None,
) -> BulkResult:
    """Give all messages of a selection a status, and the address they were forwarded to unless that is None or empty.

    Raises FieldError for an address that is none; as ``delete_selected`` when it is stopped.
    """
    address = forwarding_address(forwarded_to)

    async def act(db: AsyncSession, ids: Sequence[MessageId]) -> Sequence[MessageId]:
        return await messages_database.set_status(db, ids, status, forwarded_to=address)

    changes = {"status": status.value} | ({"forwarded_to": address} if address is not None else {})
    work = _Work(sessions, selection, actor, publish, progress or BulkProgress(), "messages.status", changes)
    return await work.run(act)


async def settled(progress: BulkProgress) -> None:
    """Return when a stopped action has come to the end of its last batch: then ``progress.done`` is final."""
    if progress.batch is not None:
        await asyncio.wait([progress.batch])


def forwarding_address(typed: str | None) -> str | None:
    """Return an address as it is stored, None where nothing was typed; raise FieldError for one that is none."""
    stripped = (typed or "").strip()
    return parse_email_address(stripped, field="forwarded_to") if stripped else None


async def read_selected(
    sessions: Sessions, selection: MessageSelection, limit: int, *, progress: Progress | None = None
) -> tuple[MessageRow, ...]:
    """Return up to ``limit`` rows of a selection in the order of its list; raise FieldError as ``preview`` does."""
    _refuse_misunderstood(selection.query)
    progress = progress if progress is not None else Progress()
    rows: list[MessageRow] = []
    for span in selection.spans or (Span(None, None),):
        async with aclosing(_pages(sessions, selection.query, span)) as pages:
            async for page in pages:
                wanted = (row for row in page if row.id <= selection.newest_id)
                rows.extend(islice(wanted, limit - len(rows)))
                progress.done = len(rows)
                if len(rows) == limit:
                    break
    return tuple(rows)


async def _pages(sessions: Sessions, query: MessageQuery, span: Span) -> AsyncGenerator[list[MessageRow], None]:
    """Yield the rows of a part of the list, page by page, each in a transaction of its own."""
    position = Position.start() if span.first is None else Position.at(span.first)
    while True:
        async with sessions.read() as db:
            page = await messages_list_database.list_messages(db, query, position, _BATCH)
        pairs = list(zip(page.rows, page.keys, strict=True))
        inside = [row for row, key in pairs if span.last is None or not is_beyond(span.last, key, query)]
        yield inside
        if len(inside) < _BATCH:
            return
        position = Position.after(page.keys[-1])


@dataclass(slots=True)
class _Work:
    """One action on its way: ``progress.done`` messages were looked at, ``changed`` of them changed."""

    sessions: Sessions
    selection: MessageSelection
    actor: Actor
    publish: Publish
    progress: BulkProgress
    action: str
    changes: dict[str, Any] = field(default_factory=dict)
    changed: int = 0
    entry_number: int | None = None

    async def run(self, act: Act) -> BulkResult:
        _refuse_misunderstood(self.selection.query)
        self.progress.total = await count(self.sessions, self.selection)
        after, is_last = 0, False
        while not is_last:
            async with self.sessions.read() as db:
                ids = await messages_bulk_database.next_ids(db, self.selection, after, _READ_AT_ONCE)
            is_last = len(ids) < _READ_AT_ONCE
            for start in range(0, len(ids), _BATCH):
                self.progress.batch = asyncio.ensure_future(self._batch(act, ids[start : start + _BATCH]))
                await finished(self.progress.batch)
            after = ids[-1] if ids else after
        self.progress.total = self.progress.done
        return BulkResult(self.progress.done, self.changed)

    async def _batch(self, act: Act, ids: Sequence[MessageId]) -> None:
        held, changed = await self._tried(act, ids)
        self.progress.done += held
        if changed:
            self.publish(Change(Topic.MESSAGES, frozenset(changed)))

    async def _tried(self, act: Act, ids: Sequence[MessageId]) -> tuple[int, Sequence[MessageId]]:
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self.sessions.begin() as db:
                    held = await messages_bulk_database.hold(db, self.selection, ids)
                    changed = await act(db, held) if held else ()
                    number = await self._write_down(db, len(changed)) if changed else self.entry_number
                self.changed, self.entry_number = self.changed + len(changed), number
                return len(held), changed
            except ConflictError:  # somebody else held some of them: nothing was done
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _write_down(self, db: AsyncSession, count: int) -> int:
        """Keep one line for the whole action, true at every commit."""
        query = self.selection.query
        typed = format_search(query.search)
        changes = {"query": typed, **self.changes, "messages": self.changed + count}
        if self.selection.spans or self.selection.ids is not None:
            changes["part"] = True
        name = visible_line(typed, _LONGEST_NAME) or "*"
        entry = AuditEntry(self.action, "message", None, name, query.organization_id, changes)
        if self.entry_number is None:
            return await messages_bulk_database.begin_entry(db, self.actor, entry)
        await messages_bulk_database.continue_entry(db, self.entry_number, entry)
        return self.entry_number


def _refuse_misunderstood(query: MessageQuery) -> None:
    """Refuse to act on more than was asked for: a list may leave out what it did not understand, an action may not."""
    if query.search.problems:
        raise FieldError(
            "query",
            "SEARCH_NOT_UNDERSTOOD",
            query.search.problems[0].message,
            detail=text("Nothing was changed."),
            hint=text("Correct the search first: what is not understood would be left out, and more would be reached."),
        )
