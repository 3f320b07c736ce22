"""How the state of a subscription is named, marked and explained, and what is to be done next in it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.core.billing_state import days_until_renewal
from smtpy_desktop.schemas.billing import Invoice, PaymentMethod, Subscription, SubscriptionStatus
from smtpy_desktop.schemas.billing_account import BillingAccount
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode
from smtpy_desktop.views.billing_money import price_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr, tr_n


class AccountState(enum.StrEnum):
    """Everything that an organization's billing can be in: Stripe's states, and those around them."""

    NO_SUBSCRIPTION = "no_subscription"
    CUSTOMER_DELETED = "customer_deleted"
    ENDING = "ending"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    PAUSED = "paused"


class NextStep(enum.StrEnum):
    """What helps in a state; each has a button."""

    NONE = "none"
    SUBSCRIBE = "subscribe"
    PORTAL = "portal"
    PAY = "pay"
    RESUME = "resume"


_MARKS = {
    AccountState.NO_SUBSCRIPTION: (Tone.MUTED, "minus"),
    AccountState.CUSTOMER_DELETED: (Tone.BAD, "trash"),
    AccountState.ENDING: (Tone.WARN, "clock"),
    AccountState.TRIALING: (Tone.ACCENT, "star"),
    AccountState.ACTIVE: (Tone.OK, "circle-check"),
    AccountState.PAST_DUE: (Tone.WARN, "alert-triangle"),
    AccountState.UNPAID: (Tone.BAD, "circle-x"),
    AccountState.CANCELED: (Tone.MUTED, "power"),
    AccountState.INCOMPLETE: (Tone.WARN, "loader-2"),
    AccountState.INCOMPLETE_EXPIRED: (Tone.MUTED, "x"),
    AccountState.PAUSED: (Tone.WARN, "player-pause"),
}


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state as it is shown: its pill, a sentence that says what it means and what to do, and the step for it."""

    pill: PillCell
    sentence: str
    step: NextStep


def account_state(account: BillingAccount) -> AccountState:
    """Return the state that an account is in."""
    subscription = account.subscription
    if account.is_customer_deleted:
        return AccountState.CUSTOMER_DELETED
    if subscription is None:
        return AccountState.NO_SUBSCRIPTION
    is_going = subscription.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING)
    if is_going and ends_at(subscription) is not None:
        return AccountState.ENDING
    return AccountState(subscription.status.value)


def ends_at(subscription: Subscription) -> datetime | None:
    """Return when a subscription ends that is not renewed; None when it goes on, or is over."""
    if subscription.status.is_over:
        return None
    return subscription.cancel_at or (subscription.current_period_end if subscription.cancel_at_period_end else None)


def state_word(state: AccountState) -> str:
    """Return a state in a word or two."""
    return {
        AccountState.NO_SUBSCRIPTION: tr("No subscription"),
        AccountState.CUSTOMER_DELETED: tr("Customer deleted"),
        AccountState.ENDING: tr("Ending"),
        AccountState.TRIALING: tr("Trial"),
        AccountState.ACTIVE: tr("Active"),
        AccountState.PAST_DUE: tr("Past due"),
        AccountState.UNPAID: tr("Unpaid"),
        AccountState.CANCELED: tr("Ended"),
        AccountState.INCOMPLETE: tr("Incomplete"),
        AccountState.INCOMPLETE_EXPIRED: tr("Not completed"),
        AccountState.PAUSED: tr("Paused"),
    }[state]


def state_pill(state: AccountState) -> PillCell:
    """Return a state as a pill: word, tone and an icon of its own."""
    tone, icon = _MARKS[state]
    return PillCell(state_word(state), tone, icon)


def step_of(account: BillingAccount, *, can_pay: bool = True) -> NextStep:
    """Return what helps an account; ``can_pay``: there is an open invoice with a page where it can be paid."""
    match account_state(account):
        case (
            AccountState.NO_SUBSCRIPTION
            | AccountState.CUSTOMER_DELETED
            | AccountState.CANCELED
            | AccountState.INCOMPLETE_EXPIRED
        ):
            return NextStep.SUBSCRIBE
        case AccountState.UNPAID | AccountState.INCOMPLETE:
            return NextStep.PAY if can_pay else NextStep.PORTAL
        case AccountState.PAST_DUE:
            return NextStep.PORTAL
        case AccountState.ENDING:
            return NextStep.RESUME
        case AccountState.PAUSED:
            return NextStep.PORTAL if payment_method(account) is None else NextStep.RESUME
        case AccountState.TRIALING:
            return NextStep.PORTAL if payment_method(account) is None else NextStep.NONE
        case AccountState.ACTIVE:
            return NextStep.NONE


def step_word(step: NextStep) -> str:
    """Return what a step is called in a list; its button says the same."""
    return {
        NextStep.NONE: tr("Nothing to do"),
        NextStep.SUBSCRIBE: tr("Choose a plan"),
        NextStep.PORTAL: tr("Update the payment method"),
        NextStep.PAY: tr("Pay the open invoice"),
        NextStep.RESUME: tr("Resume"),
    }[step]


def state_words(account: BillingAccount, invoices: Sequence[Invoice], now: datetime) -> StateWords:
    """Return everything that is said of an account's state."""
    to_pay = invoice_to_pay(invoices)
    step = step_of(account, can_pay=to_pay is not None and to_pay.hosted_url is not None)
    return StateWords(state_pill(account_state(account)), _sentence(account, invoices, now), step)


def invoice_to_pay(invoices: Sequence[Invoice]) -> Invoice | None:
    """Return the newest invoice that waits for its payment."""
    open_ones = [invoice for invoice in invoices if invoice.status in ("open", "uncollectible")]
    return max(open_ones, key=lambda invoice: invoice.created_at, default=None)


def payment_method(account: BillingAccount) -> PaymentMethod | None:
    """Return what is charged: the subscription's own, or the customer's."""
    own = account.subscription.payment_method if account.subscription is not None else None
    return own or account.payment_method


def in_days(days: int) -> str:
    """Return how far a day is: "today", "in 12 days"."""
    return tr("today") if days == 0 else tr_n("in {n} day", "in {n} days", days)


def mode_pill(mode: StripeMode) -> PillCell:
    """Return the badge that stands wherever money is shown: whether it is real."""
    if mode.is_sandbox:
        return PillCell(tr("SANDBOX"), Tone.ACCENT, "flask")
    match mode.key:
        case KeyMode.LIVE:
            return PillCell(tr("LIVE"), Tone.BAD, "credit-card")
        case KeyMode.TEST:
            return PillCell(tr("TEST"), Tone.ACCENT, "flask")
        case KeyMode.NONE:
            return PillCell(tr("NO KEY"), Tone.MUTED, "key")


def mode_sentence(mode: StripeMode) -> str:
    """Return what the badge means."""
    if mode.is_sandbox:
        return tr("This is the sandbox: a Stripe on this machine, and no real money.")
    match mode.key:
        case KeyMode.LIVE:
            return tr("This is live data: real money is moved.")
        case KeyMode.TEST:
            return tr("This is test data: no real money is moved.")
        case KeyMode.NONE:
            return tr("No Stripe key is set up; what is shown was read before.")


def _sentence(account: BillingAccount, invoices: Sequence[Invoice], now: datetime) -> str:
    subscription, state = account.subscription, account_state(account)
    if state is AccountState.CUSTOMER_DELETED:
        return tr(
            "The customer was deleted at Stripe, and its subscription ended with it. Choose a plan, which makes a new "
            "customer, or link another one."
        )
    if subscription is None:
        return tr("There is no subscription yet. Choose a plan; it is paid in the browser, on a page of Stripe's.")
    if subscription.status.is_over or state in (AccountState.INCOMPLETE, AccountState.UNPAID):
        return _stopped_sentence(state, subscription)
    return _going_sentence(state, account, subscription, invoices, now)


def _going_sentence(
    state: AccountState,
    account: BillingAccount,
    subscription: Subscription,
    invoices: Sequence[Invoice],
    now: datetime,
) -> str:
    if state is AccountState.TRIALING:
        return _trial_sentence(account, subscription)
    if state is AccountState.ENDING:
        date = date_of(ends_at(subscription) or now)
        return tr("It ends on {date} and is not renewed. Until then everything goes on; Resume keeps it.", date=date)
    if state is AccountState.PAST_DUE:
        return _past_due_sentence(invoices)
    if state is AccountState.PAUSED:
        if payment_method(account) is None:
            return tr(
                "It is paused, and nothing is charged: the trial ended without a payment method. Add one in the "
                "customer portal, then resume."
            )
        return tr("It is paused, and nothing is charged. Resume it when it is to go on.")
    days = days_until_renewal(subscription, now)
    if subscription.current_period_end is None or days is None:
        return tr("It is paid. There is nothing to do.")
    return tr(
        "It is paid, and renews on {date} ({when}). There is nothing to do.",
        date=date_of(subscription.current_period_end),
        when=in_days(days),
    )


def _trial_sentence(account: BillingAccount, subscription: Subscription) -> str:
    end = subscription.trial_end or subscription.current_period_end
    date = date_of(end) if end is not None else tr("an unknown day")
    if payment_method(account) is None:
        return tr(
            "The trial ends on {date}, and nothing is known that could be charged then. Add a payment method in the "
            "customer portal.",
            date=date,
        )
    price = subscription.price
    if price is None:
        return tr("The trial ends on {date}. There is nothing to do.", date=date)
    words = price_words(price, subscription.quantity)
    return tr(
        "The trial ends on {date}; from then on it costs {price}. There is nothing to do.", date=date, price=words
    )


def _past_due_sentence(invoices: Sequence[Invoice]) -> str:
    due = invoice_to_pay(invoices)
    if due is not None and due.next_attempt_at is not None:
        return tr(
            "The last payment failed. Stripe tries again on {date}; a new payment method in the customer portal helps.",
            date=date_of(due.next_attempt_at),
        )
    return tr("The last payment failed. Have the payment method updated in the customer portal.")


def _stopped_sentence(state: AccountState, subscription: Subscription) -> str:
    if state is AccountState.INCOMPLETE:
        return tr("The first payment is not complete. It has to be paid within 23 hours, or the subscription lapses.")
    if state is AccountState.INCOMPLETE_EXPIRED:
        return tr("The first payment was not made in time, and nothing was charged. Choose a plan to begin again.")
    if state is AccountState.UNPAID:
        return tr("Stripe has given up charging it. Have the open invoice paid; then it goes on.")
    ended = subscription.ended_at or subscription.canceled_at
    if ended is None:
        return tr("It has ended. Choose a plan to begin a new one.")
    return tr("It ended on {date}. Choose a plan to begin a new one.", date=date_of(ended))
