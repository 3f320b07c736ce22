"""Compares what clients were told with what the database says and with what the targets' server has received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from tests.faults.ledger import LINE, Fate, Ledger, message_bytes

LIVE = ("queued", "sending", "deferred", "uncertain")
_DELIVERIES = """
SELECT m.message_id, m.status, d.target, d.state, d.lease_until < now() - make_interval(secs => %s),
       (SELECT count(*) FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.outcome = 'sent'),
       (SELECT count(*) FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.outcome = 'uncertain'),
       (SELECT count(*) FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.outcome = 'sending')
FROM messages m JOIN deliveries d ON d.message_id = m.id
JOIN mail_envelopes e ON e.message_id = m.id
WHERE e.kind = 'forward'
"""
_GRACE_SECONDS = 5.0


@dataclass(slots=True)
class Verdict:
    """What the judge found; all lists hold ids. ``explained`` duplicates had an uncertain attempt on record."""

    acknowledged: int = 0
    unknown: int = 0
    refused: int = 0
    delivered: int = 0
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    ghosts: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    misreported: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.unexplained or self.ghosts or self.changed or self.stuck or self.misreported)

    def __str__(self) -> str:
        wrong = {
            name: getattr(self, name)[:5]
            for name in ("lost", "unexplained", "ghosts", "changed", "stuck", "misreported")
            if getattr(self, name)
        }
        return f"{self.acknowledged} acknowledged, {self.delivered} delivered, wrong: {wrong or 'nothing'}"


@dataclass(frozen=True, slots=True)
class _Delivery:
    status: str
    state: str
    is_stuck: bool
    sent: int
    uncertain: int
    sending: int


def judge(ledger: Ledger, url: str, received: Iterable[ReceivedMail], *, is_settled: bool = True) -> Verdict:
    """Return the verdict on one run; ``is_settled``: nothing is under way any more, so all of it must have arrived."""
    verdict = Verdict(
        acknowledged=ledger.count(Fate.ACKNOWLEDGED),
        unknown=ledger.count(Fate.UNKNOWN),
        refused=ledger.count(Fate.REFUSED),
    )
    copies = _copies(ledger, received, verdict)
    known = _deliveries(url)
    verdict.delivered = len({id_ for id_, _ in copies})
    for id_, entry in ledger.entries.items():
        if entry.fate is Fate.ACKNOWLEDGED and not known.get(id_):
            verdict.lost.append(id_)
    for id_, targets in known.items():
        for target, delivery in targets.items():
            _judge_delivery(verdict, f"{id_} {target}", delivery, copies[id_, target], is_settled=is_settled)
    return verdict


def _judge_delivery(verdict: Verdict, name: str, delivery: _Delivery, copies: int, *, is_settled: bool) -> None:
    may_have_arrived = delivery.sent + delivery.uncertain + delivery.sending
    if copies > may_have_arrived:
        verdict.unexplained.append(name)
    elif copies > 1:
        verdict.explained.append(name)
    if delivery.is_stuck:
        verdict.stuck.append(name)
    is_over = delivery.state not in LIVE
    if is_settled and not is_over:
        verdict.lost.append(name)
    if is_over and (delivery.state == "sent") != (copies > 0):
        # Recorded as sent and not there is a loss; there and recorded as failed is a wrong record.
        (verdict.lost if delivery.state == "sent" else verdict.misreported).append(name)
    if is_settled and is_over and delivery.status in ("pending", "processing"):
        verdict.misreported.append(name)


def _copies(ledger: Ledger, received: Iterable[ReceivedMail], verdict: Verdict) -> Counter[tuple[str, str]]:
    """Count what came by id and target, and hold every byte against what the client sent."""
    copies: Counter[tuple[str, str]] = Counter()
    for mail in received:
        id_ = mail.header(LINE)
        if id_ is None:
            continue  # a report of ours
        entry = ledger.entries.get(id_)
        if entry is None or entry.fate is Fate.UNSENT:
            verdict.ghosts.append(id_)
            continue
        if not mail.raw.endswith(b"\r\n" + message_bytes(entry)):
            verdict.changed.append(id_)
        for target in mail.recipients:
            copies[id_, target] += 1
    return copies


def _deliveries(url: str) -> dict[str, dict[str, _Delivery]]:
    """Return what the database knows, by ledger id and target."""
    found: dict[str, dict[str, _Delivery]] = {}
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        for message_id, status, target, *rest in connection.execute(_DELIVERIES, (_GRACE_SECONDS,)):
            state, is_past_lease, sent, uncertain, sending = rest
            id_ = message_id.strip("<>").partition("@")[0]
            is_stuck = state == "sending" and bool(is_past_lease)
            found.setdefault(id_, {})[target] = _Delivery(status, state, is_stuck, sent, uncertain, sending)
    return found
