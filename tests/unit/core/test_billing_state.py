"""Rules on subscriptions: which one counts, how many days are left, what an administrator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.billing_state import (
    CardExpiry,
    card_expiry,
    days_until_renewal,
    notices_of,
    others_not_over,
    subscription_that_counts,
)
from smtpy_desktop.schemas.billing import (
    Customer,
    CustomerState,
    Invoice,
    PaymentMethod,
    Subscription,
    SubscriptionStatus,
)
from smtpy_desktop.schemas.billing_account import NoticeKind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUBSCRIPTION = Subscription(
    id="sub_1",
    customer_id="cus_1",
    status=SubscriptionStatus.ACTIVE,
    price_id="price_1",
    created_at=NOW,
    current_period_start=NOW,
    current_period_end=NOW + timedelta(days=30),
    cancel_at_period_end=False,
    cancel_at=None,
    canceled_at=None,
    ended_at=None,
    trial_end=None,
    livemode=False,
)
INVOICE = Invoice(
    id="in_1",
    customer_id="cus_1",
    subscription_id="sub_1",
    number="1",
    status="open",
    currency="usd",
    amount_due=900,
    amount_paid=0,
    created_at=NOW,
    due_at=None,
    next_attempt_at=None,
    attempts=1,
    livemode=False,
)
CUSTOMER = Customer("cus_1", "a@example.com", "Example", livemode=False)

subscriptions = st.lists(
    st.builds(
        lambda number, status, days: replace(
            SUBSCRIPTION, id=f"sub_{number}", status=status, created_at=NOW - timedelta(days=days)
        ),
        st.integers(0, 9),
        st.sampled_from(SubscriptionStatus),
        st.integers(0, 5),
    ),
    max_size=5,
    unique_by=lambda item: item.id,
)


def told(*, subscription: Subscription | None = None, invoices: tuple[Invoice, ...] = ()) -> list[NoticeKind]:
    """Return what is told of a customer."""
    state = CustomerState(CUSTOMER, (subscription,) if subscription is not None else (), invoices)
    return [kind for kind, _, _ in notices_of(state)]


@given(subscriptions)
def test_what_serves_the_customer_counts_before_what_does_not(items):
    found = subscription_that_counts(items)

    assert (found is None) == (not items)
    if found is not None and not found.status.is_served:
        assert not any(item.status.is_served for item in items)
    if found is not None and found.status.is_over:
        assert all(item.status.is_over for item in items)


@given(subscriptions)
def test_the_order_in_which_stripe_lists_them_does_not_matter(items):
    assert subscription_that_counts(items) == subscription_that_counts(items[::-1])
    assert others_not_over(items) == others_not_over(items[::-1])


@given(subscriptions)
def test_others_are_those_that_may_be_charged_for_besides(items):
    living = sum(not item.status.is_over for item in items)

    assert others_not_over(items) == max(0, living - 1)


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=30), 30),
        (timedelta(days=29, seconds=1), 30),
        (timedelta(seconds=1), 1),
        (timedelta(0), 0),
        (timedelta(days=-3), 0),
    ],
)
def test_begun_days_count(left, days):
    assert days_until_renewal(replace(SUBSCRIPTION, current_period_end=NOW + left), NOW) == days


def test_nothing_is_renewed_when_it_is_over_or_has_no_period():
    over = replace(SUBSCRIPTION, status=SubscriptionStatus.CANCELED)

    assert days_until_renewal(over, NOW) is None
    assert days_until_renewal(replace(SUBSCRIPTION, current_period_end=None), NOW) is None


@pytest.mark.parametrize(
    ("year", "month", "expiry"),
    [
        (2026, 10, CardExpiry.EXPIRED),
        (2026, 11, CardExpiry.SOON),
        (2026, 12, CardExpiry.SOON),
        (2027, 1, CardExpiry.GOOD),
        (None, None, CardExpiry.GOOD),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(year, month, expiry):
    method = PaymentMethod("card", expires_year=year, expires_month=month)

    assert card_expiry(method, date(2026, 11, 30)) is expiry


def test_an_active_subscription_needs_no_notice():
    assert told(subscription=SUBSCRIPTION, invoices=(replace(INVOICE, status="paid"),)) == []


@pytest.mark.parametrize(("status", "attempts", "count"), [("open", 1, 1), ("uncollectible", 4, 1), ("open", 0, 0)])
def test_a_payment_that_failed_is_told_once_it_was_tried(status, attempts, count):
    invoice = replace(INVOICE, status=status, attempts=attempts)

    assert told(subscription=SUBSCRIPTION, invoices=(invoice,)) == [NoticeKind.PAYMENT_FAILED] * count


def test_an_end_is_told_before_and_after():
    ending = replace(SUBSCRIPTION, cancel_at_period_end=True)

    assert told(subscription=ending) == [NoticeKind.SUBSCRIPTION_ENDING]
    assert told(subscription=replace(SUBSCRIPTION, cancel_at=NOW)) == [NoticeKind.SUBSCRIPTION_ENDING]
    assert told(subscription=replace(ending, status=SubscriptionStatus.CANCELED)) == [NoticeKind.SUBSCRIPTION_ENDED]


def test_an_end_at_another_day_is_told_again():
    first = replace(SUBSCRIPTION, cancel_at_period_end=True)
    second = replace(first, current_period_end=NOW + timedelta(days=60))

    ids = {notices_of(CustomerState(CUSTOMER, (item,), ()))[0][1] for item in (first, second)}

    assert len(ids) == 2


def test_of_a_deleted_customer_only_that_is_told():
    state = CustomerState(replace(CUSTOMER, is_deleted=True), (SUBSCRIPTION,), (INVOICE,))

    assert [kind for kind, _, _ in notices_of(state)] == [NoticeKind.CUSTOMER_DELETED]
