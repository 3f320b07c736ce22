"""The hosted sessions of the sandbox's Stripe: checkouts, and the customer portal."""

from __future__ import annotations

from smtpy_desktop.sandbox import stripe_session_shapes
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_subscription_book import SubscriptionBook


class CheckoutBook(SubscriptionBook):
    """Knows checkout and portal sessions."""

    def begin_checkout(self, given: Object) -> Object:
        """Open a checkout session; raise StripeBookError for a price or customer that does not exist."""
        if given.get("mode") != "subscription":
            raise StripeBookError("The sandbox sells subscriptions alone.", param="mode")
        items = given.get("line_items")
        price_id = items[0].get("price") if isinstance(items, list) and items else None
        price = self.objects["prices"].get(str(price_id))
        if price is None:
            raise StripeBookError(f"No such price: '{price_id}'", code="resource_missing", param="line_items[0][price]")
        if given.get("customer"):
            self.living_customer(str(given["customer"]))
        made = self.keep("checkouts", stripe_session_shapes.checkout_session(self.now, self.base, given))
        made["amount_total"] = made["amount_subtotal"] = price["unit_amount"]
        made["currency"] = price["currency"]
        made["_price"] = price["id"]
        return made

    def open_checkout(self, session_id: str) -> Object:
        """Return a checkout that can be paid; raise StripeBookError when it is not open any more."""
        session = self.find("checkouts", session_id)
        if session["status"] != "open" or session["expires_at"] <= self.now:
            raise StripeBookError("This checkout session is not open any more.", code="checkout_not_open")
        return session

    def complete_checkout(self, session_id: str, *, brand: str = "visa", last4: str = "4242") -> Object:
        """Pay an open checkout: the subscription begins; raise StripeBookError when it cannot be paid."""
        session = self.open_checkout(session_id)
        if last4 == SandboxCard.DECLINED.last4:
            raise StripeBookError("Your card was declined.", status=402, code="card_declined", kind="card_error")
        customer = self._customer_of(session)
        method = self.add_card(customer["id"], brand=brand, last4=last4)
        subscription = self.subscribe(
            customer["id"],
            self.find("prices", session["_price"])["id"],
            metadata=session["_subscription_metadata"],
            method=method["id"],
            trial_days=int(session["_trial_days"] or 0),
        )
        session.update(
            status="complete",
            payment_status="paid",
            url=None,
            customer=customer["id"],
            subscription=subscription["id"],
            invoice=subscription["latest_invoice"],
        )
        self.emit("checkout.session.completed", session)
        return session

    def expire_checkout(self, session_id: str) -> Object:
        """End an open checkout without payment."""
        session = self.find("checkouts", session_id)
        if session["status"] != "open":
            raise StripeBookError('Only Checkout Sessions with a status in ["open"] can be expired.')
        session.update(status="expired", url=None)
        self.emit("checkout.session.expired", session)
        return session

    def begin_portal(self, customer_id: str, return_url: str | None) -> Object:
        """Open the customer portal; raise StripeBookError for a customer that does not exist."""
        self.living_customer(customer_id)
        return self.keep("portals", stripe_session_shapes.portal_session(self.now, self.base, customer_id, return_url))

    def _customer_of(self, session: Object) -> Object:
        if session["customer"]:
            return self.living_customer(session["customer"])
        return self.add_customer(None, session["customer_email"])
