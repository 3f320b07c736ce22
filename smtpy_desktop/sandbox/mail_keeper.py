"""The sandbox's mail server with its inbox page, and the settings that lead the program's forwarder there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.forwarder_settings import SMARTHOST_KEY
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.sandbox.mail_sink_page import MailSinkPages

_MOST_KEPT = 1000


class MailKeeper:
    """Owns the mail server that all of the sandbox's targets have; what it received lives as long as the program."""

    def __init__(self) -> None:
        self.sink = MailSink(most_kept=_MOST_KEPT)
        self.pages = MailSinkPages(self.sink)

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

    def follow(self, tell: Callable[[ReceivedMail], object]) -> None:
        """Tell of every message that arrives, on the asyncio thread."""
        self.sink.followers.append(tell)
