"""Exporting messages to a file: exactly a search, or all of them."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.core.spreadsheet_safety import RISKY_BEGINNING
from smtpy_desktop.database import (
    domains_database,
    message_export_database,
    messages_shape_database,
    organizations_database,
)
from smtpy_desktop.errors import DatabaseUnavailable, FieldError
from smtpy_desktop.gateways.export_files import ExportFile, ExportFiles
from smtpy_desktop.schemas.message_export import (
    ExportDescription,
    ExportOptions,
    ExportResult,
    ExportSource,
)
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text


async def export_messages(
    sessions: Sessions,
    query: MessageQuery,
    path: Path,
    options: ExportOptions,
    *,
    files: ExportFiles,
    progress: Progress | None = None,
) -> ExportResult:
    """Write all messages of a search, as they are at this moment, to a file that is complete or not there at all.

    Raises FieldError for a choice that makes no file, UserFacingError when it cannot be written (DISK_FULL …), and
    DatabaseUnavailable when the database goes away; then and when cancelled nothing is left behind.
    """
    zone = time_zone(options.zone)
    if not options.columns:
        raise FieldError("columns", "EXPORT_COLUMNS", text("Choose at least one column."))
    if options.limit is not None and options.limit < 1:
        raise FieldError("limit", "EXPORT_LIMIT", text("Export at least one message."))
    progress = progress if progress is not None else Progress()
    async with files.create(path, options) as file:
        try:
            description = await _write(sessions, query, options, zone, file, progress)
        except DatabaseUnavailable as error:
            raise _interrupted(error, path) if progress.done else error from error
        progress.note = text("Bringing the file to the disk")
        size = await file.finish()
    return ExportResult(str(path), options.format, description.count, size, description)


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; raise FieldError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FieldError(
            "zone",
            "TIME_ZONE_UNKNOWN",
            text("There is no time zone {zone}.", zone=name),
            hint=text("Give a name such as UTC or Europe/Paris."),
        ) from error


async def _write(
    sessions: Sessions,
    query: MessageQuery,
    options: ExportOptions,
    zone: ZoneInfo,
    file: ExportFile,
    progress: Progress,
) -> ExportDescription:
    source = ExportSource(
        query,
        options.format,
        options.columns,
        options.zone,
        RISKY_BEGINNING if options.defuse else None,
        options.limit,
    )
    async with sessions.read() as db:
        await message_export_database.begin_snapshot(db, options.zone)
        description = await _described(db, query, options, datetime.now(zone))
        progress.total = description.count
        await file.begin(description)
        async with aclosing(message_export_database.copy_messages(db, source)) as blocks:
            async for block in blocks:
                await file.write(block.rows)
                progress.done += block.count
    return description


def _interrupted(error: DatabaseUnavailable, path: Path) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        error.code,
        text("The database went away in the middle of the export; {path} was not written.", path=str(path)),
        detail=error.detail,
        hint=text("Export again when its server runs and can be reached."),
    )


async def _described(
    db: AsyncSession, query: MessageQuery, options: ExportOptions, made_at: datetime
) -> ExportDescription:
    count = await messages_shape_database.count_messages(db, query)
    terms = [format_search(query.search)]
    if query.domain_id is not None:
        domain = await domains_database.get_domain(db, query.domain_id)
        terms.append(f"domain:{domain.name}" if domain is not None else "")
    organization = None
    if query.organization_id is not None:
        organization = await organizations_database.get_organization(db, query.organization_id)
    return ExportDescription(
        " ".join(filter(None, terms)),
        options.zone,
        count if options.limit is None else min(count, options.limit),
        made_at,
        None if organization is None else organization.name,
        options.limit,
    )
