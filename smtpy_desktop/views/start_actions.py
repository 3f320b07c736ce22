"""What the first page can have done: given by the composition root, so that views know no gateway."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from smtpy_desktop.controllers.connection_test_controller import Probe
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.schemas.connection import ServerAddress

OpenServer = Callable[[ServerAddress, str, bool], Coroutine[Any, Any, Services]]


@dataclass(frozen=True, slots=True)
class StartActions:
    """Every coroutine runs on the asyncio thread and raises UserFacingError when it does not work.

    ``probe``: try a server out, saving nothing. ``open_embedded``: start and open the built-in database and remember
    that choice. ``open_server(address, password, may_upgrade)``: open a server's database and remember that choice;
    raises SchemaUpgradeNeeded when its schema is older and ``may_upgrade`` is False. ``stored_password``: the password
    of the configured server; raises KeyringUnavailable, or NotFoundError when it was never stored.
    ``keep_password``: keep a password that has worked, and return why the keyring did not take it.
    """

    probe: Probe
    open_embedded: Callable[[], Coroutine[Any, Any, Services]]
    open_server: OpenServer
    stored_password: Callable[[], Coroutine[Any, Any, str]]
    keep_password: Callable[[str], Coroutine[Any, Any, KeyringUnavailable | None]]


@dataclass(frozen=True, slots=True)
class OpenedServer:
    """A server's database that is open, and why its password will have to be typed again next time (None: kept)."""

    services: Services
    unkept: KeyringUnavailable | None = None


async def open_and_keep(
    actions: StartActions, address: ServerAddress, password: str, *, may_upgrade: bool
) -> OpenedServer:
    """Open a server's database, and keep the password once it has worked."""
    services = await actions.open_server(address, password, may_upgrade)
    return OpenedServer(services, await actions.keep_password(password))


async def open_with_stored_password(
    actions: StartActions, address: ServerAddress, *, may_upgrade: bool
) -> OpenedServer:
    """Open the configured server's database with the password that was kept."""
    password = await actions.stored_password()
    return OpenedServer(await actions.open_server(address, password, may_upgrade))


async def open_embedded(actions: StartActions) -> OpenedServer:
    """Open the built-in database, which needs no password."""
    return OpenedServer(await actions.open_embedded())
