"""The tables in which the database counts the messages; its triggers write them, nobody else does.

Readers add up a table of counts and the changes that are not yet folded into it, in one statement.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, SmallInteger, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from smtpy_desktop.database.models.base import Base

# Without a key, as it is only ever read all together; therefore no mapped class.
MESSAGE_COUNT_CHANGES = Table(
    "message_count_changes",
    Base.metadata,
    Column("id", BigInteger, Identity(), nullable=False),
    Column("hour", DateTime(timezone=True), nullable=False),
    Column("domain_id", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("duration", SmallInteger),
    Column("sender", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)


class MessageHourCount(Base):
    """How many messages of one domain and status came in one hour (UTC)."""

    __tablename__ = "message_hour_counts"
    __table_args__ = (Index("ix_message_hour_counts_domain_id_hour", "domain_id", "hour"),)

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class MessagePeriodCount(Base):
    """How many messages of one domain (0: all) came in one day or month (UTC; or ever, from -infinity)."""

    __tablename__ = "message_period_counts"
    __table_args__ = (Index("ix_message_period_counts_start", "period", "kind", "start"),)

    period: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class MessageSenderCount(Base):
    """How many messages of one domain (0: all) came from one sender in one month (UTC; -infinity: ever)."""

    __tablename__ = "message_sender_counts"
    __table_args__ = (
        Index(
            "ix_message_sender_counts_top",
            "domain_id",
            "count",
            postgresql_where=text("start = '-infinity'::timestamp with time zone"),
        ),
    )

    start: Mapped[datetime] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sender: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
