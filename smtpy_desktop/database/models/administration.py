"""The tables of server settings and of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered


class ServerSetting(Base):
    """One setting that the window and the forwarders share."""

    __tablename__ = "server_settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class AuditRecord(Numbered, Base):
    """One change that somebody made; it outlives the object it speaks of."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_object", "object_type", "object_id", "id"),)

    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor: Mapped[str]
    via: Mapped[str]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[int | None] = mapped_column(BigInteger)
    object_name: Mapped[str]
    organization_id: Mapped[int | None] = mapped_column(BigInteger)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
