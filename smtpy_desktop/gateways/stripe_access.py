"""Where the way to Stripe comes from: the keys out of the environment, this run or the keyring, and one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smtpy_desktop.core.stripe_errors import StripeNotSetUp
from smtpy_desktop.core.stripe_keys import check_api_base, is_live_key, parse_api_key, parse_webhook_secrets
from smtpy_desktop.gateways.memory_keyring import KeyringLike
from smtpy_desktop.gateways.stripe_gateway import API_VERSION, StripeGateway
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode

if TYPE_CHECKING:
    import aiohttp

_VARIABLES = {
    SecretName.STRIPE_API_KEY: "STRIPE_API_KEY",
    SecretName.STRIPE_WEBHOOK_SECRET: "STRIPE_WEBHOOK_SECRET",
}
BASE_VARIABLE = "STRIPE_API_BASE"
_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Connection:
    key: str
    base: str | None
    api: StripeGateway
    session: aiohttp.ClientSession


class StripeKeys:
    """The keys of one installation; the environment comes first, then this run's, then the keyring.

    ``read`` and ``source`` block for a few seconds at most.
    """

    def __init__(self, environment: Mapping[str, str], run_secrets: KeyringLike, keyring: KeyringLike) -> None:
        self._environment = environment
        self._run_secrets, self._keyring = run_secrets, keyring

    def read(self, name: SecretName) -> str | None:
        """Return a secret, None when there is none; raise KeyringUnavailable."""
        named = self._environment.get(_VARIABLES[name], "").strip()
        return named or self._run_secrets.read(name) or self._keyring.read(name)

    def is_from_environment(self, name: SecretName) -> bool:
        """Tell whether the environment decides, so that a stored one would have no effect."""
        return bool(self._environment.get(_VARIABLES[name], "").strip())

    def base(self) -> str | None:
        """Return the server that STRIPE_API_BASE names instead of Stripe's; raise UserFacingError for a bad one."""
        named = self._environment.get(BASE_VARIABLE, "").strip()
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
        return StripeMode(KeyMode.LIVE if is_live_key(key) else KeyMode.TEST, is_sandbox=self._sandbox is not None)

    async def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that webhooks may be signed with, newest first."""
        if self._sandbox is not None:
            return (self._sandbox[2],)
        found = await asyncio.to_thread(self._keys.read, SecretName.STRIPE_WEBHOOK_SECRET)
        return parse_webhook_secrets(found) if found else ()

    async def try_key(self, key: str) -> StripeGateway:
        """Return Stripe with a key that is not stored yet; raise FieldError for one that cannot be a key.

        The connection is not kept: ``close`` it with the whole.
        """
        base = self._sandbox[0] if self._sandbox is not None else self._keys.base()
        await self.close()
        self._connection = await self._connected(parse_api_key(key), base)
        return self._connection.api

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

    async def _connected(self, key: str, base: str | None) -> _Connection:
        stripe, aiohttp = await asyncio.to_thread(_libraries)
        session = aiohttp.ClientSession(trust_env=True)
        http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS), session=session)
        client = stripe.StripeClient(
            key,
            http_client=http,
            stripe_version=API_VERSION,
            max_network_retries=2,
            base_addresses={"api": base} if base is not None else None,
        )
        return _Connection(key, base, StripeGateway(client, livemode=is_live_key(key)), session)


def _libraries() -> tuple[Any, Any]:
    """Load what takes a second to load, off the event loop."""
    import aiohttp
    import stripe

    return stripe, aiohttp
