"""One message in full, and what is done with messages: update the status, retry, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.email_address import parse_email_address
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.database import audit_database, messages_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageDetails, MessageStatus
from smtpy_desktop.schemas.text import text

_BATCH = 1000
_MOST_NAMED = 20
"""Messages of one action that are written down one by one; larger ones are written down as one line with a count."""
_LONGEST_NAME = 200


async def get_message(sessions: Sessions, message_id: MessageId) -> MessageDetails:
    """Return everything kept about a message; raise NotFoundError when it does not exist any more."""
    async with sessions.read() as db:
        found = await messages_database.get_message(db, message_id)
    if found is None:
        raise _gone(message_id)
    return found


async def raw_source(sessions: Sessions, message_id: MessageId) -> bytes:
    """Return the message as it was received; raise NotFoundError when it is not kept any more."""
    async with sessions.read() as db:
        raw = await messages_database.get_content(db, message_id)
    if raw is None:
        raise NotFoundError(
            "MESSAGE_CONTENT_GONE",
            text("The source of this message is not kept any more."),
            hint=text("How long it is kept is set by retention.contents_days in the settings."),
        )
    return raw


async def update_status(
    sessions: Sessions,
    message_id: MessageId,
    status: MessageStatus,
    forwarded_to: str | None,
    *,
    actor: Actor,
    publish: Publish,
) -> MessageDetails:
    """Give a message another status, and the address it was forwarded to unless that is None or empty.

    A final status closes the deliveries that still wait; *pending* makes what is not delivered due, where its content
    is still kept. Both are written down with the targets.
    Raises FieldError for an address that is none, NotFoundError when the message does not exist any more.
    """
    typed = (forwarded_to or "").strip()
    address = parse_email_address(typed, field="forwarded_to") if typed else None
    async with sessions.begin() as db:
        before = await messages_database.get_message(db, message_id)
        if before is None or not await messages_database.set_status(db, [message_id], status, forwarded_to=address):
            raise _gone(message_id)
        after = await messages_database.get_message(db, message_id)
        if after is None:
            raise _gone(message_id)
        fields: dict[str, list[str | None]] = {
            "status": [before.status.value, after.status.value],
            "forwarded_to": [before.forwarded_to, after.forwarded_to],
        }
        changes: dict[str, Any] = {name: change for name, change in fields.items() if change[0] != change[1]}
        changes |= _delivery_changes(before, after)
        await audit_database.record(db, actor, _entry("message.status", before, changes))
    publish(Change(Topic.MESSAGES, frozenset({message_id})))
    return after


async def retry_now(
    sessions: Sessions, ids: Sequence[MessageId], *, actor: Actor, publish: Publish
) -> tuple[MessageId, ...]:
    """Make everything of these messages that is not delivered due now; return the messages that are tried again."""
    due: list[MessageId] = []
    for batch in _batches(ids):
        async with sessions.begin() as db:
            found = await messages_database.make_due(db, batch)
            await audit_database.record(db, actor, *_entries("message.retried", found))
        due.extend(found)
    if due:
        publish(Change(Topic.MESSAGES, frozenset(due)))
    return tuple(due)


async def delete_messages(
    sessions: Sessions, ids: Sequence[MessageId], *, actor: Actor, publish: Publish
) -> tuple[MessageId, ...]:
    """Delete messages for good, in small batches; return those that there were."""
    gone: list[MessageId] = []
    for batch in _batches(ids):
        async with sessions.begin() as db:
            found = await messages_database.delete_messages(db, batch)
            await audit_database.record(db, actor, *_entries("message.deleted", found))
        gone.extend(found)
        if found:
            publish(Change(Topic.MESSAGES, frozenset(found)))
    return tuple(gone)


def _batches(ids: Sequence[MessageId]) -> list[Sequence[MessageId]]:
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]


def _entries(action: str, ids: Sequence[MessageId]) -> list[AuditEntry]:
    if len(ids) <= _MOST_NAMED:
        return [AuditEntry(action, "message", one, f"#{one}") for one in ids]
    return [AuditEntry(action, "message", None, f"#{min(ids)} … #{max(ids)}", changes={"messages": len(ids)})]


def _delivery_changes(before: MessageDetails, after: MessageDetails) -> dict[str, str]:
    """Name the targets that get nothing any more, and those that are tried again."""
    was = {delivery.id: delivery.state for delivery in before.deliveries}
    names = {DeliveryState.CLOSED: "deliveries_closed", DeliveryState.QUEUED: "deliveries_due"}
    targets: dict[str, list[str]] = {}
    for delivery in after.deliveries:
        if delivery.state in names and was.get(delivery.id) is not delivery.state:
            targets.setdefault(names[delivery.state], []).append(delivery.target)
    return {name: ", ".join(found) for name, found in targets.items()}


def _entry(action: str, message: MessageDetails, changes: Mapping[str, Any]) -> AuditEntry:
    name = visible_line(message.subject, _LONGEST_NAME) or f"#{message.id}"
    return AuditEntry(action, "message", message.id, name, message.organization_id, changes)


def _gone(message_id: MessageId) -> NotFoundError:
    return NotFoundError(
        "MESSAGE_NOT_FOUND",
        text("The message with the number {id} does not exist any more.", id=message_id),
        hint=text("It may have been deleted, or its time to be kept is over."),
    )
