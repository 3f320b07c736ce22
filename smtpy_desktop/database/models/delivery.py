"""The tables of deliveries and of their attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped

_STATES = "('queued', 'sending', 'sent', 'deferred', 'failed', 'uncertain', 'closed')"
_DESTINATION = "lower(regexp_replace(target, '^.*@', ''))"
_OUTCOMES = "('queued', 'sending', 'sent', 'deferred', 'failed', 'uncertain')"


_DUE = "state IN ('queued', 'deferred', 'uncertain') AND held_at IS NULL"


class DeliveryRecord(Numbered, Timestamped, Base):
    """The delivery of a message to one target; due when ``next_attempt_at`` is past, or at once when it is None.

    ``destination`` is the target's domain, ``leased_by`` the forwarder that sends it now, ``held_at`` since when it
    waits until somebody releases it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint(f"state IN {_STATES}", name="state"),
        UniqueConstraint("message_id", "target"),
        Index("ix_deliveries_due", "next_attempt_at", "id", postgresql_where=text(_DUE)),
        Index("ix_deliveries_destination_due", "destination", "next_attempt_at", "id", postgresql_where=text(_DUE)),
        Index("ix_deliveries_held", "destination", "id", postgresql_where=text("held_at IS NOT NULL")),
        Index("ix_deliveries_leased", "lease_until", "id", postgresql_where=text("state = 'sending'")),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    target: Mapped[str]
    destination: Mapped[str] = mapped_column(Text(collation="C"), Computed(_DESTINATION, persisted=True))
    state: Mapped[str] = mapped_column(server_default="queued")
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    held_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime | None]


class DeliveryAttempt(Numbered, Base):
    """One try to hand a message over; written as *sending* before it starts, completed with its result after."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        Index("ix_delivery_attempts_delivery_id_id", "delivery_id", "id"),
        Index(
            "ix_delivery_attempts_at",
            "at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": "on"},
        ),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    host: Mapped[str] = mapped_column(server_default="")
    tls: Mapped[str | None]
    code: Mapped[int | None]
    enhanced: Mapped[str | None]
    reply: Mapped[str] = mapped_column(server_default="")
    milliseconds: Mapped[int] = mapped_column(server_default=text("0"))
    outcome: Mapped[str] = mapped_column(server_default="sending")
