"""Rules: listing, adding, changing, ordering, deleting and taking that back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.rule_routes import dead_rule_targets, refuse_rule_astray
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_targets import parse_alias_address
from smtpy_desktop.core.domain_name import parse_domain_name
from smtpy_desktop.core.rule_values import (
    MOST_RULES,
    parse_conditions,
    parse_rule_name,
    parse_rule_targets,
    refuse_shut_postmaster,
)
from smtpy_desktop.core.rule_words import rule_sentence
from smtpy_desktop.database import aliases_database, audit_database, domains_database, rules_database
from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import AliasId, DomainId
from smtpy_desktop.schemas.rules import OwnerRules, Rule, RuleDraft, RuleOwner
from smtpy_desktop.schemas.text import text


async def find_owner(sessions: Sessions, name: str) -> RuleOwner:
    """Return the alias or the domain of that name as an owner of rules; raise NotFoundError when it is neither."""
    async with sessions.read() as db:
        if "@" in name.strip().strip("@"):
            found = await aliases_database.find_aliases(db, [parse_alias_address(name).key])
            if found:
                return await _owner(db, found[0].domain_id, found[0].id)
        else:
            domain = await domains_database.find_domain(db, parse_domain_name(name.strip().strip("@")).name)
            if domain is not None:
                return await _owner(db, domain.id, None)
    raise NotFoundError(
        "RULE_OWNER_NOT_FOUND",
        text("There is no alias or domain {name} here.", name=name.strip()),
        hint=text("Rules belong to an alias (info@example.com) or to a whole domain (example.com)."),
    )


async def owner_rules(sessions: Sessions, domain_id: DomainId, alias_id: AliasId | None) -> OwnerRules:
    """Return the rules of a domain or an alias in their order; raise NotFoundError when it is gone."""
    async with sessions.read() as db:
        owner = await _owner(db, domain_id, alias_id)
        rules = await rules_database.rules_of(db, owner)
        domain_rules: tuple[Rule, ...] = ()
        domain_name = owner.name
        if alias_id is not None:
            domain = await _owner(db, domain_id, None)
            domain_rules, domain_name = await rules_database.rules_of(db, domain), domain.name
        dead = await dead_rule_targets(db, (*rules, *domain_rules))
        return OwnerRules(owner, rules, domain_rules, domain_name, dead)


async def get_rule(sessions: Sessions, rule_id: int) -> Rule:
    """Return one rule; raise NotFoundError when it is gone."""
    async with sessions.read() as db:
        return await _existing(db, rule_id)


async def check_rule(sessions: Sessions, owner: RuleOwner, draft: RuleDraft) -> Rule:
    """Return the rule that saving a draft would make now (its id is 0), or raise the FieldError that it would raise."""
    async with sessions.read() as db:
        rule = _parsed(owner, draft)
        await refuse_rule_astray(db, owner, rule.targets)
        return rule


async def add_rule(
    sessions: Sessions, owner: RuleOwner, draft: RuleDraft, *, actor: Actor, publish: Publish, place: int | None = None
) -> Rule:
    """Add a rule at a place counted from 0 (None: the last one); raise FieldError with what to correct."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        owner = await _owner(db, owner.domain_id, owner.alias_id)
        rule = _parsed(owner, draft)
        await refuse_rule_astray(db, owner, rule.targets)
        present = await rules_database.rules_of(db, owner)
        _refuse_too_many(len(present) + 1)
        (rule_id,) = await rules_database.insert_rules(db, [rule])
        ids = [one.id for one in present]
        ids.insert(len(ids) if place is None else max(0, min(place, len(ids))), rule_id)
        await _put_in_order(db, ids)
        added = await _existing(db, rule_id)
        await audit_database.record(db, actor, _entry("rule.added", owner, added, _added(added)))
    publish(Change(Topic.RULES, frozenset({rule_id})))
    return added


async def update_rule(sessions: Sessions, rule_id: int, draft: RuleDraft, *, actor: Actor, publish: Publish) -> Rule:
    """Let a rule be as the draft says; raise FieldError, and NotFoundError when it is gone."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        before = await _existing(db, rule_id)
        owner = await _owner(db, before.domain_id, before.alias_id)
        typed = _parsed(owner, draft)
        if typed.targets != before.targets:
            await refuse_rule_astray(db, owner, typed.targets)
        wanted = replace(
            before,
            name=typed.name,
            conditions=typed.conditions,
            action=typed.action,
            targets=typed.targets,
            is_active=typed.is_active,
        )
        changes = _changed(before, wanted)
        if changes:
            await rules_database.update_rule(db, wanted)
            await audit_database.record(db, actor, _entry("rule.changed", owner, wanted, changes))
        after = await _existing(db, rule_id)
    if changes:
        publish(Change(Topic.RULES, frozenset({rule_id})))
    return after


async def set_active(sessions: Sessions, rule_id: int, *, active: bool, actor: Actor, publish: Publish) -> Rule:
    """Switch a rule on or off; raise NotFoundError when it is gone."""
    async with sessions.begin() as db:
        before = await _existing(db, rule_id)
        after = replace(before, is_active=active)
        if after != before:
            owner = await _owner(db, before.domain_id, before.alias_id)
            await rules_database.update_rule(db, after)
            await audit_database.record(db, actor, _entry("rule.changed", owner, after, _changed(before, after)))
    if after != before:
        publish(Change(Topic.RULES, frozenset({rule_id})))
    return after


async def move_rule(sessions: Sessions, rule_id: int, place: int, *, actor: Actor, publish: Publish) -> int:
    """Put a rule at a place counted from 0 among those of its owner, at an end when it is beyond; return where it was.

    Raises NotFoundError when it is gone.
    """
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        rule = await _existing(db, rule_id)
        owner = await _owner(db, rule.domain_id, rule.alias_id)
        ids = [one.id for one in await rules_database.rules_of(db, owner)]
        before = ids.index(rule_id)
        after = max(0, min(place, len(ids) - 1))
        if after != before:
            ids.insert(after, ids.pop(before))
            await _put_in_order(db, ids)
            change = {"place": [before + 1, after + 1]}
            await audit_database.record(db, actor, _entry("rule.moved", owner, rule, change))
    if after != before:
        publish(Change(Topic.RULES, frozenset(ids)))
    return before


async def delete_rules(
    sessions: Sessions, rule_ids: Collection[int], *, actor: Actor, publish: Publish
) -> tuple[Rule, ...]:
    """Delete rules and return what they were, for ``restore_rules``; those that are gone already are left out."""
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        gone = await rules_database.get_rules(db, rule_ids)
        await rules_database.delete_rules(db, [rule.id for rule in gone])
        for rule in gone:
            owner = await _owner(db, rule.domain_id, rule.alias_id)
            await _put_in_order(db, [one.id for one in await rules_database.rules_of(db, owner)])
            values = {"rule": [str(rule_sentence(rule)), None]}
            await audit_database.record(db, actor, _entry("rule.deleted", owner, rule, values))
    if gone:
        publish(Change(Topic.RULES, frozenset(rule.id for rule in gone)))
    return gone


async def restore_rules(
    sessions: Sessions, rules: Sequence[Rule], *, actor: Actor, publish: Publish
) -> tuple[int, ...]:
    """Add deleted rules again, each at its place with what it had counted.

    Raises NotFoundError when their owner is gone, FieldError when their targets lead astray by now.
    """
    async with sessions.begin() as db:
        await aliases_database.lock_forwarding(db)
        ids = tuple([await _restore(db, rule, actor) for rule in sorted(rules, key=lambda rule: rule.position)])
    if ids:
        publish(Change(Topic.RULES, frozenset(ids)))
    return ids


async def _restore(db: AsyncSession, rule: Rule, actor: Actor) -> int:
    owner = await _owner(db, rule.domain_id, rule.alias_id)
    await refuse_rule_astray(db, owner, rule.targets)
    ids = [one.id for one in await rules_database.rules_of(db, owner)]
    (rule_id,) = await rules_database.insert_rules(db, [rule])
    ids.insert(rule.position - 1, rule_id)
    await _put_in_order(db, ids)
    await audit_database.record(db, actor, _entry("rule.restored", owner, replace(rule, id=rule_id), _added(rule)))
    return rule_id


def _parsed(owner: RuleOwner, draft: RuleDraft) -> Rule:
    conditions = parse_conditions(draft.conditions)
    refuse_shut_postmaster(owner, conditions, draft.action)
    return Rule(
        id=0,
        domain_id=owner.domain_id,
        alias_id=owner.alias_id,
        position=0,
        name=parse_rule_name(draft.name),
        conditions=conditions,
        action=draft.action,
        targets=parse_rule_targets(draft.action, draft.targets),
        is_active=draft.is_active,
    )


def _refuse_too_many(count: int) -> None:
    if count > MOST_RULES:
        raise FieldError(
            "conditions",
            "RULE_TOO_MANY",
            text("There are {most} rules here already, and no room for more.", most=MOST_RULES),
            hint=text("Delete rules that never match; their counters tell."),
        )


async def _put_in_order(db: AsyncSession, ids: Sequence[int]) -> None:
    """Positions are the places that people see: 1, 2, 3 … without gaps."""
    await rules_database.set_positions(db, {rule_id: place for place, rule_id in enumerate(ids, 1)})


async def _owner(db: AsyncSession, domain_id: DomainId, alias_id: AliasId | None) -> RuleOwner:
    if alias_id is None:
        owner = await rules_database.domain_owner(db, domain_id)
    else:
        owner = next(iter(await rules_database.alias_owners(db, [alias_id])), None)
    if owner is None:
        raise NotFoundError(
            "RULE_OWNER_GONE",
            text("What these rules belong to does not exist any more."),
            hint=text("Somebody has deleted it meanwhile."),
        )
    return owner


async def _existing(db: AsyncSession, rule_id: int) -> Rule:
    found = await rules_database.get_rules(db, [rule_id])
    if not found:
        raise NotFoundError(
            "RULE_GONE", text("This rule does not exist any more."), hint=text("Somebody has deleted it meanwhile.")
        )
    return found[0]


def _changed(before: Rule, after: Rule) -> dict[str, Any]:
    old, new = _told(before), _told(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def _told(rule: Rule) -> dict[str, Any]:
    """What the audit log says of a rule."""
    return {"rule": str(rule_sentence(rule)), "name": rule.name, "is_active": rule.is_active}


def _added(rule: Rule) -> dict[str, Any]:
    values = {"rule": [None, str(rule_sentence(rule))]}
    return values if rule.is_active else values | {"is_active": [None, False]}


def _entry(action: str, owner: RuleOwner, rule: Rule, changes: dict[str, Any]) -> AuditEntry:
    return AuditEntry(action, "rule", rule.id, owner.name, owner.organization_id, changes)
