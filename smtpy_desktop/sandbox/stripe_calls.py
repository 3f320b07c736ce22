"""The calls that the sandbox's Stripe understands: method, path, and what is done."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from smtpy_desktop.sandbox.stripe_book import StripeBook, StripeBookError
from smtpy_desktop.sandbox.stripe_params import is_true
from smtpy_desktop.sandbox.stripe_shapes import Object, list_of

Call = Callable[..., Object]
_DEFAULT_PAGE, _LONGEST_PAGE = 10, 100


def _account(book: StripeBook, given: Object) -> Object:
    return {
        "id": "acct_sandbox",
        "object": "account",
        "business_profile": {"name": "SMTPy Sandbox"},
        "settings": {"dashboard": {"display_name": "SMTPy Sandbox", "timezone": "Etc/UTC"}},
    }


def _list_prices(book: StripeBook, given: Object) -> Object:
    wanted = [item for item in book.objects["prices"].values() if _fits_flag(item, given, "active")]
    return _page(book, given, "/v1/prices", wanted[::-1])


def _create_customer(book: StripeBook, given: Object) -> Object:
    return book.add_customer(given.get("name"), given.get("email"), given.get("metadata"))


def _list_customers(book: StripeBook, given: Object) -> Object:
    email = given.get("email")
    found = [item for item in book.objects["customers"].values() if not item.get("deleted")]
    return _page(book, given, "/v1/customers", [item for item in found[::-1] if email in (None, item["email"])])


def _get_customer(book: StripeBook, given: Object, customer_id: str) -> Object:
    return _expanded(book, book.find("customers", customer_id), given.get("expand"))


def _change_customer(book: StripeBook, given: Object, customer_id: str) -> Object:
    return book.change_customer(customer_id, {key: given[key] for key in ("name", "email", "metadata") if key in given})


def _list_subscriptions(book: StripeBook, given: Object) -> Object:
    status = given.get("status")
    found = book.subscriptions_of(given["customer"]) if "customer" in given else _newest(book, "subscriptions")
    wanted = [item for item in found if status == "all" or item["status"] == status or _not_canceled(item, status)]
    return _page(book, given, "/v1/subscriptions", wanted)


def _get_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return _expanded(book, book.find("subscriptions", subscription_id), given.get("expand"))


def _change_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    if "cancel_at_period_end" not in given:
        raise StripeBookError("The sandbox changes cancel_at_period_end alone.")
    return book.set_cancel_at_period_end(subscription_id, wanted=is_true(given["cancel_at_period_end"]))


def _cancel_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return book.cancel_now(subscription_id)


def _resume_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return book.resume(subscription_id)


def _list_invoices(book: StripeBook, given: Object) -> Object:
    customer = given.get("customer")
    return _page(
        book,
        given,
        "/v1/invoices",
        [item for item in _newest(book, "invoices") if customer in (None, item["customer"])],
    )


def _create_checkout(book: StripeBook, given: Object) -> Object:
    return _visible(book.begin_checkout(given))


def _get_checkout(book: StripeBook, given: Object, session_id: str) -> Object:
    return _visible(book.find("checkouts", session_id))


def _expire_checkout(book: StripeBook, given: Object, session_id: str) -> Object:
    return _visible(book.expire_checkout(session_id))


def _create_portal(book: StripeBook, given: Object) -> Object:
    return book.begin_portal(str(given.get("customer")), given.get("return_url"))


def _list_events(book: StripeBook, given: Object) -> Object:
    limits = given.get("created") or {}
    kind = given.get("type")
    wanted = [
        item
        for item in reversed(book.events)
        if int(limits.get("gte", 0)) <= item["created"] <= int(limits.get("lte", 2**40))
        and kind in (None, item["type"])
    ]
    return _page(book, given, "/v1/events", wanted)


def _get_event(book: StripeBook, given: Object, event_id: str) -> Object:
    for item in book.events:
        if item["id"] == event_id:
            return item
    raise StripeBookError(f"No such event: '{event_id}'", status=404, code="resource_missing")


STRIPE_CALLS: tuple[tuple[str, str, Call], ...] = (
    ("GET", "account", _account),
    ("GET", "prices", _list_prices),
    ("POST", "customers", _create_customer),
    ("GET", "customers", _list_customers),
    ("GET", "customers/*", _get_customer),
    ("POST", "customers/*", _change_customer),
    ("GET", "subscriptions", _list_subscriptions),
    ("GET", "subscriptions/*", _get_subscription),
    ("POST", "subscriptions/*", _change_subscription),
    ("DELETE", "subscriptions/*", _cancel_subscription),
    ("POST", "subscriptions/*/resume", _resume_subscription),
    ("GET", "invoices", _list_invoices),
    ("POST", "checkout/sessions", _create_checkout),
    ("GET", "checkout/sessions/*", _get_checkout),
    ("POST", "checkout/sessions/*/expire", _expire_checkout),
    ("POST", "billing_portal/sessions", _create_portal),
    ("GET", "events", _list_events),
    ("GET", "events/*", _get_event),
)


def _page(book: StripeBook, given: Object, url: str, items: list[Object]) -> Object:
    """Return one page of a list that is newest first (docs.stripe.com/api/pagination)."""
    limit = int(given.get("limit", _DEFAULT_PAGE))
    if not 1 <= limit <= _LONGEST_PAGE:
        raise StripeBookError(f"Invalid limit: {limit}", param="limit")
    ids = [item["id"] for item in items]
    first, last = 0, len(items)
    if "starting_after" in given:
        first = _place(ids, given["starting_after"]) + 1
    if "ending_before" in given:
        last = _place(ids, given["ending_before"])
        first = max(0, last - limit)
    chosen = items[first : min(last, first + limit)]
    more = first > 0 if "ending_before" in given else first + limit < last
    inner = [name.removeprefix("data.") for name in given.get("expand", []) if name.startswith("data.")]
    return list_of([_expanded(book, item, inner) for item in chosen], url, has_more=more)


def _place(ids: list[str], wanted: str) -> int:
    if wanted not in ids:
        raise StripeBookError(f"No such object: '{wanted}'", status=404, code="resource_missing")
    return ids.index(wanted)


def _expanded(book: StripeBook, item: Object, paths: Iterable[str] | None) -> Object:
    """Return a copy in which ids are replaced by their objects where that was asked for."""
    made = copy.deepcopy(item)
    for path in paths or ():
        *way, name = path.split(".")
        place: Any = made
        for part in way:
            place = place.get(part) or {}
        value = place.get(name)
        for objects in book.objects.values():
            if isinstance(value, str) and value in objects:
                place[name] = copy.deepcopy(objects[value])
    return made


def _visible(item: Object) -> Object:
    return {key: value for key, value in item.items() if not key.startswith("_")}


def _newest(book: StripeBook, kind: str) -> list[Object]:
    return list(book.objects[kind].values())[::-1]


def _fits_flag(item: Object, given: Object, name: str) -> bool:
    return name not in given or item[name] == is_true(given[name])


def _not_canceled(item: Object, status: object) -> bool:
    return status is None and item["status"] != "canceled"
