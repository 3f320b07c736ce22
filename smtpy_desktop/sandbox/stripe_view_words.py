"""How the page of the sandbox's Stripe names states, actions and faults."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.sandbox.stripe_playing import DELETED, ENDING, NO_SUBSCRIPTION, StripeRow, card_fails_later
from smtpy_desktop.sandbox.stripe_words import date_words
from smtpy_desktop.views.billing_words import AccountState, state_pill
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_STATES = {
    NO_SUBSCRIPTION: AccountState.NO_SUBSCRIPTION,
    DELETED: AccountState.CUSTOMER_DELETED,
    ENDING: AccountState.ENDING,
}
DELAYS_SECONDS = (0.0, 1.0, 5.0, 30.0)
"""How late answers can be made to come; the library itself waits for 20 seconds."""

DAYS = (1, 7, 31, 365)


def row_pill(row: StripeRow) -> PillCell:
    """Return a customer's state as the billing page shows it."""
    return state_pill(_STATES.get(row.state) or AccountState(row.state))


def row_sentence(row: StripeRow) -> str:
    """Return what there is to know of a customer's subscription."""
    if row.state == DELETED:
        return tr("This customer was deleted. Nothing can be done with it any more.")
    if row.price is None or row.state == NO_SUBSCRIPTION:
        return tr("This customer has not subscribed to anything.")
    parts = [tr("{plan}, {price}.", plan=row.plan, price=translated(row.price))]
    if row.is_living:
        day = date_words(row.period_end)
        parts.append(tr("Ends on {day}.", day=day) if row.state == ENDING else tr("The period ends on {day}.", day=day))
    if row.card:
        is_bad = card_fails_later(row)
        parts.append(
            tr("Visa •••• {digits}, which fails later.", digits=row.card)
            if is_bad
            else tr("Visa •••• {digits}.", digits=row.card)
        )
    parts.append(tr_n("{n} invoice.", "{n} invoices.", row.invoices))
    return " ".join(parts)


def action_words(name: str) -> str:
    """Return what an action is called on its button."""
    return {
        "renew": tr("&Renew now"),
        "fail": tr("Renewal &fails"),
        "pay": tr("Pay the open &invoice"),
        "pause": tr("Pa&use"),
        "resume": tr("Re&sume"),
        "end": tr("&End now"),
        "trial": tr("&Begin a trial"),
        "unpaid": tr("Begin, first payment f&ails"),
        "delete": tr("&Delete customer…"),
    }[name]


def done_words(name: str, row: StripeRow) -> str:
    """Return what is said after an action."""
    return {
        "renew": tr("The next period of {name} has begun and was paid.", name=row.name),
        "fail": tr("The renewal of {name} could not be paid.", name=row.name),
        "pay": tr("The open invoice of {name} was paid.", name=row.name),
        "pause": tr("The subscription of {name} is paused.", name=row.name),
        "resume": tr("The subscription of {name} goes on.", name=row.name),
        "end": tr("The subscription of {name} has ended.", name=row.name),
        "trial": tr("The trial of {name} has begun.", name=row.name),
        "unpaid": tr("{name} has subscribed, and the first payment failed.", name=row.name),
        "delete": tr("{name} was deleted at the sandbox's Stripe.", name=row.name),
    }[name]


def call_fault_words(fault: CallFault) -> str:
    """Return what happens to calls."""
    return {
        CallFault.NONE: tr("are answered"),
        CallFault.RATE_LIMIT: tr("are too many (429)"),
        CallFault.SERVER_ERROR: tr("fail (500)"),
        CallFault.SERVER_ERROR_KEPT: tr("fail in the middle (500, kept)"),
        CallFault.CUT_BEFORE: tr("are cut off before they are made"),
        CallFault.CUT_AFTER: tr("are cut off after they were made"),
    }[fault]


def delay_words(seconds: float) -> str:
    """Return how late answers come."""
    return tr("after {seconds} s", seconds=f"{seconds:g}") if seconds else tr("at once")


def webhook_fault_words() -> dict[str, str]:
    """Return the switches for webhooks by the field of StripeFaults that each one turns."""
    return {
        "are_webhooks_doubled": tr("Each comes t&wice"),
        "are_webhooks_shuffled": tr("They come in another &order"),
        "are_webhooks_lost": tr("They are &lost"),
    }


def customer_columns() -> tuple[Column[StripeRow], ...]:
    """Return the columns of the list of customers."""
    return (
        Column("name", tr("Customer"), lambda row: row.name, tooltip=_who, required=True, stretch=True),
        Column(
            "state",
            tr("State"),
            lambda row: row_pill(row).text,
            width=132,
            tooltip=row_sentence,
            value=lambda row: row.state,
            cell=row_pill,
        ),
        Column("plan", tr("Plan"), lambda row: row.plan or "—", width=96, tooltip=row_sentence),
        Column(
            "period_end",
            tr("Period ends"),
            lambda row: date_words(row.period_end) if row.is_living else "—",
            width=110,
            tone=lambda row: Tone.TEXT if row.is_living else Tone.MUTED,
        ),
    )


def _who(row: StripeRow) -> str:
    return f"{row.email} {row.customer_id}".strip()
