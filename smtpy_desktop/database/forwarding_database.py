"""Reading what forwarding needs: domains by name, aliases by key."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Domain
from smtpy_desktop.database.rules_database import stored_rule
from smtpy_desktop.schemas.aliases import ServedAlias, Target
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.rules import Rule

# Asked for nearly every mail: in few questions, and in words that need not be put together each time.
_ALIASES = text("""
    SELECT a.address_key AS key, a.local_part || '@' || d.name AS address, a.is_active,
        coalesce(array_agg(t.address ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}') AS addresses,
        coalesce(array_agg(t.address_key ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}') AS target_keys
    FROM aliases AS a
    JOIN domains AS d ON d.id = a.domain_id
    LEFT JOIN alias_targets AS t ON t.alias_id = a.id
    WHERE a.address_key = ANY (CAST(:keys AS text[]))
    GROUP BY a.id, d.name
""")
_RULES = text("""
    SELECT '@' || d.name AS owner, r.id, r.domain_id, r.alias_id, r.position, r.name, r.conditions, r.action, r.targets
    FROM rules AS r
    JOIN domains AS d ON d.id = r.domain_id
    WHERE r.is_active AND r.alias_id IS NULL AND d.name = ANY (CAST(:names AS text[]))
    UNION ALL
    SELECT a.address_key, r.id, r.domain_id, r.alias_id, r.position, r.name, r.conditions, r.action, r.targets
    FROM rules AS r
    JOIN aliases AS a ON a.id = r.alias_id
    WHERE r.is_active AND a.address_key = ANY (CAST(:keys AS text[]))
    ORDER BY position, id
""")
_DOMAINS = text("""
    SELECT d.id, d.name, d.unicode_name, d.is_active, d.catch_all, o.email
    FROM domains AS d
    JOIN organizations AS o ON o.id = d.organization_id
    WHERE d.name = ANY (CAST(:names AS text[]))
""")


async def served_domains(
    db: AsyncSession, names: Collection[str]
) -> tuple[tuple[DomainId, str, str, bool, str | None, str], ...]:
    """Return id, name, Unicode name, activity, catch-all and organization's address of those names that are ours."""
    rows = await db.execute(_DOMAINS, {"names": list(names)})
    return tuple((DomainId(row[0]), *row[1:]) for row in rows)


async def served_aliases(db: AsyncSession, keys: Collection[str]) -> dict[str, ServedAlias]:
    """Return the aliases with these keys, by key."""
    rows = await db.execute(_ALIASES, {"keys": list(keys)})
    return {
        row.key: ServedAlias(row.key, row.address, tuple(map(Target, row.addresses, row.target_keys)), row.is_active)
        for row in rows
    }


async def active_rules(db: AsyncSession, names: Collection[str], keys: Collection[str]) -> dict[str, tuple[Rule, ...]]:
    """Return the rules that are on, by whose they are: ``@name`` of one of these domains, or the key of an alias.

    Each comes in the order in which it is tried; what they counted is not read.
    """
    found: dict[str, list[Rule]] = {}
    for row in await db.execute(_RULES, {"names": list(names), "keys": list(keys)}):
        found.setdefault(row.owner, []).append(stored_rule(row))
    return {owner: tuple(rules) for owner, rules in found.items()}


async def domain_names(db: AsyncSession) -> tuple[str, ...]:
    """Return the names of all domains."""
    return tuple(await db.scalars(select(Domain.name).order_by(Domain.name)))


async def oldest_domain(db: AsyncSession) -> str | None:
    """Return the name of the domain that is served longest."""
    return await db.scalar(select(Domain.name).where(Domain.is_active).order_by(Domain.id).limit(1))
