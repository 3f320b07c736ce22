"""Writes what attempts came to, many in one transaction, and keeps what cannot be written yet."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.report_spooling import spool_reports
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES
from smtpy_desktop.core.delivery_report import FailedDelivery, build_report
from smtpy_desktop.core.retry_schedule import next_attempt
from smtpy_desktop.database import deliveries_database, delivery_results_database
from smtpy_desktop.database.delivery_results_database import Recorded
from smtpy_desktop.errors import ConflictError, DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult

log = logging.getLogger(__name__)

_LARGEST_BATCH = 200
_TRY_AGAIN_SECONDS = 0.5
_GATHER_SECONDS = 0.1
"""What comes so soon after a batch waits for so long: nobody waits for it, and a transaction costs more than a row."""
_LIVE = (MessageStatus.PENDING, MessageStatus.PROCESSING)


class DeliveryRecorder:
    """Takes results and deliveries to give back; ``run`` writes them, a batch being what came while the last was."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        forwarder: str,
        settings: Callable[[], ForwarderSettings],
        publish: Publish,
        recorded: Callable[[], None],
        spooled: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._settings = settings
        self._forwarder = forwarder
        self._publish = publish
        self._recorded = recorded
        self._spooled = spooled
        self._results: dict[int, tuple[DueDelivery, SendResult]] = {}
        self._released: dict[int, tuple[DueDelivery, float]] = {}
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._chance = random.Random()  # noqa: S311 - it spreads attempts
        self.is_stuck = False
        self.reports = 0

    @property
    def waiting(self) -> int:
        """How many results and returns are not written yet."""
        return len(self._results) + len(self._released)

    def holds(self, delivery_id: int) -> bool:
        """Tell whether something about a delivery is not written yet."""
        return delivery_id in self._results or delivery_id in self._released

    def held(self) -> list[int]:
        """Return the deliveries of which something is not written yet."""
        return [*self._results, *self._released]

    def put(self, due: DueDelivery, result: SendResult) -> None:
        """Take what an attempt came to."""
        self._results[due.id] = (due, result)
        self._news.set()

    def give_back(self, due: DueDelivery, seconds: float) -> None:
        """Take a delivery whose attempt was never begun, to be due again in so many seconds."""
        self._released[due.id] = (due, seconds)
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled; what cannot be written because the database is away is tried again."""
        loop = asyncio.get_running_loop()
        written_at = -1.0
        while True:
            await self._news.wait()
            if loop.time() < written_at + _GATHER_SECONDS:
                await asyncio.sleep(_GATHER_SECONDS)
            self._news.clear()
            if not await self.flush():
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
                self._news.set()
            written_at = loop.time()

    async def flush(self) -> bool:
        """Write everything that waits; return whether nothing is left."""
        async with self._turn:
            try:
                while self._released:
                    await self._write_released()
                while self._results:
                    await self._write_results(list(self._results.values())[:_LARGEST_BATCH])
            except (DatabaseUnavailable, ConflictError) as error:
                if not self.is_stuck and isinstance(error, DatabaseUnavailable):
                    log.warning("What deliveries came to cannot be recorded yet: %s", error)
                self.is_stuck = True
                return False
        if self.is_stuck:
            self.is_stuck = False
            log.info("What deliveries came to is recorded again")
        return True

    async def flush_until(self, deadline: float) -> None:
        """Write everything that waits, again and again until that moment of the loop's clock if it must be."""
        loop = asyncio.get_running_loop()
        while not await self.flush() and loop.time() < deadline:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TRY_AGAIN_SECONDS / 2):
                    await self._news.wait()

    async def _write_released(self) -> None:
        batch = list(self._released.values())[:_LARGEST_BATCH]
        async with self._sessions.begin() as db:
            await deliveries_database.give_back(db, batch)
        for due, _ in batch:
            self._released.pop(due.id, None)
        self._recorded()

    async def _write_results(self, batch: list[tuple[DueDelivery, SendResult]]) -> None:
        try:
            await self._write_batch(batch)
        except (DatabaseUnavailable, ConflictError):
            raise
        except UserFacingError as error:
            if error.code in ("DISK_FULL", "DATABASE_TIMEOUT"):
                raise DatabaseUnavailable(error.code, error.message) from error
            await self._write_one_by_one(batch)
        except Exception:
            log.exception("A batch of %d results could not be recorded", len(batch))
            await self._write_one_by_one(batch)
        for due, _ in batch:
            self._results.pop(due.id, None)
        self._recorded()

    async def _write_one_by_one(self, batch: list[tuple[DueDelivery, SendResult]]) -> None:
        """Let one result that cannot be written spoil nothing but itself: its lease runs out."""
        for one in batch:
            try:
                await self._write_batch([one])
            except (DatabaseUnavailable, ConflictError):
                raise
            except Exception:
                log.exception("The result of delivery %d could not be recorded", one[0].id)

    async def _write_batch(self, batch: list[tuple[DueDelivery, SendResult]]) -> None:
        ids = {due.message_id for due, _ in batch}
        async with self._sessions.begin() as db:
            statuses, now = await delivery_results_database.lock_messages(db, ids)
            if now is None:
                return  # deleted meanwhile, with everything that belongs to them
            results = [
                self._decided(due, result, statuses[due.message_id], now)
                for due, result in batch
                if due.message_id in statuses
            ]
            moved = await delivery_results_database.record(db, results)
            failed = [one for one in results if one.state is DeliveryState.FAILED and one.due.id in moved]
            errors = {one.due.message_id: (_error(one.result), one.result.bounce_class) for one in failed}
            await delivery_results_database.settle_messages(db, statuses, errors)
            told = [one for one in failed if statuses[one.due.message_id] in _LIVE]
            reports = await self._report(db, told, now)
        if reports:
            self.reports += reports
            self._spooled()
        self._publish(Change(Topic.MESSAGES, frozenset(ids)))

    def _decided(self, due: DueDelivery, result: SendResult, status: MessageStatus, now: datetime) -> Recorded:
        if result.outcome in (DeliveryState.SENT, DeliveryState.FAILED):
            return Recorded(due, result, result.outcome)
        if status not in _LIVE:  # decided by hand while it was being sent
            return Recorded(due, result, DeliveryState.CLOSED)
        settings = self._settings()
        # Who is not let in at the smart host has heard nothing about the mail.
        is_about_us = bool(settings.smarthost) and result.bounce_class in SIGN_IN_TROUBLES
        when = next_attempt(
            now,
            due.first_at,
            due.attempts + 1,
            retry_days=settings.retry_days,
            chance=self._chance.random(),
            may_end=not is_about_us,
        )
        return Recorded(due, result, DeliveryState.FAILED if when is None else result.outcome, when)

    async def _report(self, db: AsyncSession, failed: Sequence[Recorded], now: datetime) -> int:
        """Tell senders that their mail did not arrive, once for each message, where that may be told; return how many.

        The report is stored together with the failure, so that neither is there without the other.
        """
        wanted = [one for one in failed if one.due.may_report and one.due.original_sender]
        if not wanted:
            return 0
        first = await delivery_results_database.first_failures(db, wanted)
        by_message = {one.due.message_id: one for one in reversed(wanted) if one.due.message_id in first}
        hostname, days = self._settings().hostname, self._settings().retry_days
        reports = [
            build_report(FailedDelivery(one.due, one.result, hostname, days), now) for one in by_message.values()
        ]
        if reports:
            await spool_reports(db, reports, forwarder=self._forwarder)
        return len(reports)


def _error(result: SendResult) -> str:
    return " ".join(str(part) for part in (result.code, result.enhanced, result.reply) if part)
