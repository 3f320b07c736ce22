"""The sandbox's mail server with its inbox page, and the settings that lead the program's forwarder there."""

from __future__ import annotations

import asyncio
import random

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.forwarder_settings import SMARTHOST_KEY
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_page import MailSinkPages
from smtpy_desktop.sandbox.sample_texts import BOUNCED, PUT_OFF, SENDERS

_MOST_KEPT = 1000
_PUT_OFF, _REFUSED = 0.06, 0.1
_HOSTS = tuple(sender.rpartition("@")[2] for sender in SENDERS)


class MailKeeper:
    """Owns the mail server that all of the sandbox's targets have; what it received lives as long as the program.

    With ``has_moods`` some of the mail that the sandbox's own senders send is put off or refused, as everywhere.
    """

    def __init__(self, *, has_moods: bool = True) -> None:
        self.sink = MailSink(most_kept=_MOST_KEPT)
        self.pages = MailSinkPages(self.sink)
        self._rng = random.Random()  # noqa: S311 - samples, no secrets
        if has_moods:
            self.sink.moods = self._mood

    async def start(self) -> None:
        """Take mail and show the inbox, on loopback; raise OSError when no port can be had."""
        await self.sink.start()
        try:
            await self.pages.start()
        except OSError:
            await self.sink.stop()
            raise

    async def stop(self) -> None:
        """Close both."""
        await asyncio.gather(self.pages.stop(), self.sink.stop())

    async def prepare(self, services: Services) -> None:
        """Let every target's mail go to this run's mail server."""
        await settings_controller.change_settings(
            services.sessions, {SMARTHOST_KEY: self.sink.address}, actor=services.actor, publish=services.publish
        )

    def _mood(self, sender: str, recipient: str) -> str | None:
        """Refuse what a person has not sent now and then; a rewritten sender still names the original one's host."""
        if not any(host in sender for host in _HOSTS):
            return None
        chance = self._rng.random()
        if chance >= _REFUSED:
            return None
        reply = self._rng.choice(PUT_OFF[:2] if chance < _PUT_OFF else BOUNCED)
        return f"{reply.code} {reply.enhanced} {reply.words.format(target=recipient)}"
