"""How Stripe is set up for one installation: where its secrets lie, what the environment says, trying a new key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.gateways.stripe_access import FoundSecret, StripeAccessGateway, StripeKeys
from smtpy_desktop.schemas.billing import StripeAccount
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.stripe_settings import StripeRight, ValueSource


class StripeTrial(Protocol):
    """What a key that is not stored yet is asked; both raise StripeError."""

    async def account(self) -> StripeAccount:
        """Return whose key it is."""
        ...

    async def missing_rights(self) -> tuple[StripeRight, ...]:
        """Return the rights that the program needs and the key lacks; nothing is changed at Stripe by asking."""
        ...


class StripeSetup(Protocol):
    """How Stripe is set up; secrets come from the environment first, then this run's, then the keyring's."""

    @property
    def is_sandbox(self) -> bool:
        """Whether the stand-in on this machine is asked, so that nothing of the user's is used."""
        ...

    def variable(self, name: str) -> str:
        """Return what the environment says, without blanks around it; empty when it says nothing."""
        ...

    def api_base(self) -> str | None:
        """Return the server that is asked instead of Stripe's; raise UserFacingError for a bad STRIPE_API_BASE."""
        ...

    async def read(self, name: SecretName) -> FoundSecret | None:
        """Return a secret, None when there is none; raise KeyringUnavailable."""
        ...

    async def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now; None when it can."""
        ...

    async def keep(self, name: SecretName, value: str) -> KeyringUnavailable | None:
        """Keep a secret in the keyring, or for this run where that cannot be; return why it is not in the keyring."""
        ...

    async def forget(self, name: SecretName) -> None:
        """Forget a secret; raise KeyringUnavailable when the keyring may still hold it."""
        ...

    def trying(self, key: str) -> AbstractAsyncContextManager[StripeTrial]:
        """Give out Stripe with a key that is not stored; raise FieldError for what cannot be a key."""
        ...


class StripeSetupGateway:
    """The set-up of one installation, in which the sandbox may stand in for Stripe."""

    def __init__(self, keys: StripeKeys, access: StripeAccessGateway) -> None:
        self._keys, self._access = keys, access

    @property
    def is_sandbox(self) -> bool:
        """Whether the stand-in on this machine is asked."""
        return self._access.is_sandbox

    def variable(self, name: str) -> str:
        """Return what the environment says."""
        return self._keys.variable(name)

    def api_base(self) -> str | None:
        """Return the server that is asked instead of Stripe's."""
        return self._access.base()

    async def read(self, name: SecretName) -> FoundSecret | None:
        """Return a secret with its source."""
        own = self._access.sandbox_secret(name)
        if own is not None:
            return FoundSecret(own, ValueSource.SANDBOX)
        return await asyncio.to_thread(self._keys.find, name)

    async def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now."""
        return await asyncio.to_thread(self._keys.problem)

    async def keep(self, name: SecretName, value: str) -> KeyringUnavailable | None:
        """Keep a secret in the keyring, or for this run."""
        return await asyncio.to_thread(self._keys.keep, name, value)

    async def forget(self, name: SecretName) -> None:
        """Forget a secret."""
        await asyncio.to_thread(self._keys.forget, name)

    @asynccontextmanager
    async def trying(self, key: str) -> AsyncIterator[StripeTrial]:
        """Give out Stripe with a key that is not stored."""
        async with self._access.trying(key) as api:
            yield api
