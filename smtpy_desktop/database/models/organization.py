"""The table of organizations."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped


class Organization(Numbered, Timestamped, Base):
    """A customer whose domains are looked after."""

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
        Index("uq_organizations_name", text("lower(name)"), unique=True),
    )

    name: Mapped[str]
    email: Mapped[str]
