"""The tables of Stripe's events and of the deliveries that were refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered


class WebhookEventRecord(Numbered, Base):
    """An event of Stripe, once however often and whichever way it came."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        CheckConstraint("outcome IN ('pending', 'done', 'not_ours', 'failed')", name="outcome"),
        Index("uq_webhook_events_stripe_id", "stripe_id", unique=True),
        Index("ix_webhook_events_created_at", "created_at", "id"),
        Index("ix_webhook_events_organization_id", "organization_id", "created_at", "id"),
        Index(
            "ix_webhook_events_unfinished",
            "livemode",
            "id",
            postgresql_where=text("outcome IN ('pending', 'failed')"),
        ),
    )

    stripe_id: Mapped[str]
    type: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    customer_id: Mapped[str | None]
    organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id", ondelete="SET NULL"))
    livemode: Mapped[bool]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    received_via: Mapped[str]
    verdict: Mapped[str]
    deliveries: Mapped[int] = mapped_column(server_default=text("1"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    outcome: Mapped[str] = mapped_column(server_default="pending")
    finished_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_text: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RefusedDeliveryRecord(Numbered, Base):
    """A request to the webhook that was no genuine event; what it claims is shortened and never believed."""

    __tablename__ = "refused_deliveries"

    at: Mapped[datetime] = mapped_column(server_default=func.now())
    verdict: Mapped[str]
    claimed_type: Mapped[str] = mapped_column(server_default="")
    claimed_id: Mapped[str] = mapped_column(server_default="")
    size: Mapped[int] = mapped_column(BigInteger)
