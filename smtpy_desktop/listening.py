"""Everything that takes in Stripe's events for one open database, put together. Part of the composition root.

Imported when it is wanted: aiohttp costs a quarter of a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.checkout_return_controller import refresh_after_checkout
from smtpy_desktop.controllers.connection_controller import watch
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.listener_health_controller import CatchUpNote, listener_health
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.controllers.settings_controller import get_setting
from smtpy_desktop.controllers.stripe_catch_up_controller import run_catch_up
from smtpy_desktop.controllers.webhook_controller import WebhookReceiver
from smtpy_desktop.core.listener_errors import PortInUse
from smtpy_desktop.core.setting_keys import LISTENER_PORT_KEY
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.listener_ports import ListenerPorts
from smtpy_desktop.listeners.supervisor import Listener, ListenerSupervisor
from smtpy_desktop.named_profiles import profile_name
from smtpy_desktop.paths import Profile, profiles_file
from smtpy_desktop.schemas.listener_state import ListenerState
from smtpy_desktop.schemas.text import Text

_log = logging.getLogger(__name__)
_CATALOGUES = Path(__file__).parent / "resources" / "translations"


class StripeListening:
    """Listens and catches up from ``run`` until that is cancelled; belongs to one event loop.

    ``port`` is there where the setting does not decide (0: any that is free). With ``gives_up`` a port that cannot be
    had ends ``run`` with a UserFacingError. With ``claims`` other profiles know whose the port is.
    """

    def __init__(
        self,
        services: Services,
        *,
        on_state: Callable[[ListenerState], object],
        port: int | None = None,
        gives_up: bool = False,
        claims: PortClaims | None = None,
    ) -> None:
        self._services = services
        self._claims = claims
        self._port = port
        self._catch_up = CatchUpNote()
        self.intake = EventIntake(services.sessions, services.stripe, services.publish)
        self._receiver = WebhookReceiver(services.sessions, services.stripe, self.intake, services.publish)
        self._supervisor = ListenerSupervisor(self._make, self._wanted_port, on_state, gives_up=gives_up)
        self._returned = asyncio.Event()
        self._key_changed = asyncio.Event()

    async def run(self) -> None:
        """Take in events until cancelled; then the listener ends first, so that nothing new comes meanwhile."""
        catching_up = asyncio.ensure_future(self._follow())
        refreshing = asyncio.ensure_future(self._refresh_after_checkouts())
        try:
            await self._supervisor.run()
        finally:
            for task in (catching_up, refreshing):
                task.cancel()
            await asyncio.gather(catching_up, refreshing, return_exceptions=True)
            await self.intake.close()

    def hear(self, change: Change) -> None:
        """Move to another port when that setting has changed, and catch up at once with another key."""
        if change.topic is Topic.SETTINGS:
            self._supervisor.look_again()
            self._key_changed.set()

    def restart(self) -> None:
        """Stop listening if need be, and try at once."""
        self._supervisor.restart()

    async def _follow(self) -> None:
        services = self._services
        await run_catch_up(
            services.sessions,
            services.stripe,
            self.intake,
            publish=services.publish,
            on_report=self._catch_up.note,
            wake=self._key_changed,
        )

    async def _make(self) -> Listener:
        def load() -> type:
            from smtpy_desktop.listeners.webhook_listener import WebhookListener

            return WebhookListener

        made: Listener = (await asyncio.to_thread(load))(
            self._receiver,
            lambda: listener_health(self._services.sessions, self._services.stripe, self._catch_up),
            translate=self._translate,
            on_success=self._returned.set,
        )
        return made if self._claims is None else ClaimingListener(made, self._claims)

    async def _wanted_port(self) -> int:
        if self._port is not None:
            return self._port
        return int(await get_setting(self._services.sessions, LISTENER_PORT_KEY))

    async def _refresh_after_checkouts(self) -> None:
        """Read anew what was bought whenever a success page was visited; many visits at once are one."""
        services = self._services
        while True:
            await self._returned.wait()
            self._returned.clear()
            try:
                await refresh_after_checkout(services.sessions, services.stripe, publish=services.publish)
            except UserFacingError as error:
                _log.info("what was bought is read later: %s", error)
            except Exception:  # noqa: BLE001 - a fault of ours must not end the looking after later visits
                _log.exception("what was bought could not be read")

    def _translate(self, words: Text, language: str) -> str:
        found = self._french.get(words.template) if language == "fr" else None
        return found if isinstance(found, str) and found else str(words)

    @cached_property
    def _french(self) -> dict[str, object]:
        content: dict[str, object] = json.loads((_CATALOGUES / "fr.json").read_text(encoding="utf-8"))
        return content


@dataclass(frozen=True, slots=True)
class PortClaims:
    """What is noted of ports for one profile, and what another profile at a directory is called."""

    own: Path
    ports: ListenerPorts
    name_of: Callable[[Path], str]

    def explained(self, port: int) -> PortInUse:
        """Return who has a port, and which one is free; blocks for a moment."""
        holder = self.ports.holder(port)
        name = self.name_of(holder) if holder is not None else ""
        return PortInUse(port, name, is_own=holder == self.own, free_port=self.ports.next_free(port))


def port_claims(profile: Profile) -> PortClaims:
    """Return the notes about ports that the profiles of this user share."""
    ports = ListenerPorts(profiles_file().with_name("ports"), profile.directory)
    return PortClaims(profile.directory, ports, profile_name)


class ClaimingListener:
    """A listener that notes whose the port is while it listens, and says who has one that is taken."""

    def __init__(self, listener: Listener, claims: PortClaims) -> None:
        self._listener, self._claims = listener, claims

    async def start(self, port: int) -> str:
        """Listen at a port and return the address; raise UserFacingError when that is not possible."""
        try:
            address = await self._listener.start(port)
        except PortInUse as error:
            raise await asyncio.to_thread(self._claims.explained, port) from error
        await asyncio.to_thread(self._claims.ports.take, urlsplit(address).port or port)
        return address

    async def stop(self) -> None:
        """Stop listening."""
        try:
            await self._listener.stop()
        finally:
            self._claims.ports.release()


async def listen_for_command(
    services: Services,
    on_state: Callable[[ListenerState], object],
    *,
    port: int | None,
    gives_up: bool,
    claims: PortClaims,
) -> None:
    """Take in events until cancelled, and hear of settings that other processes change."""
    listening = StripeListening(services, on_state=on_state, port=port, gives_up=gives_up, claims=claims)
    hearing: asyncio.Future[None] | None = None
    if isinstance(services.sessions, Database):
        hearing = asyncio.ensure_future(watch(services.sessions, publish=listening.hear, tell=lambda error: None))
    try:
        await listening.run()
    finally:
        if hearing is not None:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
