"""The test cards of the sandbox's Stripe, with Stripe's own numbers (docs.stripe.com/testing)."""

from __future__ import annotations

import enum


class SandboxCard(enum.Enum):
    """A card by its brand and last four digits; the number's end alone decides what happens to payments."""

    SUCCEEDS = ("visa", "4242")
    DECLINED = ("visa", "0002")
    FAILS_LATER = ("visa", "0341")

    @property
    def brand(self) -> str:
        """Return the brand in Stripe's word."""
        return self.value[0]

    @property
    def last4(self) -> str:
        """Return the last four digits."""
        return self.value[1]
