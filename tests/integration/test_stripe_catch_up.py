"""Catching up with Stripe: nothing missed, nothing twice, and what drifted all the same is found and mended."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from smtpy_desktop.controllers import billing_drift_controller, stripe_catch_up_controller
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.stripe_catch_up_controller import catch_up
from smtpy_desktop.core.stripe_errors import StripeUnreachable
from smtpy_desktop.database import billing_database, stripe_cursors_database
from smtpy_desktop.database.models import (
    AuditRecord,
    BillingAccountRecord,
    BillingNoticeRecord,
    InvoiceRecord,
    StripeCursor,
    WebhookEventRecord,
)
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.schemas.billing import StripeAccount
from smtpy_desktop.schemas.billing_account import NoticeKind
from tests.helpers.book_api import BookAccess, BookApi


class _Account:
    """A Stripe account with one subscribed customer, which is the organization's."""

    def __init__(self, database, organization, publish) -> None:
        self.database, self.organization, self.publish = database, organization, publish
        self.book = StripeBook(clock=time.time)
        self.api = BookApi(self.book)
        self.access = BookAccess(self.api)
        self.intake = EventIntake(database, self.access, publish)
        self.price = str(self.book.add_price("Basic", 900)["id"])
        self.customer = str(self.book.add_customer("Example", "admin@example.com")["id"])
        self.subscription = str(self.book.subscribe(self.customer, self.price)["id"])

    async def catch_up(self, **options):
        return await catch_up(self.database, self.access, self.intake, publish=self.publish, **options)

    async def account(self):
        async with self.database.read() as db:
            return await billing_database.get_account(db, self.organization.id, livemode=False)

    async def cursor(self):
        async with self.database.read() as db:
            return await stripe_cursors_database.get_cursor(db, livemode=False)

    async def outcomes(self) -> dict[str, int]:
        async with self.database.read() as db:
            counted = select(WebhookEventRecord.outcome, func.count()).group_by(WebhookEventRecord.outcome)
            return {row[0]: row[1] for row in await db.execute(counted)}

    async def move_cursor(self, back: timedelta) -> None:
        """Let the program have been closed for a while."""
        async with self.database.begin() as db:
            then = datetime.now(UTC) - back
            await db.execute(update(StripeCursor).values(followed_until=then, checked_at=then))

    async def spoil(self, **values) -> None:
        """Change what is kept behind the program's back."""
        async with self.database.begin() as db:
            await db.execute(update(BillingAccountRecord).values(**values))


@pytest.fixture
async def stripe(database, organization, changes):
    made = _Account(database, organization, changes.append)
    async with database.begin() as db:
        await billing_database.set_customer(db, organization.id, made.customer, livemode=False)
    yield made
    await made.intake.close()


async def test_the_first_catch_up_reads_all_customers_and_every_event(stripe):
    report = await stripe.catch_up()

    assert report.is_full
    assert report.customers == 1
    assert report.read == report.new == len(stripe.book.events)
    assert (await stripe.account()).subscription.id == stripe.subscription


async def test_the_next_one_takes_in_what_was_missed_since_and_nothing_twice(stripe):
    await stripe.catch_up()
    before = len(stripe.book.events)
    stripe.book.set_cancel_at_period_end(stripe.subscription, wanted=True)

    report = await stripe.catch_up()
    again = await stripe.catch_up()

    assert (report.is_full, report.new) == (False, len(stripe.book.events) - before)
    assert (again.new, again.worked_on) == (0, 0)
    assert (await stripe.account()).subscription.cancel_at_period_end


async def test_events_that_show_up_late_in_the_list_are_found_within_the_overlap(stripe):
    await stripe.catch_up()
    stripe.book.cancel_now(stripe.subscription)
    stripe.book.events[-1]["created"] -= 240  # four minutes before what was followed to

    report = await stripe.catch_up()

    assert report.new == 1
    assert (await stripe.account()).subscription.status == "canceled"


async def test_the_cursor_holds_times_of_stripe_and_never_goes_back(stripe):
    await stripe.catch_up()
    followed = (await stripe.cursor()).followed_until
    newest = max(event["created"] for event in stripe.book.events)

    await stripe.catch_up()

    assert followed == datetime.fromtimestamp(newest, UTC)
    assert (await stripe.cursor()).followed_until == followed


async def test_after_more_than_thirty_days_everything_is_read_anew(stripe):
    await stripe.catch_up()
    stripe.book.cancel_now(stripe.subscription)
    del stripe.book.events[:]  # Stripe does not list them any more
    await stripe.move_cursor(timedelta(days=31))

    report = await stripe.catch_up()

    assert report.is_full
    assert (await stripe.account()).subscription.status == "canceled"


@pytest.mark.parametrize("was_ever_busy", [True, False])
async def test_an_account_where_nothing_happens_is_not_read_anew_every_time(stripe, was_ever_busy):
    if not was_ever_busy:
        del stripe.book.events[:]
    await stripe.catch_up()
    del stripe.book.events[:]
    async with stripe.database.begin() as db:
        quiet_since = StripeCursor.followed_until - timedelta(days=40)
        await db.execute(update(StripeCursor).values(followed_until=quiet_since))

    assert not (await stripe.catch_up()).is_full


async def test_an_event_that_meets_a_fault_of_ours_keeps_no_other_waiting(stripe, monkeypatch, caplog):
    await stripe.catch_up()
    other = str(stripe.book.add_customer("Other", "other@example.com")["id"])
    stripe.book.subscribe(other, stripe.price)
    stripe.book.set_cancel_at_period_end(stripe.subscription, wanted=True)
    monkeypatch.setattr(stripe_catch_up_controller, "_AT_ONCE", 1)
    asked = stripe.api.customer_state

    async def answer(customer_id):
        if customer_id == other:
            raise ValueError("'on_hold' is not a valid SubscriptionStatus")
        return await asked(customer_id)

    monkeypatch.setattr(stripe.api, "customer_state", answer)
    async with stripe.database.begin() as db:
        row = BillingAccountRecord(organization_id=stripe.organization.id, livemode=True, customer_id=other)
        db.add(row)

    report = await stripe.catch_up()

    assert report.failed
    assert (await stripe.account()).subscription.cancel_at_period_end
    assert set(await stripe.outcomes()) == {"done", "failed", "not_ours"}
    assert "an event could not be worked on" in caplog.text
    caplog.clear()


async def test_another_accounts_key_reads_everything_anew(stripe, monkeypatch):
    await stripe.catch_up()

    async def other():
        return StripeAccount("acct_other", "Other", livemode=False)

    monkeypatch.setattr(stripe.api, "account", other)

    assert (await stripe.catch_up()).is_full
    assert (await stripe.cursor()).account_id == "acct_other"
    assert not (await stripe.catch_up()).is_full


async def test_an_event_that_failed_is_tried_again_by_the_next_catch_up(stripe):
    await stripe.catch_up()
    stripe.book.set_cancel_at_period_end(stripe.subscription, wanted=True)
    stripe.api.failures = 1
    failed = await stripe.catch_up()

    healed = await stripe.catch_up()

    assert (failed.failed, healed.failed, healed.worked_on) == (1, 0, 1)
    assert "failed" not in await stripe.outcomes()
    assert (await stripe.account()).subscription.cancel_at_period_end


async def test_what_was_recorded_before_a_failure_is_kept(stripe, monkeypatch):
    stripe.api.failures = 1

    with pytest.raises(StripeUnreachable):
        await stripe.catch_up()

    assert sum((await stripe.outcomes()).values()) == len(stripe.book.events)
    assert (await stripe.cursor()).followed_until is None
    assert (await stripe.catch_up()).is_full


async def test_what_agrees_is_no_drift(stripe):
    await stripe.catch_up()

    found = await billing_drift_controller.find_drift(stripe.database, stripe.access, publish=stripe.publish)

    assert found == ()


async def test_drift_is_found_field_by_field_told_once_and_mended(stripe, actor):
    await stripe.catch_up()
    await stripe.spoil(customer_email="old@example.com", is_delinquent=True)
    found = await billing_drift_controller.find_drift(stripe.database, stripe.access, publish=stripe.publish)
    await billing_drift_controller.find_drift(stripe.database, stripe.access, publish=stripe.publish)

    applied = await billing_drift_controller.apply_truth(
        stripe.database, stripe.access, [stripe.organization.id], actor=actor, publish=stripe.publish
    )

    fields = [(field.name, field.local, field.stripe) for field in found[0].fields]
    assert fields == [("customer.email", "old@example.com", "admin@example.com"), ("customer.delinquent", "yes", "no")]
    assert applied == 1
    assert await billing_drift_controller.find_drift(stripe.database, stripe.access, publish=stripe.publish) == ()
    async with stripe.database.read() as db:
        actions = (await db.scalars(select(AuditRecord.action))).all()
        drift = BillingNoticeRecord.kind == NoticeKind.DRIFT_FOUND.value
        notices = await db.scalar(select(func.count()).select_from(BillingNoticeRecord).where(drift))
    assert "billing.truth" in actions
    assert notices == 1


async def test_a_draft_invoice_that_was_deleted_at_stripe_is_drift_and_goes(stripe, actor):
    await stripe.catch_up()
    async with stripe.database.begin() as db:
        account_id = select(BillingAccountRecord.id).scalar_subquery()
        known = (await db.execute(select(InvoiceRecord.created_at))).scalar_one()
        draft = {"status": "draft", "currency": "eur", "amount_due": 900, "amount_paid": 0, "attempts": 0}
        at = known + timedelta(days=1)
        await db.execute(insert(InvoiceRecord).values(id="in_draft", account_id=account_id, created_at=at, **draft))

    drift = await billing_drift_controller.find_drift(stripe.database, stripe.access, publish=stripe.publish)
    await billing_drift_controller.apply_truth(
        stripe.database, stripe.access, [stripe.organization.id], actor=actor, publish=stripe.publish
    )

    assert [(field.name, field.local, field.stripe) for field in drift[0].fields] == [
        ("invoice.in_draft", "draft 0/900 eur", "")
    ]
    async with stripe.database.read() as db:
        assert "in_draft" not in (await db.execute(select(InvoiceRecord.id))).scalars().all()
