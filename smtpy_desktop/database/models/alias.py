"""The tables of aliases."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped


class Alias(Numbered, Timestamped, Base):
    """An address of a domain that is forwarded.

    ``local_part`` keeps its spelling; ``address_key`` is what it is compared by: without case, with the domain's name.
    """

    __tablename__ = "aliases"
    __table_args__ = (
        UniqueConstraint("address_key"),
        Index("ix_aliases_domain_id_address_key", "domain_id", "address_key"),
        Index("ix_aliases_updated_at_id", "updated_at", "id"),
    )

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    local_part: Mapped[str]
    address_key: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    note: Mapped[str] = mapped_column(server_default="")


class AliasTarget(Numbered, Base):
    """One address that an alias forwards to, as it was written and as it is compared."""

    __tablename__ = "alias_targets"
    __table_args__ = (
        UniqueConstraint("alias_id", "address_key"),
        Index("ix_alias_targets_address_key", "address_key"),
    )

    alias_id: Mapped[int] = mapped_column(ForeignKey("aliases.id", ondelete="CASCADE"))
    address: Mapped[str]
    address_key: Mapped[str]
