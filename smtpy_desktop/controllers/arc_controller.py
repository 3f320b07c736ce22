"""Sealing forwarded mail (ARC): with the key of the alias's own domain, over the message as it came."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.arc_chain import ArcState, chain_state
from smtpy_desktop.core.arc_set import ArcSigner, arc_set
from smtpy_desktop.core.authentication_results import results_text
from smtpy_desktop.core.dkim_private_key import signer_of
from smtpy_desktop.core.dkim_signature import SignatureFault
from smtpy_desktop.core.dkim_verification import SignedMessage
from smtpy_desktop.core.sealing import sealed_key_id, unseal
from smtpy_desktop.database import dkim_keys_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict

_log = logging.getLogger(__name__)

_KEPT_SECONDS = 60.0
_MOST_KEYS = 1024
_AT_ONCE = 65536  # bytes; larger messages are hashed in another thread


@dataclass(frozen=True, slots=True)
class _Key:
    """A domain's key for a while; ``signer`` is None where there is none to be used."""

    signer: ArcSigner | None
    is_published: bool
    until: float


class ArcSealer:
    """Seals for one forwarder process; keys stand unsealed in memory alone, and for a minute."""

    def __init__(self, sessions: Sessions, master_keys: MasterKeys, settings: Callable[[], ForwarderSettings]) -> None:
        self._sessions = sessions
        self._master_keys = master_keys
        self._settings = settings
        self._keys: OrderedDict[str, _Key] = OrderedDict()
        self._said: set[str] = set()

    async def seal(self, domain: str, raw: bytes, verdict: AuthenticationVerdict, sender: str) -> bytes:
        """Return the lines of an ARC set to put on top of a message, or nothing.

        Nothing is added when sealing is switched off, without a key that can be used, to a chain that may not go on,
        and to somebody's chain as long as our own key was not seen in the DNS: that would break theirs. None of the
        lines that we put on top ourselves is signed, so that their order does not matter.
        """
        settings = self._settings()
        if not settings.seals_arc or verdict.arc == "temperror":
            return b""
        key = await self._key(domain)
        if key.signer is None or (verdict.arc != "none" and not key.is_published):
            return b""
        results = results_text(settings.hostname, verdict, sender)
        if len(raw) <= _AT_ONCE:
            return _sealed(raw, verdict, results, key.signer)
        return await asyncio.to_thread(_sealed, raw, verdict, results, key.signer)

    async def _key(self, domain: str) -> _Key:
        known = self._keys.get(domain)
        if known is not None and time.monotonic() < known.until:
            return known
        found = await self._load(domain)
        self._keys[domain] = found
        self._keys.move_to_end(domain)
        while len(self._keys) > _MOST_KEYS:
            self._keys.popitem(last=False)
        return found

    async def _load(self, domain: str) -> _Key:
        async with self._sessions.read() as db:
            found = await dkim_keys_database.active_key(db, domain)
        until = time.monotonic() + _KEPT_SECONDS
        if found is None:
            self._say_once(domain, "it has no active DKIM key")
            return _Key(None, is_published=False, until=until)
        selector, sealed, is_published = found
        try:
            signer = await asyncio.to_thread(self._unsealed, domain, selector, sealed)
        except UserFacingError as error:
            self._say_once(domain, str(error))
            return _Key(None, is_published=False, until=until)
        return _Key(signer, is_published, until)

    def _unsealed(self, domain: str, selector: str, sealed: bytes) -> ArcSigner:
        master_key = self._master_keys.master_key(known_key_id=sealed_key_id(sealed))
        private_key = unseal(master_key.value, sealed, context=f"dkim:{domain}:{selector}")
        return ArcSigner(domain, selector, signer_of(private_key))

    def _say_once(self, domain: str, why: str) -> None:
        if domain not in self._said:
            self._said.add(domain)
            _log.warning("Mail for %s is forwarded without an ARC seal: %s", domain, why)


def _sealed(raw: bytes, verdict: AuthenticationVerdict, results: str, signer: ArcSigner) -> bytes:
    try:
        message = SignedMessage(raw)
        state = chain_state(message, verdict.arc) if verdict.arc != "none" else ArcState("none")
    except SignatureFault:
        return b""
    return arc_set(message, state, results, signer, now=int(time.time()))
