"""Where the way to Stripe comes from: the keys out of the environment, this run or the keyring, and one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smtpy_desktop.core.keyring_errors import KeyringMissing, KeyringUnavailable
from smtpy_desktop.core.stripe_errors import StripeNotSetUp
from smtpy_desktop.core.stripe_keys import (
    check_api_base,
    is_live_key,
    is_loopback,
    parse_api_key,
    parse_webhook_secrets,
)
from smtpy_desktop.gateways.memory_keyring import KeyringLike
from smtpy_desktop.gateways.stripe_gateway import API_VERSION, StripeGateway
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode, ValueSource

if TYPE_CHECKING:
    import aiohttp

_VARIABLES = {
    SecretName.STRIPE_API_KEY: "STRIPE_API_KEY",
    SecretName.STRIPE_WEBHOOK_SECRET: "STRIPE_WEBHOOK_SECRET",
}
BASE_VARIABLE = "STRIPE_API_BASE"
_TIMEOUT_SECONDS = 20.0
_TRIAL_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class _Connection:
    key: str = field(repr=False)
    base: str | None
    api: StripeGateway
    session: aiohttp.ClientSession


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret with where it was found."""

    value: str = field(repr=False)
    source: ValueSource


class StripeKeys:
    """The keys of one installation; the environment comes first, then this run's, then the keyring.

    All but ``variable`` and ``base`` block for a few seconds at most.
    """

    def __init__(self, environment: Mapping[str, str], run_secrets: KeyringLike, keyring: KeyringLike) -> None:
        self._environment = environment
        self._run_secrets, self._keyring = run_secrets, keyring

    def variable(self, name: str) -> str:
        """Return what the environment says; empty when it says nothing."""
        return self._environment.get(name, "").strip()

    def find(self, name: SecretName) -> FoundSecret | None:
        """Return a secret with its source, None when there is none; raise KeyringUnavailable.

        A machine without any keyring has none stored.
        """
        named = self.variable(_VARIABLES[name])
        if named:
            return FoundSecret(named, ValueSource.ENVIRONMENT)
        of_this_run = self._run_secrets.read(name)
        if of_this_run is not None:
            return FoundSecret(of_this_run, ValueSource.THIS_RUN)
        try:
            stored = self._keyring.read(name)
        except KeyringMissing:
            return None
        return FoundSecret(stored, ValueSource.KEYRING) if stored is not None else None

    def read(self, name: SecretName) -> str | None:
        """Return a secret, None when there is none; raise KeyringUnavailable."""
        found = self.find(name)
        return found.value if found is not None else None

    def keep(self, name: SecretName, value: str) -> KeyringUnavailable | None:
        """Keep a secret in the keyring, or for this run where that cannot be; return why it is not in the keyring."""
        problem = self._keyring.problem()
        if problem is None:
            try:
                self._keyring.write(name, value)
            except KeyringUnavailable as error:
                problem = error
        if problem is None:
            self._run_secrets.delete(name)  # one that was kept for this run would hide the new one
        else:
            self._run_secrets.write(name, value)
        return problem

    def forget(self, name: SecretName) -> None:
        """Forget a secret; raise KeyringUnavailable when the keyring may still hold it."""
        self._run_secrets.delete(name)
        try:
            self._keyring.delete(name)
        except KeyringMissing:
            return  # then it holds nothing

    def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now; None when it can."""
        return self._keyring.problem()

    def base(self) -> str | None:
        """Return the server that STRIPE_API_BASE names instead of Stripe's; raise UserFacingError for a bad one."""
        named = self.variable(BASE_VARIABLE)
        return check_api_base(named) if named else None


class StripeAccessGateway:
    """Gives out Stripe with the present key; belongs to one event loop, and is closed at its end."""

    def __init__(self, keys: StripeKeys) -> None:
        self._keys = keys
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._sandbox: tuple[str, str, str] | None = None

    def use_sandbox(self, base: str, api_key: str, webhook_secret: str) -> None:
        """Ask this server from now on, with its own keys, instead of Stripe's with the user's."""
        self._sandbox = (base, api_key, webhook_secret)

    @property
    def is_sandbox(self) -> bool:
        """Whether the stand-in on this machine is asked."""
        return self._sandbox is not None

    def base(self) -> str | None:
        """Return the server that is asked instead of Stripe's; raise UserFacingError for a bad STRIPE_API_BASE."""
        return self._sandbox[0] if self._sandbox is not None else self._keys.base()

    def sandbox_secret(self, name: SecretName) -> str | None:
        """Return the stand-in's own secret; None when Stripe itself is asked."""
        if self._sandbox is None:
            return None
        _, key, webhook_secret = self._sandbox
        return key if name is SecretName.STRIPE_API_KEY else webhook_secret

    async def connect(self) -> StripeGateway:
        """Return Stripe with the present key; raise StripeNotSetUp or KeyringUnavailable."""
        key, base = await self._present()
        if key is None:
            raise StripeNotSetUp
        async with self._connecting:
            known = self._connection
            if known is not None and (known.key, known.base) == (key, base):
                return known.api
            self._connection = await self._connected(key, base)
            if known is not None:
                await known.session.close()
            return self._connection.api

    async def livemode(self) -> bool:
        """Return whether the present key moves real money; False when there is none."""
        key, _ = await self._present()
        return key is not None and is_live_key(key)

    async def mode(self) -> StripeMode:
        """Return whether there is a key, and what it moves; raise KeyringUnavailable."""
        key, _ = await self._present()
        if key is None:
            return StripeMode(KeyMode.NONE)
        return StripeMode(KeyMode.LIVE if is_live_key(key) else KeyMode.TEST, is_sandbox=self.is_sandbox)

    async def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that webhooks may be signed with, newest first."""
        if self._sandbox is not None:
            return (self._sandbox[2],)
        found = await asyncio.to_thread(self._keys.read, SecretName.STRIPE_WEBHOOK_SECRET)
        return parse_webhook_secrets(found) if found else ()

    @asynccontextmanager
    async def trying(self, key: str) -> AsyncIterator[StripeGateway]:
        """Give out Stripe with a key that is not stored, over a connection of its own.

        Raises FieldError for what cannot be a key.
        """
        connection = await self._connected(parse_api_key(key), self.base(), seconds=_TRIAL_SECONDS, repetitions=0)
        try:
            yield connection.api
        finally:
            await connection.session.close()

    async def close(self) -> None:
        """Close the connection; the next call makes another one."""
        known, self._connection = self._connection, None
        if known is not None:
            await known.session.close()

    async def _present(self) -> tuple[str | None, str | None]:
        if self._sandbox is not None:
            return self._sandbox[1], self._sandbox[0]
        key = await asyncio.to_thread(self._keys.read, SecretName.STRIPE_API_KEY)
        return (parse_api_key(key) if key else None), self._keys.base()

    async def _connected(
        self, key: str, base: str | None, *, seconds: float = _TIMEOUT_SECONDS, repetitions: int = 2
    ) -> _Connection:
        stripe, aiohttp = await asyncio.to_thread(_libraries)
        # No proxy stands between the program and a server on this machine, nor is it to see the key.
        is_here = base is not None and is_loopback(urlsplit(base).hostname or "")
        session = aiohttp.ClientSession(trust_env=not is_here)
        http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=seconds), session=session)
        client = stripe.StripeClient(
            key,
            http_client=http,
            stripe_version=API_VERSION,
            max_network_retries=repetitions,
            base_addresses={"api": base} if base is not None else None,
        )
        return _Connection(key, base, StripeGateway(client, livemode=is_live_key(key)), session)


def _libraries() -> tuple[Any, Any]:
    """Load what takes a second to load, off the event loop."""
    import aiohttp
    import stripe

    return stripe, aiohttp
