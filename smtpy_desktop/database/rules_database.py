"""Queries on rules, on how often they decided, and their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Row, Select, Text, any_, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import Alias, Domain, RuleMatches, RuleRecord
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.identifiers import AliasId, DomainId, OrganizationId
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleField, RuleOwner


async def domain_owner(db: AsyncSession, domain_id: DomainId) -> RuleOwner | None:
    """Return a domain as an owner of rules, or None when it is gone."""
    statement = select(Domain.id, Domain.unicode_name, Domain.organization_id).where(Domain.id == domain_id)
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    return RuleOwner(DomainId(row.id), None, row.unicode_name, OrganizationId(row.organization_id))


async def alias_owners(db: AsyncSession, alias_ids: Collection[AliasId]) -> tuple[RuleOwner, ...]:
    """Return those of the aliases that exist as owners of rules."""
    address = func.concat(Alias.local_part, "@", Domain.unicode_name)
    statement = (
        select(Alias.id, Alias.domain_id, address.label("address"), Domain.organization_id, Alias.address_key)
        .join(Domain, Domain.id == Alias.domain_id)
        .where(is_one_of(Alias.id, alias_ids))
    )
    return tuple(
        RuleOwner(
            DomainId(row.domain_id), AliasId(row.id), row.address, OrganizationId(row.organization_id), row.address_key
        )
        for row in await db.execute(statement)
    )


async def rules_of(db: AsyncSession, owner: RuleOwner) -> tuple[Rule, ...]:
    """Return the rules of a domain (not those of its aliases) or of an alias, in their order."""
    return await _read(db, _rule_rows().where(*_owned_by(owner)).order_by(RuleRecord.position, RuleRecord.id))


async def rules_of_aliases(db: AsyncSession, alias_ids: Collection[AliasId]) -> tuple[Rule, ...]:
    """Return the rules of several aliases, each alias's in their order."""
    statement = _rule_rows().where(is_one_of(RuleRecord.alias_id, alias_ids))
    return await _read(db, statement.order_by(RuleRecord.alias_id, RuleRecord.position, RuleRecord.id))


async def get_rules(db: AsyncSession, rule_ids: Collection[int]) -> tuple[Rule, ...]:
    """Return those of the rules that exist, by owner and in their order."""
    order = (RuleRecord.domain_id, RuleRecord.alias_id.nulls_last(), RuleRecord.position, RuleRecord.id)
    return await _read(db, _rule_rows().where(is_one_of(RuleRecord.id, rule_ids)).order_by(*order))


async def targets_by_alias(db: AsyncSession, keys: Collection[str]) -> dict[str, tuple[Target, ...]]:
    """Return where the rules of aliases send mail, switched on or not, by the alias's key."""
    statement = (
        select(Alias.address_key, RuleRecord.targets)
        .join(Alias, Alias.id == RuleRecord.alias_id)
        .where(Alias.address_key == any_(literal(list(keys), ARRAY(Text))))
        .order_by(RuleRecord.position, RuleRecord.id)
    )
    found: dict[str, tuple[Target, ...]] = {}
    for key, targets in await db.execute(statement):
        if targets:
            found[key] = (*found.get(key, ()), *_targets(targets))
    return found


async def insert_rules(db: AsyncSession, rules: Sequence[Rule]) -> tuple[int, ...]:
    """Add rules as they are but for their ids, with what they have counted; return their new ids in order."""
    if not rules:
        return ()
    rows = [
        {"domain_id": rule.domain_id, "alias_id": rule.alias_id, "position": rule.position, **rule_values(rule)}
        for rule in rules
    ]
    found = await db.scalars(insert(RuleRecord).returning(RuleRecord.id, sort_by_parameter_order=True), rows)
    ids = tuple(found)
    counted = [
        {"rule_id": rule_id, "matches": rule.matches, "last_at": rule.last_match_at}
        for rule_id, rule in zip(ids, rules, strict=True)
        if rule.matches and rule.last_match_at is not None
    ]
    if counted:
        await db.execute(insert(RuleMatches), counted)
    return ids


async def update_rule(db: AsyncSession, rule: Rule) -> None:
    """Store name, conditions, action, targets and activity of a rule."""
    statement = update(RuleRecord).where(RuleRecord.id == rule.id)
    await db.execute(statement.values(**rule_values(rule), updated_at=func.now()))


async def set_positions(db: AsyncSession, positions: Mapping[int, int]) -> None:
    """Put rules at new places."""
    if positions:
        statement = update(RuleRecord).execution_options(synchronize_session=False)
        await db.execute(statement, [{"id": rule_id, "position": place} for rule_id, place in positions.items()])


async def delete_rules(db: AsyncSession, rule_ids: Collection[int]) -> None:
    """Delete rules with what they have counted."""
    await db.execute(delete(RuleRecord).where(is_one_of(RuleRecord.id, rule_ids)))


def rule_values(rule: Rule) -> dict[str, Any]:
    """Return the columns of a rule that people set: this is how conditions and targets are kept."""
    return {
        "name": rule.name,
        "conditions": [{"field": one.field.value, "value": one.value} for one in rule.conditions],
        "action": rule.action.value,
        "targets": [{"address": one.address, "key": one.key} for one in rule.targets],
        "is_active": rule.is_active,
    }


def stored_rule(row: Row[Any]) -> Rule:
    """Return what forwarding needs of a rule from its columns."""
    return Rule(
        id=row.id,
        domain_id=DomainId(row.domain_id),
        alias_id=AliasId(row.alias_id) if row.alias_id is not None else None,
        position=row.position,
        name=row.name,
        conditions=tuple(RuleCondition(RuleField(one["field"]), str(one["value"])) for one in row.conditions),
        action=RuleAction(row.action),
        targets=_targets(row.targets),
    )


def _targets(kept: Iterable[Mapping[str, Any]]) -> tuple[Target, ...]:
    return tuple(Target(str(one["address"]), str(one["key"])) for one in kept)


def _owned_by(owner: RuleOwner) -> tuple[ColumnElement[bool], ...]:
    if owner.alias_id is not None:
        return (RuleRecord.alias_id == owner.alias_id,)
    return RuleRecord.domain_id == owner.domain_id, RuleRecord.alias_id.is_(None)


def _rule_rows() -> Select[Any]:
    columns: tuple[Any, ...] = (
        RuleRecord.id,
        RuleRecord.domain_id,
        RuleRecord.alias_id,
        RuleRecord.position,
        RuleRecord.name,
        RuleRecord.conditions,
        RuleRecord.action,
        RuleRecord.targets,
        RuleRecord.is_active,
        func.coalesce(RuleMatches.matches, 0).label("matches"),
        RuleMatches.last_at,
    )
    return select(*columns).outerjoin(RuleMatches, RuleMatches.rule_id == RuleRecord.id)


async def _read(db: AsyncSession, statement: Select[Any]) -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in await db.execute(statement))


def _rule(row: Row[Any]) -> Rule:
    return replace(stored_rule(row), is_active=row.is_active, matches=row.matches, last_match_at=row.last_at)
