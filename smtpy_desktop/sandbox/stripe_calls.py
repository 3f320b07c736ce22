"""The calls that the sandbox's Stripe understands: method, path, parameters, and what is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_lists import PAGE_PARAMETERS, expanded, page_of
from smtpy_desktop.sandbox.stripe_params import integer, is_true, refuse_unknown, required, web_address
from smtpy_desktop.sandbox.stripe_shapes import Object, account, visible

_BOUNDS = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True, slots=True)
class StripeCall:
    """One call: ``path`` with ``*`` for ids, and the parameters that it takes besides ``expand``."""

    method: str
    path: str
    make: Callable[..., Object]
    parameters: tuple[str, ...] = ()

    def answer(self, book: StripeBook, given: Object, ids: list[str]) -> Object:
        """Make the call; raise StripeBookError."""
        refuse_unknown(given, ("expand", *self.parameters))
        return self.make(book, given, *ids)


def _account(book: StripeBook, given: Object) -> Object:
    return account()


def _list_prices(book: StripeBook, given: Object) -> Object:
    wanted: dict[str, Any] = {"active": is_true(given["active"])} if "active" in given else {}
    return page_of(book, given, "/v1/prices", book.newest("prices", **wanted, **_chosen(given, "type", "product")))


def _get_price(book: StripeBook, given: Object, price_id: str) -> Object:
    return expanded(book, book.find("prices", price_id), given)


def _create_customer(book: StripeBook, given: Object) -> Object:
    return expanded(book, book.add_customer(given.get("name"), given.get("email"), given.get("metadata")), given)


def _list_customers(book: StripeBook, given: Object) -> Object:
    found = [item for item in book.newest("customers", **_chosen(given, "email")) if not item.get("deleted")]
    return page_of(book, given, "/v1/customers", found)


def _get_customer(book: StripeBook, given: Object, customer_id: str) -> Object:
    found = book.find("customers", customer_id)
    return visible(found) if found.get("deleted") else expanded(book, found, given)


def _change_customer(book: StripeBook, given: Object, customer_id: str) -> Object:
    values: dict[str, Any] = _chosen(given, "name", "email")
    if "metadata" in given:
        merged = book.living_customer(customer_id)["metadata"] | (given["metadata"] or {})
        values["metadata"] = {name: value for name, value in merged.items() if value != ""}
    return expanded(book, book.change_customer(customer_id, values), given)


def _list_subscriptions(book: StripeBook, given: Object) -> Object:
    status = given.get("status")
    found = book.newest("subscriptions", **_chosen(given, "customer"))
    if status is None:
        found = [item for item in found if item["status"] != "canceled"]
    elif status != "all":
        ended = ("canceled", "incomplete_expired") if status == "ended" else (status,)
        found = [item for item in found if item["status"] in ended]
    return page_of(book, given, "/v1/subscriptions", found)


def _get_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return expanded(book, book.find("subscriptions", subscription_id), given)


def _change_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    found = book.find("subscriptions", subscription_id)
    if "cancel_at_period_end" in given:
        found = book.set_cancel_at_period_end(subscription_id, wanted=is_true(given["cancel_at_period_end"]))
    elif "cancel_at" in given:
        found = book.set_end_date(subscription_id, int(given["cancel_at"]) if given["cancel_at"] else None)
    return expanded(book, found, given)


def _cancel_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return expanded(book, book.cancel_now(subscription_id), given)


def _resume_subscription(book: StripeBook, given: Object, subscription_id: str) -> Object:
    return expanded(book, book.resume(subscription_id), given)


def _list_invoices(book: StripeBook, given: Object) -> Object:
    return page_of(book, given, "/v1/invoices", book.newest("invoices", **_chosen(given, "customer", "status")))


def _get_invoice(book: StripeBook, given: Object, invoice_id: str) -> Object:
    return expanded(book, book.find("invoices", invoice_id), given)


def _create_checkout(book: StripeBook, given: Object) -> Object:
    required(given, "mode")
    for name in ("success_url", "cancel_url"):
        web_address(given, name)
    trial_days = (given.get("subscription_data") or {}).get("trial_period_days")
    if trial_days is not None:
        integer(trial_days, "subscription_data[trial_period_days]")
    return expanded(book, book.begin_checkout(given), given)


def _get_checkout(book: StripeBook, given: Object, session_id: str) -> Object:
    return expanded(book, book.find("checkouts", session_id), given)


def _expire_checkout(book: StripeBook, given: Object, session_id: str) -> Object:
    return expanded(book, book.expire_checkout(session_id), given)


def _create_portal(book: StripeBook, given: Object) -> Object:
    web_address(given, "return_url")
    return visible(book.begin_portal(required(given, "customer"), given.get("return_url")))


def _list_events(book: StripeBook, given: Object) -> Object:
    created = given.get("created") or {}
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    limits = {name: integer(value, f"created[{name}]") for name, value in bounds.items()}
    found = [item for item in book.listed_events() if _is_within(item["created"], limits)]
    if "type" in given:
        found = [item for item in found if item["type"] == given["type"]]
    return page_of(book, given, "/v1/events", found)


def _get_event(book: StripeBook, given: Object, event_id: str) -> Object:
    for item in book.listed_events():
        if item["id"] == event_id:
            return item
    raise StripeBookError(f"No such event: '{event_id}'", status=404, code="resource_missing", param="id")


def _chosen(given: Object, *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _is_within(moment: int, limits: dict[str, int]) -> bool:
    return (
        moment > limits.get("gt", -1)
        and moment >= limits.get("gte", 0)
        and moment < limits.get("lt", 2**40)
        and moment <= limits.get("lte", 2**40)
    )


_CHECKOUT = (
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "line_items.price",
    "line_items.quantity",
    "metadata.*",
    "mode",
    "subscription_data.metadata.*",
    "subscription_data.trial_period_days",
    "success_url",
)
_CREATED = ("created", *(f"created.{name}" for name in _BOUNDS))

STRIPE_CALLS = (
    StripeCall("GET", "account", _account),
    StripeCall("GET", "prices", _list_prices, (*PAGE_PARAMETERS, "active", "type", "product")),
    StripeCall("GET", "prices/*", _get_price),
    StripeCall("POST", "customers", _create_customer, ("name", "email", "metadata.*")),
    StripeCall("GET", "customers", _list_customers, (*PAGE_PARAMETERS, "email")),
    StripeCall("GET", "customers/*", _get_customer),
    StripeCall("POST", "customers/*", _change_customer, ("name", "email", "metadata.*")),
    StripeCall("GET", "subscriptions", _list_subscriptions, (*PAGE_PARAMETERS, "customer", "status")),
    StripeCall("GET", "subscriptions/*", _get_subscription),
    StripeCall("POST", "subscriptions/*", _change_subscription, ("cancel_at_period_end", "cancel_at")),
    StripeCall("DELETE", "subscriptions/*", _cancel_subscription),
    StripeCall("POST", "subscriptions/*/resume", _resume_subscription, ("billing_cycle_anchor",)),
    StripeCall("GET", "invoices", _list_invoices, (*PAGE_PARAMETERS, "customer", "status")),
    StripeCall("GET", "invoices/*", _get_invoice),
    StripeCall("POST", "checkout/sessions", _create_checkout, _CHECKOUT),
    StripeCall("GET", "checkout/sessions/*", _get_checkout),
    StripeCall("POST", "checkout/sessions/*/expire", _expire_checkout),
    StripeCall("POST", "billing_portal/sessions", _create_portal, ("customer", "return_url")),
    StripeCall("GET", "events", _list_events, (*PAGE_PARAMETERS, *_CREATED, "type")),
    StripeCall("GET", "events/*", _get_event),
)


def find_call(method: str, path: str) -> tuple[StripeCall, list[str]] | None:
    """Return the call at a path below ``/v1/`` with the ids in it; None where there is none."""
    parts = path.strip("/").split("/")
    for call in STRIPE_CALLS:
        names = call.path.split("/")
        if call.method == method and len(names) == len(parts):
            pairs = list(zip(names, parts, strict=True))
            if all(name in ("*", part) for name, part in pairs):
                return call, [part for name, part in pairs if name == "*"]
    return None
