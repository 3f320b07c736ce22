"""Rewriting senders and reading them back, with the keys and the kept senders of the database."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.srs_keys_controller import KEPT_FOR, load_srs_keys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.srs import SrsError, SrsFault, srs_forward, srs_reverse, srs_stored, srs_token
from smtpy_desktop.database import srs_keys_database

_RELOAD_SECONDS = 300.0
_RETRY_SECONDS = 10.0
"""An unknown hash may come from a key that another process has just made; forgers must not make us ask all day."""

_REMEMBERED = 1024
_TIDY = timedelta(hours=12)


class SrsRewriter:
    """Rewrites senders for one forwarder process; the keys stand unsealed in memory alone."""

    def __init__(self, sessions: Sessions, master_keys: MasterKeys) -> None:
        self._sessions = sessions
        self._master_keys = master_keys
        self._keys: tuple[bytes, ...] = ()
        self._loaded = 0.0
        self._kept: OrderedDict[str, datetime] = OrderedDict()
        self._tidied = datetime.min.replace(tzinfo=UTC)

    async def keys(self) -> Sequence[bytes]:
        """Return the keys, read again every few minutes; raise UserFacingError when they cannot be had."""
        if not self._keys or time.monotonic() - self._loaded > _RELOAD_SECONDS:
            await self._load()
        return self._keys

    async def forward(self, sender: str, domain: str, *, now: datetime) -> str:
        """Return the sender to send on with, at ``domain``; one that is too long is kept in the database first."""
        keys = await self.keys()
        rewritten = srs_forward(sender, domain, keys, now=now)
        if rewritten is not None:
            return rewritten
        token, rewritten = srs_stored(sender, domain, keys, now=now)
        await self._keep(token, sender, now)
        return rewritten

    async def reverse(self, local_part: str, *, now: datetime) -> str:
        """Return the address that a local part of ours stands for; raise SrsError when it is none or too old."""
        try:
            return await self._reversed(local_part, await self.keys(), now)
        except SrsError as error:
            if error.code is not SrsFault.FORGED or time.monotonic() - self._loaded < _RETRY_SECONDS:
                raise
        await self._load()
        return await self._reversed(local_part, self._keys, now)

    async def _reversed(self, local_part: str, keys: Sequence[bytes], now: datetime) -> str:
        token = srs_token(local_part, keys, now=now)
        if token is None:
            return srs_reverse(local_part, keys, now=now)
        async with self._sessions.read() as db:
            sender = await srs_keys_database.kept_sender(db, token)
        if sender is None:
            raise SrsError(SrsFault.UNKNOWN)
        return sender

    async def _load(self) -> None:
        self._keys = await load_srs_keys(self._sessions, self._master_keys)
        self._loaded = time.monotonic()

    async def _keep(self, token: str, sender: str, now: datetime) -> None:
        """Write a kept sender, unless this process did so today: its row lives far longer than what points to it."""
        last = self._kept.get(token)
        if last is not None and now - last < timedelta(days=1):
            return
        async with self._sessions.begin() as db:
            await srs_keys_database.keep_sender(db, token, sender)
            if now - self._tidied > _TIDY:
                await srs_keys_database.delete_senders_unused_for(db, KEPT_FOR)
                self._tidied = now
        self._kept[token] = now
        self._kept.move_to_end(token)
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
