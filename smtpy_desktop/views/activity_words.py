"""Says in words what a line of the audit log tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smtpy_desktop.core.domain_name import unicode_form
from smtpy_desktop.schemas.audit import AuditRow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.texts import tr


def what_words(row: AuditRow) -> str:
    """Return what was done, such as "Added domain"."""
    if row.action == "domain.changed" and set(row.changes) == {"is_active"}:
        return tr("Activated domain") if row.changes["is_active"][-1] else tr("Deactivated domain")
    known = {
        "domain.added": tr("Added domain"),
        "domain.changed": tr("Changed domain"),
        "domain.deleted": tr("Deleted domain"),
        "domain.status": tr("Changed status"),
        "alias.added": tr("Added alias"),
        "alias.changed": tr("Changed alias"),
        "alias.deleted": tr("Deleted alias"),
        "alias.restored": tr("Brought alias back"),
        "rule.added": tr("Added rule"),
        "rule.changed": tr("Changed rule"),
        "rule.moved": tr("Moved rule"),
        "rule.deleted": tr("Deleted rule"),
        "rule.restored": tr("Brought rule back"),
        "organization.created": tr("Created organization"),
        "organization.changed": tr("Changed organization"),
        "settings.changed": tr("Changed setting"),
        "srs-key.rotated": tr("Replaced the key of rewritten senders"),
        "message.status": tr("Changed the status of a message"),
        "message.retried": tr("Retried message"),
        "message.deleted": tr("Deleted message"),
        "messages.status": tr("Changed the status of messages"),
        "messages.retried": tr("Retried messages"),
        "messages.deleted": tr("Deleted messages"),
        "retention.run": tr("Removed what was past its time"),
        "queue.held": tr("Held in the queue"),
        "queue.released": tr("Released from the queue"),
        "queue.retried": tr("Made due in the queue"),
        "queue.given_up": tr("Gave up in the queue"),
        "event.replayed": tr("Replayed event of Stripe"),
        "billing.truth": tr("Applied Stripe's truth"),
        "billing.customer": tr("Linked or unlinked Stripe customer"),
        "billing.checkout": tr("Began checkout"),
        "billing.cancel_at_period_end": tr("Let subscription end with its period"),
        "billing.cancel_now": tr("Canceled subscription"),
        "billing.resume": tr("Resumed subscription"),
    }
    return known.get(row.action, row.action)


def what_icon(row: AuditRow) -> tuple[str, Tone]:
    """Return an icon and a tone for what was done."""
    icons = {
        "domain.added": ("plus", Tone.OK),
        "domain.deleted": ("trash", Tone.BAD),
        "domain.status": ("shield-check", Tone.MUTED),
        "alias.added": ("plus", Tone.OK),
        "alias.deleted": ("trash", Tone.BAD),
        "alias.restored": ("arrow-back-up", Tone.OK),
        "rule.added": ("plus", Tone.OK),
        "rule.moved": ("arrow-up", Tone.MUTED),
        "rule.deleted": ("trash", Tone.BAD),
        "rule.restored": ("arrow-back-up", Tone.OK),
        "organization.created": ("plus", Tone.OK),
        "settings.changed": ("settings", Tone.MUTED),
        "srs-key.rotated": ("refresh", Tone.MUTED),
        "message.retried": ("refresh", Tone.MUTED),
        "message.deleted": ("trash", Tone.BAD),
        "messages.retried": ("refresh", Tone.MUTED),
        "messages.deleted": ("trash", Tone.BAD),
        "retention.run": ("trash", Tone.MUTED),
        "queue.held": ("player-pause", Tone.WARN),
        "queue.released": ("player-play", Tone.OK),
        "queue.retried": ("refresh", Tone.MUTED),
        "queue.given_up": ("circle-x", Tone.BAD),
        "event.replayed": ("refresh", Tone.MUTED),
        "billing.truth": ("refresh", Tone.MUTED),
        "billing.customer": ("credit-card", Tone.MUTED),
        "billing.checkout": ("credit-card", Tone.MUTED),
        "billing.cancel_at_period_end": ("player-pause", Tone.WARN),
        "billing.cancel_now": ("x", Tone.BAD),
        "billing.resume": ("player-play", Tone.OK),
    }
    return icons.get(row.action, ("pencil", Tone.MUTED))


def via_words(via: str) -> str:
    """Return by which way it was done."""
    known = {
        "window": tr("window"),
        "command line": tr("command line"),
        "check": tr("DNS check"),
        "retention": tr("retention"),
    }
    return known.get(via, via)


def type_words(object_type: str) -> str:
    """Return what kind of thing it was done to."""
    known = {
        "domain": tr("Domain"),
        "alias": tr("Alias"),
        "rule": tr("Rule"),
        "organization": tr("Organization"),
        "setting": tr("Setting"),
        "message": tr("Message"),
        "queue": tr("Queue"),
        "event": tr("Event"),
    }
    return known.get(object_type, object_type)


def object_words(row: AuditRow) -> str:
    """Return what the thing is called; a domain by its name as people read it."""
    return unicode_form(row.object_name) if row.object_type == "domain" else row.object_name


def field_words(field: str) -> str:
    """Return what a changed field is called."""
    known = {
        "is_active": tr("Active"),
        "catch_all": tr("Catch-all"),
        "organization_id": tr("Organization"),
        "status": tr("Status"),
        "records": tr("Records"),
        "name": tr("Name"),
        "email": tr("E-mail address"),
        "value": tr("Value"),
        "aliases": tr("Aliases"),
        "forwarded_to": tr("Forwarded to"),
        "targets": tr("Forwards to"),
        "note": tr("Note"),
        "rule": tr("Rule"),
        "place": tr("Place"),
        "messages": tr("Messages"),
        "events": tr("Events"),
        "customer": tr("Customer"),
        "price": tr("Price"),
        "subscription": tr("Subscription"),
        "query": tr("Search"),
        "part": tr("A part of the list"),
        "contents": tr("Contents"),
        "deliveries": tr("Deliveries"),
        "senders_told": tr("Senders told"),
        "deliveries_closed": tr("Closed, not sent any more to"),
        "deliveries_due": tr("Tried again for"),
    }
    return known.get(field, field)


def change_lines(row: AuditRow) -> Iterator[tuple[str, str | None, str]]:
    """Yield field, what was (None: nothing to compare with) and what is, without what stayed the same."""
    for field, change in row.changes.items():
        if isinstance(change, list) and len(change) == 2 and field != "records":
            before, after = change
            if before != after:
                yield field_words(field), value_words(before), value_words(after)
        else:
            yield field_words(field), None, value_words(change)


def value_words(value: Any) -> str:
    """Return a value of the log as text."""
    if value is None or value == "":
        return tr("(empty)")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list):
        return ", ".join(value_words(each) for each in value)
    return str(value)
