"""The table of saved searches."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base, Numbered, Timestamped


class SavedViewRecord(Numbered, Timestamped, Base):
    """A search with a name of its own; at most one is the default."""

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
        Index("uq_saved_views_name", text("lower(name)"), unique=True),
        Index("uq_saved_views_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    name: Mapped[str]
    query: Mapped[str]
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
