"""Stripe's events as they are kept: listing them, looking at one, working on them again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.numbered_pages import read_numbered_page
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.core.stripe_events import HANDLED_TYPES, other_mode
from smtpy_desktop.database import (
    audit_database,
    refused_deliveries_database,
    stripe_cursors_database,
    webhook_events_list_database,
)
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.billing import StripeEvent
from smtpy_desktop.schemas.catch_up import FollowedUntil
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.paging import ListShape, NumberedPage, Page, Position
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode
from smtpy_desktop.schemas.text import text
from smtpy_desktop.schemas.webhook_events import (
    EventOutcome,
    EventQuery,
    EventTotals,
    RefusedDelivery,
    WebhookEventDetails,
    WebhookEventRow,
)

LONGEST_PAYLOAD = 200_000
"""Characters of a payload that are shown; Stripe's own are a few thousand."""

_REPLAYS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What became of events that were worked on again; ``error`` is the first reason why one failed."""

    done: int = 0
    not_ours: int = 0
    failed: int = 0
    error: UserFacingError | None = None


@dataclass(frozen=True, slots=True)
class EventsOverview:
    """What there is besides the list; ``mode`` is None when the keyring does not tell whether there is a key."""

    totals: EventTotals
    refused: int
    mode: StripeMode | None
    followed: FollowedUntil


async def list_events(sessions: Sessions, query: EventQuery, position: Position, limit: int) -> Page[WebhookEventRow]:
    """Return consecutive events of a filtered list, the newest first."""
    async with sessions.read() as db:
        return await webhook_events_list_database.list_events(db, query, position, limit)


async def list_shape(sessions: Sessions, query: EventQuery, step: int) -> ListShape:
    """Return how long the list is and where its parts begin."""
    async with sessions.read() as db:
        return await webhook_events_list_database.list_shape(db, query, step)


async def list_numbers(sessions: Sessions, query: EventQuery) -> tuple[int, ...]:
    """Return the numbers of all events that the filters let through, in the list's order."""
    async with sessions.read() as db:
        return await webhook_events_list_database.list_numbers(db, query)


async def numbered_page(
    sessions: Sessions, query: EventQuery, page: int, page_size: int
) -> NumberedPage[WebhookEventRow]:
    """Return a page counted from 1; raise FieldError for numbers that make no page."""
    return await read_numbered_page(
        sessions,
        query,
        page,
        page_size,
        read_shape=webhook_events_list_database.list_shape,
        read_rows=webhook_events_list_database.list_events,
    )


async def event_totals(sessions: Sessions, organization_id: OrganizationId | None = None) -> EventTotals:
    """Count the events of one organization (or of all), and those that wait or failed."""
    async with sessions.read() as db:
        return await webhook_events_list_database.event_totals(db, organization_id)


async def event_details(sessions: Sessions, reference: int | str) -> WebhookEventDetails:
    """Return one event, by its number here or its id at Stripe; raise NotFoundError when it is not here."""
    async with sessions.read() as db:
        found = await webhook_events_list_database.get_event(db, reference)
    if found is None:
        raise _gone(reference)
    row, stored = found
    payload = _indented(stored.content)
    return WebhookEventDetails(
        row,
        payload[:LONGEST_PAYLOAD],
        stored.deliveries,
        stored.last_received_at,
        is_shortened=len(payload) > LONGEST_PAYLOAD,
    )


async def list_refused(sessions: Sessions) -> tuple[RefusedDelivery, ...]:
    """Return the latest requests to the webhook that were no genuine events, the newest first."""
    async with sessions.read() as db:
        return await refused_deliveries_database.latest(db)


async def events_overview(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId | None
) -> EventsOverview:
    """Return what there is besides the list; reads what is kept here and never asks Stripe."""
    try:
        mode = await stripe.mode()
    except KeyringUnavailable:
        mode = None
    is_live = mode is not None and mode.key is KeyMode.LIVE
    async with sessions.read() as db:
        totals = await webhook_events_list_database.event_totals(db, organization_id)
        followed = await stripe_cursors_database.get_cursor(db, livemode=is_live)
        refused = await refused_deliveries_database.latest(db)
    return EventsOverview(totals, len(refused), mode, followed)


async def replay_event(
    sessions: Sessions, stripe: StripeAccess, intake: EventIntake, stripe_id: str, *, actor: Actor, publish: Publish
) -> WebhookEventDetails:
    """Work on an event again and return it as it is then.

    Raises NotFoundError, StripeError, or ConflictError with the code ``EVENT_OTHER_MODE``.
    """
    row = (await event_details(sessions, stripe_id)).row
    report = await replay_events(sessions, stripe, intake, [row.number], actor=actor, publish=publish)
    if report.error is not None:
        raise report.error
    return await event_details(sessions, row.number)


async def replay_events(
    sessions: Sessions,
    stripe: StripeAccess,
    intake: EventIntake,
    numbers: Collection[int],
    *,
    actor: Actor,
    publish: Publish,
    progress: Progress | None = None,
) -> ReplayReport:
    """Work on events again, the oldest first; each that fails is counted and the others go on.

    Only the reference in the event is used: its customer is read from Stripe as it is now. An event that was done
    brings its customer in step once more and has no second effect. Raises StripeError when there is no way to Stripe.
    """
    progress = progress or Progress()
    api = await stripe.connect()
    async with sessions.read() as db:
        found = await webhook_events_list_database.find_events(db, numbers)
    progress.total = len(found)
    replay = _Replay(sessions, stripe, intake, publish, livemode=api.livemode)
    report = ReplayReport()
    for start in range(0, len(found), _REPLAYS_AT_ONCE):
        part = found[start : start + _REPLAYS_AT_ONCE]
        await _note(sessions, [row for row, _ in part], actor)
        outcomes = await asyncio.gather(*(replay.one(row, event) for row, event in part), return_exceptions=True)
        for outcome in outcomes:
            report = _counted(report, outcome)
        progress.done += len(part)
    publish(Change(Topic.EVENTS))
    publish(Change(Topic.AUDIT))
    return report


class _Replay:
    """Works on single events again."""

    def __init__(
        self, sessions: Sessions, stripe: StripeAccess, intake: EventIntake, publish: Publish, *, livemode: bool
    ) -> None:
        self._sessions, self._stripe, self._intake, self._publish = sessions, stripe, intake, publish
        self._livemode = livemode

    async def one(self, row: WebhookEventRow, event: StripeEvent) -> EventOutcome:
        if event.type in HANDLED_TYPES and event.livemode != self._livemode:
            raise other_mode(event)
        if row.outcome is EventOutcome.DONE:
            return await self._again(row)
        if row.outcome is EventOutcome.NOT_OURS:
            if event.type not in HANDLED_TYPES:
                return EventOutcome.NOT_OURS
            async with self._sessions.begin() as db:  # its customer may have become one of ours meanwhile
                await webhook_events_list_database.reopen(db, row.number)
        taken = await self._intake.take(event, via=row.received_via, verdict=row.verdict, is_delivery=False)
        return taken.outcome

    async def _again(self, row: WebhookEventRow) -> EventOutcome:
        """Read the customer of an event that is done anew; should that fail, the event stays done."""
        if row.customer_id is not None:
            api = await self._stripe.connect()
            await sync_customer(self._sessions, api, row.customer_id, publish=self._publish)
        async with self._sessions.begin() as db:
            await webhook_events_list_database.count_attempt(db, row.number)
        return EventOutcome.DONE


def _counted(report: ReplayReport, outcome: EventOutcome | BaseException) -> ReplayReport:
    if isinstance(outcome, UserFacingError):
        return replace(report, failed=report.failed + 1, error=report.error or outcome)
    if isinstance(outcome, BaseException):
        raise outcome
    if outcome is EventOutcome.NOT_OURS:
        return replace(report, not_ours=report.not_ours + 1)
    return replace(report, done=report.done + 1)


async def _note(sessions: Sessions, rows: Collection[WebhookEventRow], actor: Actor) -> None:
    """Write down that events are worked on again, before it happens."""
    async with sessions.begin() as db:
        entries = [
            AuditEntry("event.replayed", "event", row.number, f"{row.type} {row.id}", row.organization_id)
            for row in rows
        ]
        await audit_database.record(db, actor, *entries)


def _indented(payload: Mapping[str, object]) -> str:
    """Return JSON to be read: what is short comes first, as the order in which it came is not kept."""
    ordered = dict(sorted(payload.items(), key=lambda item: isinstance(item[1], (dict, list))))
    return json.dumps(ordered, indent=2, ensure_ascii=False)


def _gone(reference: int | str) -> NotFoundError:
    return NotFoundError(
        "EVENT_NOT_FOUND",
        text("There is no event {id} here.", id=reference),
        hint=text("Past events are removed after a while. Stripe shows those of the last 30 days in its dashboard."),
    )
