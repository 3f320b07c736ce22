"""Taking in Stripe's events: each has its effect once, however often, late or out of order it comes.

An event only tells that something of a customer changed. The customer is then read from Stripe as a whole, after the
event came, so that what is stored never is older than the event. Events of one customer that wait at the same time
share one reading, and all that waits to be stored shares one transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_sync_controller import store_customer
from smtpy_desktop.controllers.group_work import GroupWork
from smtpy_desktop.controllers.installation_id import organization_in_reference
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound
from smtpy_desktop.core.stripe_events import HANDLED_TYPES, other_mode
from smtpy_desktop.database import billing_database, webhook_events_database
from smtpy_desktop.database.webhook_events_database import KnownEvent, RecordedEvent
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.billing import CustomerState, StripeEvent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict

_log = logging.getLogger(__name__)

_READINGS_AT_ONCE = 8
_CHECKOUT_DONE = "checkout.session.completed"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event; ``is_repeated`` when it had been done with before."""

    outcome: EventOutcome
    is_repeated: bool = False


@dataclass(slots=True)
class _Waiting:
    event: StripeEvent
    via: ReceivedVia
    verdict: SignatureVerdict
    deliveries: int
    taken: asyncio.Future[Taken]


@dataclass(slots=True)
class _Batch:
    """Events that are worked on together, and what is known of them before they are stored."""

    waiting: list[_Waiting]
    outcomes: dict[str, EventOutcome]
    organization_id: OrganizationId | None = None
    state: CustomerState | None = None
    ticket: int = 0
    is_to_link: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    customer_id: str
    event_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is kept of a customer and his events, and a number drawn before Stripe is asked."""

    finished: dict[str, EventOutcome]
    organization_id: OrganizationId | None
    ticket: int


class EventIntake:
    """Takes in events for one database; belongs to one event loop."""

    def __init__(self, sessions: Sessions, stripe: StripeAccess, publish: Publish) -> None:
        self._sessions, self._stripe, self._publish = sessions, stripe, publish
        self._queues: dict[str, list[_Waiting]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._readings = asyncio.Semaphore(_READINGS_AT_ONCE)
        # The database is asked and written to for all customers together: each transaction costs as much as its work.
        self._questions = GroupWork(self._look_up)
        self._batches = GroupWork(self._store)

    async def take(
        self, event: StripeEvent, *, via: ReceivedVia, verdict: SignatureVerdict, is_delivery: bool = True
    ) -> Taken:
        """Take in an event and return once its effect is stored.

        Raises UserFacingError when it could not be worked on; it is recorded as failed, where the database can be
        reached, and is to be brought again.
        """
        taken: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(event, via, verdict, int(is_delivery), taken)
        if event.type in HANDLED_TYPES and event.customer_id is not None:
            self._queue(event.customer_id, waiting)
        else:
            self._begin(self._take_unread(waiting))
        return await taken

    async def close(self) -> None:
        """Stop working; what waits is told that it was cancelled, and comes again by the next catch-up."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._questions.close()
        await self._batches.close()

    def _queue(self, customer_id: str, waiting: _Waiting) -> None:
        is_first = customer_id not in self._queues
        self._queues.setdefault(customer_id, []).append(waiting)
        if is_first:
            self._begin(self._work(customer_id))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        worker = asyncio.get_running_loop().create_task(work)
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, customer_id: str) -> None:
        """Work on a customer's events until none waits."""
        try:
            while self._queues[customer_id]:
                await self._take_together(customer_id)
        finally:
            for left in self._queues.pop(customer_id):
                left.taken.cancel()

    async def _take_together(self, customer_id: str) -> None:
        """Work on what waits of a customer once there is a turn to ask Stripe."""
        waiting: list[_Waiting] = []
        try:
            async with self._readings:
                waiting, self._queues[customer_id] = self._queues[customer_id], []
                asked = _Question(customer_id, frozenset(item.event.id for item in waiting))
                known = await self._questions.do(asked)
                fresh = [item for item in waiting if item.event.id not in known.finished]
                batch = await self._read(customer_id, known, fresh, waiting)
            _settle(waiting, known.finished, await self._batches.do(batch))
        except UserFacingError as error:
            await self._fail(customer_id, waiting, error)
        except asyncio.CancelledError:
            for item in waiting:
                item.taken.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - recorded, and whoever waits for the event hears of it
            await self._fail(customer_id, waiting, error)

    async def _take_unread(self, item: _Waiting) -> None:
        """Record an event that leads to nothing here."""
        try:
            stored = await self._batches.do(_Batch([item], {item.event.id: EventOutcome.NOT_OURS}))
            _settle([item], {}, stored)
        except UserFacingError as error:
            await self._fail(None, [item], error)
        except asyncio.CancelledError:
            item.taken.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits for the event hears of it
            _refuse([item], error)

    async def _look_up(self, asked: Sequence[_Question]) -> list[_Answer]:
        async with self._sessions.begin() as db:
            event_ids = frozenset().union(*(question.event_ids for question in asked))
            finished = await webhook_events_database.finished(db, event_ids)
            owners = await billing_database.organizations_of(db, {question.customer_id for question in asked})
            ticket = await billing_database.draw_ticket(db)
        return [
            _Answer(
                {event_id: finished[event_id] for event_id in question.event_ids & finished.keys()},
                owners.get(question.customer_id),
                ticket,
            )
            for question in asked
        ]

    async def _read(self, customer_id: str, known: _Answer, fresh: list[_Waiting], waiting: list[_Waiting]) -> _Batch:
        """Find out whose events these are, and read the customer where that is needed."""
        batch = _Batch(waiting, {item.event.id: EventOutcome.NOT_OURS for item in fresh}, known.organization_id)
        batch.outcomes |= known.finished
        if not fresh:
            return batch
        api = await self._stripe.connect()
        handled = [item for item in fresh if item.event.livemode == api.livemode]
        if not handled and batch.organization_id is not None:
            raise other_mode(fresh[0].event)  # it is ours, and waits for a key that can read its customer
        if not handled:
            return batch
        if batch.organization_id is None:
            batch.organization_id = await self._organization_of_checkout(api, customer_id, handled)
            batch.is_to_link = batch.organization_id is not None
        if batch.organization_id is None:
            return batch
        # The number was drawn before, and the events had come before that: so they are in the answer.
        batch.state, batch.ticket = await api.customer_state(customer_id), known.ticket
        batch.outcomes.update({item.event.id: EventOutcome.DONE for item in handled})
        return batch

    async def _organization_of_checkout(
        self, api: StripeApi, customer_id: str, handled: list[_Waiting]
    ) -> OrganizationId | None:
        """Return which of our organizations has bought in a checkout as this customer, if any of the events says so."""
        for item in handled:
            if item.event.type != _CHECKOUT_DONE:
                continue
            try:
                session = await api.checkout(item.event.object_id)
            except StripeNotFound:
                continue
            if session.customer_id == customer_id and session.client_reference is not None:
                found = await organization_in_reference(self._sessions, session.client_reference)
                return found if found is not None and await self._has_no_other(found, customer_id, item) else None
        return None

    async def _has_no_other(self, organization_id: OrganizationId, customer_id: str, item: _Waiting) -> bool:
        """Tell whether a checkout's customer may become the organization's; one that was chosen since then stays."""
        async with self._sessions.read() as db:
            account = await billing_database.get_account(db, organization_id, livemode=item.event.livemode)
        return account is None or account.customer_id in (None, customer_id) or account.is_customer_deleted

    async def _store(self, batches: Sequence[_Batch]) -> list[dict[str, KnownEvent]]:
        """Store customers and events of several batches in one transaction."""
        changed: set[OrganizationId] = set()
        async with self._sessions.begin() as db:
            # In the same order everywhere, so that two processes never wait for each other.
            for state, batch in sorted(_read_ones(batches), key=lambda one: one[0].customer.id):
                if batch.organization_id is None:
                    continue
                if batch.is_to_link:
                    livemode = batch.waiting[0].event.livemode
                    customer_id = state.customer.id
                    await billing_database.set_customer(db, batch.organization_id, customer_id, livemode=livemode)
                await store_customer(db, state, batch.ticket)
                changed.add(batch.organization_id)
            recorded = await webhook_events_database.record(db, _merged(batches))
        if changed:
            self._publish(Change(Topic.BILLING, frozenset(changed)))
        self._publish(Change(Topic.EVENTS))
        return [{item.event.id: recorded[item.event.id] for item in batch.waiting} for batch in batches]

    async def _fail(self, customer_id: str | None, waiting: list[_Waiting], error: Exception) -> None:
        failed = _Batch(waiting, {item.event.id: EventOutcome.FAILED for item in waiting})
        try:
            async with self._sessions.begin() as db:
                if customer_id is not None:  # so that it is found among its organization's events
                    failed.organization_id = await billing_database.organization_of(db, customer_id)
                await webhook_events_database.record(db, _merged([failed], error))
            self._publish(Change(Topic.EVENTS))
        except UserFacingError:
            pass  # without a database nothing can be recorded: the sender hears of it and comes again
        except Exception:  # noqa: BLE001 - the first fault is the one to tell of
            _log.exception("a failed event could not be recorded")
        _refuse(waiting, error)


def _read_ones(batches: Sequence[_Batch]) -> list[tuple[CustomerState, _Batch]]:
    return [(batch.state, batch) for batch in batches if batch.state is not None]


def _merged(batches: Sequence[_Batch], error: Exception | None = None) -> list[RecordedEvent]:
    """Return what to record; an event that waits twice is recorded once, with two deliveries."""
    error_code, error_text = _told(error)
    found: dict[str, RecordedEvent] = {}
    for batch in batches:
        for item in batch.waiting:
            before = found.get(item.event.id)
            deliveries = item.deliveries + (before.deliveries if before is not None else 0)
            outcome = batch.outcomes[item.event.id]
            found[item.event.id] = RecordedEvent(
                item.event,
                item.via,
                item.verdict,
                outcome,
                organization_id=None if outcome is EventOutcome.NOT_OURS else batch.organization_id,
                deliveries=deliveries,
                error_code=error_code,
                error_text=error_text,
            )
    return list(found.values())


def _told(error: Exception | None) -> tuple[str | None, str | None]:
    """Return what is kept of an error; of a fault of ours its kind alone, as its words may hold anything."""
    if error is None:
        return None, None
    return (error.code, str(error)) if isinstance(error, UserFacingError) else ("FAULT", type(error).__name__)


def _settle(
    waiting: Sequence[_Waiting], finished: Mapping[str, EventOutcome], stored: Mapping[str, KnownEvent]
) -> None:
    for item in waiting:
        if item.taken.done():
            continue
        event = stored[item.event.id]
        item.taken.set_result(Taken(event.outcome, is_repeated=event.was_finished or item.event.id in finished))


def _refuse(waiting: Sequence[_Waiting], error: Exception) -> None:
    for item in waiting:
        if not item.taken.done():
            item.taken.set_exception(error)
