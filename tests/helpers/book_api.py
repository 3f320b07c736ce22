"""Stripe without a network: the sandbox's book read as the gateway reads Stripe, with trouble on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from smtpy_desktop.core.stripe_errors import StripeNotFound, StripeRefused, StripeUnreachable
from smtpy_desktop.core.stripe_events import read_event
from smtpy_desktop.gateways.stripe_reading import (
    ORGANIZATION_KEY,
    read_account,
    read_checkout,
    read_customer,
    read_invoice,
    read_price,
    read_subscription,
)
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_calls import find_call
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.schemas.billing import (
    CheckoutSession,
    Customer,
    CustomerState,
    Price,
    StripeAccount,
    StripeEvent,
    Subscription,
)
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode


class BookApi:
    """A StripeApi over a StripeBook.

    ``failures`` calls that ask for a customer get no answer. ``gate``: the next such call has its answer, and it
    arrives only when the gate is set; ``is_held`` is set while it waits.
    """

    livemode = False

    def __init__(self, book: StripeBook) -> None:
        self.book = book
        self.failures = 0
        self.gate: asyncio.Event | None = None
        self.is_held = asyncio.Event()

    async def account(self) -> StripeAccount:
        found = read_account(self._call("GET", "account"))
        return StripeAccount(found.id, found.name, self.livemode)

    async def prices(self) -> tuple[Price, ...]:
        options = {"active": "true", "type": "recurring", "limit": "100", "expand": ["data.product"]}
        return tuple(map(read_price, self._call("GET", "prices", options)["data"]))

    async def customer_state(self, customer_id: str) -> CustomerState:
        if self.failures:
            self.failures -= 1
            raise StripeUnreachable("The connection failed.")
        state = self.state(customer_id)
        gate, self.gate = self.gate, None
        if gate is not None:
            self.is_held.set()
            await gate.wait()
        return state

    def state(self, customer_id: str) -> CustomerState:
        """Return the truth, at once."""
        expand = {"expand": ["invoice_settings.default_payment_method"]}
        customer = read_customer(self._call("GET", f"customers/{customer_id}", expand))
        if customer.is_deleted:
            return CustomerState(customer, (), ())
        options = {"customer": customer_id, "status": "all", "limit": "100", "expand": ["data.default_payment_method"]}
        subscriptions = self._call("GET", "subscriptions", options)["data"]
        invoices = self._call("GET", "invoices", {"customer": customer_id, "limit": "24"})["data"]
        return CustomerState(customer, tuple(map(read_subscription, subscriptions)), tuple(map(read_invoice, invoices)))

    async def find_customers(self, organization_ref: str, email: str) -> tuple[Customer, ...]:
        found = map(read_customer, self._call("GET", "customers", {"email": email, "limit": "100"})["data"])
        return tuple(customer for customer in found if customer.organization_ref == organization_ref)

    async def create_customer(self, *, name: str, email: str, organization_ref: str, key: str) -> Customer:
        values = {"name": name, "email": email, "metadata": {ORGANIZATION_KEY: organization_ref}}
        return read_customer(self._call("POST", "customers", values))

    async def create_checkout(
        self, *, customer_id: str, price_id: str, success_url: str, cancel_url: str, organization_ref: str, key: str
    ) -> CheckoutSession:
        values = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": organization_ref,
            "line_items": [{"price": price_id, "quantity": "1"}],
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        return read_checkout(self._call("POST", "checkout/sessions", values))

    async def checkout(self, session_id: str) -> CheckoutSession:
        return read_checkout(self._call("GET", f"checkout/sessions/{session_id}"))

    async def expire_checkout(self, session_id: str) -> CheckoutSession:
        return read_checkout(self._call("POST", f"checkout/sessions/{session_id}/expire"))

    async def create_portal(self, *, customer_id: str, return_url: str) -> str:
        values = {"customer": customer_id, "return_url": return_url}
        return str(self._call("POST", "billing_portal/sessions", values)["url"])

    async def set_cancel_at_period_end(self, subscription_id: str, *, wanted: bool, key: str) -> Subscription:
        values = {"cancel_at_period_end": str(wanted).lower()}
        return read_subscription(self._call("POST", f"subscriptions/{subscription_id}", values))

    async def clear_end_date(self, subscription_id: str, *, key: str) -> Subscription:
        return read_subscription(self._call("POST", f"subscriptions/{subscription_id}", {"cancel_at": ""}))

    async def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:
        return read_subscription(self._call("DELETE", f"subscriptions/{subscription_id}"))

    async def resume_paused(self, subscription_id: str, *, key: str) -> Subscription:
        return read_subscription(self._call("POST", f"subscriptions/{subscription_id}/resume"))

    async def events(self, *, since: datetime) -> AsyncIterator[tuple[StripeEvent, ...]]:
        options: dict[str, Any] = {"created": {"gte": str(int(since.timestamp()))}, "limit": "100"}
        while True:
            page = self._call("GET", "events", options)
            found = tuple(map(read_event, page["data"]))
            if found:
                yield found
            if not page["has_more"] or not found:
                return
            options["starting_after"] = found[-1].id

    async def event(self, event_id: str) -> StripeEvent:
        return read_event(self._call("GET", f"events/{event_id}"))

    def _call(self, method: str, path: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
        found = find_call(method, path)
        assert found is not None, f"the book does not know {method} {path}"
        call, ids = found
        try:
            return call.answer(self.book, given or {}, ids)
        except StripeBookError as error:
            if error.status == 404:
                raise StripeNotFound(path) from error
            raise StripeRefused(str(error)) from error


class BookAccess:
    """A StripeAccess whose way leads to a book."""

    def __init__(self, api: BookApi) -> None:
        self.api = api

    async def connect(self) -> BookApi:
        return self.api

    async def livemode(self) -> bool:
        return self.api.livemode

    async def mode(self) -> StripeMode:
        return StripeMode(KeyMode.TEST, is_sandbox=True)

    async def webhook_secrets(self) -> tuple[str, ...]:
        return ()
