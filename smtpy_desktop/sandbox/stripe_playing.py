"""What a person can do at the sandbox's Stripe from the window, and what is seen of it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_faults import StripeFaults
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_subscription_book import OVER
from smtpy_desktop.sandbox.stripe_words import price_words
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.text import Text, text

TRIAL_DAYS = 14
NO_SUBSCRIPTION, DELETED, ENDING = "none", "deleted", "ending"


@dataclass(frozen=True, slots=True)
class StripeRow:
    """A customer with the subscription that counts; ``state`` is that one's, or one of the three above.

    ``id`` is the customer's number here, ``customer_id`` Stripe's id.
    """

    id: int
    customer_id: str
    name: str
    email: str
    state: str
    plan: str = ""
    price: Text | None = None
    period_end: int | None = None
    card: str = ""
    subscription_id: str | None = None
    open_invoice_id: str | None = None
    invoices: int = 0

    @property
    def is_living(self) -> bool:
        """Whether there is a subscription that is not over."""
        return self.subscription_id is not None and self.state not in OVER


@dataclass(frozen=True, slots=True)
class StripeSight:
    """Everything that the page shows: customers by name, the faults, and Stripe's time with how far it is ahead."""

    rows: tuple[StripeRow, ...]
    faults: StripeFaults
    now: int
    days_ahead: int
    waiting_webhooks: int


class StripePlay:
    """Acts on the sandbox's Stripe; every method runs on the asyncio thread, and keeps what it changed."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    @property
    def _book(self) -> StripeBook:
        return self._world.stripe.book

    async def sight(self) -> StripeSight:
        """Return what there is to see."""
        book = self._book
        rows = [_row(book, number, item) for number, item in enumerate(book.objects["customers"].values())]
        return StripeSight(
            rows=tuple(sorted(rows, key=lambda row: (row.state == DELETED, row.name.casefold(), row.id))),
            faults=replace(self._world.stripe.faults),
            now=book.now,
            days_ahead=book.ahead // 86_400,
            waiting_webhooks=sum(event["pending_webhooks"] > 0 for event in book.listed_events()),
        )

    async def act(self, name: str, row: StripeRow) -> None:
        """Do one of ``ACTIONS`` with a customer; raise UserFacingError when Stripe does not do it."""
        try:
            ACTIONS[name](self._book, row)
        except StripeBookError as error:
            raise UserFacingError("SANDBOX_STRIPE", text("{reason}", reason=str(error))) from error
        finally:
            await self._world.save_stripe()

    async def pass_time(self, days: int) -> None:
        """Put Stripe's clock ahead, with everything that happens on the way."""
        self._book.pass_time(days)
        await self._world.save_stripe()

    async def change_faults(self, values: Mapping[str, object]) -> None:
        """Let something go wrong from now on, by the fields of StripeFaults."""
        faults = self._world.stripe.faults
        for name, value in values.items():
            setattr(faults, name, value)
        faults.calls = None

    async def heal(self) -> None:
        """Let everything work again."""
        self._world.stripe.faults.clear()


def _renew(book: StripeBook, row: StripeRow) -> None:
    book.renew(_subscription(row), is_paid=True)


def _fail(book: StripeBook, row: StripeRow) -> None:
    book.renew(_subscription(row), is_paid=False)


def _pay(book: StripeBook, row: StripeRow) -> None:
    book.pay(row.open_invoice_id or "")


def _pause(book: StripeBook, row: StripeRow) -> None:
    book.pause(_subscription(row))


def _resume(book: StripeBook, row: StripeRow) -> None:
    if row.state == "paused":
        book.resume(_subscription(row))
    else:
        book.set_cancel_at_period_end(_subscription(row), wanted=False)


def _end(book: StripeBook, row: StripeRow) -> None:
    book.cancel_now(_subscription(row))


def _begin_trial(book: StripeBook, row: StripeRow) -> None:
    book.subscribe(row.customer_id, _first_price(book), metadata=_metadata(book, row), trial_days=TRIAL_DAYS)


def _begin_unpaid(book: StripeBook, row: StripeRow) -> None:
    book.subscribe(row.customer_id, _first_price(book), metadata=_metadata(book, row), is_paid=False)


def _delete(book: StripeBook, row: StripeRow) -> None:
    book.delete_customer(row.customer_id)


ACTIONS: Mapping[str, Callable[[StripeBook, StripeRow], None]] = {
    "renew": _renew,
    "fail": _fail,
    "pay": _pay,
    "pause": _pause,
    "resume": _resume,
    "end": _end,
    "trial": _begin_trial,
    "unpaid": _begin_unpaid,
    "delete": _delete,
}
"""What can be played with a customer."""


def possible_actions(row: StripeRow) -> frozenset[str]:
    """Return which of the actions make sense now."""
    if row.state == DELETED:
        return frozenset()
    possible = {"delete"} | ({"pay"} if row.open_invoice_id is not None else set())
    if not row.is_living:
        return frozenset(possible | {"trial", "unpaid"})
    possible.add("end")
    if row.state in ("paused", ENDING):
        possible.add("resume")
    if row.state not in ("paused", "incomplete"):
        possible |= {"renew", "pause"}
    if row.state in ("active", "trialing", "past_due"):
        possible.add("fail")
    return frozenset(possible)


def _row(book: StripeBook, number: int, customer: Object) -> StripeRow:
    if customer.get("deleted"):
        return StripeRow(number, customer["id"], customer["id"], "", DELETED)
    known = book.subscriptions_of(customer["id"])
    living = [item for item in known if item["status"] not in OVER]
    invoices = book.newest("invoices", customer=customer["id"])
    plain = StripeRow(
        id=number,
        customer_id=customer["id"],
        name=customer["name"] or customer["email"] or customer["id"],
        email=customer["email"] or "",
        state=NO_SUBSCRIPTION,
        open_invoice_id=next((item["id"] for item in invoices if item["status"] == "open"), None),
        invoices=len(invoices),
    )
    if not known:
        return plain
    shown = (living or known)[0]
    item, card = shown["items"]["data"][0], book.card_of(shown)
    is_ending = shown["cancel_at_period_end"] and shown["status"] in ("active", "trialing")
    return replace(
        plain,
        state=ENDING if is_ending else shown["status"],
        plan=book.product_name(item["price"]),
        price=price_words(item["price"]),
        period_end=shown["ended_at"] or item["current_period_end"],
        card=card["card"]["last4"] if card is not None else "",
        subscription_id=shown["id"],
    )


def _subscription(row: StripeRow) -> str:
    return row.subscription_id or ""


def _first_price(book: StripeBook) -> str:
    prices = list(book.objects["prices"])
    if not prices:
        raise StripeBookError("There is no price to subscribe to.")
    return prices[0]


def _metadata(book: StripeBook, row: StripeRow) -> dict[str, str]:
    return dict(book.living_customer(row.customer_id)["metadata"])


def card_fails_later(row: StripeRow) -> bool:
    """Tell whether the customer's next payment fails because of the card."""
    return row.card == SandboxCard.FAILS_LATER.last4
