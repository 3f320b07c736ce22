"""Stripe itself, through its own library over aiohttp, with the API version pinned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from smtpy_desktop.core.stripe_errors import (
    StripeBusy,
    StripeFaultKept,
    StripeKeyRefused,
    StripeNotFound,
    StripeRefused,
    StripeUnreachable,
)
from smtpy_desktop.core.stripe_events import read_event
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_reading import (
    ORGANIZATION_KEY,
    read_account,
    read_checkout,
    read_customer,
    read_invoice,
    read_price,
    read_subscription,
)
from smtpy_desktop.gateways.stripe_rights import RIGHT_QUESTIONS, account_in_refusal
from smtpy_desktop.schemas.billing import (
    CheckoutSession,
    Customer,
    CustomerState,
    Invoice,
    Price,
    StripeAccount,
    StripeEvent,
    Subscription,
)
from smtpy_desktop.schemas.stripe_settings import StripeRight
from smtpy_desktop.schemas.text import Text, text

if TYPE_CHECKING:
    import stripe

_log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
"""The version whose shapes stripe_reading.py knows; the library's own, held together by a test."""

_PAGE = 100
_INVOICES = 24


class StripeGateway:
    """Stripe with one key; made and used on one event loop."""

    def __init__(self, client: stripe.StripeClient, *, livemode: bool) -> None:
        self._client, self._v1 = client, client.v1
        self._livemode = livemode

    @property
    def livemode(self) -> bool:
        """Whether real money is moved."""
        return self._livemode

    async def account(self) -> StripeAccount:
        """Return whose key it is."""
        try:
            with _translated("account"):
                found = read_account((await self._v1.accounts.retrieve_current_async()).to_dict())
        except StripeKeyRefused as error:
            account_id = account_in_refusal(error)
            if account_id is None:
                raise
            return StripeAccount(account_id, "", self._livemode)
        return StripeAccount(found.id, found.name, self._livemode)

    async def missing_rights(self) -> tuple[StripeRight, ...]:
        """Return the rights that the program needs and the key lacks; nothing is changed at Stripe by asking."""
        missing = []
        for right, ask in RIGHT_QUESTIONS:
            try:
                with _translated(right.resource):
                    await ask(self._v1)
            except StripeKeyRefused as error:
                if error.code != "STRIPE_KEY_NOT_ALLOWED":
                    raise
                missing.append(right)
            except StripeRefused:
                pass  # the right is there, what was asked for is not
        return tuple(missing)

    async def prices(self) -> tuple[Price, ...]:
        """Return all active recurring prices of active products, each with its product's name."""
        options: Any = {"active": True, "type": "recurring", "limit": _PAGE, "expand": ["data.product"]}
        with _translated("price"):
            page = await self._v1.prices.list_async(options)
            found = [read_price(item.to_dict()) async for item in page.auto_paging_iter()]
        return tuple(price for price in found if price.is_active)

    async def customer_state(self, customer_id: str) -> CustomerState:
        """Return a customer with all subscriptions and the latest invoices; of a deleted one only its id."""
        expand: Any = {"expand": ["invoice_settings.default_payment_method"]}
        with _translated("customer"):
            content = (await self._v1.customers.retrieve_async(customer_id, expand)).to_dict()
        customer = read_customer(content)
        if customer.is_deleted:
            return CustomerState(customer, (), ())
        subscriptions, invoices = await asyncio.gather(self._subscriptions(customer_id), self._invoices(customer_id))
        return CustomerState(customer, subscriptions, invoices)

    async def find_customers(self, organization_ref: str, email: str) -> tuple[Customer, ...]:
        """Return the customers with this e-mail address that were made for this organization."""
        with _translated("customer"):
            page = await self._v1.customers.list_async({"email": email, "limit": _PAGE})
            found = [read_customer(item.to_dict()) async for item in page.auto_paging_iter()]
        return tuple(customer for customer in found if customer.organization_ref == organization_ref)

    async def create_customer(self, *, name: str, email: str, organization_ref: str, key: str) -> Customer:
        """Create a customer."""
        values: Any = {"name": name, "email": email, "metadata": {ORGANIZATION_KEY: organization_ref}}
        with _translated("customer"):
            return read_customer((await self._v1.customers.create_async(values, {"idempotency_key": key})).to_dict())

    async def create_checkout(
        self, *, customer_id: str, price_id: str, success_url: str, cancel_url: str, organization_ref: str, key: str
    ) -> CheckoutSession:
        """Begin a hosted checkout of a subscription."""
        metadata = {ORGANIZATION_KEY: organization_ref, "smtpy_price": price_id}
        values: Any = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": organization_ref,
            "line_items": [{"price": price_id, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "metadata": metadata,
            "subscription_data": {"metadata": metadata},
        }
        with _translated("price"):
            made = await self._v1.checkout.sessions.create_async(values, {"idempotency_key": key})
        return read_checkout(made.to_dict())

    async def checkout(self, session_id: str) -> CheckoutSession:
        """Return a checkout as it is now."""
        with _translated("checkout"):
            return read_checkout((await self._v1.checkout.sessions.retrieve_async(session_id)).to_dict())

    async def expire_checkout(self, session_id: str) -> CheckoutSession:
        """End an open checkout, so that nobody can pay there any more."""
        with _translated("checkout"):
            return read_checkout((await self._v1.checkout.sessions.expire_async(session_id)).to_dict())

    async def create_portal(self, *, customer_id: str, return_url: str) -> str:
        """Return the address of a customer portal session."""
        values: Any = {"customer": customer_id, "return_url": return_url}
        with _translated("customer"):
            return (await self._v1.billing_portal.sessions.create_async(values)).url

    async def set_cancel_at_period_end(self, subscription_id: str, *, wanted: bool, key: str) -> Subscription:
        """Let a subscription end with its period, or go on."""
        with _translated("subscription"):
            changed = await self._v1.subscriptions.update_async(
                subscription_id, {"cancel_at_period_end": wanted}, {"idempotency_key": key}
            )
        return read_subscription(changed.to_dict())

    async def clear_end_date(self, subscription_id: str, *, key: str) -> Subscription:
        """Let a subscription go on that was to end at a date of its own."""
        with _translated("subscription"):
            changed = await self._v1.subscriptions.update_async(
                subscription_id, {"cancel_at": ""}, {"idempotency_key": key}
            )
        return read_subscription(changed.to_dict())

    async def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:
        """End a subscription at once."""
        with _translated("subscription"):
            changed = await self._v1.subscriptions.cancel_async(subscription_id, {}, {"idempotency_key": key})
        return read_subscription(changed.to_dict())

    async def resume_paused(self, subscription_id: str, *, key: str) -> Subscription:
        """Let a paused subscription go on."""
        with _translated("subscription"):
            changed = await self._v1.subscriptions.resume_async(subscription_id, {}, {"idempotency_key": key})
        return read_subscription(changed.to_dict())

    async def events(self, *, since: datetime) -> AsyncIterator[tuple[StripeEvent, ...]]:
        """Yield pages of the events since then, newest first."""
        options: Any = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        while True:
            with _translated("event"):
                page = (await self._v1.events.list_async(options)).to_dict(for_json=True)
            found = tuple(event for item in page["data"] if (event := _readable_event(item)) is not None)
            if found:
                yield found
            if not page.get("has_more") or not page["data"]:
                return
            options["starting_after"] = page["data"][-1]["id"]

    async def event(self, event_id: str) -> StripeEvent:
        """Return one event."""
        with _translated("event"):
            return read_event((await self._v1.events.retrieve_async(event_id)).to_dict(for_json=True))

    async def _subscriptions(self, customer_id: str) -> tuple[Subscription, ...]:
        options: Any = {
            "customer": customer_id,
            "status": "all",
            "limit": _PAGE,
            "expand": ["data.default_payment_method"],
        }
        with _translated("subscription"):
            page = await self._v1.subscriptions.list_async(options)
            return tuple([read_subscription(item.to_dict()) async for item in page.auto_paging_iter()])

    async def _invoices(self, customer_id: str) -> tuple[Invoice, ...]:
        # As plain JSON: the library's objects of two dozen invoices take ten times as long to make as to read.
        options = {"customer": customer_id, "limit": _INVOICES}
        with _translated("invoice"):
            page: Any = await self._client.raw_request_async("get", "/v1/invoices", **options)
        return tuple(read_invoice(item) for item in page.data["data"])


def _readable_event(content: dict[str, Any]) -> StripeEvent | None:
    """Return a listed event; None for one of an unknown form, which must not end the following of all others."""
    try:
        return read_event(content)
    except UserFacingError as error:
        _log.info("an event in Stripe's list is passed over: %s", error)
        return None


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the library's exceptions into ours; ``what`` is asked for, in Stripe's own word."""
    import stripe

    try:
        with _broken_lines_translated():
            yield
    except stripe.RateLimitError as error:
        raise StripeBusy(is_rate_limit=True, reason=error.user_message) from error
    except stripe.AuthenticationError as error:
        raise StripeKeyRefused(error.user_message) from error
    except stripe.PermissionError as error:
        raise StripeKeyRefused(error.user_message, is_permission=True) from error
    except stripe.APIConnectionError as error:
        raise StripeUnreachable(_reason(error.__cause__)) from error
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing" and error.http_status == 404:
            raise StripeNotFound(what) from error
        raise StripeRefused(error.user_message or "", code=_code(error)) from error
    except (stripe.CardError, stripe.IdempotencyError) as error:
        raise StripeRefused(error.user_message or "", code=_code(error)) from error
    except stripe.StripeError as error:
        if _is_repetition(error):
            raise StripeFaultKept from error
        raise StripeBusy(is_rate_limit=False, reason=error.user_message) from error


@contextmanager
def _broken_lines_translated() -> Iterator[None]:
    """Turn what aiohttp raises into ours: the library does so for a line that breaks before the answer's body alone."""
    import aiohttp

    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise StripeUnreachable(_reason(error)) from error


def _is_repetition(error: stripe.StripeError) -> bool:
    """Tell whether Stripe repeated its answer to an earlier call with the same idempotency key."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"


def _code(error: stripe.StripeError) -> str:
    """Return a stable code of ours that keeps Stripe's own."""
    return f"STRIPE_{error.code.upper()}" if error.code else "STRIPE_REFUSED"


def _reason(cause: BaseException | None) -> Text:
    """Return why there was no answer: the library's own words ask to write to Stripe, whatever has happened."""
    import aiohttp

    if isinstance(cause, TimeoutError):
        return text("No answer came in time.")
    if isinstance(cause, aiohttp.ClientConnectorError):
        return text("No connection could be made.")
    return text("The connection ended before the answer came.")
