"""Subscriptions begun, ended and resumed at a Stripe that fails now and then: each change is made once."""

from __future__ import annotations

import asyncio

import pytest

from smtpy_desktop.controllers import (
    billing_controller,
    checkout_controller,
    organizations_controller,
    subscription_controller,
)
from smtpy_desktop.controllers.billing_refresh_controller import refresh_all
from smtpy_desktop.controllers.checkout_return_controller import refresh_after_checkout
from smtpy_desktop.core.stripe_errors import StripeError, StripeKeyRefused, StripeNotFound
from smtpy_desktop.database import billing_database
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway
from smtpy_desktop.gateways.stripe_gateway import StripeGateway
from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.schemas.billing import SubscriptionStatus
from smtpy_desktop.schemas.billing_account import NoticeKind
from smtpy_desktop.schemas.stripe_settings import ReturnUrls
from tests.helpers.stripe_account import StripeTrial, stripe_trial

URLS = ReturnUrls("http://127.0.0.1/ok", "http://127.0.0.1/no", "http://127.0.0.1/")


@pytest.fixture
async def trial(database, actor, changes):
    async with stripe_trial(database) as made:
        row = await organizations_controller.create_organization(
            database, "Example", "admin@example.com", actor=actor, publish=changes.append
        )
        made.organization_id = row.id
        made.basic = made.stripe.book.add_price("Basic", 900)["id"]
        made.pro = made.stripe.book.add_price("Pro", 9000, interval="year")["id"]
        yield made


def _arguments(trial: StripeTrial) -> tuple:
    return trial.database, trial.access, trial.organization_id


@pytest.fixture
def subscribe(trial, actor, changes):
    async def begin(price: str):
        return await checkout_controller.subscribe(
            *_arguments(trial), price, urls=URLS, actor=actor, publish=changes.append
        )

    return begin


@pytest.fixture
async def subscribed(trial, subscribe, changes):
    session = await subscribe(trial.basic)
    trial.stripe.book.complete_checkout(session.id)
    return await subscription_controller.refresh_billing(*_arguments(trial), publish=changes.append)


async def test_a_checkout_that_is_paid_becomes_the_subscription(subscribed):
    assert subscribed.account.subscription.status is SubscriptionStatus.ACTIVE
    assert subscribed.account.subscription.price.amount == 900
    assert [invoice.status for invoice in subscribed.invoices] == ["paid"]
    assert subscribed.open_checkout_url is None


async def test_the_same_plan_chosen_again_leads_to_the_same_checkout(trial, subscribe):
    first = await subscribe(trial.basic)
    second = await subscribe(trial.basic)

    assert first == second
    assert len(trial.stripe.book.objects["customers"]) == 1


async def test_another_plan_ends_the_checkout_of_the_first(trial, subscribe):
    first = await subscribe(trial.basic)
    second = await subscribe(trial.pro)

    assert first.id != second.id
    assert trial.stripe.book.objects["checkouts"][first.id]["status"] == "expired"


async def test_who_has_a_subscription_cannot_buy_another(trial, subscribed, subscribe):
    with pytest.raises(ConflictError, match="has a subscription already"):
        await subscribe(trial.pro)


async def test_a_checkout_that_leads_back_to_where_nobody_listens_any_more_is_replaced(trial, subscribe, monkeypatch):
    first = await subscribe(trial.basic)
    monkeypatch.setattr(f"{__name__}.URLS", ReturnUrls("http://127.0.0.1:9/ok", "http://127.0.0.1:9/no", URLS.portal))

    second = await subscribe(trial.basic)

    checkouts = trial.stripe.book.objects["checkouts"]
    assert checkouts[first.id]["status"] == "expired"
    assert checkouts[second.id]["success_url"] == "http://127.0.0.1:9/ok"


async def test_two_who_subscribe_at_the_same_time_get_one_customer_and_one_checkout(trial, subscribe):
    first, *others = await asyncio.gather(*(subscribe(trial.basic) for _ in range(4)))

    assert {other.id for other in others} == {first.id}
    assert len(trial.stripe.book.objects["customers"]) == 1
    assert len(trial.stripe.book.objects["checkouts"]) == 1


@pytest.mark.parametrize("found_before", ["find_customers", "customer_state"])
async def test_who_looked_before_another_process_was_done_does_not_do_it_again(
    trial, subscribe, monkeypatch, found_before
):
    asked = getattr(StripeGateway, found_before)
    is_first = True

    async def overtaken(api, *given):
        nonlocal is_first
        answer = await asked(api, *given)
        if is_first:
            is_first = False
            await subscribe(trial.basic)
        return answer

    monkeypatch.setattr(StripeGateway, found_before, overtaken)

    await subscribe(trial.basic)

    assert len(trial.stripe.book.objects["customers"]) == 1
    assert len(trial.stripe.book.objects["checkouts"]) == 1


async def test_a_checkout_paid_while_it_is_looked_at_is_not_followed_by_another(trial, subscribe, monkeypatch):
    await subscribe(trial.basic)
    asked = StripeGateway.checkout

    async def paid_meanwhile(api, session_id):
        if trial.stripe.book.objects["checkouts"][session_id]["status"] == "open":
            trial.stripe.book.complete_checkout(session_id)
        return await asked(api, session_id)

    monkeypatch.setattr(StripeGateway, "checkout", paid_meanwhile)

    with pytest.raises(ConflictError, match="has a subscription already"):
        await subscribe(trial.pro)
    assert len(trial.stripe.book.objects["subscriptions"]) == 1


async def test_a_change_that_the_key_may_not_make_is_not_made_later_with_another_key(
    trial, subscribed, actor, changes, monkeypatch
):
    async def forbidden(api, subscription_id, *, key):
        raise StripeKeyRefused(is_permission=True)

    with monkeypatch.context() as patch:
        patch.setattr(StripeGateway, "cancel_now", forbidden)
        with pytest.raises(StripeKeyRefused):
            await subscription_controller.cancel_subscription(
                *_arguments(trial), at_once=True, actor=actor, publish=changes.append
            )

    picture = await subscription_controller.refresh_billing(*_arguments(trial), publish=changes.append)

    assert picture.account.subscription.status is SubscriptionStatus.ACTIVE


@pytest.mark.parametrize("fault", [CallFault.CUT_BEFORE, CallFault.CUT_AFTER, CallFault.SERVER_ERROR])
async def test_a_lost_call_is_made_once_when_it_is_tried_again(trial, subscribe, fault):
    faults = trial.stripe.faults
    faults.only_changes, faults.call_fault, faults.calls = True, fault, 3  # the library itself tries three times
    with pytest.raises(StripeError):
        await subscribe(trial.basic)

    await subscribe(trial.basic)

    assert len(trial.stripe.book.objects["customers"]) == 1
    assert len(trial.stripe.book.objects["checkouts"]) == 1


async def test_a_call_that_stripe_failed_for_good_is_begun_anew_after_reading_what_is_true(trial, subscribe):
    faults = trial.stripe.faults
    faults.only_changes, faults.call_fault, faults.calls = True, CallFault.SERVER_ERROR_KEPT, 1
    with pytest.raises(StripeError, match="in the middle of this call"):
        await subscribe(trial.basic)

    session = await subscribe(trial.basic)

    assert session.url is not None
    assert len(trial.stripe.book.objects["customers"]) == 1


async def test_a_subscription_ends_with_its_period_and_goes_on_when_resumed(trial, subscribed, actor, changes):
    ending = await subscription_controller.cancel_subscription(
        *_arguments(trial), at_once=False, actor=actor, publish=changes.append
    )
    going_on = await subscription_controller.resume_subscription(
        *_arguments(trial), actor=actor, publish=changes.append
    )

    assert ending.account.subscription.cancel_at_period_end
    assert not going_on.account.subscription.cancel_at_period_end
    assert going_on.account.subscription.status is SubscriptionStatus.ACTIVE


async def test_the_notice_that_it_will_end_is_gone_when_it_is_resumed(trial, subscribed, actor, changes):
    ending = await subscription_controller.cancel_subscription(
        *_arguments(trial), at_once=False, actor=actor, publish=changes.append
    )

    going_on = await subscription_controller.resume_subscription(
        *_arguments(trial), actor=actor, publish=changes.append
    )

    assert [notice.kind for notice in ending.notices] == [NoticeKind.SUBSCRIPTION_ENDING]
    assert not going_on.notices


async def test_a_subscription_that_the_dashboard_ends_at_a_date_goes_on_when_resumed(trial, subscribed, actor, changes):
    subscription_id = subscribed.account.subscription.id
    trial.stripe.book.set_end_date(subscription_id, trial.stripe.book.now + 5 * 86_400)

    picture = await subscription_controller.resume_subscription(*_arguments(trial), actor=actor, publish=changes.append)

    assert picture.account.subscription.cancel_at is None
    assert trial.stripe.book.objects["subscriptions"][subscription_id]["cancel_at"] is None


async def test_a_subscription_ended_at_once_is_over(trial, subscribed, actor, changes):
    picture = await subscription_controller.cancel_subscription(
        *_arguments(trial), at_once=True, actor=actor, publish=changes.append
    )

    assert picture.account.subscription.status is SubscriptionStatus.CANCELED


async def test_a_lost_cancellation_never_undoes_a_later_resume(trial, subscribed, actor, changes):
    faults = trial.stripe.faults
    faults.only_changes, faults.call_fault, faults.calls = True, CallFault.CUT_BEFORE, 3
    with pytest.raises(StripeError):
        await subscription_controller.cancel_subscription(
            *_arguments(trial), at_once=False, actor=actor, publish=changes.append
        )

    resumed = await subscription_controller.resume_subscription(*_arguments(trial), actor=actor, publish=changes.append)
    await subscription_controller.finish_open_intents(trial.database, trial.access, publish=changes.append)

    picture = await billing_controller.billing_picture(*_arguments(trial))
    assert not resumed.account.subscription.cancel_at_period_end
    assert not picture.account.subscription.cancel_at_period_end


async def test_a_linked_customer_brings_its_subscription(trial, actor, changes):
    customer = trial.stripe.book.add_customer("Example", "other@example.com")
    trial.stripe.book.subscribe(customer["id"], trial.pro)

    picture = await billing_controller.link_customer(
        *_arguments(trial), customer["id"], actor=actor, publish=changes.append
    )

    assert picture.account.customer_email == "other@example.com"
    assert picture.account.subscription.price_id == trial.pro


async def test_linking_a_customer_ends_the_checkout_that_was_begun_as_another(trial, subscribe, actor, changes):
    checkout = await subscribe(trial.basic)
    customer = trial.stripe.book.add_customer("Example", "billing@example.com")
    await billing_controller.unlink_customer(*_arguments(trial), actor=actor, publish=changes.append)

    picture = await billing_controller.link_customer(
        *_arguments(trial), customer["id"], actor=actor, publish=changes.append
    )

    assert trial.stripe.book.objects["checkouts"][checkout.id]["status"] == "expired"
    assert picture.open_checkout_url is None
    assert (await subscribe(trial.basic)).customer_id == customer["id"]


async def test_a_lost_call_for_a_customer_replaces_none_that_was_linked_meanwhile(trial, subscribe, actor, changes):
    faults = trial.stripe.faults
    faults.only_changes, faults.call_fault, faults.calls = True, CallFault.CUT_BEFORE, 3
    with pytest.raises(StripeError):
        await subscribe(trial.basic)
    customer = trial.stripe.book.add_customer("Example", "billing@example.com")["id"]
    await billing_controller.link_customer(*_arguments(trial), customer, actor=actor, publish=changes.append)

    picture = await subscription_controller.refresh_billing(*_arguments(trial), publish=changes.append)

    assert picture.account.customer_id == customer


async def test_a_key_of_the_other_mode_entered_meanwhile_does_not_hide_the_subscription(
    trial, subscribed, subscribe, monkeypatch
):
    async def live(access):
        return True

    monkeypatch.setattr(StripeAccessGateway, "livemode", live)

    with pytest.raises(ConflictError, match="has a subscription already"):
        await subscribe(trial.pro)


async def test_a_customer_that_stripe_does_not_know_keeps_no_other_from_being_refreshed(
    database, trial, subscribed, actor, changes
):
    row = await organizations_controller.create_organization(
        database, "Another", "other@example.com", actor=actor, publish=changes.append
    )
    async with database.begin() as db:
        await billing_database.set_customer(db, row.id, "cus_elsewhere", livemode=False)
    trial.stripe.book.cancel_now(subscribed.account.subscription.id)

    with pytest.raises(StripeNotFound):
        await refresh_all(database, trial.access, publish=changes.append)

    picture = await billing_controller.billing_picture(*_arguments(trial))
    assert picture.account.subscription.status is SubscriptionStatus.CANCELED


async def test_coming_back_from_a_checkout_is_noticed_though_another_customer_is_unknown(
    database, trial, subscribe, actor, changes
):
    row = await organizations_controller.create_organization(
        database, "Another", "other@example.com", actor=actor, publish=changes.append
    )
    elsewhere = await subscribe(trial.basic)
    session = await checkout_controller.subscribe(
        database, trial.access, row.id, trial.basic, urls=URLS, actor=actor, publish=changes.append
    )
    del trial.stripe.book.objects["customers"][elsewhere.customer_id]
    trial.stripe.book.complete_checkout(session.id)

    await refresh_after_checkout(database, trial.access, publish=changes.append)

    picture = await billing_controller.billing_picture(database, trial.access, row.id)
    assert picture.account.subscription is not None
