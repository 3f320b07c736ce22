"""The customer portal of the sandbox's Stripe: what a customer sees and can change."""

from __future__ import annotations

from smtpy_desktop.sandbox.hosted_html import Html, Speaker, document, tag
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_checkout_page import card_choices
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_subscription_book import OVER
from smtpy_desktop.sandbox.stripe_words import date_words, money_words, price_words, status_words
from smtpy_desktop.schemas.text import Text, text

DONE = {
    "switch": text("The plan was changed."),
    "cancel": text("The subscription ends with its period."),
    "cancel-now": text("The subscription has ended."),
    "resume": text("The subscription goes on."),
    "card": text("The card was changed."),
}
"""What is said after each action of the page."""


def portal_page(
    book: StripeBook, session: Object, say: Speaker, *, done: str | None = None, refusal: Text | None = None
) -> str:
    """Return the portal as it is now, with what has just been done or why it was not."""
    customer = book.living_customer(session["customer"])
    base = f"/portal/{session['id']}"
    subscriptions = book.subscriptions_of(customer["id"])
    living = [item for item in subscriptions if item["status"] not in OVER]
    shown = living or subscriptions[:1]
    told = say.told(refusal, is_bad=True) if refusal is not None else Html()
    if done in DONE:
        told = say.told(DONE[done])
    back = session["return_url"]
    return document(
        say,
        text("Your subscription"),
        tag("p", customer["name"] or customer["email"] or customer["id"], class_="muted"),
        told,
        *(_subscription(book, item, base, say) for item in shown),
        Html() if shown else tag("section", tag("p", say(text("There is no subscription."))), class_="card"),
        _card(book, customer, base, say),
        _invoices(book, customer["id"], say),
        tag("p", tag("a", say(text("Back to SMTPy Desktop")), href=back, class_="button"), class_="foot")
        if back
        else Html(),
    )


def _subscription(book: StripeBook, item: Object, base: str, say: Speaker) -> Html:
    line = item["items"]["data"][0]
    name = book.product_name(line["price"])
    facts = [
        (text("State"), say(status_words(item["status"]))),
        (text("Price"), say(price_words(line["price"]))),
        (_end_words(item), date_words(item["ended_at"] or line["current_period_end"])),
    ]
    pairs = [part for words, value in facts for part in (tag("dt", say(words)), tag("dd", value))]
    actions = () if item["status"] in OVER else (_switch(book, item, base, say), _ending(item, base, say))
    return tag("section", tag("h2", name), tag("dl", *pairs), *actions)


def _end_words(item: Object) -> Text:
    if item["status"] in OVER:
        return text("Ended")
    return text("Ends") if item["cancel_at_period_end"] else text("Renews")


def _switch(book: StripeBook, item: Object, base: str, say: Speaker) -> Html:
    """Return the form to choose another plan of the same currency."""
    present = item["items"]["data"][0]["price"]["id"]
    options = [
        tag(
            "option",
            f"{book.product_name(price)} · {say(price_words(price))}",
            value=price["id"],
            selected=price["id"] == present,
        )
        for price in reversed(book.newest("prices", active=True, currency=item["currency"]))
    ]
    field = f"plan-{item['id']}"
    return tag(
        "form",
        tag("label", say(text("Plan")), " ", for_=field),
        tag("select", *options, name="price", id=field),
        _hidden(item),
        " ",
        tag("button", say(text("Switch plan")), type="submit"),
        method="post",
        action=f"{base}/switch",
        class_="actions",
    )


def _ending(item: Object, base: str, say: Speaker) -> Html:
    is_resumable = item["cancel_at_period_end"] or item["status"] == "paused"
    action, words = ("resume", text("Resume")) if is_resumable else ("cancel", text("Cancel at the end of the period"))
    return tag(
        "details",
        tag("summary", say(text("Cancel or resume"))),
        tag("form", _hidden(item), tag("button", say(words), type="submit"), method="post", action=f"{base}/{action}"),
        tag(
            "form",
            _hidden(item),
            tag("p", say(text("Or end it at once. What was paid is not paid back.")), class_="muted small"),
            tag("button", say(text("Cancel now")), type="submit", class_="danger"),
            method="post",
            action=f"{base}/cancel-now",
        ),
        open=is_resumable,
    )


def _card(book: StripeBook, customer: Object, base: str, say: Speaker) -> Html:
    card = book.objects["payment_methods"].get(customer["invoice_settings"]["default_payment_method"])
    present = f"Visa •••• {card['card']['last4']}" if card is not None else say(text("No card"))
    return tag(
        "section",
        tag("h2", say(text("Card"))),
        tag("p", present),
        tag(
            "form",
            card_choices(say, [SandboxCard.SUCCEEDS, SandboxCard.FAILS_LATER]),
            tag("button", say(text("Use this card")), type="submit"),
            method="post",
            action=f"{base}/card",
        ),
    )


def _invoices(book: StripeBook, customer_id: str, say: Speaker) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", tag("a", item["number"], href=f"/invoice/{item['id']}")),
            tag("td", date_words(item["created"])),
            tag("td", say(status_words(item["status"]))),
            tag("td", money_words(item["total"], item["currency"]), class_="amount"),
        )
        for item in book.newest("invoices", customer=customer_id)[:24]
    ]
    heads = [
        tag("th", say(text("Number")), scope="col"),
        tag("th", say(text("Date")), scope="col"),
        tag("th", say(text("State")), scope="col"),
        tag("th", say(text("Amount")), scope="col", class_="amount"),
    ]
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows))
    empty = tag("p", say(text("There are no invoices yet.")), class_="muted")
    return tag("section", tag("h2", say(text("Invoices"))), tag("div", table, class_="scroll") if rows else empty)


def _hidden(item: Object) -> Html:
    return tag("input", type="hidden", name="subscription", value=item["id"])
