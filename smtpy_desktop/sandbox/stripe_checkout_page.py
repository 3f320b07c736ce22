"""The hosted checkout page of the sandbox's Stripe."""

from __future__ import annotations

from smtpy_desktop.sandbox.hosted_html import Html, Speaker, document, joined, tag
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_words import price_words
from smtpy_desktop.schemas.text import Text, text


def checkout_page(book: StripeBook, session: Object, say: Speaker, told: Text | None = None) -> str:
    """Return the page of a checkout as it is now; ``told`` is why the last attempt to pay failed."""
    if session["status"] == "complete":
        lines = text("This checkout is complete: the subscription has begun.")
        return _closing(say, text("Paid"), lines, success_address(session), text("Continue"))
    if session["status"] != "open" or session["expires_at"] <= book.now:
        lines = text("This checkout has expired. Begin another one in SMTPy Desktop.")
        return _closing(say, text("Expired"), lines, session["cancel_url"], text("Back"))
    price = book.find("prices", session["_price"])
    title = text("Subscribe to {plan}", plan=book.product_name(price))
    days = int(session["_trial_days"] or 0)
    free = text("Free for {days} days, then the price above.", days=days)
    trial = free if days > 1 else text("Free for one day, then the price above.")
    return document(
        say,
        title,
        tag("p", say(price_words(price)), class_="price"),
        tag("p", say(trial), class_="muted") if days else Html(),
        say.told(told, is_bad=True) if told is not None else Html(),
        tag(
            "form",
            card_choices(say, list(SandboxCard)),
            tag(
                "div",
                tag("button", say(text("Pay")), type="submit", class_="primary"),
                _link(say, session["cancel_url"], text("Back")),
                class_="actions",
            ),
            method="post",
            class_="card",
        ),
    )


def card_choices(say: Speaker, cards: list[SandboxCard]) -> Html:
    """Return the test cards to choose one of."""
    words = {
        SandboxCard.SUCCEEDS: text("Every payment succeeds"),
        SandboxCard.DECLINED: text("The card is declined"),
        SandboxCard.FAILS_LATER: text("Pays now, and fails at the next renewal"),
    }
    choices = [
        tag(
            "label",
            tag("input", type="radio", name="card", value=card.name, checked=card is cards[0]),
            tag("span", tag("strong", say(words[card])), tag("span", f"Visa •••• {card.last4}", class_="muted")),
            class_="choice",
        )
        for card in cards
    ]
    return tag("fieldset", tag("legend", say(text("Test card"))), *choices)


def success_address(session: Object) -> str | None:
    """Return where a paid checkout leads to, with its id put in where Stripe puts it."""
    address = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"]) if address else None


def message_page(say: Speaker, title: Text, lines: Text) -> str:
    """Return a page that only says something."""
    return document(say, title, tag("p", say(lines)))


def _closing(say: Speaker, title: Text, lines: Text, address: str | None, link: Text) -> str:
    return document(say, title, tag("p", say(lines)), tag("div", _link(say, address, link), class_="actions"))


def _link(say: Speaker, address: str | None, words: Text) -> Html:
    return tag("a", say(words), href=address, class_="button") if address else joined()
