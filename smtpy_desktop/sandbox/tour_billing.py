"""The tour's chapter about billing: a subscription is bought, its event arrives, it is ended through a fault, resumed.

What the window says is held against the book of the sandbox's Stripe after every change.
"""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from smtpy_desktop.core.stripe_errors import StripeUnreachable
from smtpy_desktop.sandbox.sample_billing import BASIC, MEADOWBANK
from smtpy_desktop.sandbox.stripe_faults import CallFault, StripeFaults
from smtpy_desktop.sandbox.stripe_view_words import call_fault_words, webhook_fault_words
from smtpy_desktop.sandbox.stripe_words import price_words
from smtpy_desktop.sandbox.tour_billing_sight import BillingSight
from smtpy_desktop.sandbox.tour_browser import TourBrowser
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.schemas.webhook_events import ReceivedVia, SignatureVerdict
from smtpy_desktop.views.billing_words import AccountState
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.texts import tr, translated

CHECKOUT_EVENT = "checkout.session.completed"
CHANGE_EVENT = "customer.subscription.updated"


def _walk(tour: Tour) -> Walk:
    sight, browser = BillingSight(tour, MEADOWBANK), TourBrowser()
    yield from _look_at_billing(tour)
    yield from _choose_plan(tour, sight, browser)
    yield from _pay(tour, sight, browser)
    yield from _look_at_the_event(tour, sight)
    yield from _cut_the_line(tour, sight)
    yield from _cancel_in_vain(tour, sight)
    yield from _cancel_again(tour, sight)
    yield from _catch_up(tour, sight)
    yield from _resume(tour, sight)


BILLING = Chapter("Billing", _walk)


def _look_at_billing(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Billing"))
    yield Until("the organizations are listed", lambda: any(MEADOWBANK in row for row in hands.cells(tr("Billing"))))
    yield from tour.step(
        "Billing at a glance", "Who pays for what, until when, and what helps where a payment has failed."
    )


def _choose_plan(tour: Tour, sight: BillingSight, browser: TourBrowser) -> Walk:
    hands = tour.hands
    yield from hands.choose(tr("Organization: {name}", name=tr("All organizations")), MEADOWBANK)
    yield from sight.until_state(AccountState.NO_SUBSCRIPTION)
    yield from sight.until_listening()
    sight.view.commands.browser = browser.open
    yield from hands.click(f"{tr('Choose a plan')}…")
    yield from hands.click_row(tr("Plans"), BASIC)
    yield from tour.step("The plans", "The prices are read from Stripe; nothing is charged before the payment page.")
    yield from hands.click(without_mnemonic(tr("&Go to the payment")))
    yield Until("the payment page is opened", lambda: bool(browser.opened))
    yield from hands.until_seen(tr("Waiting for the payment in the browser"))
    yield from tour.step("Waiting for the payment", "The payment page is open in the browser. Nothing was bought yet.")


def _pay(tour: Tour, sight: BillingSight, browser: TourBrowser) -> Walk:
    price = sight.stripe.book.find("prices", sight.picture.open_checkout_price or "")
    yield from tour.hands.meanwhile(browser.pay(browser.opened[-1], BASIC, str(price_words(price))))
    yield from sight.until_state(AccountState.ACTIVE)
    yield Until("nothing is waited for any more", lambda: sight.picture.open_checkout_url is None)
    sight.check(is_ending=False)
    yield from tour.step("Paid, and the window knows", "Stripe's event has arrived: nobody has pressed anything here.")


def _look_at_the_event(tour: Tour, sight: BillingSight) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Events"))
    yield from sight.until_event(CHECKOUT_EVENT, ReceivedVia.WEBHOOK, SignatureVerdict.VALID)
    yield from hands.click_row(tr("Events"), CHECKOUT_EVENT)
    yield from sight.until_payload_says(f'"{sight.stripe.book.newest("checkouts")[0]["id"]}"')
    yield from tour.step(
        "The event behind it", "How it came, that Stripe has signed it, what became of it, and all that was in it."
    )


def _cut_the_line(tour: Tour, sight: BillingSight) -> Walk:
    hands, faults = tour.hands, sight.stripe.faults
    answered, cut = call_fault_words(CallFault.NONE), call_fault_words(CallFault.CUT_AFTER)
    yield from hands.click(tr("Sandbox Stripe"))
    yield from hands.click_row(tr("Customers of the sandbox's Stripe"), MEADOWBANK)
    yield from hands.choose(tr("Calls {how}", how=answered), cut)
    yield Until("changes are cut", lambda: faults.call_fault is CallFault.CUT_AFTER)
    yield from hands.click(without_mnemonic(tr("Only calls that c&hange something")), QCheckBox)
    yield Until("what only reads is spared", lambda: faults.only_changes)
    yield from hands.click(without_mnemonic(webhook_fault_words()["are_webhooks_lost"]), QCheckBox)
    yield Until("webhooks are lost", lambda: faults.are_webhooks_lost)
    yield from tour.step(
        "The sandbox's own Stripe",
        "From now on it makes every change and cuts the line before it has answered, and its events are lost.",
    )


def _cancel_in_vain(tour: Tour, sight: BillingSight) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Billing"))
    yield from hands.choose(tr("Cancel the subscription"), tr("At the end of the period…"))
    yield from hands.until_seen(tr("Cancel the subscription at the end of the period?"))
    yield from tour.step("Ending it with its period", "The question names what ends and when, and the way back.")
    yield from hands.click(_end_words(sight))
    yield from hands.until_seen(translated(StripeUnreachable("").message))
    if not sight.subscription["cancel_at_period_end"]:
        raise ValueError("the call that was cut has changed nothing at Stripe")
    yield from tour.step(
        "The line is cut", "Whether it was done nobody can know here; the call was kept, and can be made again safely."
    )


def _cancel_again(tour: Tour, sight: BillingSight) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Sandbox Stripe"))
    yield from hands.click(without_mnemonic(tr("Everything wor&ks again")))
    yield Until("everything works again", lambda: sight.stripe.faults == StripeFaults())
    yield from hands.click(tr("Billing"))
    yield from sight.until_state(AccountState.ENDING)
    yield from hands.until_seen(tr("{name}: the subscription will end and is not renewed.", name=MEADOWBANK))
    sight.check(is_ending=True)
    sight.check_made_once()
    yield from tour.step(
        "Tried again, changed once",
        "The page has made the same call again with the same key, and Stripe has changed the subscription only once.",
    )


def _catch_up(tour: Tour, sight: BillingSight) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Events"))
    yield from hands.click(tr("Catch up now"))
    yield from sight.until_event(CHANGE_EVENT, ReceivedVia.CATCH_UP, SignatureVerdict.FETCHED)
    yield from hands.click_row(tr("Events"), CHANGE_EVENT)
    yield from sight.until_payload_says(f'"{sight.subscription["id"]}"')
    yield from tour.step("The lost event is caught up", "What no webhook has brought is read from Stripe's own list.")


def _resume(tour: Tour, sight: BillingSight) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Billing"))
    yield from hands.click(tr("Resume"))
    yield from sight.until_state(AccountState.ACTIVE)
    yield Until("nothing tells of its end any more", lambda: not sight.picture.notices)
    sight.check(is_ending=False)
    yield from tour.step("Resumed", "The subscription goes on as before, here and at Stripe.")
    yield from hands.choose(tr("Organization: {name}", name=MEADOWBANK), tr("All organizations"))


def _end_words(sight: BillingSight) -> str:
    subscription = sight.picture.account.subscription
    if subscription is None or subscription.current_period_end is None:
        raise LookupError("the window shows no subscription with a period")
    return without_mnemonic(tr("&End it on {date}", date=date_of(subscription.current_period_end)))
