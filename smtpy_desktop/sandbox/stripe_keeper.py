"""Keeps the sandbox's Stripe in the profile, so that nothing that was answered is forgotten, and lets time go by."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.stripe_errors import StripeError
from smtpy_desktop.sandbox import sample_billing
from smtpy_desktop.sandbox.damaged_file import put_aside
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.whole_file import write_whole

FILE_NAME = "stripe.json"
_SETTLE_SECONDS = 20.0
_log = logging.getLogger(__name__)


class StripeKeeper:
    """Owns the sandbox's Stripe of one profile: read from there, written after every change, replaced whole."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._is_filled = False
        self._is_moved = False
        self._listener_port = 0
        self._saving = asyncio.Lock()
        self._settling: asyncio.Task[None] | None = None
        self.stripe = SandboxStripe()
        self._load()
        self.stripe.on_changed = self.save

    async def start(self) -> None:
        """Answer at the address of the last time, or at another one when that is taken; raise OSError."""
        known = self.stripe.base
        try:
            await self.stripe.start(urlsplit(known).port or 0)
        except OSError:
            await self.stripe.start()
        self._is_moved = self.stripe.base != known
        self._settling = asyncio.create_task(self._settle())

    async def stop(self) -> None:
        """Stop to answer, and keep what is known."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
            self._settling = None
            await self.stripe.stop()
            await self.save()

    @property
    def listener_port(self) -> int:
        """Where the program listened last while that is free, so that pages opened then still lead back; else 0."""
        with socket.socket() as trial:
            if os.name == "posix":  # elsewhere it would take the port from who has it
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", self._listener_port))
            except OSError:
                return 0
        return self._listener_port

    def deliver_to(self, address: str) -> None:
        """Send webhooks to the program's listener; where that is, is kept with the next change."""
        self.stripe.deliver_to(address)
        self._listener_port = urlsplit(address).port or 0

    async def prepare(self, services: Services, *, is_empty: bool) -> None:
        """Fill it with the samples where that has not been done, for an empty database always."""
        try:
            if is_empty or not self._is_filled:
                await sample_billing.fill(services, self.stripe.book)
                self._is_filled = True
                await self.save()
            elif self._is_moved:
                await sample_billing.refresh(services)
        except StripeError as error:  # the sandbox opens all the same; the next start tries again
            _log.info("the sample subscriptions cannot be linked: %s", error)

    async def save(self) -> None:
        """Keep everything for the next start."""
        async with self._saving:
            content = {
                "is_filled": self._is_filled,
                "listener_port": self._listener_port,
                "book": self.stripe.book.dump(),
                "keys": self.stripe.keys.dump(),
            }
            # Written down here, where nothing changes meanwhile; only the disk is waited for elsewhere.
            written = json.dumps(content, ensure_ascii=False)
            await asyncio.to_thread(write_whole, self._path, written)

    def _load(self) -> None:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            self.stripe.keys.load(content["keys"])
            self.stripe.book.load(content["book"])
            self._is_filled = bool(content["is_filled"])
            self._listener_port = int(content.get("listener_port", 0))
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.info("the sandbox's Stripe cannot be read and is made anew: %s", error)
            put_aside(self._path)
            self.stripe = SandboxStripe()

    async def _settle(self) -> None:
        """Let happen what falls due while the program runs."""
        book = self.stripe.book
        while True:
            before = len(book.events)
            book.settle()
            if len(book.events) != before:
                await self.save()
            await asyncio.sleep(_SETTLE_SECONDS)
