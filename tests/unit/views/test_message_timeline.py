"""The time line of a message, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from smtpy_desktop.schemas.identifiers import DomainId, MessageId, OrganizationId
from smtpy_desktop.schemas.messages import Delivery, DeliveryState, MessageDetails, MessageStatus
from smtpy_desktop.views.message_timeline import timeline_events


def test_an_attempt_that_is_due_or_near_is_not_told_as_if_it_had_been():
    now = datetime.now(UTC)
    due = Delivery(1, "a@out.example", DeliveryState.QUEUED, now - timedelta(seconds=5))
    near = Delivery(2, "b@out.example", DeliveryState.DEFERRED, now + timedelta(seconds=50))

    words = [event.words for event in timeline_events(_message(now, due, near))]

    assert words[1] == "Next attempt for a@out.example, now"
    assert words[2].startswith("Next attempt for b@out.example, in ")


def _message(now: datetime, *deliveries: Delivery) -> MessageDetails:
    return MessageDetails(
        id=MessageId(1),
        message_id="<1@a.example>",
        thread_id=None,
        domain_id=DomainId(1),
        domain_name="a.example",
        organization_id=OrganizationId(1),
        sender_email="x@b.example",
        recipient_email="info@a.example",
        forwarded_to=None,
        subject="Hello",
        body_preview="",
        status=MessageStatus.PROCESSING,
        error_message=None,
        bounce_class=None,
        size_bytes=10,
        has_attachments=False,
        attachments=(),
        authentication={},
        headers="",
        has_content=True,
        created_at=now - timedelta(minutes=1),
        updated_at=now,
        deliveries=deliveries,
    )
