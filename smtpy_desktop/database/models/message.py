"""The tables of messages and of their contents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, LargeBinary, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped

# The first 200 characters that the indexes of these long values hold; compare the whole value as well.
MESSAGE_ID_START: Any = literal_column('"left"(messages.message_id COLLATE "C", 200)')
THREAD_ID_START: Any = literal_column('"left"(messages.thread_id COLLATE "C", 200)')

# The words of error message and bounce class; indexed where ``error_message IS NOT NULL``.
ERROR_SEARCH: Any = literal_column("smtpy_error_search(messages.bounce_class, messages.error_message)", TSVECTOR)


def _indexed(expression: Any) -> Any:
    return text(expression.name.replace("messages.", ""))


def _sorted_by(value: str) -> Any:
    """Return a column with the first 200 characters in small letters; all compare by code point, on every server."""
    return mapped_column(Text(collation="C"), Computed(f'"left"({value}, 200)', persisted=True), deferred=True)


# What the filters look at, carried along by the indexes of the orders, so that they answer alone.
_FILTERS = ("created_at", "domain_id", "size_bytes", "status", "has_attachments")


def _index(*columns: str, carries: tuple[str, ...] = _FILTERS) -> Index:
    carried = [name for name in carries if name not in columns]
    return Index(f"ix_messages_{'_'.join(columns).replace('_sort', '')}", *columns, postgresql_include=carried)


class Message(Numbered, Timestamped, Base):
    """One received message for one recipient.

    ``search`` holds the words of subject (weight A), sender (B), recipient and targets (C) and preview (D).
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'processing', 'delivered', 'failed', 'bounced', 'rejected')", name="status"
        ),
        _index("created_at", "id", carries=("domain_id", "status")),
        _index("domain_id", "created_at", "id", carries=("status",)),
        _index("sender_sort", "id"),
        _index("recipient_sort", "id"),
        _index("forwarded_sort", "id"),
        _index("subject_sort", "id"),
        _index("size_bytes", "id"),
        _index("status", "id"),
        _index("domain_id", "id"),
        _index("domain_id", "recipient_sort", "id", carries=("created_at", "size_bytes", "status")),
        _index("domain_id", "forwarded_sort", "id", carries=("created_at", "size_bytes", "status")),
        Index("ix_messages_undelivered", "status", "created_at", "id", postgresql_where=text("status <> 'delivered'")),
        Index("ix_messages_message_id", _indexed(MESSAGE_ID_START)),
        Index(
            "ix_messages_thread_id",
            _indexed(THREAD_ID_START),
            "created_at",
            "id",
            postgresql_where=text("thread_id IS NOT NULL"),
        ),
        Index("ix_messages_search", "search", postgresql_using="gin"),
        Index(
            "ix_messages_error_search",
            _indexed(ERROR_SEARCH),
            postgresql_using="gin",
            postgresql_where=text("error_message IS NOT NULL"),
        ),
    )

    message_id: Mapped[str]
    thread_id: Mapped[str | None]
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    sender_email: Mapped[str]
    recipient_email: Mapped[str]
    forwarded_to: Mapped[str | None]
    subject: Mapped[str] = mapped_column(server_default="")
    body_preview: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="pending")
    error_message: Mapped[str | None]
    bounce_class: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    has_attachments: Mapped[bool] = mapped_column(server_default=text("false"))
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    authentication: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    headers: Mapped[str] = mapped_column(server_default="")
    delivered_at: Mapped[datetime | None]
    # Never read: these only serve to sort and to find.
    sender_sort: Mapped[str] = _sorted_by("lower(sender_email)")
    recipient_sort: Mapped[str] = _sorted_by("lower(recipient_email)")
    forwarded_sort: Mapped[str] = _sorted_by("lower(COALESCE(forwarded_to, ''::text))")
    subject_sort: Mapped[str] = _sorted_by("lower(subject)")
    search: Mapped[str | None] = mapped_column(
        TSVECTOR,
        Computed(
            "smtpy_message_search(subject, sender_email, recipient_email, forwarded_to, body_preview)", persisted=True
        ),
        deferred=True,
    )


class MessageContent(Base):
    """The raw bytes of a message, kept as long as a delivery may need them, and then by the setting.

    ``expires_at`` lets them go earlier than by the setting.
    """

    __tablename__ = "message_contents"
    __table_args__ = (Index("ix_message_contents_expires_at", "expires_at"),)

    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
