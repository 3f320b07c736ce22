"""The tables of aliases."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint, text
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
