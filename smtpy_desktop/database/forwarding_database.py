"""Reading what forwarding needs: domains by name, aliases by key."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ARRAY, Text, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.aliases_database import find_aliases
from smtpy_desktop.database.models import Domain, Organization
from smtpy_desktop.schemas.aliases import ServedAlias
from smtpy_desktop.schemas.identifiers import DomainId


async def served_domains(
    db: AsyncSession, names: Collection[str]
) -> tuple[tuple[DomainId, str, str, bool, str | None, str], ...]:
    """Return id, name, Unicode name, activity, catch-all and organization's address of those names that are ours."""
    statement = (
        select(Domain.id, Domain.name, Domain.unicode_name, Domain.is_active, Domain.catch_all, Organization.email)
        .join(Organization, Organization.id == Domain.organization_id)
        .where(Domain.name == any_(literal(list(names), ARRAY(Text))))
    )
    return tuple((DomainId(row[0]), *row[1:]) for row in await db.execute(statement))


async def served_aliases(db: AsyncSession, keys: Collection[str]) -> dict[str, ServedAlias]:
    """Return the aliases with these keys, by key."""
    return {
        row.key: ServedAlias(row.key, row.address, row.targets, row.is_active) for row in await find_aliases(db, keys)
    }


async def domain_names(db: AsyncSession) -> tuple[str, ...]:
    """Return the names of all domains."""
    return tuple(await db.scalars(select(Domain.name).order_by(Domain.name)))
