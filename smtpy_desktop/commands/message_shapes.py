"""The reference's JSON shapes of messages and their statistics."""

from __future__ import annotations

from typing import Any

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.schemas.messages import Delivery, MessageDetails, MessageRow, MessageTotals


def message_row_shape(row: MessageRow) -> dict[str, Any]:
    """One message in a list."""
    return {
        "id": row.id,
        "created_at": time_shape(row.created_at),
        "status": row.status.value,
        "sender_email": row.sender_email,
        "recipient_email": row.recipient_email,
        "forwarded_to": row.forwarded_to,
        "subject": row.subject,
        "size_bytes": row.size_bytes,
        "has_attachments": row.has_attachments,
        "domain_id": row.domain_id,
        "domain": row.domain_name,
        "error_message": row.error_message,
    }


def message_shape(message: MessageDetails) -> dict[str, Any]:
    """One message with all that is kept about it."""
    return {
        "id": message.id,
        "message_id": message.message_id,
        "thread_id": message.thread_id,
        "domain_id": message.domain_id,
        "domain": message.domain_name,
        "organization_id": message.organization_id,
        "sender_email": message.sender_email,
        "recipient_email": message.recipient_email,
        "forwarded_to": message.forwarded_to,
        "subject": message.subject,
        "body_preview": message.body_preview,
        "status": message.status.value,
        "error_message": message.error_message,
        "bounce_class": message.bounce_class,
        "size_bytes": message.size_bytes,
        "has_attachments": message.has_attachments,
        "attachments": [
            {"name": one.name, "type": one.type, "size_bytes": one.size_bytes} for one in message.attachments
        ],
        "authentication": dict(message.authentication),
        "headers": message.headers,
        "has_content": message.has_content,
        "deliveries": [_delivery_shape(delivery) for delivery in message.deliveries],
        "created_at": time_shape(message.created_at),
        "updated_at": time_shape(message.updated_at),
    }


def totals_shape(totals: MessageTotals) -> dict[str, Any]:
    """The statistics of messages."""
    return {
        "total_messages": totals.total,
        "delivered_messages": totals.delivered,
        "failed_messages": totals.failed,
        "pending_messages": totals.pending,
        "total_size_bytes": totals.size_bytes,
        "processing_messages": totals.processing,
        "bounced_messages": totals.bounced,
        "rejected_messages": totals.rejected,
        "delivery_rate": totals.delivery_rate,
        "median_delivery_seconds": totals.median_delivery_seconds,
    }


def _delivery_shape(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "target": delivery.target,
        "state": delivery.state.value,
        "next_attempt_at": time_shape(delivery.next_attempt_at),
        "attempts": [
            {
                "at": time_shape(attempt.at),
                "host": attempt.host,
                "tls": attempt.tls,
                "code": attempt.code,
                "enhanced": attempt.enhanced,
                "reply": attempt.reply,
                "milliseconds": attempt.milliseconds,
                "outcome": attempt.outcome.value,
            }
            for attempt in delivery.attempts
        ],
    }
