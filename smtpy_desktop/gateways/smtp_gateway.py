"""Handing mail to mail servers: one message, the servers in their order, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smtpy_desktop.core.bounce_class import bounce_class_of_reply
from smtpy_desktop.core.bounce_kinds import OWN_MISTAKES, sign_in_trouble
from smtpy_desktop.core.delivery_lanes import BROKEN_OFF
from smtpy_desktop.core.smtp_client_session import Answer, SmtpVerb
from smtpy_desktop.gateways.smtp_connection import SmtpBroken, SmtpDeadlines
from smtpy_desktop.gateways.smtp_connection_pool import Place, PoolLimits, SmtpConnectionPool, TlsMode
from smtpy_desktop.gateways.smtp_opening import SmtpOpening, SmtpRefused, SmtpUnreachable
from smtpy_desktop.gateways.smtp_sign_in import PasswordReader
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult

_MOST_SERVERS = 5
_AVOIDED_SECONDS = 60.0
_MOST_AVOIDED = 4096


class MailSender(Protocol):
    """What the delivery workers need of the outside world."""

    async def send(self, mail: OutgoingMail, servers: Sequence[MailServer], *, require_tls: bool) -> SendResult:
        """Hand a message to the first of the servers that decides about it; never raises for what servers do."""
        ...

    async def close(self) -> None:
        """Close the connections that are kept."""
        ...


@dataclass(frozen=True, slots=True)
class _Try:
    """What one server came to; ``goes_on``: another one may be asked."""

    result: SendResult
    goes_on: bool = False


class SmtpGateway:
    """Sends over pooled connections; for use on one event loop."""

    def __init__(
        self,
        hostname: str,
        *,
        deadlines: SmtpDeadlines | None = None,
        limits: PoolLimits | None = None,
        authorities: str = "",
        password: PasswordReader | None = None,
    ) -> None:
        """Prepare to greet as ``hostname``; ``authorities`` is the PEM file that certificates are verified with.

        ``password`` reads that of the smart host, each time that a connection is signed in there.
        """
        self._opening = SmtpOpening(hostname, deadlines or SmtpDeadlines(), authorities=authorities, password=password)
        self._pool = SmtpConnectionPool(limits or PoolLimits())
        self._avoided: dict[tuple[str, int], float] = {}

    @property
    def open_connections(self) -> int:
        """How many connections to servers are open."""
        return self._pool.open_connections

    async def send(self, mail: OutgoingMail, servers: Sequence[MailServer], *, require_tls: bool) -> SendResult:
        """Hand a message to the first server that decides about it, five at most.

        UNCERTAIN when the connection broke after the final dot; FAILED when it is refused for good; DEFERRED otherwise.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        best: SendResult | None = None
        for server in self._best_first(servers):
            tried = await self._try(mail, server, TlsMode.of(server, require_tls=require_tls))
            # One that only puts off leaves hope, whatever another says for itself.
            if best is None or not tried.goes_on or tried.result.outcome is not DeliveryState.FAILED:
                best = tried.result
            if not tried.goes_on:
                break
        if best is None:
            best = SendResult(DeliveryState.DEFERRED, enhanced="4.4.4", reply="There is no server to take it to")
        return replace(best, milliseconds=round((loop.time() - started) * 1000))

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._pool.close()

    async def _try(self, mail: OutgoingMail, server: MailServer, mode: TlsMode) -> _Try:
        place = Place.of(server, mode)
        try:
            tried = await self._try_once(mail, server, place, fresh=False)
            if tried is None:  # a connection that had been kept did not last
                tried = await self._try_once(mail, server, place, fresh=True)
        except SmtpUnreachable as unreachable:
            self._avoid(server)
            return _Try(_failed_to_connect(server, str(unreachable)), goes_on=True)
        except SmtpRefused as refused:
            return _decided(server, None, refused.answer)
        except SmtpBroken as broken:
            return _Try(_broken(server, None, broken), goes_on=True)
        assert tried is not None  # noqa: S101 - a fresh connection is not tried again
        return tried

    async def _try_once(self, mail: OutgoingMail, server: MailServer, place: Place, *, fresh: bool) -> _Try | None:
        """Hand over on one connection; None when it was an old one and turned out to be of no use."""
        connection, is_reused = await self._pool.borrow(
            place, lambda: self._opening.open(server, place.mode), fresh=fresh
        )
        try:
            answer = await connection.converse(connection.session.hand_over(mail))
            is_forgotten = server.smart_host is not None and sign_in_trouble(answer.code, "") is not None
            if is_forgotten:
                connection.close()  # it does not know us any more: the next mail is not to meet the same
        except SmtpBroken as broken:
            if is_reused and not broken.is_uncertain:
                return None
            return _Try(_broken(server, connection.tls, broken), goes_on=not broken.is_uncertain)
        finally:
            self._pool.give_back(place, connection)
        if is_reused and (answer.is_at_fault or is_forgotten):
            return None
        return _decided(server, connection.tls, answer)

    def _avoid(self, server: MailServer) -> None:
        if len(self._avoided) >= _MOST_AVOIDED:
            self._avoided.clear()
        self._avoided[server.address, server.port] = asyncio.get_running_loop().time() + _AVOIDED_SECONDS

    def _best_first(self, servers: Sequence[MailServer]) -> Sequence[MailServer]:
        """Return the servers to try: in their order, but those last that could not be reached a moment ago."""
        if self._avoided and len(servers) > 1:
            now = asyncio.get_running_loop().time()
            servers = sorted(servers, key=lambda one: self._avoided.get((one.address, one.port), 0.0) > now)
        return servers[:_MOST_SERVERS]


def _shown(server: MailServer) -> str:
    address = f"[{server.address}]" if server.name else server.address
    port = f":{server.port}" if server.port != 25 else ""
    return f"{server.name} {address}{port}".strip()


def _failed_to_connect(server: MailServer, words: str) -> SendResult:
    bounce = bounce_class_of_reply(None, "4.4.1", words)
    return SendResult(DeliveryState.DEFERRED, _shown(server), None, None, "4.4.1", words, 0, bounce.value)


def _broken(server: MailServer, tls: str | None, broken: SmtpBroken) -> SendResult:
    outcome = DeliveryState.UNCERTAIN if broken.is_uncertain else DeliveryState.DEFERRED
    where = f" ({broken.verb})" if broken.verb not in (None, SmtpVerb.GREETING) and "(" not in broken.words else ""
    words = f"{broken.words}{where}"
    bounce = bounce_class_of_reply(None, BROKEN_OFF, words)
    return SendResult(outcome, _shown(server), tls, None, BROKEN_OFF, words, 0, bounce.value)


def _decided(server: MailServer, tls: str | None, answer: Answer) -> _Try:
    outcome, bounce = answer.outcome, None
    if outcome is not DeliveryState.SENT:
        reason = bounce_class_of_reply(answer.code, answer.enhanced, answer.words)
        bounce = reason.value
        if server.smart_host is not None and reason in OWN_MISTAKES:
            outcome = DeliveryState.DEFERRED  # nothing was said about the message: it waits until that is mended
    result = SendResult(outcome, _shown(server), tls, answer.code, answer.enhanced, answer.words, 0, bounce)
    return _Try(result, goes_on=answer.tries_others and outcome is not DeliveryState.SENT)
