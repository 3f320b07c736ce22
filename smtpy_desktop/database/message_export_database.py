"""Reading all messages of a search in one stream, written out by PostgreSQL itself (``COPY``), in flat memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.copied_rows import read_ahead
from smtpy_desktop.database.message_narrowing import Narrowing, narrow
from smtpy_desktop.database.messages_list_database import SORT_VALUES
from smtpy_desktop.database.models import Domain, Message
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.message_export import TIME_COLUMNS, ExportColumn, ExportFormat, ExportSource
from smtpy_desktop.schemas.text import text

_COLUMNS: Mapping[ExportColumn, Any] = {
    ExportColumn.ID: Message.id,
    ExportColumn.CREATED_AT: Message.created_at,
    ExportColumn.STATUS: Message.status,
    ExportColumn.SENDER_EMAIL: Message.sender_email,
    ExportColumn.RECIPIENT_EMAIL: Message.recipient_email,
    ExportColumn.FORWARDED_TO: Message.forwarded_to,
    ExportColumn.SUBJECT: Message.subject,
    ExportColumn.SIZE_BYTES: Message.size_bytes,
    ExportColumn.HAS_ATTACHMENTS: Message.has_attachments,
    ExportColumn.DOMAIN: Domain.name,
    ExportColumn.ERROR_MESSAGE: Message.error_message,
    ExportColumn.BOUNCE_CLASS: Message.bounce_class,
    ExportColumn.MESSAGE_ID: Message.message_id,
    ExportColumn.THREAD_ID: Message.thread_id,
    ExportColumn.BODY_PREVIEW: Message.body_preview,
    ExportColumn.DELIVERED_AT: Message.delivered_at,
    ExportColumn.UPDATED_AT: Message.updated_at,
}

# What strangers write. Names of domains and statuses are ours and begin with a letter or digit.
_FOREIGN = frozenset(
    {
        ExportColumn.SENDER_EMAIL,
        ExportColumn.RECIPIENT_EMAIL,
        ExportColumn.FORWARDED_TO,
        ExportColumn.SUBJECT,
        ExportColumn.ERROR_MESSAGE,
        ExportColumn.BOUNCE_CLASS,
        ExportColumn.MESSAGE_ID,
        ExportColumn.THREAD_ID,
        ExportColumn.BODY_PREVIEW,
    }
)

# First characters, by number, that are looked at no further, the likely ones first: ``A`` to ``~``, ``0-9 : ; <``.
_HARMLESS = ((65, 126), (48, 60))

# Day 25569 of a spreadsheet is 1970-01-01; it counts days of local time.
_SPREADSHEET_EPOCH = 25569
_DAY_SECONDS = 86400

# JSON text holds no control characters, so with these for quote and delimiter it is copied out as it is.
_COPY_OPTIONS = {
    ExportFormat.CSV: "FORMAT csv",
    ExportFormat.XLSX: "FORMAT csv",
    ExportFormat.JSONL: r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'",
}


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Some consecutive rows as bytes, each with a line feed at its end."""

    count: int
    rows: tuple[bytes, ...]


async def begin_snapshot(db: AsyncSession, zone: str) -> None:
    """Make all of a fresh transaction see one moment, take any time, and write times in a zone (an IANA name)."""
    connection = await db.connection()
    await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    try:
        await db.execute(select(func.set_config("TimeZone", zone, literal_column("true"))))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "22023":
            raise
        raise UserFacingError(
            "TIME_ZONE_UNKNOWN",
            text("The database does not know the time zone {zone}.", zone=zone),
            hint=text("Choose another one, such as UTC."),
        ) from error


async def copy_messages(db: AsyncSession, source: ExportSource) -> AsyncGenerator[RowBlock, None]:
    """Yield all messages of a search in its order, as rows of CSV or lines of JSON; close it when leaving early.

    Times in CSV are ISO 8601 with the offset of the zone that ``begin_snapshot`` was given; for a spreadsheet they are
    numbers of days in its local time.
    """
    narrowing = await narrow(db, source.query)
    if narrowing.is_empty:
        return
    connection = await db.connection()
    statement, values = _compiled(_selected(source, narrowing), connection.dialect)
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError("the engine was not made for psycopg's asynchronous connections")
    # Not in ``begin_snapshot`` alone: what is asked before may have set a limit of its own.
    await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    async with driver.cursor() as cursor:
        options = _COPY_OPTIONS[source.format]
        # The block cancels the statement and takes what has arrived of it when it is left early.
        async with (
            cursor.copy(f"COPY ({statement}) TO STDOUT ({options})".encode(), values or None),
            aclosing(read_ahead(driver.pgconn)) as blocks,
        ):
            async for rows in blocks:
                yield RowBlock(len(rows), tuple(rows))


def _selected(source: ExportSource, narrowing: Narrowing) -> Select[Any]:
    columns = [_written(column, source).label(column.value) for column in source.columns]
    if source.format is ExportFormat.JSONL:
        pairs = [part for column in columns for part in (literal(column.name, Text), column.element)]
        statement = select(cast(func.json_build_object(*pairs), Text))
    else:
        statement = select(*columns)
    value, descending = SORT_VALUES[source.query.sort], source.query.descending
    return (
        statement.select_from(Message)
        .join(Domain, Domain.id == Message.domain_id)
        .where(*narrowing.conditions())
        .order_by(*((value.desc(), Message.id.desc()) if descending else (value, Message.id)))
        .limit(source.limit)
    )


def _written(column: ExportColumn, source: ExportSource) -> ColumnElement[Any]:
    value = _COLUMNS[column]
    if column in TIME_COLUMNS:
        return _time(value, source)
    if source.format is ExportFormat.XLSX and column is ExportColumn.HAS_ATTACHMENTS:
        return cast(value, Integer)
    if source.format is ExportFormat.CSV:
        if column is ExportColumn.HAS_ATTACHMENTS:
            return case((value, literal_column("'true'")), else_=literal_column("'false'"))
        if column in _FOREIGN and source.defuse_pattern is not None:
            return _defused(value, source.defuse_pattern)
    plain: ColumnElement[Any] = value
    return plain


def _time(value: Any, source: ExportSource) -> ColumnElement[Any]:
    seconds = func.date_trunc("second", value)
    if source.format is ExportFormat.XLSX:
        local = func.timezone(source.zone, seconds)
        return func.date_part("epoch", local) / _DAY_SECONDS + _SPREADSHEET_EPOCH
    if source.format is ExportFormat.CSV:
        return func.to_char(value, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
    return seconds


def _defused(value: Any, pattern: str) -> ColumnElement[Any]:
    """Put a quote before what matches; nearly every text is let through by its first character, without matching."""
    harmless = [(func.ascii(value).between(start, end), value) for start, end in _HARMLESS]
    return case(*harmless, (value.regexp_match(pattern), literal("'") + value), else_=value)


def _compiled(statement: Select[Any], dialect: Any) -> tuple[str, dict[str, Any]]:
    """Return the statement as psycopg takes it, and its values, which COPY has written into it by psycopg."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    processors: Mapping[str, Callable[[Any], Any]] = getattr(compiled, "_bind_processors", {})
    values = {name: _processed(processors.get(name), value) for name, value in compiled.params.items()}
    return str(compiled), values


def _processed(processor: Callable[[Any], Any] | None, value: Any) -> Any:
    return processor(value) if processor is not None else value
