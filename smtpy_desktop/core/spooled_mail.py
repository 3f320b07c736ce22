"""Builds what is stored about a message for one recipient, and the lines of ours that go on top of it."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.core.header_lines import HeaderFault, delivered_to_line, forwarded_for_line, received_line
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.mail_decision import MailOutcome, RecipientDecision
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.smtp_session import MailEnvelope
from smtpy_desktop.schemas.spool import SpooledEnvelope, SpooledMessage
from smtpy_desktop.schemas.text import text


def refused_at_rcpt(decision: RecipientDecision, sender: str) -> SpooledMessage:
    """Return what is written down about a recipient that was refused before there was a message."""
    return SpooledMessage(
        domain_id=_domain_id(decision),
        message_id="",
        thread_id=None,
        sender_email=sender,
        recipient_email=decision.route.address,
        forwarded_to=None,
        subject="",
        body_preview="",
        status=MessageStatus.REJECTED,
        size_bytes=0,
        error_message=_error(decision),
        bounce_class=decision.bounce_class,
        rule_ids=_rule_ids(decision),
    )


def spooled_message(
    decision: RecipientDecision,
    facts: MailFacts,
    verdict: AuthenticationVerdict,
    envelope: MailEnvelope,
    raw: bytes,
    spooled: SpooledEnvelope | None,
) -> SpooledMessage:
    """Return what is stored about a message for one recipient; ``spooled`` None: it is not accepted.

    The bytes are kept where they are to be sent.
    """
    targets = tuple(target.address for target in decision.targets) if spooled is not None else ()
    return SpooledMessage(
        domain_id=_domain_id(decision),
        message_id=facts.message_id,
        thread_id=facts.thread_id,
        sender_email=envelope.sender,
        recipient_email=decision.route.address,
        forwarded_to=", ".join(targets) or None,
        subject=facts.subject,
        body_preview=facts.preview,
        status=_status(decision),
        size_bytes=facts.size_bytes,
        headers=facts.headers,
        attachments=facts.attachments,
        authentication=verdict.as_mapping(),
        error_message=_error(decision),
        bounce_class=decision.bounce_class,
        raw=raw if targets else None,
        targets=targets,
        envelope=spooled,
        rule_ids=_rule_ids(decision),
    )


def own_lines(
    decision: RecipientDecision,
    facts: MailFacts,
    envelope: MailEnvelope,
    *,
    hostname: str,
    queue_id: str,
    now: datetime,
    is_only: bool,
) -> bytes:
    """Return Received, Delivered-To and X-Forwarded-For as they go on top, the first one first.

    ``is_only``: the mail has no other recipient, so that Received may name this one. A line that a signature of the
    author covers in advance (oversigning) is left out, but for Received, which has to be added. A report on its way
    back gets no line that names its rewritten recipient.
    """
    address, is_utf8 = decision.route.address, envelope.is_utf8
    is_return = decision.outcome is MailOutcome.RETURN
    received = received_line(
        envelope.client,
        hostname=hostname,
        queue_id=queue_id,
        now=now,
        recipient=address if is_only and not is_return else "",
        is_utf8=is_utf8,
    )
    if is_return:
        return received
    lines = [received]
    for name, make in (("delivered-to", delivered_to_line), ("x-forwarded-for", forwarded_for_line)):
        if name not in facts.oversigned:
            try:
                lines.append(make(address, is_utf8=is_utf8))
            except HeaderFault:
                continue  # an address that may not stand in a header; the hops are counted as well
    return b"".join(lines)


def _domain_id(decision: RecipientDecision) -> DomainId:
    domain = decision.route.domain
    if domain is None:
        raise ValueError("mail to a foreign domain is never stored")
    return domain.id


def _status(decision: RecipientDecision) -> MessageStatus:
    if decision.outcome in (MailOutcome.REFUSE, MailOutcome.DISCARD):
        return MessageStatus.REJECTED
    return MessageStatus.PENDING if decision.targets else MessageStatus.DELIVERED


def _error(decision: RecipientDecision) -> str | None:
    """Return why nothing is sent, for people; with the reply that the client got."""
    if decision.outcome is MailOutcome.DISCARD:
        return str(decision.reason)
    if decision.is_refused:
        reply = decision.reply
        return f"{reply.code} {reply.enhanced} {reply.words}. {decision.reason}"
    if not decision.targets:
        return str(text("Not sent again: another recipient of the same mail leads to the same address."))
    return None


def _rule_ids(decision: RecipientDecision) -> tuple[int, ...]:
    return (decision.rule.id,) if decision.rule is not None else ()
