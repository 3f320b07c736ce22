"""Looks where rules send mail: what leads astray is refused when it is saved, what died since is told."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.alias_routes import load_forwarding, refuse_astray
from smtpy_desktop.core.alias_loops import as_error, find_fault
from smtpy_desktop.core.alias_matching import dead_targets
from smtpy_desktop.database import aliases_database
from smtpy_desktop.schemas.aliases import ServedAlias, Target
from smtpy_desktop.schemas.rules import Rule, RuleOwner


async def refuse_rule_astray(db: AsyncSession, owner: RuleOwner, targets: tuple[Target, ...]) -> None:
    """Raise FieldError for ``targets`` when a rule would send mail back to its alias, in circles or nowhere."""
    if not targets:
        return
    if owner.alias_id is None:
        await _refuse_each(db, targets)
        return
    (alias,) = await aliases_database.get_aliases(db, [owner.alias_id])
    both = tuple({target.key: target for target in (*alias.targets, *targets)}.values())
    await refuse_astray(db, ServedAlias(alias.key, alias.unicode_address, both))


async def dead_rule_targets(db: AsyncSession, rules: Iterable[Rule]) -> tuple[tuple[int, tuple[Target, ...]], ...]:
    """Return, by the rule's id, the targets that lead nowhere any more."""
    sending = [rule for rule in rules if rule.targets]
    forwarding = await load_forwarding(db, [target for rule in sending for target in rule.targets])
    found = ((rule.id, dead_targets(forwarding, rule.targets)) for rule in sending)
    return tuple((rule_id, dead) for rule_id, dead in found if dead)


async def _refuse_each(db: AsyncSession, targets: tuple[Target, ...]) -> None:
    """A domain's rule may send to an alias of the same domain: that one's mail meets no further rule on its way."""
    forwarding = await load_forwarding(db, targets, through_rules=True)
    for target in targets:
        fault = find_fault(forwarding, target)
        if fault is not None:
            raise as_error(fault, "targets")
