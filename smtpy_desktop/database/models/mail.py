"""The tables of aliases and messages."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped


class Alias(Numbered, Timestamped, Base):
    """An address of a domain that is forwarded; the local part is compared without case."""

    __tablename__ = "aliases"
    __table_args__ = (UniqueConstraint("domain_id", "local_part"),)

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    local_part: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class AliasTarget(Numbered, Base):
    """One address that an alias forwards to."""

    __tablename__ = "alias_targets"
    __table_args__ = (UniqueConstraint("alias_id", "address"),)

    alias_id: Mapped[int] = mapped_column(ForeignKey("aliases.id", ondelete="CASCADE"))
    address: Mapped[str]


class Message(Numbered, Timestamped, Base):
    """One received message for one recipient."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'processing', 'delivered', 'failed', 'bounced', 'rejected')", name="status"
        ),
        Index("ix_messages_created_at_id", "created_at", "id"),
        Index("ix_messages_domain_id_created_at_id", "domain_id", "created_at", "id"),
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
    size_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    has_attachments: Mapped[bool] = mapped_column(server_default=text("false"))
