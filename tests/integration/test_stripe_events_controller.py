"""Stripe's events as they are kept: listed, looked at, worked on again, and removed when their time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import retention_controller, stripe_events_controller
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.core.stripe_errors import StripeUnreachable
from smtpy_desktop.core.stripe_events import read_event
from smtpy_desktop.database import billing_database, webhook_events_database
from smtpy_desktop.database.models import AuditRecord, WebhookEventRecord
from smtpy_desktop.database.webhook_events_database import RecordedEvent
from smtpy_desktop.errors import ConflictError, FieldError, NotFoundError, UserFacingError
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.schemas.billing import StripeEvent
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.webhook_events import EventOutcome, EventQuery, ReceivedVia, SignatureVerdict
from tests.helpers.book_api import BookAccess, BookApi

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def event(number: int, **values) -> StripeEvent:
    given_values = {
        "id": f"evt_{number:04}",
        "type": "customer.updated",
        "created_at": NOW - timedelta(minutes=number // 2),  # two at a time
        "livemode": False,
        "object_type": "customer",
        "object_id": "cus_1",
        "customer_id": "cus_1",
        "payload": {"id": f"evt_{number:04}", "data": {"object": {"name": "a\0b"}}},
    }
    return StripeEvent(**given_values | values)


async def store(database, *events: StripeEvent, outcome=EventOutcome.DONE, **values) -> None:
    given_values = {"via": ReceivedVia.WEBHOOK, "verdict": SignatureVerdict.VALID, "outcome": outcome}
    async with database.begin() as db:
        records = [RecordedEvent(one, **given_values | values) for one in events]
        await webhook_events_database.record(db, records)


async def ids(database, query: EventQuery) -> list[str]:
    page = await stripe_events_controller.list_events(database, query, Position.start(), 1000)
    return [row.id for row in page.rows]


@pytest.fixture
async def stripe(database, organization):
    """Give a customer at Stripe who is the organization's and has just changed the address."""
    book = StripeBook()
    customer = str(book.add_customer("Example", "admin@example.com")["id"])
    async with database.begin() as db:
        await billing_database.set_customer(db, organization.id, customer, livemode=False)
    book.change_customer(customer, {"email": "new@example.com"})
    api = BookApi(book)
    intake = EventIntake(database, BookAccess(api), publish_nothing)
    api.intake = intake
    yield api
    await intake.close()


async def take(stripe: BookApi) -> StripeEvent:
    """Take in what happened last."""
    last = read_event(stripe.book.events[-1])
    await stripe.intake.take(last, via=ReceivedVia.WEBHOOK, verdict=SignatureVerdict.VALID)
    return last


async def replay(database, stripe: BookApi, stripe_id: str, actor):
    return await stripe_events_controller.replay_event(
        database, BookAccess(stripe), stripe.intake, stripe_id, actor=actor, publish=publish_nothing
    )


# Listing


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 9), step=st.integers(1, 9))
async def test_pages_of_any_size_give_every_event_once_the_newest_first(database, limit, step):
    await store(database, *(event(number) for number in range(23)))
    shape = await stripe_events_controller.list_shape(database, EventQuery(), step)

    found, position = [], Position.start()
    while rows := await stripe_events_controller.list_events(database, EventQuery(), position, limit):
        if not rows.rows:
            break
        found += rows.rows
        position = Position.after(rows.keys[-1])

    keys = [(row.created_at, row.number) for row in found]
    assert keys == sorted(keys, reverse=True)
    assert len(found) == shape.total == 23
    assert list(shape.anchors) == keys[::step]


async def test_each_filter_lets_through_what_it_says(database, organization):
    await store(database, event(1), organization_id=organization.id)
    await store(database, event(2, type="invoice.paid", object_id="in_2"), outcome=EventOutcome.FAILED)
    await store(database, event(3, livemode=True), via=ReceivedVia.CATCH_UP)

    assert await ids(database, EventQuery(organization_id=organization.id)) == ["evt_0001"]
    assert await ids(database, EventQuery(outcomes=frozenset({EventOutcome.FAILED}))) == ["evt_0002"]
    assert await ids(database, EventQuery(via=ReceivedVia.CATCH_UP)) == ["evt_0003"]
    assert await ids(database, EventQuery(livemode=False)) == ["evt_0001", "evt_0002"]
    assert await ids(database, EventQuery(search=" INVOICE.p ")) == ["evt_0002"]
    assert await ids(database, EventQuery(search="in_2")) == ["evt_0002"]


async def test_what_is_typed_is_looked_for_literally(database):
    await store(database, event(1), event(2, object_id="cus%x"))

    assert await ids(database, EventQuery(search="%x")) == ["evt_0002"]
    assert await ids(database, EventQuery(search="evt%1")) == []
    with pytest.raises(UserFacingError):
        await ids(database, EventQuery(search="a\0b"))


async def test_scripts_get_numbered_pages(database):
    await store(database, *(event(number) for number in range(5)))

    page = await stripe_events_controller.numbered_page(database, EventQuery(), 2, 2)

    assert (len(page.items), page.total, page.total_pages) == (2, 5, 3)
    with pytest.raises(FieldError):
        await stripe_events_controller.numbered_page(database, EventQuery(), 0, 2)


async def test_totals_count_what_waits_and_what_failed(database):
    await store(database, event(1))
    await store(database, event(2), outcome=EventOutcome.FAILED)
    await store(database, event(3), outcome=EventOutcome.PENDING)

    totals = await stripe_events_controller.event_totals(database)

    assert (totals.total, totals.pending, totals.failed) == (3, 1, 1)


async def test_details_show_what_came_and_a_payload_that_is_not_endless(database):
    long = event(2, payload={"text": "x" * (stripe_events_controller.LONGEST_PAYLOAD + 1)})
    await store(database, event(1), long)

    details = await stripe_events_controller.event_details(database, "evt_0001")
    shortened = await stripe_events_controller.event_details(database, "evt_0002")

    assert details.payload.splitlines()[1] == '  "id": "evt_0001",'
    assert (details.deliveries, details.is_shortened) == (1, False)
    assert shortened.is_shortened
    assert len(shortened.payload) == stripe_events_controller.LONGEST_PAYLOAD
    with pytest.raises(NotFoundError):
        await stripe_events_controller.event_details(database, "evt_unknown")


# Replay


async def test_a_failed_event_is_worked_on_again_and_written_down(database, stripe, actor):
    stripe.failures = 1
    with pytest.raises(StripeUnreachable):
        await take(stripe)
    failed = (await stripe_events_controller.event_details(database, stripe.book.events[-1]["id"])).row

    details = await replay(database, stripe, stripe.book.events[-1]["id"], actor)

    assert failed.outcome is EventOutcome.FAILED
    assert failed.organization_id is not None
    assert (details.row.outcome, details.row.attempts) == (EventOutcome.DONE, 2)
    assert details.deliveries == 1
    async with database.read() as db:
        actions = (await db.scalars(select(AuditRecord.action))).all()
    assert actions.count("event.replayed") == 1


async def test_replaying_a_done_event_brings_its_customer_in_step_and_nothing_else(
    database, stripe, organization, actor
):
    done = await take(stripe)
    stripe.book.objects["customers"][done.customer_id]["email"] = "silent@example.com"

    details = await replay(database, stripe, done.id, actor)

    async with database.read() as db:
        account = await billing_database.get_account(db, organization.id, livemode=False)
    assert account.customer_email == "silent@example.com"
    assert (details.row.outcome, details.row.attempts, details.deliveries) == (EventOutcome.DONE, 2, 1)


async def test_a_done_event_stays_done_when_its_replay_fails(database, stripe, actor):
    done = await take(stripe)
    stripe.failures = 1

    with pytest.raises(StripeUnreachable):
        await replay(database, stripe, done.id, actor)

    assert (await stripe_events_controller.event_details(database, done.id)).row.outcome is EventOutcome.DONE


async def test_an_event_that_was_not_ours_is_ours_once_its_customer_is(database, stripe, organization, actor):
    other = str(stripe.book.add_customer("Other", "other@example.com")["id"])
    stripe.book.change_customer(other, {"email": "new@example.com"})
    taken = await take(stripe)
    before = (await stripe_events_controller.event_details(database, taken.id)).row.outcome
    async with database.begin() as db:
        await billing_database.set_customer(db, organization.id, other, livemode=False)

    details = await replay(database, stripe, taken.id, actor)

    assert before is EventOutcome.NOT_OURS
    assert details.row.outcome is EventOutcome.DONE
    assert details.row.organization_id == organization.id


async def test_an_event_of_the_other_mode_is_not_replayed_with_this_key(database, stripe, actor):
    await store(database, event(1, livemode=True), outcome=EventOutcome.FAILED)

    with pytest.raises(ConflictError) as refused:
        await replay(database, stripe, "evt_0001", actor)

    assert refused.value.code == "EVENT_OTHER_MODE"
    details = await stripe_events_controller.event_details(database, "evt_0001")
    assert details.row.outcome is EventOutcome.FAILED


# Retention


async def test_events_that_are_done_with_go_when_their_time_is_over_and_unfinished_ones_never(database, actor):
    old = NOW - timedelta(days=400)
    await store(database, event(1, created_at=old), event(2, created_at=old))
    await store(database, event(3, created_at=old), outcome=EventOutcome.FAILED)
    await store(database, event(4, created_at=old), outcome=EventOutcome.PENDING)
    await store(database, event(5, created_at=old))
    async with database.begin() as db:
        kept = WebhookEventRecord.stripe_id != "evt_0005"  # came a moment ago, by a first catch-up
        await db.execute(update(WebhookEventRecord).where(kept).values(received_at=old, last_received_at=old))

    gone = await retention_controller.remove_expired(database, actor=actor, publish=publish_nothing)

    assert gone.events == 2
    assert sorted(await ids(database, EventQuery())) == ["evt_0003", "evt_0004", "evt_0005"]
