"""Reading what forwarding needs: domains by name, aliases by key."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Row, Text, any_, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Alias, Domain, Organization, RuleRecord
from smtpy_desktop.database.rules_database import stored_conditions, stored_targets
from smtpy_desktop.schemas.aliases import ServedAlias, Target
from smtpy_desktop.schemas.identifiers import AliasId, DomainId
from smtpy_desktop.schemas.rules import Rule, RuleAction

# Asked for every mail, so in one question.
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
_RULE_COLUMNS = (
    *(RuleRecord.id, RuleRecord.domain_id, RuleRecord.alias_id, RuleRecord.position, RuleRecord.name),
    *(RuleRecord.conditions, RuleRecord.action, RuleRecord.targets),
)


async def served_domains(
    db: AsyncSession, names: Collection[str]
) -> tuple[tuple[DomainId, str, str, bool, str | None, str], ...]:
    """Return id, name, Unicode name, activity, catch-all and organization's address of those names that are ours."""
    statement = (
        select(Domain.id, Domain.name, Domain.unicode_name, Domain.is_active, Domain.catch_all, Organization.email)
        .join(Organization, Organization.id == Domain.organization_id)
        .where(Domain.name == _any(names))
    )
    return tuple((DomainId(row[0]), *row[1:]) for row in await db.execute(statement))


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
    owner = func.concat("@", Domain.name).label("owner")
    of_domains = (
        select(owner, *_RULE_COLUMNS)
        .join(Domain, Domain.id == RuleRecord.domain_id)
        .where(RuleRecord.is_active, RuleRecord.alias_id.is_(None), Domain.name == _any(names))
    )
    of_aliases = (
        select(Alias.address_key, *_RULE_COLUMNS)
        .join(Alias, Alias.id == RuleRecord.alias_id)
        .where(RuleRecord.is_active, Alias.address_key == _any(keys))
    )
    found: dict[str, list[Rule]] = {}
    for row in await db.execute(union_all(of_domains, of_aliases)):
        found.setdefault(row.owner, []).append(_rule(row))
    return {name: tuple(sorted(rules, key=lambda rule: (rule.position, rule.id))) for name, rules in found.items()}


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        id=row.id,
        domain_id=DomainId(row.domain_id),
        alias_id=AliasId(row.alias_id) if row.alias_id is not None else None,
        position=row.position,
        name=row.name,
        conditions=stored_conditions(row.conditions),
        action=RuleAction(row.action),
        targets=stored_targets(row.targets),
    )


def _any(values: Collection[str]) -> Any:
    return any_(literal(list(values), ARRAY(Text)))


async def domain_names(db: AsyncSession) -> tuple[str, ...]:
    """Return the names of all domains."""
    return tuple(await db.scalars(select(Domain.name).order_by(Domain.name)))


async def oldest_domain(db: AsyncSession) -> str | None:
    """Return the name of the domain that is served longest."""
    return await db.scalar(select(Domain.name).where(Domain.is_active).order_by(Domain.id).limit(1))
