"""Queries on single aliases, on what forwarding needs of them, and their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Row, Select, Text, any_, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import Alias, AliasTarget, Domain
from smtpy_desktop.schemas.aliases import AliasRow, NewAlias, Target
from smtpy_desktop.schemas.identifiers import AliasId, DomainId, OrganizationId

_CHANGING = 6611730020445


async def lock_forwarding(db: AsyncSession) -> None:
    """Let no other transaction change where mail goes until this one ends: two changes together can close a circle."""
    await db.execute(select(func.pg_advisory_xact_lock(_CHANGING)))


async def get_alias(db: AsyncSession, alias_id: AliasId) -> AliasRow | None:
    """Return one alias, or None when there is none with that id."""
    return next(iter(await read_aliases(db, alias_rows().where(Alias.id == alias_id))), None)


async def get_aliases(db: AsyncSession, alias_ids: Collection[AliasId]) -> tuple[AliasRow, ...]:
    """Return those of the aliases that exist, in the order of their addresses."""
    return await read_aliases(db, alias_rows().where(is_one_of(Alias.id, alias_ids)).order_by(Alias.address_key))


async def find_aliases(db: AsyncSession, keys: Collection[str]) -> tuple[AliasRow, ...]:
    """Return the aliases with these keys."""
    return await read_aliases(db, alias_rows().where(Alias.address_key == _any(keys)))


async def forwarded_from(db: AsyncSession, key: str) -> tuple[str, ...]:
    """Return the addresses of the aliases that have an address among their targets."""
    address = func.concat(Alias.local_part, "@", Domain.unicode_name)
    statement = (
        select(address)
        .select_from(Alias)
        .join(Domain, Domain.id == Alias.domain_id)
        .join(AliasTarget, AliasTarget.alias_id == Alias.id)
        .where(AliasTarget.address_key == key)
        .order_by(Alias.address_key)
    )
    return tuple(await db.scalars(statement))


async def insert_aliases(db: AsyncSession, aliases: Sequence[NewAlias]) -> tuple[AliasId, ...]:
    """Add aliases with their targets and return their ids in order; their keys must be free."""
    if not aliases:
        return ()
    rows = [
        {
            "domain_id": alias.domain_id,
            "local_part": alias.local_part,
            "address_key": alias.key,
            "is_active": alias.is_active,
            "note": alias.note,
        }
        for alias in aliases
    ]
    found = await db.scalars(insert(Alias).returning(Alias.id, sort_by_parameter_order=True), rows)
    ids = tuple(AliasId(number) for number in found)
    await _insert_targets(db, zip(ids, (alias.targets for alias in aliases), strict=True))
    return ids


async def update_aliases(db: AsyncSession, values: Mapping[AliasId, Mapping[str, Any]]) -> None:
    """Set values of aliases, each its own; all of them must have the same columns."""
    if not values:
        return
    statement = update(Alias).execution_options(synchronize_session=False)
    await db.execute(statement, [{"id": number, **own} for number, own in values.items()])


async def replace_targets(db: AsyncSession, targets: Mapping[AliasId, Sequence[Target]]) -> None:
    """Let aliases forward to other addresses, in the order given."""
    if targets:
        await db.execute(delete(AliasTarget).where(is_one_of(AliasTarget.alias_id, targets)))
        await _insert_targets(db, targets.items())


async def delete_aliases(db: AsyncSession, alias_ids: Collection[AliasId]) -> None:
    """Delete aliases with their targets."""
    await db.execute(delete(Alias).where(is_one_of(Alias.id, alias_ids)))


async def read_aliases(db: AsyncSession, statement: Select[Any]) -> tuple[AliasRow, ...]:
    """Return the aliases of a statement that ``alias_rows`` began, each with its targets."""
    rows = (await db.execute(statement)).all()
    return await with_targets(db, rows)


async def with_targets(db: AsyncSession, rows: Sequence[Row[Any]]) -> tuple[AliasRow, ...]:
    """Return rows of a statement that ``alias_rows`` began as aliases, their targets read in one question."""
    targets: dict[int, list[Target]] = {row.id: [] for row in rows}
    if rows:
        found = await db.execute(
            select(AliasTarget.alias_id, AliasTarget.address, AliasTarget.address_key)
            .where(is_one_of(AliasTarget.alias_id, targets))
            .order_by(AliasTarget.id)
        )
        for alias_id, address, key in found:
            targets[alias_id].append(Target(address, key))
    return tuple(_alias(row, tuple(targets[row.id])) for row in rows)


def alias_rows() -> Select[Any]:
    """Begin a statement that reads aliases."""
    statement: Any = select(
        Alias.id,
        Alias.address_key,
        Alias.local_part,
        Alias.domain_id,
        Domain.name,
        Domain.unicode_name,
        Domain.organization_id,
        Alias.is_active,
        Alias.note,
        Alias.created_at,
        Alias.updated_at,
    ).join(Domain, Domain.id == Alias.domain_id)
    began: Select[Any] = statement
    return began


def _any(keys: Collection[str]) -> Any:
    return any_(literal(list(keys), ARRAY(Text)))


async def _insert_targets(db: AsyncSession, targets: Iterable[tuple[AliasId, Sequence[Target]]]) -> None:
    rows = [
        {"alias_id": alias_id, "address": target.address, "address_key": target.key}
        for alias_id, own in targets
        for target in own
    ]
    if rows:
        await db.execute(insert(AliasTarget), rows)


def _alias(row: Row[Any], targets: tuple[Target, ...]) -> AliasRow:
    return AliasRow(
        id=AliasId(row.id),
        key=row.address_key,
        local_part=row.local_part,
        domain_id=DomainId(row.domain_id),
        domain=row.name,
        unicode_domain=row.unicode_name,
        organization_id=OrganizationId(row.organization_id),
        targets=targets,
        is_active=row.is_active,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
