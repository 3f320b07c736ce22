"""What an export of messages holds, and what it came to."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.message_search import MessageQuery


class ExportFormat(enum.StrEnum):
    """The kinds of files that messages are exported to."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class ExportColumn(enum.StrEnum):
    """The columns of an export, by the names that the command line and the files use for them."""

    ID = "id"
    CREATED_AT = "created_at"
    STATUS = "status"
    SENDER_EMAIL = "sender_email"
    RECIPIENT_EMAIL = "recipient_email"
    FORWARDED_TO = "forwarded_to"
    SUBJECT = "subject"
    SIZE_BYTES = "size_bytes"
    HAS_ATTACHMENTS = "has_attachments"
    DOMAIN = "domain"
    ERROR_MESSAGE = "error_message"
    BOUNCE_CLASS = "bounce_class"
    MESSAGE_ID = "message_id"
    THREAD_ID = "thread_id"
    BODY_PREVIEW = "body_preview"
    DELIVERED_AT = "delivered_at"
    UPDATED_AT = "updated_at"


DEFAULT_COLUMNS = (
    ExportColumn.ID,
    ExportColumn.CREATED_AT,
    ExportColumn.STATUS,
    ExportColumn.SENDER_EMAIL,
    ExportColumn.RECIPIENT_EMAIL,
    ExportColumn.FORWARDED_TO,
    ExportColumn.SUBJECT,
    ExportColumn.SIZE_BYTES,
    ExportColumn.HAS_ATTACHMENTS,
    ExportColumn.DOMAIN,
    ExportColumn.ERROR_MESSAGE,
    ExportColumn.MESSAGE_ID,
    ExportColumn.THREAD_ID,
)
"""What is exported when nobody chooses."""

TIME_COLUMNS = frozenset({ExportColumn.CREATED_AT, ExportColumn.DELIVERED_AT, ExportColumn.UPDATED_AT})
NUMBER_COLUMNS = frozenset({ExportColumn.ID, ExportColumn.SIZE_BYTES})


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How messages are exported.

    ``zone`` is the IANA name of the time zone that times are written in. ``defuse`` keeps texts from being taken for
    formulas. ``limit`` takes only so many messages, from the start of their order. ``describe`` writes query, zone,
    count and time into the file (None: where the format has a place for it, which CSV has not). ``titles`` are headings
    for people in place of the columns' names; JSON Lines keeps the names.
    """

    format: ExportFormat = ExportFormat.CSV
    columns: tuple[ExportColumn, ...] = DEFAULT_COLUMNS
    zone: str = "UTC"
    defuse: bool = True
    describe: bool | None = None
    limit: int | None = None
    titles: Mapping[ExportColumn, str] = field(default_factory=dict)

    @property
    def is_described(self) -> bool:
        """Whether the file tells about itself."""
        return self.format is not ExportFormat.CSV if self.describe is None else self.describe

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns."""
        return tuple(self.titles.get(column, column.value) for column in self.columns)


@dataclass(frozen=True, slots=True)
class ExportDescription:
    """What a file tells about itself: ``query`` as the search box spells it, how many messages, of which moment.

    ``organization`` is the name of the one whose messages these are, None: those of all. ``limit`` is how many were
    asked for at most, from the start of their order.
    """

    query: str
    zone: str
    count: int
    made_at: datetime
    organization: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What the database is asked for: ``defuse_pattern`` is the regular expression of risky beginnings, None: none."""

    query: MessageQuery
    format: ExportFormat
    columns: tuple[ExportColumn, ...]
    zone: str
    defuse_pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was exported: where to, how many messages, how many bytes."""

    path: str
    format: ExportFormat
    messages: int
    size_bytes: int
    description: ExportDescription
