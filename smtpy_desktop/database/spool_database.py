"""Writing received mail: one statement per table for a whole batch, each column as one array."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.spool import SpooledEnvelope, SpooledMessage

# The statements are the driver's own, with %b for what is sent in binary.
# Numbers are drawn before anything is written, so that no statement has to wait for what another one returns.
_DRAW = """
    SELECT now() AS moment,
        ARRAY(SELECT nextval(pg_get_serial_sequence('messages', 'id')) FROM generate_series(1, %(messages)b))
            AS messages,
        ARRAY(SELECT nextval(pg_get_serial_sequence('deliveries', 'id')) FROM generate_series(1, %(deliveries)b))
            AS deliveries,
        ARRAY(SELECT nextval(pg_get_serial_sequence('delivery_attempts', 'id')) FROM generate_series(1, %(attempts)b))
            AS attempts
"""
_MESSAGES = """
    INSERT INTO messages (id, message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject,
        body_preview, status, error_message, bounce_class, size_bytes, has_attachments, attachments, authentication,
        headers, delivered_at)
    SELECT id, message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject, body_preview,
        status, error_message, bounce_class, size_bytes, attachments <> '[]', attachments::jsonb,
        authentication::jsonb, headers, CASE status WHEN 'delivered' THEN now() END
    FROM unnest(CAST(%(id)b AS bigint[]), CAST(%(message_id)b AS text[]), CAST(%(thread_id)b AS text[]),
        CAST(%(domain_id)b AS bigint[]), CAST(%(sender_email)b AS text[]), CAST(%(recipient_email)b AS text[]),
        CAST(%(forwarded_to)b AS text[]), CAST(%(subject)b AS text[]), CAST(%(body_preview)b AS text[]),
        CAST(%(status)b AS text[]), CAST(%(error_message)b AS text[]), CAST(%(bounce_class)b AS text[]),
        CAST(%(size_bytes)b AS bigint[]), CAST(%(attachments)b AS text[]), CAST(%(authentication)b AS text[]),
        CAST(%(headers)b AS text[]))
        AS given (id, message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject,
            body_preview, status, error_message, bounce_class, size_bytes, attachments, authentication, headers)
"""
_CONTENTS = """
    INSERT INTO message_contents (message_id, raw)
    SELECT * FROM unnest(CAST(%(message_id)b AS bigint[]), CAST(%(raw)b AS bytea[]))
"""
# The bytes of a mail to many recipients are sent to the database once.
_SHARED_CONTENTS = """
    INSERT INTO message_contents (message_id, raw)
    SELECT message_id, (CAST(%(raw)b AS bytea[]))[place]
    FROM unnest(CAST(%(message_id)b AS bigint[]), CAST(%(place)b AS integer[])) AS given (message_id, place)
"""
_ENVELOPES = """
    INSERT INTO mail_envelopes (message_id, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit,
        client_address, client_helo, client_tls, forwarder)
    SELECT given.*, %(forwarder)b
    FROM unnest(CAST(%(message_id)b AS bigint[]), CAST(%(kind)b AS text[]), CAST(%(sender)b AS text[]),
        CAST(%(forward_sender)b AS text[]), CAST(%(prefix)b AS bytea[]), CAST(%(may_report)b AS boolean[]),
        CAST(%(is_utf8)b AS boolean[]), CAST(%(is_8bit)b AS boolean[]), CAST(%(client_address)b AS text[]),
        CAST(%(client_helo)b AS text[]), CAST(%(client_tls)b AS text[])) AS given
"""
_DELIVERIES = """
    INSERT INTO deliveries (id, message_id, target, state, next_attempt_at, lease_until, leased_by, attempts)
    SELECT id, message_id, target, CASE WHEN is_leased THEN 'sending' ELSE 'queued' END,
        CASE WHEN NOT is_leased THEN now() END,
        CASE WHEN is_leased THEN now() + make_interval(secs => %(lease)b) END,
        CASE WHEN is_leased THEN %(forwarder)b END, CASE WHEN is_leased THEN 1 ELSE 0 END
    FROM unnest(CAST(%(id)b AS bigint[]), CAST(%(message_id)b AS bigint[]), CAST(%(target)b AS text[]),
        CAST(%(is_leased)b AS boolean[])) AS given (id, message_id, target, is_leased)
"""
_ATTEMPTS = """
    INSERT INTO delivery_attempts (id, delivery_id, outcome)
    SELECT given.*, 'sending' FROM unnest(CAST(%(id)b AS bigint[]), CAST(%(delivery_id)b AS bigint[])) AS given
"""
# In the order of their ids, as two writers that lock the same counters the other way round would wait for each other.
_MATCHES = """
    INSERT INTO rule_matches AS kept (rule_id, matches)
    SELECT rules.id, given.matches
    FROM unnest(CAST(%(rule_id)b AS bigint[]), CAST(%(matches)b AS bigint[])) AS given (rule_id, matches)
    JOIN rules ON rules.id = given.rule_id
    ORDER BY rules.id
    ON CONFLICT (rule_id) DO UPDATE SET matches = kept.matches + excluded.matches, last_at = now()
"""
_TEXTS = ("message_id", "thread_id", "sender_email", "recipient_email", "forwarded_to", "subject", "body_preview")
_MORE_TEXTS = ("error_message", "bounce_class", "headers")


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to write: to which message of the batch it belongs, and whether it is leased and begun at once."""

    place: int
    target: str
    is_leased: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that a batch was given, and its moment; ``attempts`` belong to the leased deliveries, in order."""

    moment: datetime
    messages: Sequence[int]
    deliveries: Sequence[int]
    attempts: Sequence[int]


async def draw_numbers(db: AsyncSession, messages: int, deliveries: int, attempts: int) -> Numbers:
    """Return the numbers of rows that are to be written, and the time of this transaction."""
    values = {"messages": messages, "deliveries": deliveries, "attempts": attempts}
    row = (await _execute(db, _DRAW, values)).one()
    return Numbers(row.moment, row.messages, row.deliveries, row.attempts)


async def write_messages(
    db: AsyncSession, ids: Sequence[int], messages: Sequence[SpooledMessage], begun: Collection[int] = ()
) -> None:
    """Write the messages with these numbers; those at the places ``begun`` have an attempt already."""
    columns: dict[str, Any] = {name: _texts(messages, name) for name in (*_TEXTS, *_MORE_TEXTS)}
    columns |= {
        "id": list(ids),
        "domain_id": [message.domain_id for message in messages],
        "status": [_status(message, is_begun=place in begun) for place, message in enumerate(messages)],
        "size_bytes": [message.size_bytes for message in messages],
        "attachments": [_json([asdict(one) for one in message.attachments]) for message in messages],
        "authentication": [_json(dict(message.authentication)) for message in messages],
    }
    await _execute(db, _MESSAGES, columns)


async def write_contents(db: AsyncSession, ids: Sequence[int], messages: Sequence[SpooledMessage]) -> None:
    """Write the bytes of those messages that keep theirs."""
    places: dict[int, int] = {}
    distinct: list[bytes] = []
    kept: list[tuple[int, int]] = []
    for number, message in zip(ids, messages, strict=True):
        if message.raw is None:
            continue
        place = places.setdefault(id(message.raw), len(distinct) + 1)
        if place > len(distinct):
            distinct.append(message.raw)
        kept.append((number, place))
    columns: dict[str, Any] = {"message_id": [one[0] for one in kept], "raw": distinct}
    if len(kept) > len(distinct):
        await _execute(db, _SHARED_CONTENTS, columns | {"place": [one[1] for one in kept]})
    elif kept:
        await _execute(db, _CONTENTS, columns)


async def write_envelopes(
    db: AsyncSession, ids: Sequence[int], messages: Sequence[SpooledMessage], forwarder: str
) -> None:
    """Write how those messages that were accepted are sent on."""
    kept: list[tuple[int, SpooledEnvelope]] = [
        (number, message.envelope)
        for number, message in zip(ids, messages, strict=True)
        if message.envelope is not None
    ]
    if not kept:
        return
    envelopes = [envelope for _, envelope in kept]
    columns: dict[str, Any] = {
        name: _texts(envelopes, name) for name in ("sender", "forward_sender", "client_address", "client_helo")
    }
    columns |= {
        "message_id": [number for number, _ in kept],
        "kind": [envelope.kind.value for envelope in envelopes],
        "prefix": [envelope.prefix for envelope in envelopes],
        **{name: [getattr(one, name) for one in envelopes] for name in ("may_report", "is_utf8", "is_8bit")},
        "client_tls": _texts(envelopes, "client_tls"),
        "forwarder": forwarder,
    }
    await _execute(db, _ENVELOPES, columns)


async def write_deliveries(
    db: AsyncSession, numbers: Numbers, deliveries: Sequence[NewDelivery], *, forwarder: str, lease_seconds: float
) -> None:
    """Write deliveries, and the open attempts of those that are leased by this forwarder."""
    if not deliveries:
        return
    columns = {
        "id": list(numbers.deliveries),
        "message_id": [numbers.messages[delivery.place] for delivery in deliveries],
        "target": [storable(delivery.target) for delivery in deliveries],
        "is_leased": [delivery.is_leased for delivery in deliveries],
        "lease": lease_seconds,
        "forwarder": forwarder,
    }
    await _execute(db, _DELIVERIES, columns)
    pairs = zip(numbers.deliveries, deliveries, strict=True)
    leased = [number for number, delivery in pairs if delivery.is_leased]
    if leased:
        await _execute(db, _ATTEMPTS, {"id": list(numbers.attempts), "delivery_id": leased})


async def count_matches(db: AsyncSession, messages: Iterable[SpooledMessage]) -> None:
    """Count up the rules that decided; those that were deleted meanwhile are left out."""
    matches = Counter(chain.from_iterable(message.rule_ids for message in messages))
    if matches:
        rule_ids = sorted(matches)
        counts = {"rule_id": rule_ids, "matches": [matches[rule_id] for rule_id in rule_ids]}
        await _execute(db, _MATCHES, counts)


async def is_stored(db: AsyncSession, message_id: int) -> bool:
    """Tell whether there is a message with this number."""
    statement = "SELECT EXISTS (SELECT FROM messages WHERE id = %(id)b)"
    return bool((await _execute(db, statement, {"id": message_id})).scalar_one())


async def _execute(db: AsyncSession, statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement as the driver has it: arrays of bytes as text would be twice as long, and escaped one by one."""
    connection = await db.connection()
    return await connection.exec_driver_sql(statement, dict(values))


def storable(value: str) -> str:
    """Return text that PostgreSQL can hold: NUL and half characters (surrogates) become replacement characters."""
    if value.isascii():
        return value.replace("\0", "\ufffd") if "\0" in value else value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _texts(rows: Sequence[Any], name: str) -> list[str | None]:
    values = (getattr(row, name) for row in rows)
    return [storable(value) if value is not None else None for value in values]


def _status(message: SpooledMessage, *, is_begun: bool) -> str:
    is_begun = is_begun and message.status is MessageStatus.PENDING
    return (MessageStatus.PROCESSING if is_begun else message.status).value


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
