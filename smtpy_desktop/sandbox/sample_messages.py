"""Makes the sandbox's messages out of a seed and a moment: the same two give the same messages."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from smtpy_desktop.core.bounce_advice import classify
from smtpy_desktop.sandbox.sample_raw_message import header_lines, raw_message
from smtpy_desktop.sandbox.sample_texts import (
    ACCEPTED,
    ATTACHMENTS,
    BOUNCED,
    BOUNCED_BY_POLICY,
    FAILED,
    PREVIEWS,
    PUT_OFF,
    RECIPIENT_PARTS,
    REJECTED,
    SECOND_TARGET,
    SENDERS,
    SUBJECTS,
    Reply,
    usual_target,
)
from smtpy_desktop.schemas.domains import DomainRow, DomainStatus
from smtpy_desktop.schemas.messages import Attachment, DeliveryState, MessageStatus

T = TypeVar("T")

COUNT = 2500
DAYS = 60
_CONTENT_DAYS = 30
_UNDER_WAY = 36
"""So many of the newest messages may not be delivered yet."""
_NEWEST = timedelta(minutes=1)
_SWITCHED_OFF = timedelta(days=20)
_RETRY_SECONDS = (0.0, 300.0, 2100.0)
_TIMEOUT_MILLISECONDS = 30_000


@dataclass(slots=True)
class SampleDelivery:
    """One delivery with its attempts, oldest first; both as rows of their tables."""

    row: dict[str, Any]
    attempts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class SampleMessage:
    """One message as a row of its table, its deliveries, and its content where that is kept."""

    row: dict[str, Any]
    deliveries: list[SampleDelivery] = field(default_factory=list)
    raw: bytes | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the messages of one thread have in common; one message alone has no ``thread_id``."""

    domain: DomainRow
    sender: str
    recipient: str
    target: str
    subject: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """When the message at one place of a conversation comes, and what decides about its content and end."""

    moment: datetime
    talk: Conversation
    place: int
    rng: random.Random


def sample_messages(
    domains: Sequence[DomainRow], now: datetime, *, count: int = COUNT, seed: int = 1
) -> list[SampleMessage]:
    """Return messages to the domains over the last 60 days, the oldest first."""
    # Times have numbers of their own, and so has every message: what is in them does not depend on the hour of the day.
    rng, times = random.Random(seed), random.Random(seed + 1)  # noqa: S311 - samples, no secrets
    planned: list[_Plan] = []
    while len(planned) < count:
        length = min(rng.randint(2, 7) if rng.random() < 0.12 else 1, count - len(planned))
        talk = start_conversation(rng, domains, is_thread=length > 1)
        moment = _moment(times, now if talk.domain.is_active else now - _SWITCHED_OFF)
        for place in range(length):
            planned.append(_Plan(moment, talk, place, random.Random(rng.getrandbits(64))))  # noqa: S311
            moment += timedelta(minutes=times.uniform(20, 1500))
            if moment > now - _NEWEST:
                break
    planned.sort(key=lambda plan: plan.moment)
    return [_carried_out(plan, now, is_new=count - number <= _UNDER_WAY) for number, plan in enumerate(planned)]


def start_conversation(rng: random.Random, domains: Sequence[DomainRow], *, is_thread: bool = False) -> Conversation:
    """Choose who writes to whom about what; early domains and senders are chosen more often."""
    domain, sender = _skewed(rng, domains), _skewed(rng, SENDERS)
    part = _skewed(rng, RECIPIENT_PARTS)
    target = usual_target(domain.id, part)
    subject = rng.choice(SUBJECTS).format(n=rng.randint(1000, 98_000))
    thread_id = f"<{rng.getrandbits(64):016x}@{_host(sender)}>" if is_thread else None
    return Conversation(domain, sender, f"{part}@{domain.name}", target, subject, thread_id)


def new_message(rng: random.Random, talk: Conversation, moment: datetime, *, place: int = 0) -> SampleMessage:
    """Return a message that has just come in, pending, with one delivery that is due and its content."""
    subject = talk.subject if place == 0 else f"Re: {talk.subject}"
    is_first = place == 0 and talk.thread_id is not None
    message_id = talk.thread_id if is_first else f"<{rng.getrandbits(80):020x}@{_host(talk.sender)}>"
    row: dict[str, Any] = {
        "message_id": message_id,
        "thread_id": talk.thread_id,
        "domain_id": talk.domain.id,
        "sender_email": talk.sender,
        "recipient_email": talk.recipient,
        "forwarded_to": talk.target,
        "subject": subject,
        "body_preview": rng.choice(PREVIEWS),
        "status": MessageStatus.PENDING.value,
        "error_message": None,
        "bounce_class": None,
        "size_bytes": int(math.exp(rng.gauss(9.2, 0.9))) + 600,
        "authentication": _authentication(rng),
        "created_at": moment,
        "updated_at": moment,
        "delivered_at": None,
    }
    attachments = [_attachment(rng)] if rng.random() < 0.14 else []
    row["has_attachments"] = bool(attachments)
    row["attachments"] = [{"name": one.name, "type": one.type, "size_bytes": one.size_bytes} for one in attachments]
    row["size_bytes"] += sum(one.size_bytes * 4 // 3 for one in attachments)
    row["headers"] = header_lines(row)
    message = SampleMessage(row)
    message.deliveries.append(_delivery(talk.target, moment, DeliveryState.QUEUED, next_attempt_at=moment))
    return message


def attempt(rng: random.Random, target: str, moment: datetime, reply: Reply, outcome: DeliveryState) -> dict[str, Any]:
    """Return one try to hand a message over, as a row without its delivery."""
    is_answered = reply.code is not None
    return {
        "at": moment,
        "host": f"mx{rng.randint(1, 2)}.{_host(target)}",
        "tls": rng.choice(("TLSv1.3", "TLSv1.3", "TLSv1.2")) if is_answered else None,
        "code": reply.code,
        "enhanced": reply.enhanced,
        "reply": reply.words.format(target=target),
        "milliseconds": int(80 + math.exp(rng.gauss(5.5, 0.8)))
        if is_answered
        else _TIMEOUT_MILLISECONDS
        if reply.is_timeout
        else rng.randint(3, 400),
        "outcome": outcome.value,
    }


def blame(reply: Reply, target: str) -> dict[str, str]:
    """Return what a message says that was refused with this reply."""
    error = reply.error().format(target=target)
    return {"error_message": error, "bounce_class": classify(reply.code, reply.enhanced, reply.words).value}


def keep_content(message: SampleMessage, expires_at: datetime | None) -> None:
    """Make the raw message, with attachments that are small enough to be samples, and size it accordingly."""
    row = message.row
    for entry in row["attachments"]:
        entry["size_bytes"] = min(entry["size_bytes"], 4000 + entry["size_bytes"] % 8000)
    message.raw, message.expires_at = raw_message(row), expires_at
    row["size_bytes"] = len(message.raw)


def _carried_out(plan: _Plan, now: datetime, *, is_new: bool) -> SampleMessage:
    message = new_message(plan.rng, plan.talk, plan.moment, place=plan.place)
    _end(plan.rng, message, plan.talk, _status(plan.rng, is_new=is_new), now)
    return message


def _status(rng: random.Random, *, is_new: bool) -> MessageStatus:
    if is_new and rng.random() < 0.45:
        return rng.choice((MessageStatus.PENDING, MessageStatus.PENDING, MessageStatus.PROCESSING))
    chance = rng.random()
    for limit, status in (
        (0.045, MessageStatus.BOUNCED),
        (0.07, MessageStatus.FAILED),
        (0.105, MessageStatus.REJECTED),
    ):
        if chance < limit:
            return status
    return MessageStatus.DELIVERED


def _end(rng: random.Random, message: SampleMessage, talk: Conversation, status: MessageStatus, now: datetime) -> None:
    """Let a message be where its status says."""
    message.row["status"] = status.value
    match status:
        case MessageStatus.DELIVERED:
            _deliver(rng, message, talk, now)
        case MessageStatus.BOUNCED:
            unproven = talk.domain.status is DomainStatus.FAILED and rng.random() < 0.6
            _refuse(rng, message, BOUNCED_BY_POLICY if unproven else rng.choice(BOUNCED), now, tries=1)
        case MessageStatus.FAILED:
            _refuse(rng, message, rng.choice(FAILED), now, tries=len(_RETRY_SECONDS))
        case MessageStatus.REJECTED:
            message.deliveries.clear()
            message.row |= blame(rng.choice(REJECTED), talk.recipient) | {"forwarded_to": None}
        case MessageStatus.PENDING | MessageStatus.PROCESSING:
            _leave_under_way(rng, message, now)


def _deliver(rng: random.Random, message: SampleMessage, talk: Conversation, now: datetime) -> None:
    created = message.row["created_at"]
    if rng.random() < 0.05:
        message.deliveries.append(_delivery(SECOND_TARGET, created, DeliveryState.QUEUED))
        message.row["forwarded_to"] = f"{talk.target}, {SECOND_TARGET}"
    delivered = created
    for delivery in message.deliveries:
        target = delivery.row["target"]
        at = created + timedelta(seconds=math.exp(rng.gauss(0.6, 0.7)))
        later = at + timedelta(seconds=rng.uniform(300, 420))
        if rng.random() < 0.06 and later < now:
            delivery.attempts.append(attempt(rng, target, at, rng.choice(PUT_OFF), DeliveryState.DEFERRED))
            at = later
        delivery.attempts.append(attempt(rng, target, at, rng.choice(ACCEPTED), DeliveryState.SENT))
        delivery.row |= {"state": DeliveryState.SENT.value, "next_attempt_at": None, "updated_at": at}
        delivered = max(delivered, at)
    message.row |= {"delivered_at": delivered, "updated_at": delivered}
    if created > now - timedelta(days=1):
        keep_content(message, delivered + timedelta(days=1))


def _refuse(rng: random.Random, message: SampleMessage, reply: Reply, now: datetime, *, tries: int) -> None:
    delivery, created = message.deliveries[0], message.row["created_at"]
    target = delivery.row["target"]
    wait = min(1.0, (now - created).total_seconds() / (_RETRY_SECONDS[tries - 1] + 60))  # never after now
    for number in range(tries):
        at = created + timedelta(seconds=wait * (_RETRY_SECONDS[number] + rng.uniform(1, 4)))
        outcome = DeliveryState.FAILED if number == tries - 1 else DeliveryState.DEFERRED
        delivery.attempts.append(attempt(rng, target, at, reply, outcome))
    ended = delivery.attempts[-1]["at"]
    delivery.row |= {"state": DeliveryState.FAILED.value, "next_attempt_at": None, "updated_at": ended}
    message.row |= blame(reply, target) | {"updated_at": ended}
    if created > now - timedelta(days=_CONTENT_DAYS):
        keep_content(message, created + timedelta(days=_CONTENT_DAYS))


def _leave_under_way(rng: random.Random, message: SampleMessage, now: datetime) -> None:
    delivery, created = message.deliveries[0], message.row["created_at"]
    keep_content(message, None)
    if message.row["status"] == MessageStatus.PROCESSING.value:
        delivery.row |= {
            "state": DeliveryState.SENDING.value,
            "next_attempt_at": None,
            "lease_until": now + timedelta(seconds=rng.uniform(300, 900)),
        }
    else:
        at = created + timedelta(seconds=rng.uniform(1, 4))
        delivery.attempts.append(attempt(rng, delivery.row["target"], at, rng.choice(PUT_OFF), DeliveryState.DEFERRED))
        next_at = now + timedelta(minutes=rng.uniform(5, 45))
        delivery.row |= {"state": DeliveryState.DEFERRED.value, "next_attempt_at": next_at, "updated_at": at}
        message.row["updated_at"] = at


def _delivery(
    target: str, moment: datetime, state: DeliveryState, *, next_attempt_at: datetime | None = None
) -> SampleDelivery:
    return SampleDelivery(
        {
            "target": target,
            "state": state.value,
            "lease_until": None,
            "next_attempt_at": next_attempt_at,
            "created_at": moment,
            "updated_at": moment,
        }
    )


def _moment(rng: random.Random, now: datetime) -> datetime:
    """Return a moment of the last 60 days: working days and working hours are busier."""
    while True:
        moment = now - timedelta(days=rng.uniform(0, DAYS), seconds=rng.uniform(60, 120))
        busy = 0.15 + math.exp(-(((moment.hour - 13) / 4) ** 2))
        if rng.random() < busy * (0.4 if moment.isoweekday() > 5 else 1.0) / 1.15:
            return moment


def _authentication(rng: random.Random) -> dict[str, str]:
    return {
        "spf": rng.choices(("pass", "softfail", "fail", "none"), (90, 4, 3, 3))[0],
        "dkim": rng.choices(("pass", "fail", "none"), (90, 3, 7))[0],
        "dmarc": rng.choices(("pass", "fail", "none"), (88, 4, 8))[0],
        "arc": "none",
    }


def _attachment(rng: random.Random) -> Attachment:
    name, kind = rng.choice(ATTACHMENTS)
    return Attachment(name, kind, int(math.exp(rng.gauss(11.5, 1.0))) + 2000)


def _skewed(rng: random.Random, choices: Sequence[T]) -> T:
    return choices[min(int(len(choices) * rng.random() ** 2), len(choices) - 1)]


def _host(address: str) -> str:
    return address.rpartition("@")[2]
