"""An installation without a Stripe key."""

from __future__ import annotations

from typing import NoReturn

from smtpy_desktop.core.stripe_errors import StripeNotSetUp
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode


class NoStripe:
    """A StripeAccess for tests that have nothing to do with Stripe."""

    async def connect(self) -> NoReturn:
        raise StripeNotSetUp

    async def livemode(self) -> bool:
        return False

    async def mode(self) -> StripeMode:
        return StripeMode(KeyMode.NONE)

    async def webhook_secrets(self) -> tuple[str, ...]:
        return ()


def no_stripe_setup() -> StripeSetupGateway:
    """Return a set-up in which nothing is set up, and nothing is said by the environment."""
    keys = StripeKeys({}, MemoryKeyring(), MemoryKeyring())
    return StripeSetupGateway(keys, StripeAccessGateway(keys))
