"""What can go wrong with Stripe, each with what it means for the call that was made."""

from __future__ import annotations

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import Text, text


class StripeError(UserFacingError):
    """A call to Stripe did not end well."""


class StripeNotSetUp(StripeError):
    """There is no key to call Stripe with."""

    def __init__(self) -> None:
        super().__init__(
            "STRIPE_NOT_SET_UP",
            text("No Stripe key is set up."),
            hint=text("Enter the secret key in Settings, Billing, or set STRIPE_API_KEY."),
        )


class StripeUnreachable(StripeError):
    """No answer came; nobody knows whether the call arrived. It may be repeated with the same idempotency key."""

    def __init__(self, reason: Text | str) -> None:
        super().__init__(
            "STRIPE_UNREACHABLE",
            text("Stripe did not answer."),
            detail=reason,
            hint=text("Check the network and try again; nothing is charged twice."),
        )


class StripeBusy(StripeError):
    """Stripe asks to wait, or has a fault of its own; the call may be repeated with the same idempotency key."""

    def __init__(self, *, is_rate_limit: bool, reason: Text | str | None = None) -> None:
        super().__init__(
            "STRIPE_RATE_LIMIT" if is_rate_limit else "STRIPE_FAULT",
            text("Stripe receives too many calls now.") if is_rate_limit else text("Stripe has a fault of its own."),
            detail=reason,
            hint=text("Try again in a minute; nothing is charged twice."),
        )


class StripeKeyRefused(StripeError):
    """The key is wrong, was rolled, or may not do this."""

    def __init__(self, reason: Text | str | None = None, *, is_permission: bool = False) -> None:
        super().__init__(
            "STRIPE_KEY_NOT_ALLOWED" if is_permission else "STRIPE_KEY_REFUSED",
            text("The Stripe key may not do this.") if is_permission else text("Stripe refuses the key."),
            detail=reason,
            hint=text("Give the key this right in the Stripe dashboard, or enter another key in Settings, Billing.")
            if is_permission
            else text("Enter the present secret key of the account in Settings, Billing."),
        )


class StripeRefused(StripeError):
    """Stripe understood the call and does not do it; ``reason`` is its own sentence."""

    def __init__(self, reason: Text | str, *, code: str = "STRIPE_REFUSED", hint: Text | None = None) -> None:
        super().__init__(
            code,
            text("Stripe refused this."),
            detail=reason,
            hint=hint or text("Nothing was changed. Look at the customer in the Stripe dashboard."),
        )


class StripeFaultKept(StripeRefused):
    """Stripe failed in the middle of this call and keeps that as its answer to the idempotency key.

    Repeated with the same key it would fail for a day; what it did before it failed is read from Stripe anew.
    """

    def __init__(self) -> None:
        super().__init__(
            text("It failed in the middle of this call, and gives the same answer to every repetition."),
            code="STRIPE_FAULT_KEPT",
            hint=text("Try again: what is true at Stripe is read first, so that nothing is done twice."),
        )


class StripeNotFound(StripeRefused):
    """Stripe has no such object, in this mode at least."""

    def __init__(self, what: str) -> None:
        super().__init__(
            text("There is no {what} there with this key.", what=what),
            code="STRIPE_NOT_FOUND",
            hint=text("Check that the key and the object are both of test mode, or both of live mode."),
        )
