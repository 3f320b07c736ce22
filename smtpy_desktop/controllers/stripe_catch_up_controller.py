"""Reading what Stripe has to tell since the program last listened: missed events, or everything after a long absence.

Stripe lists the events of 30 days (docs.stripe.com/webhooks/process-undelivered-events). Beyond that, at the first run
and with another account's key, all customers are read anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.billing_controller import read_prices
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.side_by_side import all_of
from smtpy_desktop.controllers.subscription_controller import finish_open_intents
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound, StripeNotSetUp
from smtpy_desktop.database import billing_database, stripe_cursors_database, webhook_events_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.catch_up import CatchUpReport, FollowedUntil
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.webhook_events import ReceivedVia

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

EVENTS_KEPT = timedelta(days=29)
"""A day less than Stripe keeps them, so that none is lost while they are read."""

_OVERLAP = timedelta(minutes=5)
"""Events may show up in the list a little after their own time; repeated ones have no second effect."""

_AT_ONCE = 2000
_CUSTOMERS_AT_ONCE = 8
_EVERY_SECONDS = 300.0


async def run_catch_up(
    sessions: Sessions,
    stripe: StripeAccess,
    intake: EventIntake,
    *,
    publish: Publish,
    on_report: Callable[[CatchUpReport | UserFacingError], object] = lambda report: None,
    every_seconds: float = _EVERY_SECONDS,
    wake: asyncio.Event | None = None,
) -> None:
    """Finish what an earlier run left open and catch up, until cancelled: now, every few minutes, and when woken."""
    wake = wake or asyncio.Event()
    while True:
        wake.clear()
        await _one_turn(lambda: finish_open_intents(sessions, stripe, publish=publish), on_report)
        report = await _one_turn(lambda: catch_up(sessions, stripe, intake, publish=publish), on_report)
        if report is not None:
            on_report(report)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), every_seconds)


async def _one_turn(
    work: Callable[[], Awaitable[Result]], on_error: Callable[[UserFacingError], object]
) -> Result | None:
    """Do one piece of the work; what goes wrong is told, and the next turn comes all the same."""
    try:
        return await work()
    except StripeNotSetUp:
        return None
    except UserFacingError as error:
        _log.info("catching up with Stripe waits: %s", error)
        on_error(error)
    except Exception:  # noqa: BLE001 - a fault of ours must not end the following of Stripe
        _log.exception("catching up with Stripe failed unexpectedly")
    return None


async def catch_up(
    sessions: Sessions,
    stripe: StripeAccess,
    intake: EventIntake,
    *,
    publish: Publish,
    progress: Progress | None = None,
    is_full: bool = False,
) -> CatchUpReport:
    """Record what was missed and work on it; with ``is_full`` read all customers and prices anew besides.

    Raises StripeError; what was recorded until then is kept, and the next run goes on from there.
    """
    progress = progress or Progress()
    api = await stripe.connect()
    account = await api.account()
    async with sessions.read() as db:
        cursor = await stripe_cursors_database.get_cursor(db, livemode=api.livemode)
    now = datetime.now(UTC)
    is_full = is_full or _must_read_all(cursor, account.id, now)
    since = now - EVENTS_KEPT if is_full or cursor.followed_until is None else cursor.followed_until - _OVERLAP
    read, new, newest = await _record_missed(sessions, api, since)
    customers = await _sync_all(sessions, stripe, api, publish=publish, progress=progress) if is_full else 0
    async with sessions.begin() as db:
        await stripe_cursors_database.advance(db, account.id, newest, livemode=api.livemode, was_full=is_full)
    worked_on, failed = await _work_on_unfinished(sessions, api, intake, progress)
    return CatchUpReport(read, new, worked_on, failed, customers, is_full)


def _must_read_all(cursor: FollowedUntil, account_id: str, now: datetime) -> bool:
    is_other_account = bool(cursor.account_id and account_id) and cursor.account_id != account_id
    # When Stripe was asked last counts, not when something happened there last: with quiet accounts that is long ago.
    return cursor.checked_at is None or is_other_account or now - cursor.checked_at > EVENTS_KEPT


async def _record_missed(sessions: Sessions, api: StripeApi, since: datetime) -> tuple[int, int, datetime | None]:
    """Record every event since then as waiting; return how many were read and new, and when the newest happened."""
    read = new = 0
    newest: datetime | None = None
    async for page in api.events(since=since):
        async with sessions.begin() as db:
            new += await webhook_events_database.record_unseen(db, page, ReceivedVia.CATCH_UP)
        read += len(page)
        newest = max(event.created_at for event in page) if newest is None else newest
    return read, new, newest


async def _work_on_unfinished(
    sessions: Sessions, api: StripeApi, intake: EventIntake, progress: Progress
) -> tuple[int, int]:
    """Work on all that waits or failed; each customer is read once for all of his events of a batch."""
    worked_on = failed = after = 0
    while True:
        async with sessions.read() as db:
            batch = await webhook_events_database.unfinished(db, livemode=api.livemode, limit=_AT_ONCE, after=after)
        if not batch:
            return worked_on, failed
        progress.total = worked_on + len(batch)
        outcomes = await asyncio.gather(
            *(intake.take(event, via=via, verdict=verdict, is_delivery=False) for _, event, via, verdict in batch),
            return_exceptions=True,
        )
        failed += sum(map(_is_failure, outcomes))
        worked_on += len(batch)
        progress.done = worked_on
        after = batch[-1][0]


def _is_failure(outcome: object) -> bool:
    """Tell whether an event failed; one that meets a fault of ours keeps none of the others waiting."""
    if isinstance(outcome, Exception) and not isinstance(outcome, UserFacingError):
        _log.error("an event could not be worked on", exc_info=outcome)
    elif isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
        raise outcome
    return isinstance(outcome, Exception)


async def _sync_all(
    sessions: Sessions, stripe: StripeAccess, api: StripeApi, *, publish: Publish, progress: Progress
) -> int:
    """Read all customers and prices anew; return how many customers there are."""
    await read_prices(sessions, stripe, publish=publish)
    async with sessions.read() as db:
        customers = await billing_database.customers(db, livemode=api.livemode)
    progress.total = len(customers)
    turns = asyncio.Semaphore(_CUSTOMERS_AT_ONCE)

    async def sync(customer_id: str) -> None:
        async with turns:
            try:
                await sync_customer(sessions, api, customer_id, publish=publish)
            except StripeNotFound:
                _log.info("the customer %s is not in this Stripe account", customer_id)
            progress.done += 1

    await all_of(map(sync, customers))
    return len(customers)
