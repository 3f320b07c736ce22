"""Reading what forwarding needs: domains by name, aliases by key."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, Text, and_, any_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.aliases_database import find_aliases
from smtpy_desktop.database.models import Alias, Domain, Organization, RuleRecord
from smtpy_desktop.database.rules_database import stored_conditions, stored_targets
from smtpy_desktop.schemas.aliases import ServedAlias
from smtpy_desktop.schemas.identifiers import AliasId, DomainId
from smtpy_desktop.schemas.rules import Rule, RuleAction


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


async def active_rules(
    db: AsyncSession, domain_ids: Collection[DomainId], keys: Collection[str]
) -> dict[str, tuple[Rule, ...]]:
    """Return the rules that are on, by whose they are: the key of one of these aliases, or ``@name`` of a domain.

    Each comes in the order in which it is tried; what they counted is not read.
    """
    of_domain = and_(
        RuleRecord.alias_id.is_(None), RuleRecord.domain_id == any_(literal(list(domain_ids), ARRAY(BigInteger)))
    )
    columns = (
        *(RuleRecord.id, RuleRecord.domain_id, RuleRecord.alias_id, RuleRecord.position, RuleRecord.name),
        *(RuleRecord.conditions, RuleRecord.action, RuleRecord.targets, Alias.address_key, Domain.name.label("domain")),
    )
    statement = (
        select(*columns)
        .join(Domain, Domain.id == RuleRecord.domain_id)
        .outerjoin(Alias, Alias.id == RuleRecord.alias_id)
        .where(RuleRecord.is_active, or_(of_domain, Alias.address_key == any_(literal(list(keys), ARRAY(Text)))))
        .order_by(RuleRecord.position, RuleRecord.id)
    )
    found: dict[str, list[Rule]] = {}
    for row in await db.execute(statement):
        rule = Rule(
            id=row.id,
            domain_id=DomainId(row.domain_id),
            alias_id=AliasId(row.alias_id) if row.alias_id is not None else None,
            position=row.position,
            name=row.name,
            conditions=stored_conditions(row.conditions),
            action=RuleAction(row.action),
            targets=stored_targets(row.targets),
        )
        found.setdefault(row.address_key or f"@{row.domain}", []).append(rule)
    return {owner: tuple(rules) for owner, rules in found.items()}


async def domain_names(db: AsyncSession) -> tuple[str, ...]:
    """Return the names of all domains."""
    return tuple(await db.scalars(select(Domain.name).order_by(Domain.name)))
