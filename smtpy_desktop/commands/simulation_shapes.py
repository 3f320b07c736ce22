"""What a simulation and a test message are told as: JSON for scripts, lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.core.rule_words import condition_words, rule_sentence
from smtpy_desktop.core.verdict_words import (
    arc_words,
    dkim_words,
    dmarc_words,
    signatures_behind_words,
    spf_words,
    unsigned_words,
)
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.mail_decision import MailOutcome
from smtpy_desktop.schemas.mail_simulation import (
    RecipientSimulation,
    RuleCheck,
    RuleVerdict,
    Simulation,
    Speaker,
)
from smtpy_desktop.schemas.messages import MessageDetails
from smtpy_desktop.schemas.test_message import SentTestMessage

_VERDICTS = {
    RuleVerdict.DECIDED: "decides",
    RuleVerdict.NOT_MET: "is not met",
    RuleVerdict.OFF: "is switched off",
    RuleVerdict.NOT_REACHED: "is not reached",
}


def simulation_shape(told: Simulation) -> dict[str, Any]:
    """What would become of a message."""
    return {
        "reply": told.last_reply,
        "envelope": {
            "from": told.envelope.sender,
            "to": list(told.envelope.recipients),
            "client": told.envelope.client_address,
            "helo": told.envelope.helo,
        },
        "size_bytes": told.size_bytes,
        "subject": told.subject,
        "recipients": [_recipient_shape(one) for one in told.recipients],
        "authentication": _verdict_shape(told.verdict) if told.verdict is not None else None,
        "signatures_after": [_signature_shape(one) for one in told.signatures],
        "dialogue": [{"speaker": line.speaker.value, "line": line.words} for line in told.dialogue],
        "notes": [str(note) for note in told.notes],
    }


def simulation_lines(told: Simulation, *, with_dialogue: bool) -> str:
    """The same for people."""
    lines = [f"Nothing was sent or written. The sender's server would hear: {told.last_reply}"]
    lines += [f"Note: {note}" for note in told.notes]
    for one in told.recipients:
        lines += ["", *_recipient_lines(one)]
    if told.verdict is not None:
        lines += ["", *_verdict_lines(told.verdict, told.signatures)]
    if with_dialogue:
        lines += ["", *(f"{'C' if line.speaker is Speaker.CLIENT else 'S'}: {line.words}" for line in told.dialogue)]
    return "\n".join(lines)


def sent_shape(sent: SentTestMessage, messages: Sequence[MessageDetails]) -> dict[str, Any]:
    """A test message and what became of it."""
    return {
        "recipient": sent.recipient,
        "message_id": sent.message_id,
        "way": sent.way.value,
        "accepted": sent.is_accepted,
        "reply": sent.reply,
        "forwarder": sent.forwarder or None,
        "notes": [str(note) for note in sent.notes],
        "messages": [_message_shape(message) for message in messages],
    }


def message_lines(sent: SentTestMessage, messages: Sequence[MessageDetails]) -> str:
    """The same for people: accepted or not, each attempt, and how it ended."""
    lines = [f"{sent.forwarder or 'The queue'}: {sent.reply}"]
    for message in messages:
        for delivery in message.deliveries:
            for attempt in delivery.attempts:
                words = f"{attempt.code or ''} {attempt.reply}".strip()
                lines.append(
                    f"{attempt.at:%H:%M:%S} {attempt.host or delivery.target}: {attempt.outcome.value} {words}"
                )
            lines.append(f"{delivery.target}: {delivery.state.value}")
        lines.append(f"Message {message.id}: {message.status.value}")
    if sent.is_accepted and not messages:
        lines.append("It was handed over; look at it with: messages list --query test.")
    return "\n".join(lines)


def _recipient_shape(one: RecipientSimulation) -> dict[str, Any]:
    return {
        "address": one.address,
        "matched": one.match.kind.value if one.match is not None else None,
        "matched_by": one.match.source or None if one.match is not None else None,
        "outcome": one.outcome.value if one.outcome is not None else None,
        "reply": one.reply.encoded().decode("ascii").strip() if one.reply is not None else None,
        "reason": str(one.reason),
        "rules": [_check_shape(check) for check in one.rules],
        "targets": [target.address for target in one.sending.targets] if one.sending is not None else [],
        "forward_sender": one.sending.forward_sender if one.sending is not None else None,
        "added_headers": one.sending.prefix if one.sending is not None else None,
        "may_report": one.sending.may_report if one.sending is not None else None,
    }


def _check_shape(check: RuleCheck) -> dict[str, Any]:
    return {
        "id": check.rule.id,
        "name": check.rule.name,
        "rule": str(rule_sentence(check.rule)),
        "verdict": check.verdict.value,
        "unmet": [{"field": one.field.value, "value": one.value} for one in check.unmet],
    }


def _recipient_lines(one: RecipientSimulation) -> Iterator[str]:
    yield f"{one.address}: {one.reason}"
    for check in one.rules:
        unmet = ", ".join(str(condition_words(condition)) for condition in check.unmet)
        why = f" (it is not {unmet})" if unmet else ""
        yield f"  rule {check.rule.id} {_VERDICTS[check.verdict]}{why}: {rule_sentence(check.rule)}"
    if one.sending is not None:
        for target in one.sending.targets:
            yield f"  to {target.address}"
        yield f"  from <{one.sending.forward_sender}>"
        yield from (f"  + {line}" for line in one.sending.prefix.rstrip("\r\n").split("\r\n"))
    elif one.outcome is MailOutcome.FORWARD:
        yield "  nothing: another recipient of the same mail leads to the same address"


def _verdict_shape(verdict: AuthenticationVerdict) -> dict[str, Any]:
    return {
        "spf": verdict.spf,
        "spf_domain": verdict.spf_domain,
        "dkim": [_signature_shape(one) for one in verdict.dkim],
        "dmarc": verdict.dmarc,
        "dmarc_policy": verdict.policy,
        "from_domain": verdict.from_domain,
        "arc": verdict.arc,
    }


def _signature_shape(one: DkimSignature) -> dict[str, Any]:
    return {"domain": one.domain, "selector": one.selector, "result": one.result, "reason": one.reason}


def _verdict_lines(verdict: AuthenticationVerdict, after: tuple[DkimSignature, ...]) -> Iterator[str]:
    yield f"SPF {verdict.spf}: {spf_words(verdict)}"
    for one in verdict.dkim:
        yield f"DKIM {one.result}: {dkim_words(one)}"
    if not verdict.dkim:
        yield f"DKIM none: {unsigned_words()}"
    yield f"DMARC {verdict.dmarc}: {dmarc_words(verdict)}"
    yield f"ARC {verdict.arc}: {arc_words(verdict)}"
    yield f"{signatures_behind_words(verdict, after)}"


def _message_shape(message: MessageDetails) -> dict[str, Any]:
    return {
        "id": message.id,
        "status": message.status.value,
        "error": message.error_message,
        "deliveries": [
            {
                "target": delivery.target,
                "state": delivery.state.value,
                "next_attempt_at": time_shape(delivery.next_attempt_at),
                "attempts": [
                    {
                        "at": time_shape(attempt.at),
                        "host": attempt.host,
                        "tls": attempt.tls,
                        "code": attempt.code,
                        "reply": attempt.reply,
                        "milliseconds": attempt.milliseconds,
                        "outcome": attempt.outcome.value,
                    }
                    for attempt in delivery.attempts
                ],
            }
            for delivery in message.deliveries
        ],
    }
