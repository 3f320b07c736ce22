"""Aliases: listing, finding, adding, changing, deleting and taking that back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.alias_routes import load_forwarding, refuse_astray
from smtpy_desktop.controllers.numbered_pages import read_numbered_page
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_loops import RouteProblem, as_error, find_fault
from smtpy_desktop.core.alias_matching import POSTMASTER, dead_targets, find_destination
from smtpy_desktop.core.alias_targets import (
    parse_alias_address,
    parse_note,
    parse_targets,
    refuse_silent_postmaster,
)
from smtpy_desktop.core.email_address import parse_address
from smtpy_desktop.database import (
    aliases_database,
    aliases_list_database,
    audit_database,
    domains_database,
    rules_database,
)
from smtpy_desktop.errors import ConflictError, FieldError, NotFoundError
from smtpy_desktop.schemas.aliases import (
    AliasDetails,
    AliasQuery,
    AliasRow,
    AliasTotals,
    Destination,
    NewAlias,
    ServedAlias,
    Target,
)
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.paging import ListShape, NumberedPage, Page, Position
from smtpy_desktop.schemas.rules import DeletedAliases
from smtpy_desktop.schemas.text import text

_CIRCLES = (RouteProblem.SELF, RouteProblem.CYCLE)


async def list_aliases(sessions: Sessions, query: AliasQuery, position: Position, limit: int) -> Page[AliasRow]:
    """Return consecutive aliases of a sorted and filtered list."""
    async with sessions.read() as db:
        return await aliases_list_database.list_aliases(db, query, position, limit)


async def list_shape(sessions: Sessions, query: AliasQuery, step: int) -> ListShape:
    """Return how long the list is and where its parts begin."""
    async with sessions.read() as db:
        return await aliases_list_database.list_shape(db, query, step)


async def list_ids(sessions: Sessions, query: AliasQuery) -> tuple[AliasId, ...]:
    """Return the ids of all aliases that the filters let through."""
    async with sessions.read() as db:
        return await aliases_list_database.list_ids(db, query)


async def alias_totals(sessions: Sessions, query: AliasQuery) -> AliasTotals:
    """Count the aliases that the filters let through."""
    async with sessions.read() as db:
        return await aliases_list_database.alias_totals(db, query)


async def numbered_page(sessions: Sessions, query: AliasQuery, page: int, page_size: int) -> NumberedPage[AliasRow]:
    """Return a page counted from 1; raise FieldError for numbers that make no page."""
    return await read_numbered_page(
        sessions,
        query,
        page,
        page_size,
        read_shape=aliases_list_database.list_shape,
        read_rows=aliases_list_database.list_aliases,
    )


async def get_alias(sessions: Sessions, address: str) -> AliasRow:
    """Return the alias of an address, in any spelling; raise NotFoundError when there is none."""
    parsed = parse_alias_address(address)
    async with sessions.read() as db:
        found = await aliases_database.find_aliases(db, [parsed.key])
    if not found:
        raise NotFoundError(
            "ALIAS_NOT_FOUND",
            text("There is no alias {address} here.", address=parsed.address),
            hint=text("Look it up in the list of aliases, or ask where its mail goes: aliases find ADDRESS"),
        )
    return found[0]


async def find_route(sessions: Sessions, address: str) -> Destination:
    """Return what takes mail to an address and where it ends: its alias, that before ``+tag``, or the catch-all."""
    parsed = parse_address(address, field="address")
    target = Target(parsed.address, parsed.key)
    async with sessions.read() as db:
        return find_destination(await load_forwarding(db, [target]), target)


async def alias_details(sessions: Sessions, alias_id: AliasId) -> AliasDetails:
    """Return an alias with where its mail ends and what surrounds it; raise NotFoundError when it is gone."""
    async with sessions.read() as db:
        alias = _existing(await aliases_database.get_alias(db, alias_id))
        address = Target(alias.unicode_address, alias.key)
        postmaster = Target(f"{POSTMASTER}@{alias.unicode_domain}", f"{POSTMASTER}@{alias.domain}")
        forwarding = await load_forwarding(db, [address, postmaster])
        domain = forwarding.domains[alias.domain]
        return AliasDetails(
            alias,
            find_destination(forwarding, address),
            dead_targets(forwarding, alias.targets),
            await aliases_database.forwarded_from(db, alias.key),
            domain.catch_all.address if domain.catch_all is not None else None,
            domain.is_active,
            find_destination(forwarding, postmaster),
        )


async def check_alias(sessions: Sessions, address: str, targets: str, *, is_new: bool) -> None:
    """Raise the FieldError that saving a new alias, or one that is there, would raise now for address or targets."""
    async with sessions.read() as db:
        if is_new:
            await _refuse_duplicate(db, parse_alias_address(address).key)
        new = await _parsed(db, address, targets)
        await refuse_astray(db, ServedAlias(new.key, address.strip(), new.targets))


async def create_alias(
    sessions: Sessions,
    address: str,
    targets: str | Sequence[str],
    *,
    actor: Actor,
    publish: Publish,
    is_active: bool = True,
    note: str = "",
) -> AliasRow:
    """Add an alias; raise FieldError for ``address``, ``targets``, ``active`` or ``note`` with what to correct."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        new = await _parsed(db, address, targets, is_active=is_active, note=note)
        await _refuse_duplicate(db, new.key)
        await refuse_astray(db, ServedAlias(new.key, address.strip(), new.targets))
        (alias_id,) = await aliases_database.insert_aliases(db, [new])
        added = _existing(await aliases_database.get_alias(db, alias_id))
        await audit_database.record(db, actor, _entry("alias.added", added, _added_values(added)))
    publish(Change(Topic.ALIASES, frozenset({alias_id})))
    return added


async def update_alias(
    sessions: Sessions,
    alias_id: AliasId,
    *,
    actor: Actor,
    publish: Publish,
    targets: str | Sequence[str] | None = None,
    is_active: bool | None = None,
    note: str | None = None,
) -> AliasRow:
    """Change an alias; None leaves something alone. Raises FieldError, and NotFoundError when it is gone."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        before = _existing(await aliases_database.get_alias(db, alias_id))
        wanted = replace(
            before,
            targets=before.targets if targets is None else parse_targets(targets),
            is_active=before.is_active if is_active is None else is_active,
            note=before.note if note is None else parse_note(note),
        )
        refuse_silent_postmaster(before.key, is_active=wanted.is_active)
        if wanted.targets != before.targets:
            await refuse_astray(db, ServedAlias(before.key, before.unicode_address, wanted.targets))
        changes = changed_values(before, wanted)
        if changes:
            await write_changes(db, [wanted])
            await audit_database.record(db, actor, _entry("alias.changed", before, changes))
        after = _existing(await aliases_database.get_alias(db, alias_id))
    if changes:
        publish(Change(Topic.ALIASES, frozenset({alias_id})))
    return after


async def set_active(
    sessions: Sessions, alias_ids: Collection[AliasId], *, active: bool, actor: Actor, publish: Publish
) -> tuple[AliasId, ...]:
    """Switch several aliases on or off, all in one transaction, and return those that changed."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        found = await aliases_database.get_aliases(db, alias_ids)
        changed = [replace(row, is_active=active) for row in found if row.is_active != active]
        for row in changed:
            refuse_silent_postmaster(row.key, is_active=active)
        await write_changes(db, changed)
        change = {"is_active": [not active, active]}
        await audit_database.record(db, actor, *(_entry("alias.changed", row, change) for row in changed))
    ids = tuple(row.id for row in changed)
    if ids:
        publish(Change(Topic.ALIASES, frozenset(ids)))
    return ids


async def delete_aliases(
    sessions: Sessions, alias_ids: Collection[AliasId], *, actor: Actor, publish: Publish
) -> DeletedAliases:
    """Delete aliases with their rules and return what they were, for ``restore_aliases``.

    Those that are gone already are left out.

    Raises ConflictError when mail would go in circles without one of them.
    """
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        gone = await aliases_database.get_aliases(db, alias_ids)
        rules = await rules_database.rules_of_aliases(db, [row.id for row in gone])
        await aliases_database.delete_aliases(db, [row.id for row in gone])
        for row in gone:
            await _refuse_circle_without(db, row)
        entries = (_entry("alias.deleted", row, {"targets": [_addresses(row), []]}) for row in gone)
        await audit_database.record(db, actor, *entries)
    if gone:
        publish(Change(Topic.ALIASES, frozenset(row.id for row in gone)))
    return DeletedAliases(gone, rules)


async def restore_aliases(
    sessions: Sessions, gone: DeletedAliases, *, actor: Actor, publish: Publish
) -> tuple[AliasId, ...]:
    """Add deleted aliases again as they were, with their rules; raise FieldError when that is not possible any more."""
    rows = gone.rows
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        new = []
        for row in rows:
            domain = await domains_database.find_domain(db, row.domain)
            if domain is None:
                raise _unknown_domain(row.unicode_domain)
            await _refuse_duplicate(db, row.key)
            new.append(NewAlias(domain.id, row.local_part, row.key, row.targets, row.is_active, row.note))
        ids = await aliases_database.insert_aliases(db, new)
        new_ids = {row.id: alias_id for row, alias_id in zip(rows, ids, strict=True)}
        domain_ids = {row.id: one.domain_id for row, one in zip(rows, new, strict=True)}
        rules = [
            replace(rule, alias_id=new_ids[rule.alias_id], domain_id=domain_ids[rule.alias_id])
            for rule in gone.rules
            if rule.alias_id is not None
        ]
        await rules_database.insert_rules(db, rules)
        for row in rows:
            await refuse_astray(db, ServedAlias(row.key, row.unicode_address, row.targets))
        again = [replace(row, id=alias_id) for row, alias_id in zip(rows, ids, strict=True)]
        entries = (_entry("alias.restored", row, {"targets": [[], _addresses(row)]}) for row in again)
        await audit_database.record(db, actor, *entries)
    if ids:
        publish(Change(Topic.ALIASES, frozenset(ids)))
    return ids


async def write_changes(db: AsyncSession, rows: Sequence[AliasRow]) -> None:
    """Store activity, note and targets of aliases as they are in the rows."""
    now = datetime.now(UTC)
    values = {row.id: {"is_active": row.is_active, "note": row.note, "updated_at": now} for row in rows}
    await aliases_database.update_aliases(db, values)
    await aliases_database.replace_targets(db, {row.id: row.targets for row in rows})


def changed_values(before: AliasRow, after: AliasRow) -> dict[str, Any]:
    """Return what the audit log says of a change: what was and what is, per field that differs."""
    pairs: dict[str, list[Any]] = {
        "targets": [_addresses(before), _addresses(after)],
        "is_active": [before.is_active, after.is_active],
        "note": [before.note, after.note],
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


async def _parsed(
    db: AsyncSession, address: str, targets: str | Sequence[str], *, is_active: bool = True, note: str = ""
) -> NewAlias:
    parsed = parse_alias_address(address)
    domain = await domains_database.find_domain(db, parsed.domain)
    if domain is None:
        raise _unknown_domain(parsed.domain)
    found = parse_targets(targets)
    refuse_silent_postmaster(parsed.key, is_active=is_active)
    return NewAlias(domain.id, parsed.local_part, parsed.key, found, is_active, parse_note(note))


async def _refuse_duplicate(db: AsyncSession, key: str) -> None:
    existing = await aliases_database.find_aliases(db, [key])
    if existing:
        raise FieldError(
            "address",
            "ALIAS_EXISTS",
            text("{address} is here already.", address=existing[0].unicode_address),
            hint=text("Open it in the list of aliases and change its targets."),
        )


async def _refuse_circle_without(db: AsyncSession, row: AliasRow) -> None:
    """What took its mail before may be met again now by ``user`` for ``user+tag``, or by the catch-all."""
    address = Target(row.unicode_address, row.key)
    fault = find_fault(await load_forwarding(db, [address], through_rules=True), address)
    if fault is not None and fault.problem in _CIRCLES:
        error = as_error(fault, "address")
        raise ConflictError(
            fault.problem.value,
            text("{address} cannot be deleted.", address=row.unicode_address),
            detail=error.message,
            hint=error.hint,
        )


def _added_values(row: AliasRow) -> dict[str, Any]:
    values: dict[str, Any] = {"targets": [[], _addresses(row)]}
    return values if row.is_active else values | {"is_active": [None, False]}


def _addresses(row: AliasRow) -> list[str]:
    return [target.address for target in row.targets]


def _entry(action: str, row: AliasRow, changes: dict[str, Any]) -> AuditEntry:
    return AuditEntry(action, "alias", row.id, row.unicode_address, row.organization_id, changes)


def _unknown_domain(name: str) -> FieldError:
    return FieldError(
        "address",
        "ALIAS_DOMAIN_UNKNOWN",
        text("{domain} is not one of your domains.", domain=name),
        hint=text("Add the domain first."),
    )


def _existing(alias: AliasRow | None) -> AliasRow:
    if alias is None:
        raise NotFoundError(
            "ALIAS_GONE",
            text("This alias does not exist any more."),
            hint=text("Somebody has deleted it meanwhile."),
        )
    return alias
