"""Writing received mail: everything that belongs to a batch of messages in one statement, each column as one array."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg.types.numeric import Int8
from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.swollen_connections import has_carried
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.spool import SpooledEnvelope, SpooledMessage

# The driver's own statement, with %b for what is sent in binary. All numbers are of one size and no text is NULL on its
# way, so that the server prepares it once: it takes longer to be read than to be carried out for a message or two.
# Rules are counted in the order of their ids, as two writers that lock the same counters the other way round would wait
# for each other; those that were deleted meanwhile are left out.
_STORE = """
WITH given AS MATERIALIZED (
    SELECT g.*, nextval(pg_get_serial_sequence('messages', 'id')) AS id
    FROM unnest(%(message_id)b::text[], %(thread_id)b::text[], %(domain_id)b::bigint[], %(sender_email)b::text[],
        %(recipient_email)b::text[], %(forwarded_to)b::text[], %(subject)b::text[], %(body_preview)b::text[],
        %(status)b::text[], %(error_message)b::text[], %(bounce_class)b::text[], %(size_bytes)b::bigint[],
        %(attachments)b::text[], %(authentication)b::text[], %(headers)b::text[])
        WITH ORDINALITY AS g (message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject,
            body_preview, status, error_message, bounce_class, size_bytes, attachments, authentication, headers, place)
), sent AS MATERIALIZED (
    SELECT g.*, given.id AS message_id, nextval(pg_get_serial_sequence('deliveries', 'id')) AS id,
        CASE WHEN g.is_leased THEN nextval(pg_get_serial_sequence('delivery_attempts', 'id')) END AS attempt_id
    FROM unnest(%(delivery_place)b::bigint[], %(target)b::text[], %(is_leased)b::boolean[])
        WITH ORDINALITY AS g (place, target, is_leased, number)
    JOIN given ON given.place = g.place
    ORDER BY g.number
), messages_written AS (
    INSERT INTO messages (id, message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject,
        body_preview, status, error_message, bounce_class, size_bytes, has_attachments, attachments, authentication,
        headers, delivered_at)
    SELECT id, message_id, nullif(thread_id, ''), domain_id, sender_email, recipient_email, nullif(forwarded_to, ''),
        subject, body_preview, status, nullif(error_message, ''), nullif(bounce_class, ''), size_bytes,
        attachments <> '[]', attachments::jsonb, authentication::jsonb, headers,
        CASE status WHEN 'delivered' THEN now() END
    FROM given
), deliveries_written AS (
    INSERT INTO deliveries (id, message_id, target, state, next_attempt_at, lease_until, leased_by, attempts)
    SELECT id, message_id, target, CASE WHEN is_leased THEN 'sending' ELSE 'queued' END,
        CASE WHEN NOT is_leased THEN now() END,
        CASE WHEN is_leased THEN now() + make_interval(secs => %(lease)b::float8) END,
        CASE WHEN is_leased THEN %(forwarder)b END, CASE WHEN is_leased THEN 1 ELSE 0 END
    FROM sent
), attempts_written AS (
    INSERT INTO delivery_attempts (id, delivery_id, outcome) SELECT attempt_id, id, 'sending' FROM sent WHERE is_leased
), contents_written AS (
    INSERT INTO message_contents (message_id, raw)
    SELECT given.id, {raw}
    FROM {contents}
    JOIN given USING (place)
), envelopes_written AS (
    INSERT INTO mail_envelopes (message_id, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit,
        client_address, client_helo, client_tls, forwarder)
    SELECT given.id, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit, client_address, client_helo,
        nullif(client_tls, ''), %(forwarder)b
    FROM unnest(%(envelope_place)b::bigint[], %(kind)b::text[], %(sender)b::text[], %(forward_sender)b::text[],
        %(prefix)b::bytea[], %(may_report)b::boolean[], %(is_utf8)b::boolean[], %(is_8bit)b::boolean[],
        %(client_address)b::text[], %(client_helo)b::text[], %(client_tls)b::text[])
        AS g (place, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit, client_address, client_helo,
            client_tls)
    JOIN given USING (place)
), rules_counted AS (
    INSERT INTO rule_matches AS kept (rule_id, matches)
    SELECT rules.id, g.matches
    FROM unnest(%(rule_id)b::bigint[], %(rule_count)b::bigint[]) AS g (rule_id, matches)
    JOIN rules ON rules.id = g.rule_id
    ORDER BY rules.id
    ON CONFLICT (rule_id) DO UPDATE SET matches = kept.matches + excluded.matches, last_at = now()
)
SELECT now() AS moment, ARRAY(SELECT id FROM given ORDER BY place) AS messages,
    ARRAY(SELECT id FROM sent ORDER BY number) AS deliveries,
    ARRAY(SELECT attempt_id FROM sent WHERE is_leased ORDER BY number) AS attempts
"""


def _statement(raw: str, contents: str) -> str:
    """Return the statement on one line: the driver remembers what it has read up to a length of 4,096."""
    return " ".join(_STORE.format(raw=raw, contents=contents).split())


_STORE_EACH = _statement("g.raw", "unnest(%(content_place)b::bigint[], %(raw)b::bytea[]) AS g (place, raw)")
# The bytes of a mail to many recipients are sent to the database once.
_STORE_SHARED = _statement(
    "(%(raw)b::bytea[])[g.number]",
    "unnest(%(content_place)b::bigint[], %(raw_number)b::bigint[]) AS g (place, number)",
)
_IS_STORED = "SELECT EXISTS (SELECT FROM messages WHERE id = %(id)b)"
_TEXTS = (
    *("message_id", "thread_id", "sender_email", "recipient_email", "forwarded_to", "subject", "body_preview"),
    *("error_message", "bounce_class", "headers"),
)
_ENVELOPE_TEXTS = ("sender", "forward_sender", "client_address", "client_helo", "client_tls")
_ENVELOPE_FLAGS = ("may_report", "is_utf8", "is_8bit")


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


async def store(
    db: AsyncSession,
    messages: Sequence[SpooledMessage],
    deliveries: Sequence[NewDelivery],
    *,
    forwarder: str,
    lease_seconds: float,
) -> Numbers:
    """Write messages with bytes, envelopes and deliveries, and count the rules that decided; return their numbers.

    Leased deliveries belong to ``forwarder``, have an open attempt, and make their pending message a processing one.
    """
    begun = {delivery.place for delivery in deliveries if delivery.is_leased}
    columns: dict[str, Any] = {"forwarder": forwarder, "lease": float(lease_seconds)}
    columns |= _message_columns(messages, begun) | _envelope_columns(messages) | _rule_columns(messages)
    columns |= {
        "delivery_place": _numbers(delivery.place + 1 for delivery in deliveries),
        "target": [storable(delivery.target) for delivery in deliveries],
        "is_leased": [delivery.is_leased for delivery in deliveries],
    }
    contents = _content_columns(messages)
    statement = _STORE_SHARED if "raw_number" in contents else _STORE_EACH
    row = (await _execute(db, statement, columns | contents)).one()
    await has_carried(db, sum(len(raw) for raw in contents["raw"]))
    return Numbers(row.moment, row.messages, row.deliveries, row.attempts)


async def is_stored(db: AsyncSession, message_id: int) -> bool:
    """Tell whether there is a message with this number."""
    return bool((await _execute(db, _IS_STORED, {"id": message_id})).scalar_one())


def storable(value: str) -> str:
    """Return text that PostgreSQL can hold: NUL and half characters (surrogates) become replacement characters."""
    if value.isascii():
        return value.replace("\0", "\ufffd") if "\0" in value else value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


async def _execute(db: AsyncSession, statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    connection = await db.connection()
    return await connection.exec_driver_sql(statement, dict(values))


def _message_columns(messages: Sequence[SpooledMessage], begun: set[int]) -> dict[str, Any]:
    return {name: _texts(messages, name) for name in _TEXTS} | {
        "domain_id": _numbers(message.domain_id for message in messages),
        "status": [_status(message, is_begun=place in begun) for place, message in enumerate(messages)],
        "size_bytes": _numbers(message.size_bytes for message in messages),
        "attachments": [_json([asdict(one) for one in message.attachments]) for message in messages],
        "authentication": [_json(dict(message.authentication)) for message in messages],
    }


def _envelope_columns(messages: Sequence[SpooledMessage]) -> dict[str, Any]:
    kept: list[tuple[int, SpooledEnvelope]] = [
        (place, message.envelope) for place, message in enumerate(messages, 1) if message.envelope is not None
    ]
    envelopes = [envelope for _, envelope in kept]
    return {
        "envelope_place": _numbers(place for place, _ in kept),
        "kind": [envelope.kind.value for envelope in envelopes],
        "prefix": [envelope.prefix for envelope in envelopes],
        **{name: _texts(envelopes, name) for name in _ENVELOPE_TEXTS},
        **{name: [getattr(envelope, name) for envelope in envelopes] for name in _ENVELOPE_FLAGS},
    }


def _content_columns(messages: Sequence[SpooledMessage]) -> dict[str, Any]:
    """Return the bytes of those messages that keep theirs; ``raw_number`` only where some have the same."""
    numbers: dict[int, int] = {}
    distinct: list[bytes] = []
    kept: list[tuple[int, int]] = []
    for place, message in enumerate(messages, 1):
        if message.raw is None:
            continue
        number = numbers.setdefault(id(message.raw), len(distinct) + 1)
        if number > len(distinct):
            distinct.append(message.raw)
        kept.append((place, number))
    columns: dict[str, Any] = {"content_place": _numbers(place for place, _ in kept), "raw": distinct}
    if len(kept) > len(distinct):
        columns["raw_number"] = _numbers(number for _, number in kept)
    return columns


def _rule_columns(messages: Iterable[SpooledMessage]) -> dict[str, Any]:
    matches = Counter(chain.from_iterable(message.rule_ids for message in messages))
    return {"rule_id": _numbers(matches), "rule_count": _numbers(matches.values())}


def _numbers(values: Iterable[int]) -> list[Int8]:
    return [Int8(value) for value in values]


def _texts(rows: Sequence[Any], name: str) -> list[str]:
    return [storable(getattr(row, name) or "") for row in rows]


def _status(message: SpooledMessage, *, is_begun: bool) -> str:
    is_begun = is_begun and message.status is MessageStatus.PENDING
    return (MessageStatus.PROCESSING if is_begun else message.status).value


def _json(value: list[Any] | dict[str, Any]) -> str:
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
