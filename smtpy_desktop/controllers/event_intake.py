"""Taking in Stripe's events: each has its effect once, however often, late or out of order it comes.

An event only tells that something of a customer changed. The customer is then read from Stripe as a whole, after the
event came, so that what is stored never is older than the event. Events of one customer that wait at the same time
share one reading and one transaction.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_sync_controller import fetch_customer, store_customer
from smtpy_desktop.controllers.installation_id import organization_in_reference
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound
from smtpy_desktop.core.stripe_events import HANDLED_TYPES
from smtpy_desktop.database import billing_database, webhook_events_database
from smtpy_desktop.database.webhook_events_database import RecordedEvent
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.billing import CustomerState, StripeEvent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict

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
    """What is known of events that are worked on together, before it is stored."""

    organization_id: OrganizationId | None = None
    state: CustomerState | None = None
    ticket: int = 0
    is_to_link: bool = False
    outcomes: dict[str, EventOutcome] = field(default_factory=dict)


class EventIntake:
    """Takes in events for one database; belongs to one event loop."""

    def __init__(self, sessions: Sessions, stripe: StripeAccess, publish: Publish) -> None:
        self._sessions, self._stripe, self._publish = sessions, stripe, publish
        self._queues: dict[str, list[_Waiting]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._readings = asyncio.Semaphore(_READINGS_AT_ONCE)

    async def take(
        self, event: StripeEvent, *, via: ReceivedVia, verdict: SignatureVerdict, is_delivery: bool = True
    ) -> Taken:
        """Take in an event and return once its effect is stored.

        Raises UserFacingError when it could not be worked on; it is recorded as failed, where the database can be
        reached, and is to be brought again.
        """
        taken: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        # What needs no reading goes together, whoever it is about.
        key = (event.customer_id or "") if event.type in HANDLED_TYPES else ""
        is_first = key not in self._queues
        self._queues.setdefault(key, []).append(_Waiting(event, via, verdict, int(is_delivery), taken))
        if is_first:
            worker = asyncio.get_running_loop().create_task(self._work(key))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await taken

    async def close(self) -> None:
        """Stop working; what waits is told that it was cancelled, and comes again by the next catch-up."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self, key: str) -> None:
        """Work on a customer's events until none waits."""
        try:
            while self._queues[key]:
                waiting, self._queues[key] = self._queues[key], []
                await self._take_together(key or None, waiting)
        finally:
            for left in self._queues.pop(key):
                left.taken.cancel()

    async def _take_together(self, customer_id: str | None, waiting: list[_Waiting]) -> None:
        try:
            known = await self._known(waiting)
            batch = await self._read(customer_id, [item for item in waiting if item.event.id not in known])
            await self._store(batch, waiting)
        except UserFacingError as error:
            await self._fail(customer_id, waiting, error)
        except asyncio.CancelledError:
            for item in waiting:
                item.taken.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits for the event hears of it
            for item in waiting:
                _settle(item, error)
        else:
            for item in waiting:
                before = known.get(item.event.id)
                _settle(item, Taken(before, is_repeated=True) if before else Taken(batch.outcomes[item.event.id]))

    async def _known(self, waiting: list[_Waiting]) -> dict[str, EventOutcome]:
        async with self._sessions.read() as db:
            return await webhook_events_database.finished(db, {item.event.id for item in waiting})

    async def _read(self, customer_id: str | None, fresh: list[_Waiting]) -> _Batch:
        """Find out whose events these are, and read the customer where that is needed."""
        batch = _Batch(outcomes={item.event.id: EventOutcome.NOT_OURS for item in fresh})
        handled = [item for item in fresh if item.event.type in HANDLED_TYPES]
        if customer_id is None or not handled:
            return batch
        api = await self._stripe.connect()
        handled = [item for item in handled if item.event.livemode == api.livemode]
        if not handled:
            return batch  # the key is of the other mode: with it the customer cannot be read
        async with self._sessions.read() as db:
            batch.organization_id = await billing_database.organization_of(db, customer_id)
        if batch.organization_id is None:
            batch.organization_id = await self._organization_of_checkout(api, customer_id, handled)
            batch.is_to_link = batch.organization_id is not None
        if batch.organization_id is None:
            return batch
        async with self._readings:
            batch.state, batch.ticket = await fetch_customer(self._sessions, api, customer_id)
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
                return await organization_in_reference(self._sessions, session.client_reference)
        return None

    async def _store(self, batch: _Batch, waiting: list[_Waiting]) -> None:
        """Store customer and events in one transaction."""
        async with self._sessions.begin() as db:
            if batch.state is not None and batch.organization_id is not None:
                customer_id = batch.state.customer.id
                if batch.is_to_link:
                    livemode = waiting[0].event.livemode
                    await billing_database.set_customer(db, batch.organization_id, customer_id, livemode=livemode)
                await store_customer(db, batch.state, batch.ticket)
            await webhook_events_database.record(db, _records(batch, waiting))
        if batch.state is not None and batch.organization_id is not None:
            self._publish(Change(Topic.BILLING, frozenset({batch.organization_id})))
        self._publish(Change(Topic.EVENTS))

    async def _fail(self, customer_id: str | None, waiting: list[_Waiting], error: UserFacingError) -> None:
        failed = _Batch(outcomes={item.event.id: EventOutcome.FAILED for item in waiting})
        try:
            async with self._sessions.begin() as db:
                if customer_id is not None:  # so that it is found among its organization's events
                    failed.organization_id = await billing_database.organization_of(db, customer_id)
                await webhook_events_database.record(db, _records(failed, waiting, error))
            self._publish(Change(Topic.EVENTS))
        except UserFacingError:
            pass  # without a database nothing can be recorded: the sender hears of it and comes again
        for item in waiting:
            _settle(item, error)


def _records(batch: _Batch, waiting: list[_Waiting], error: UserFacingError | None = None) -> list[RecordedEvent]:
    """Return what to record; an event that waits twice is recorded once, with two deliveries."""
    found: dict[str, RecordedEvent] = {}
    for item in waiting:
        before = found.get(item.event.id)
        deliveries = item.deliveries + (before.deliveries if before is not None else 0)
        outcome = batch.outcomes.get(item.event.id, EventOutcome.DONE)
        found[item.event.id] = RecordedEvent(
            item.event,
            item.via,
            item.verdict,
            outcome,
            organization_id=None if outcome is EventOutcome.NOT_OURS else batch.organization_id,
            deliveries=deliveries,
            error_code=error.code if error is not None else None,
            error_text=str(error) if error is not None else None,
        )
    return list(found.values())


def _settle(item: _Waiting, result: Taken | Exception) -> None:
    if item.taken.done():
        return
    if isinstance(result, Exception):
        item.taken.set_exception(result)
    else:
        item.taken.set_result(result)
