"""Authenticating received mail: SPF, DKIM, DMARC and ARC together, within one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from smtpy_desktop.core.arc_chain import ArcState, highest_instance
from smtpy_desktop.core.author_domains import author_domains
from smtpy_desktop.core.dkim_signature import SignatureFault
from smtpy_desktop.core.dkim_verification import SignedMessage
from smtpy_desktop.gateways.dmarc_checker import Authenticated, DmarcChecker, DmarcFinding
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.signature_checker import SignatureChecker
from smtpy_desktop.gateways.spf_checker import SpfChecker, spf_domain
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.mail_identity import DnsSettings
from smtpy_desktop.schemas.smtp_session import MailClient

DEADLINE_SECONDS = 15.0

T = TypeVar("T")


class MailAuthenticator(Protocol):
    """What mail intake needs to know who sent a message."""

    async def verify(self, client: MailClient, sender: str, raw: bytes) -> AuthenticationVerdict:
        """Return what SPF, DKIM, DMARC and ARC say; never raises for what a message or a server does."""
        ...


class DnsMailAuthenticator:
    """Authenticates with what the DNS says; for use on one event loop.

    ``settings`` and ``hostname`` are asked for at every message, as they may be changed at any time. What has not been
    found out when the deadline comes is a temporary error.
    """

    def __init__(
        self,
        asker: DnsAsker,
        settings: Callable[[], DnsSettings],
        *,
        hostname: Callable[[], str] = lambda: "unknown",
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._spf = SpfChecker(asker, settings, hostname)
        self._dmarc = DmarcChecker(asker, settings)
        self._signatures = SignatureChecker(asker, settings)
        self._deadline = deadline_seconds

    async def verify(self, client: MailClient, sender: str, raw: bytes) -> AuthenticationVerdict:
        """Return what SPF, DKIM, DMARC and ARC say about a message of this client."""
        end = asyncio.get_running_loop().time() + self._deadline
        authors = author_domains(raw)
        domain = spf_domain(sender, client.helo)
        spf = self._spf.recall(client, domain) or ""
        message, dkim = await self._read(raw)
        arc = ArcState("none")
        # What is known already, and what is not there, costs no task: that is most of the mail.
        if not spf:
            spf, (dkim, arc), _ = await asyncio.gather(
                _by(end, self._spf.check(client, sender, domain), "temperror"),
                self._signed(message, dkim, authors, end),
                _by(end, self._dmarc.prepare(authors), None),
            )
        elif message is not None:
            dkim, arc = await self._signed(message, dkim, authors, end)
        checking = self._dmarc.check(authors, Authenticated(spf, domain, dkim))
        dmarc = await _by(end, checking, DmarcFinding("temperror", authors[0] if authors else ""))
        return AuthenticationVerdict(
            spf=spf,
            spf_domain=domain,
            dkim=dkim,
            dmarc=dmarc.result,
            policy=dmarc.policy,
            from_domain=dmarc.domain,
            dmarc_by=dmarc.by,
            arc=arc.result,
            arc_instances=arc.highest,
        )

    async def signatures(self, raw: bytes) -> tuple[DkimSignature, ...]:
        """Return the verdicts on the DKIM signatures of a message as it would be sent."""
        message, unread = await self._read(raw)
        if message is None:
            return unread
        end = asyncio.get_running_loop().time() + self._deadline
        return await self._dkim(message, author_domains(raw), end)

    async def _read(self, raw: bytes) -> tuple[SignedMessage | None, tuple[DkimSignature, ...]]:
        try:
            return await self._signatures.read(raw), ()
        except SignatureFault as fault:
            return None, (DkimSignature("", "", fault.result, fault.reason),)

    async def _signed(
        self, message: SignedMessage | None, dkim: tuple[DkimSignature, ...], authors: tuple[str, ...], end: float
    ) -> tuple[tuple[DkimSignature, ...], ArcState]:
        if message is None:
            return dkim, ArcState("none")
        if not highest_instance(message):
            return await self._dkim(message, authors, end), ArcState("none")
        chain = _by(end, self._signatures.check_arc(message), ArcState("temperror"))
        return await asyncio.gather(self._dkim(message, authors, end), chain)

    async def _dkim(self, message: SignedMessage, authors: tuple[str, ...], end: float) -> tuple[DkimSignature, ...]:
        return await _by(end, self._signatures.check_dkim(message, authors), (_LATE,))


_LATE = DkimSignature("", "", "temperror", "the keys did not come in time")


async def _by(end: float, work: Awaitable[T], late: T) -> T:
    """Return what work comes to; ``late`` when it has not come to anything by then."""
    try:
        async with asyncio.timeout_at(end):
            return await work
    except TimeoutError:
        return late
