"""Removing what is past its time: messages, contents with which nothing is to be done any more, events of Stripe."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.background_run import OnRun, run_to_end
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.setting_keys import CONTENTS_DAYS_KEY, EVENTS_DAYS_KEY, MESSAGES_DAYS_KEY, SETTINGS
from smtpy_desktop.database import (
    audit_database,
    message_counts_database,
    retention_database,
    settings_database,
    webhook_events_list_database,
)
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.retention import RetentionBatch, RetentionNumbers, RetentionRule
from smtpy_desktop.schemas.text import text

RETENTION_BUSY = "RETENTION_BUSY"

_log = logging.getLogger(__name__)

_KEEPER = Actor("smtpy-desktop", "retention")
_BATCH = 500
_COUNTS_BATCH = 5000
_BREATH_SECONDS = 0.02
_FIRST_SECONDS = 30.0
_EVERY_SECONDS = 3600.0
_AGAIN_SECONDS = 60.0

_KEYS = (MESSAGES_DAYS_KEY, CONTENTS_DAYS_KEY, EVENTS_DAYS_KEY)

_Key = tuple[datetime, MessageId]
_Remove = Callable[[AsyncSession, _Key | None], Awaitable[RetentionBatch]]


async def run_retention(
    sessions: Sessions,
    *,
    publish: Publish,
    on_run: OnRun,
    first_seconds: float = _FIRST_SECONDS,
    every_seconds: float = _EVERY_SECONDS,
    again_seconds: float = _AGAIN_SECONDS,
) -> None:
    """Remove what is past its time, soon and then every hour, until cancelled; a database that is away is waited for.

    ``on_run`` hears of every run at its start.
    """
    await asyncio.sleep(first_seconds)
    while True:
        progress = Progress()
        work = remove_expired(sessions, actor=_KEEPER, publish=publish, progress=progress)
        task = await run_to_end(text("Removing what is past its time"), work, progress, on_run)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, UserFacingError):
            _log.info("the removal of what is past its time waits: %s", error)
        elif error is not None:
            _log.error("the removal of what is past its time failed unexpectedly", exc_info=error)
        await asyncio.sleep(every_seconds if error is None else again_seconds)


async def remove_expired(
    sessions: Sessions, *, actor: Actor, publish: Publish, progress: Progress | None = None
) -> RetentionNumbers:
    """Remove what is past its time by the settings, a few at a time, and return how many messages and contents went.

    Every few are removed, and written down in the one line of the log that a run has, in a short transaction of their
    own: wherever it is stopped, what went and what the log says agree. Raises ConflictError with the code
    ``RETENTION_BUSY`` while another process is at it.
    """
    progress = progress if progress is not None else Progress()
    # A transaction that is asked nothing else: it holds the lock, and keeps neither rows nor VACUUM waiting.
    async with sessions.begin() as turn:
        if not await retention_database.take_turn(turn):
            raise ConflictError(
                RETENTION_BUSY,
                text("Another process is removing what is past its time."),
                hint=text("Try again when it is done."),
            )
        may_remove_events, may_amend = await retention_database.rights(turn)
        rule = await retention_rule(sessions)
        if not may_remove_events:
            rule = replace(rule, events_days=0)
        planned = await count_expired(sessions, rule)
        if planned.is_nothing:
            return planned
        progress.total = planned.messages + planned.contents + planned.events
        remover = _Remover(sessions, rule, actor, publish, progress, may_amend=may_amend)
        await remover.remove()
        publish(Change(Topic.AUDIT))
        if remover.gone.messages:
            await _tidy_counts(sessions)
        return remover.gone


async def retention_rule(sessions: Sessions) -> RetentionRule:
    """Return how long things are kept by the settings."""
    async with sessions.read() as db:
        return parse_rule(await settings_database.read_settings(db))


def parse_rule(stored: Mapping[str, str]) -> RetentionRule:
    """Make the rule of settings, and of defaults where they are missing or empty."""
    days = (int(stored.get(key) or SETTINGS[key].default) for key in _KEYS)
    return RetentionRule(*days)


async def count_expired(sessions: Sessions, rule: RetentionRule) -> RetentionNumbers:
    """Return how many messages would go now by a rule, how many contents of those that stay, and how many events."""
    now = datetime.now(UTC)
    messages_before, contents_before = _cutoff(now, rule.messages_days), _cutoff(now, rule.contents_days)
    events_before = _cutoff(now, rule.events_days)
    messages = contents = events = 0
    async with sessions.read() as db:
        if messages_before is not None:
            messages = await retention_database.count_old_messages(db, messages_before)
        if contents_before is not None:
            contents = await retention_database.count_old_contents(
                db, now, contents_before, messages_before=messages_before
            )
        if events_before is not None:
            events = await webhook_events_list_database.count_old_events(db, events_before)
    return RetentionNumbers(messages, contents, events)


class _Remover:
    """One run: what went so far, and its line in the log."""

    def __init__(
        self,
        sessions: Sessions,
        rule: RetentionRule,
        actor: Actor,
        publish: Publish,
        progress: Progress,
        *,
        may_amend: bool,
    ) -> None:
        self._may_amend = may_amend
        self._sessions, self._rule, self._actor = sessions, rule, actor
        self._publish, self._progress = publish, progress
        self._line: int | None = None
        self.gone = RetentionNumbers()

    async def remove(self) -> None:
        """Remove messages, then the contents of those that stay, then events."""
        now = datetime.now(UTC)
        events_before = _cutoff(now, self._rule.events_days)
        messages_before, contents_before = (
            _cutoff(now, self._rule.messages_days),
            _cutoff(now, self._rule.contents_days),
        )
        if messages_before is not None:
            await self._remove_all(
                lambda db, key: retention_database.delete_old_messages(db, messages_before, key, _BATCH),
                lambda gone, count: replace(gone, messages=gone.messages + count),
            )
        if contents_before is not None:
            await self._remove_all(
                lambda db, key: retention_database.delete_old_contents(db, now, contents_before, key, _BATCH),
                lambda gone, count: replace(gone, contents=gone.contents + count),
            )

        if events_before is not None:
            await self._remove_events(events_before)

    async def _remove_events(self, before: datetime) -> None:
        """Remove events of Stripe that are done with; what waits or failed stays, however old it is."""
        is_left = True
        while is_left:
            async with self._sessions.begin() as db:
                count = await webhook_events_list_database.delete_old_events(db, before, _BATCH)
                gone = replace(self.gone, events=self.gone.events + count)
                if count:
                    await self._write_down(db, gone)
            self.gone = gone
            self._progress.done += count
            if count:
                self._publish(Change(Topic.EVENTS))
            is_left = count == _BATCH
            await asyncio.sleep(_BREATH_SECONDS if is_left else 0)

    async def _remove_all(self, remove: _Remove, add: Callable[[RetentionNumbers, int], RetentionNumbers]) -> None:
        key: _Key | None = None
        while True:
            async with self._sessions.begin() as db:
                batch = await remove(db, key)
                gone = add(self.gone, len(batch.removed))
                if batch.removed:
                    await self._write_down(db, gone)
            self.gone = gone
            self._progress.done += len(batch.removed)
            if batch.removed:
                self._publish(Change(Topic.MESSAGES, frozenset(batch.removed)))
            key = batch.next_key
            if key is None:
                return
            await asyncio.sleep(_BREATH_SECONDS)

    async def _write_down(self, db: AsyncSession, gone: RetentionNumbers) -> None:
        name = ", ".join(f"{key} = {days}" for key, days in zip(_KEYS, astuple(self._rule), strict=True))
        known = asdict(RetentionNumbers() if self._may_amend else self.gone)
        changes = {what: count - known[what] for what, count in asdict(gone).items() if count > known[what]}
        entry = AuditEntry("retention.run", "setting", None, name, changes=changes)
        line = await audit_database.record_part(db, self._actor, entry, self._line)
        self._line = line if self._may_amend else None  # a role that may not change its line writes one for each few


async def _tidy_counts(sessions: Sessions) -> None:
    """Take away the counts that have become 0, which are found once what writers told is folded into them."""
    is_left: int | bool = True
    while is_left:
        async with sessions.begin() as db:
            is_left = await message_counts_database.fold_changes(db)
    is_left = True
    while is_left:
        async with sessions.begin() as db:
            is_left = await message_counts_database.drop_empty_counts(db, _COUNTS_BATCH)


def _cutoff(now: datetime, days: int) -> datetime | None:
    return now - timedelta(days=days) if days else None
