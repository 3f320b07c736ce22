"""Makes what is stored of what was decided: the lines on top, the sender to send on with, one message per recipient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smtpy_desktop.controllers.mail_routes import MailRoutes
from smtpy_desktop.controllers.report_spooling import sent_to
from smtpy_desktop.core.authentication_results import authentication_results_line
from smtpy_desktop.core.delivery_report import FailedDelivery, build_report
from smtpy_desktop.core.mail_decision import may_report
from smtpy_desktop.core.spooled_mail import own_lines, spooled_message
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.mail_decision import MailOutcome, RecipientDecision, SenderReturn
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail, SendResult
from smtpy_desktop.schemas.smtp_session import MailEnvelope
from smtpy_desktop.schemas.spool import EnvelopeKind, SpooledEnvelope, SpooledMessage


class ArcSealing(Protocol):
    """Seals forwarded mail (``controllers/arc_controller.py``)."""

    async def seal(self, domain: str, raw: bytes, verdict: AuthenticationVerdict, sender: str) -> bytes:
        """Return the lines to put on top, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A message with everything that is known of it."""

    envelope: MailEnvelope
    raw: bytes
    facts: MailFacts
    verdict: AuthenticationVerdict
    queue_id: str
    now: datetime
    hostname: str

    @property
    def is_lmtp(self) -> bool:
        """Whether the client hears a reply for every recipient."""
        return "LMTP" in self.envelope.client.protocol.upper()


class MailSpooling:
    """Turns decisions into messages to be stored; asks for rewritten senders and seals, once per domain."""

    def __init__(self, routes: MailRoutes, sealer: ArcSealing | None) -> None:
        self._routes, self._sealer = routes, sealer

    async def messages(self, mail: ReceivedMail, decisions: Iterable[RecipientDecision]) -> tuple[SpooledMessage, ...]:
        """Return one message for each recipient, and the reports about those refused after SMTP has said yes."""
        unique = list(decisions)
        is_taken = any(not decision.is_refused for decision in unique)
        found: list[SpooledMessage] = []
        sealed: dict[str, tuple[str, bytes]] = {}
        for decision in unique:
            envelope = None
            if is_taken and not (decision.is_refused and mail.is_lmtp):
                envelope = await self._envelope(mail, decision, unique, sealed)
            found.append(spooled_message(decision, mail.facts, mail.verdict, mail.envelope, mail.raw, envelope))
            if decision.is_refused and envelope is not None and envelope.may_report:
                found.append(await self._report(mail, decision))
        return tuple(found)

    async def _envelope(
        self,
        mail: ReceivedMail,
        decision: RecipientDecision,
        decisions: Sequence[RecipientDecision],
        sealed: dict[str, tuple[str, bytes]],
    ) -> SpooledEnvelope:
        envelope, facts, domain = mail.envelope, mail.facts, decision.route.domain
        name = domain.name if domain is not None else ""
        is_sent = bool(decision.targets)
        if is_sent and name not in sealed:
            sealed[name] = (await self._forward_sender(mail, name), await self._seal(mail, name))
        forward_sender, seal = sealed.get(name, ("", b"")) if is_sent else ("", b"")
        client = envelope.client
        lines = own_lines(
            decision,
            facts,
            envelope,
            hostname=mail.hostname,
            queue_id=mail.queue_id,
            now=mail.now,
            is_only=len(decisions) == 1,
        )
        results = authentication_results_line(mail.hostname, mail.verdict, envelope.sender)
        own_results = b"" if "authentication-results" in facts.oversigned else results
        return SpooledEnvelope(
            kind=EnvelopeKind.RETURN if decision.outcome is MailOutcome.RETURN else EnvelopeKind.FORWARD,
            sender=envelope.sender,
            forward_sender=forward_sender,
            prefix=seal + own_results + lines if is_sent else b"",
            may_report=may_report(decision, envelope.sender, facts, mail.verdict),
            is_utf8=envelope.is_utf8 and _needs_utf8(mail, decision, forward_sender),
            is_8bit=not facts.is_ascii,
            client_address=client.address,
            client_helo=client.helo,
            client_tls=client.tls,
        )

    async def _report(self, mail: ReceivedMail, decision: RecipientDecision) -> SpooledMessage:
        report = build_report(_failed(mail, decision), mail.now)
        route = await self._routes.route(report.recipient_email, "", hostname=mail.hostname, now=mail.now)
        if route.destination is None or route.sender_return is not SenderReturn.NONE:
            return report
        return sent_to(report, route.destination.targets)

    async def _forward_sender(self, mail: ReceivedMail, domain: str) -> str:
        return await self._routes.forward_sender(mail.envelope.sender, domain, mail.now)

    async def _seal(self, mail: ReceivedMail, domain: str) -> bytes:
        # Two signatures cost more than all the rest of taking a message in: none where they would vouch for nothing.
        if self._sealer is None or not domain or not mail.verdict.vouches:
            return b""
        return await self._sealer.seal(domain, mail.raw, mail.verdict, mail.envelope.sender)


def _needs_utf8(mail: ReceivedMail, decision: RecipientDecision, forward_sender: str) -> bool:
    """Whether the next server must know SMTPUTF8: that it was asked for does not mean that it is needed."""
    addresses = (forward_sender, decision.route.address, *(target.address for target in decision.targets))
    return not mail.facts.has_ascii_headers or not "".join(addresses).isascii()


def _failed(mail: ReceivedMail, decision: RecipientDecision) -> FailedDelivery:
    """Return what a report tells about a recipient that is refused although SMTP had to say yes for the others."""
    reply, domain = decision.reply, decision.route.domain
    assert domain is not None  # noqa: S101 - what is refused at the dot was accepted at RCPT, or has no report
    due = DueDelivery(
        id=0,
        attempt_id=0,
        message_id=MessageId(0),
        domain_id=domain.id,
        recipient_email=decision.route.address,
        original_sender=mail.envelope.sender,
        may_report=True,
        kind=EnvelopeKind.FORWARD.value,
        attempts=0,
        first_at=mail.now,
        mail=OutgoingMail(mail.envelope.sender, decision.route.address, b"", mail.raw),
    )
    result = SendResult(
        DeliveryState.FAILED,
        host=mail.hostname,
        code=reply.code,
        enhanced=reply.enhanced,
        reply=reply.words,
        bounce_class=decision.bounce_class,
    )
    return FailedDelivery(due, result, mail.hostname, 0)
