"""Whole lists of aliases: pasted or read from a file, looked at first, then added; and written to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.alias_routes import load_forwarding
from smtpy_desktop.controllers.aliases_controller import changed_values, write_changes
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_list_file import LARGEST_FILE, decode_list
from smtpy_desktop.core.alias_list_text import read_aliases, write_aliases
from smtpy_desktop.core.alias_plan import plan_import
from smtpy_desktop.core.domain_name import parse_domain_name
from smtpy_desktop.database import aliases_database, aliases_list_database, audit_database, forwarding_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.schemas.aliases import (
    AliasLine,
    AliasQuery,
    AliasRow,
    Forwarding,
    ImportPlan,
    LineAction,
    NewAlias,
    PlannedLine,
    Target,
)
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.text import text

MOST_LINES = 50_000
_PIECE = 1000


async def preview_import(sessions: Sessions, content: str, *, domain: str | None = None) -> ImportPlan:
    """Return what an import of a list would do, line by line, and do nothing; ``domain`` completes names without one.

    Raises UserFacingError when there is nothing in it, or too much.
    """
    lines = await _read(content, domain)
    async with sessions.read() as db:
        plan, _ = await _plan(db, lines)
    return plan


async def import_aliases(
    sessions: Sessions,
    content: str,
    *,
    actor: Actor,
    publish: Publish,
    domain: str | None = None,
    skips_refused: bool = False,
) -> ImportPlan:
    """Add and change the aliases of a list in one transaction, and return what became of each line.

    Where a line is refused nothing is written at all, unless ``skips_refused`` leaves such lines out.
    """
    lines = await _read(content, domain)
    ids: set[AliasId] = set()
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        plan, forwarding = await _plan(db, lines)
        if skips_refused or not plan.count(LineAction.REFUSE):
            ids = await _write(db, plan, forwarding, actor)
    if ids:
        publish(Change(Topic.ALIASES, frozenset(ids)))
    return plan


async def read_list(path: Path, *, files: ExportFiles) -> str:
    """Return the text of a file that holds a list of aliases; raise UserFacingError when it cannot be one."""
    return await asyncio.to_thread(decode_list, await files.read(path, LARGEST_FILE))


async def export_aliases(sessions: Sessions, query: AliasQuery) -> tuple[bytes, int]:
    """Return the aliases that a query finds as CSV in UTF-8, and how many they are."""
    rows: list[AliasRow] = []
    async with sessions.read() as db:
        async for piece in aliases_list_database.every_alias(db, query, _PIECE):
            rows += piece
    return (await asyncio.to_thread(write_aliases, rows)).encode(), len(rows)


async def save_aliases(sessions: Sessions, query: AliasQuery, path: Path, *, files: ExportFiles) -> int:
    """Write the aliases that a query finds to a CSV file, whole or not at all; return how many they are."""
    content, count = await export_aliases(sessions, query)
    await files.save(path, content)
    return count


async def _read(content: str, domain: str | None) -> tuple[AliasLine, ...]:
    completed = parse_domain_name(domain).name if domain else None
    lines = await asyncio.to_thread(read_aliases, content, domain=completed)
    if not lines:
        raise UserFacingError(
            "ALIAS_LIST_EMPTY",
            text("There is no alias in it."),
            hint=text("Write one alias per line: info@example.com and the address to forward to."),
        )
    if len(lines) > MOST_LINES:
        raise UserFacingError(
            "ALIAS_LIST_TOO_LONG",
            text("These are {count} lines; {most} can be taken at a time.", count=len(lines), most=MOST_LINES),
            hint=text("Divide the list."),
        )
    return lines


async def _plan(db: AsyncSession, lines: Sequence[AliasLine]) -> tuple[ImportPlan, Forwarding]:
    good = [line for line in lines if line.fault is None]
    existing = {row.key: row for row in await aliases_database.find_aliases(db, [line.key for line in good])}
    addresses = [Target(_address(line), line.key) for line in good]
    targets = [target for line in good for target in line.targets]
    forwarding = await load_forwarding(db, [*addresses, *targets])
    names = await forwarding_database.domain_names(db)
    return await asyncio.to_thread(plan_import, lines, forwarding, existing, names), forwarding


async def _write(db: AsyncSession, plan: ImportPlan, forwarding: Forwarding, actor: Actor) -> set[AliasId]:
    added = [_new(one.line, forwarding) for one in plan.lines if one.action is LineAction.ADD]
    changed = [(one.before, _merged(one, one.before)) for one in plan.lines if _changes(one) and one.before]
    ids = await aliases_database.insert_aliases(db, added)
    await write_changes(db, [after for _, after in changed])
    rows = await aliases_database.get_aliases(db, ids)
    entries = [_entry("alias.added", row, {"targets": [[], _texts(row)]}) for row in rows]
    entries += [_entry("alias.changed", before, changed_values(before, after)) for before, after in changed]
    await audit_database.record(db, actor, *entries)
    return {*ids, *(before.id for before, _ in changed)}


def _changes(planned: PlannedLine) -> bool:
    return planned.action is LineAction.CHANGE


def _new(line: AliasLine, forwarding: Forwarding) -> NewAlias:
    domain_id = forwarding.domains[line.domain].id
    return NewAlias(domain_id, line.local_part, line.key, line.targets, line.is_active is not False, line.note or "")


def _merged(planned: PlannedLine, before: AliasRow) -> AliasRow:
    line = planned.line
    return replace(
        before,
        targets=line.targets,
        is_active=before.is_active if line.is_active is None else line.is_active,
        note=before.note if line.note is None else line.note,
    )


def _address(line: AliasLine) -> str:
    return f"{line.local_part}@{line.domain}"


def _texts(row: AliasRow) -> list[str]:
    return [target.address for target in row.targets]


def _entry(action: str, row: AliasRow, changes: dict[str, object]) -> AuditEntry:
    return AuditEntry(action, "alias", row.id, row.unicode_address, row.organization_id, changes)
