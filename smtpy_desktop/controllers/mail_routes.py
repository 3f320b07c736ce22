"""Finds out what there is to know about a recipient before anything is decided about its mail."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.core.alias_matching import POSTMASTER, find_destination, match_address
from smtpy_desktop.core.mail_senders import WrittenAddress, mail_key, read_address
from smtpy_desktop.core.srs import SrsError, is_srs
from smtpy_desktop.schemas.aliases import MatchKind, Target
from smtpy_desktop.schemas.mail_decision import RecipientRoute, SenderReturn


class SenderRewriter(Protocol):
    """Rewrites envelope senders and reads them back (``controllers/srs_controller.py``)."""

    async def forward(self, sender: str, domain: str, *, now: datetime) -> str:
        """Return the sender to send on with, at ``domain``; ``""`` stays."""
        ...

    async def reverse(self, local_part: str, *, now: datetime) -> str:
        """Return the address that a local part of ours stands for; raise SrsError when it is none or too old."""
        ...


_KNOWN_SECONDS = 0.25
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """A route, until when it holds (steady clock, seconds), and the state of the cache that it was found in."""

    route: RecipientRoute
    until: float
    generation: int


class MailRoutes:
    """Looks up recipients and senders for mail intake and for the simulator."""

    def __init__(self, cache: ForwardingCache, rewriter: SenderRewriter) -> None:
        self._cache, self._rewriter = cache, rewriter
        self._known: dict[str, _Known] = {}

    async def route(self, recipient: str, sender: str, *, hostname: str, now: datetime) -> RecipientRoute:
        """Return what is known of a recipient of mail from ``sender`` (empty: ``<>``).

        What was found at RCPT serves at the final dot as well, when that comes at once.
        Raises UserFacingError when the database cannot be asked.
        """
        moment, generation = time.monotonic(), self._cache.generation
        known = self._known.get(recipient)
        if known is not None and known.until > moment and known.generation == generation:
            return known.route
        route = await self._look_up(recipient, sender, hostname, now)
        if route.sender_return is SenderReturn.NONE:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[recipient] = _Known(route, moment + _KNOWN_SECONDS, generation)
        return route

    async def _look_up(self, recipient: str, sender: str, hostname: str, now: datetime) -> RecipientRoute:
        address = await self._read(recipient, hostname)
        if address is None or not address.domain:
            return RecipientRoute(recipient, mail_key(recipient))
        target = Target(f"{address.local_part}@{address.domain}", address.key)
        found = await self._cache.find([target])
        domain = found.forwarding.domains.get(address.domain)
        if domain is None:
            return RecipientRoute(recipient, mail_key(recipient))
        match = match_address(found.forwarding, target.key)
        own_alias = match.source if match.kind in (MatchKind.ALIAS, MatchKind.TAG) else None
        rules, forwarding = found.rules_for(domain.name, own_alias), found.forwarding
        sender_return, return_to = SenderReturn.NONE, None
        if own_alias is None and is_srs(address.local_part):
            sender_return, return_to = await self._return(recipient, sender, now)
        if return_to is not None:
            forwarding = (await self._cache.find([target, return_to])).forwarding
        return RecipientRoute(
            address=recipient if "@" in recipient else target.address,
            key=target.key,
            domain=domain,
            destination=find_destination(forwarding, target),
            rules=rules,
            forwarding=forwarding,
            sender_return=sender_return,
            return_to=return_to,
            is_routed_by_sender=address.asks_routing,
        )

    async def forward_sender(self, sender: str, domain: str, now: datetime) -> str:
        """Return the sender to send on with: the null sender and those of our own domains stay as they are.

        So does every sender where the alias's domain is too long for a rewritten one: SPF fails then, and mail goes on.
        """
        address = read_address(sender) if sender else None
        if not sender or (address is not None and address.domain and await self._cache.domain(address.domain)):
            return sender
        try:
            return await self._rewriter.forward(sender, domain, now=now)
        except ValueError:
            return sender

    async def _read(self, recipient: str, hostname: str) -> WrittenAddress | None:
        """Read an address; "postmaster" alone is that of the host itself (RFC 5321 section 4.5.1)."""
        address = read_address(recipient)
        if address is None or address.domain or "@" in recipient or address.local_part.lower() != POSTMASTER:
            return address
        labels = hostname.lower().split(".")
        for first in range(len(labels) - 1):
            name = ".".join(labels[first:])
            if await self._cache.domain(name) is not None:
                return WrittenAddress(POSTMASTER, name)
        return WrittenAddress(POSTMASTER, await self._cache.oldest_domain() or "")

    async def _return(self, recipient: str, sender: str, now: datetime) -> tuple[SenderReturn, Target | None]:
        """Read a rewritten sender back; a mail that is no report is refused anyway."""
        if sender:
            return SenderReturn.REFUSED, None
        try:
            original = await self._rewriter.reverse(recipient.rpartition("@")[0], now=now)
        except SrsError:
            return SenderReturn.REFUSED, None
        return SenderReturn.VALID, Target(original, mail_key(original))
