"""The tables of the forwarding engine: rules, envelopes, processes, SRS keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped


class RuleRecord(Numbered, Timestamped, Base):
    """One rule of a domain, or of one of its aliases; ``position`` orders those of the same owner."""

    __tablename__ = "rules"
    __table_args__ = (
        CheckConstraint("action IN ('forward', 'redirect', 'refuse', 'discard')", name="action"),
        Index("ix_rules_domain_id_alias_id", "domain_id", "alias_id", "position", "id"),
        Index("ix_rules_alias_id", "alias_id"),
    )

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    alias_id: Mapped[int | None] = mapped_column(ForeignKey("aliases.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(server_default="")
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    action: Mapped[str]
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class RuleMatches(Base):
    """How often a rule decided; apart from the rule, as it is written with the mail and tells nobody."""

    __tablename__ = "rule_matches"

    rule_id: Mapped[int] = mapped_column(
        ForeignKey("rules.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    matches: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class MailEnvelopeRecord(Base):
    """How an accepted message is sent on; also the book that says what was accepted.

    It outlives the message (no foreign key): ``removed_at`` tells that the message was deleted, by a trigger.
    """

    __tablename__ = "mail_envelopes"
    __table_args__ = (
        CheckConstraint("kind IN ('forward', 'return', 'report', 'test')", name="kind"),
        Index("ix_mail_envelopes_accepted_at", "accepted_at"),
    )

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    accepted_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    removed_at: Mapped[datetime | None]
    kind: Mapped[str]
    sender: Mapped[str]
    forward_sender: Mapped[str]
    prefix: Mapped[bytes] = mapped_column(LargeBinary)
    may_report: Mapped[bool]
    is_utf8: Mapped[bool]
    is_8bit: Mapped[bool]
    client_address: Mapped[str] = mapped_column(server_default="")
    client_helo: Mapped[str] = mapped_column(server_default="")
    client_tls: Mapped[str | None]
    forwarder: Mapped[str] = mapped_column(server_default="")


class ForwarderRecord(Base):
    """A forwarder process and its last sign of life; ``counters`` since it started."""

    __tablename__ = "forwarders"

    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    listen: Mapped[str]
    workers: Mapped[int]
    state: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    counters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))


class SrsKey(Numbered, Base):
    """A secret that rewritten senders are signed with, sealed with the master key; the newest one signs."""

    __tablename__ = "srs_keys"

    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    master_key_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class SrsSender(Base):
    """A sender that is too long to be written into a rewritten one; ``used_at``: when it was last sent on with."""

    __tablename__ = "srs_senders"
    __table_args__ = (Index("ix_srs_senders_used_at", "used_at"),)

    token: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str]
    used_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
