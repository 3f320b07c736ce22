"""The tables of billing: accounts, invoices, prices, notices, calls under way, and how far Stripe has been followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped

_CASCADE = "CASCADE"


class BillingAccountRecord(Numbered, Timestamped, Base):
    """An organization's customer at Stripe, one for test mode and one for live mode.

    ``subscription`` is the one that counts, as JSON in the shape of schemas/billing.py; its fields that are searched or
    sorted by are columns, too. ``fetch_ticket`` is the number that was drawn before Stripe was asked for what stands
    here: an answer to an earlier question never replaces one to a later.
    """

    __tablename__ = "billing_accounts"
    __table_args__ = (
        Index("uq_billing_accounts_organization_id", "organization_id", "livemode", unique=True),
        Index(
            "uq_billing_accounts_customer_id",
            "customer_id",
            unique=True,
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id", ondelete=_CASCADE))
    livemode: Mapped[bool]
    customer_id: Mapped[str | None]
    customer_email: Mapped[str] = mapped_column(server_default="")
    is_customer_deleted: Mapped[bool] = mapped_column(server_default=text("false"))
    is_delinquent: Mapped[bool] = mapped_column(server_default=text("false"))
    subscription_id: Mapped[str | None]
    subscription_status: Mapped[str | None]
    price_id: Mapped[str | None]
    current_period_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default=text("false"))
    subscription: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    other_subscriptions: Mapped[int] = mapped_column(server_default=text("0"))
    payment_method: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    fetch_ticket: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    synced_at: Mapped[datetime | None]


class InvoiceRecord(Base):
    """An invoice as last read from Stripe."""

    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_account_id", "account_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("billing_accounts.id", ondelete=_CASCADE))
    subscription_id: Mapped[str | None]
    number: Mapped[str | None]
    status: Mapped[str]
    currency: Mapped[str]
    amount_due: Mapped[int] = mapped_column(BigInteger)
    amount_paid: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    hosted_url: Mapped[str | None]
    pdf_url: Mapped[str | None]


class PriceRecord(Base):
    """A price as last read from Stripe, so that the plan chooser paints at once."""

    __tablename__ = "prices"

    id: Mapped[str] = mapped_column(primary_key=True)
    livemode: Mapped[bool]
    price: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BillingNoticeRecord(Numbered, Base):
    """Something that an administrator should know of an organization's billing, once for each object."""

    __tablename__ = "billing_notices"
    __table_args__ = (
        Index("uq_billing_notices_object", "organization_id", "livemode", "kind", "object_id", unique=True),
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id", ondelete=_CASCADE))
    livemode: Mapped[bool]
    kind: Mapped[str]
    object_id: Mapped[str]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime | None]


class StripeIntentRecord(Numbered, Base):
    """A changing call to Stripe, kept before it is made; of each kind an organization has one open at most."""

    __tablename__ = "stripe_intents"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'refused', 'abandoned')", name="state"),
        Index(
            "uq_stripe_intents_open",
            "organization_id",
            "livemode",
            "kind",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("uq_stripe_intents_idempotency_key", "idempotency_key", unique=True),
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id", ondelete=_CASCADE))
    livemode: Mapped[bool]
    kind: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    idempotency_key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))


class StripeCursor(Base):
    """How far Stripe's events have been followed, in each mode."""

    __tablename__ = "stripe_cursors"

    livemode: Mapped[bool] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(server_default="")
    followed_until: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    full_sync_at: Mapped[datetime | None]
    prices_read_at: Mapped[datetime | None]
