"""The tables of domains, their DKIM keys and the checks of their DNS records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped

NEVER = text("coalesce(last_checked_at, '-infinity'::timestamptz)")


class Domain(Numbered, Timestamped, Base):
    """A domain: ``record_states`` holds per record kind the last verdict and the count of wrong answers in a row."""

    __tablename__ = "domains"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'verified', 'failed')", name="status"),
        UniqueConstraint("name"),
        Index("ix_domains_organization_id_name", "organization_id", "name"),
        Index("ix_domains_status_id", "status", "id"),
        Index("ix_domains_is_active_id", "is_active", "id"),
        Index("ix_domains_created_at_id", "created_at", "id"),
        Index("ix_domains_last_checked_at_id", NEVER, "id"),
        Index("ix_domains_next_check_at", "next_check_at"),
        Index("ix_domains_needs_attention", "id", postgresql_where=text("needs_attention")),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id", ondelete="RESTRICT"))
    name: Mapped[str]
    unicode_name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    mx_record_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    spf_record_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    dkim_record_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    dmarc_record_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    ownership_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    record_states: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    needs_attention: Mapped[bool] = mapped_column(server_default=text("false"))
    dkim_selector: Mapped[str]
    dkim_public_key: Mapped[str]
    verification_token: Mapped[str]
    catch_all: Mapped[str | None]
    last_checked_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]


class DkimKey(Numbered, Base):
    """A signing key of a domain; the private half is sealed with the master key whose id stands beside it."""

    __tablename__ = "dkim_keys"
    __table_args__ = (
        CheckConstraint("state IN ('published', 'active', 'retired')", name="state"),
        UniqueConstraint("domain_id", "selector"),
    )

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    selector: Mapped[str]
    public_key: Mapped[str]
    private_key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    master_key_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class DnsCheck(Numbered, Base):
    """The verdict on one record at one time, with its evidence."""

    __tablename__ = "dns_checks"
    __table_args__ = (
        CheckConstraint("verdict IN ('ok', 'wrong', 'unknown')", name="verdict"),
        Index("ix_dns_checks_domain_id_kind_id", "domain_id", "kind", "id"),
        Index("ix_dns_checks_checked_at", "checked_at"),
    )

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    checked_at: Mapped[datetime]
    kind: Mapped[str]
    verdict: Mapped[str]
    code: Mapped[str]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
