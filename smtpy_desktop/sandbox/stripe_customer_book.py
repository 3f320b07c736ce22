"""The customers of the sandbox's Stripe with their cards, and the prices that they can subscribe to."""

from __future__ import annotations

import copy
from typing import Any

from smtpy_desktop.sandbox import stripe_customer_shapes, stripe_price_shapes
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError, StripeLedger
from smtpy_desktop.sandbox.stripe_shapes import Object


class CustomerBook(StripeLedger):
    """Knows prices, customers and cards."""

    def add_price(
        self, name: str, amount: int, *, currency: str = "usd", interval: str = "month", nickname: str | None = None
    ) -> Object:
        """Add a product with one price, or one more price to the product of this name."""
        known = self.newest("products", name=name)
        product = known[0] if known else self.keep("products", stripe_price_shapes.product(name, self.now))
        made = stripe_price_shapes.price(
            product["id"], self.now, amount=amount, currency=currency, interval=interval, nickname=nickname
        )
        return self.keep("prices", made)

    def product_name(self, price: Object) -> str:
        """Return what a price is for."""
        return str(self.find("products", price["product"])["name"])

    def add_customer(self, name: str | None, email: str | None, metadata: dict[str, str] | None = None) -> Object:
        """Add a customer."""
        made = stripe_customer_shapes.customer(self.now, name=name, email=email, metadata=metadata or {})
        self.keep("customers", made)
        self.emit("customer.created", made)
        return made

    def change_customer(self, customer_id: str, values: dict[str, Any]) -> Object:
        """Change a customer's fields."""
        found = self.living_customer(customer_id)
        previous = {key: found.get(key) for key in values if found.get(key) != values[key]}
        found.update(values)
        self.emit("customer.updated", found, copy.deepcopy(previous))
        return found

    def living_customer(self, customer_id: str) -> Object:
        """Return a customer that was not deleted; raise StripeBookError otherwise."""
        found = self.objects["customers"].get(customer_id, {"deleted": True})
        if found.get("deleted"):
            raise StripeBookError(f"No such customer: '{customer_id}'", code="resource_missing", param="customer")
        return found

    def add_card(self, customer_id: str, *, brand: str = "visa", last4: str = "4242") -> Object:
        """Give a customer a card, which is charged from now on."""
        customer = self.living_customer(customer_id)
        card = stripe_customer_shapes.payment_method(customer_id, self.now, brand=brand, last4=last4)
        self.keep("payment_methods", card)
        self.emit("payment_method.attached", card)
        settings = customer["invoice_settings"] | {"default_payment_method": card["id"]}
        self.change_customer(customer_id, {"invoice_settings": settings})
        return card

    def card_of(self, subscription: Object) -> Object | None:
        """Return the card that a subscription is charged to; None where there is none."""
        customer = self.objects["customers"][subscription["customer"]]
        default = customer.get("invoice_settings", {}).get("default_payment_method")
        return self.objects["payment_methods"].get(subscription["default_payment_method"] or default)

    def pays_well(self, subscription: Object) -> bool:
        """Tell whether the next payment succeeds; without a card it is paid by other means."""
        card = self.card_of(subscription)
        failing = (SandboxCard.FAILS_LATER.last4, SandboxCard.DECLINED.last4)
        return card is None or card["card"]["last4"] not in failing
