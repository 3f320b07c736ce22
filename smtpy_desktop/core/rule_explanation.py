"""Says of every rule that was tried on a message whether it was met, and what kept it from being so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from smtpy_desktop.core.mail_rules import RuleFacts, in_order, is_met
from smtpy_desktop.schemas.mail_simulation import RuleCheck, RuleVerdict
from smtpy_desktop.schemas.rules import Rule, RuleCondition


def explain_rules(rules: Iterable[Rule], facts: RuleFacts) -> tuple[RuleCheck, ...]:
    """Hold rules against a message in the order in which they are tried; those that are off stand among them."""
    own = {rule.id: rule for rule in rules}
    checks: list[RuleCheck] = []
    has_decided = False
    for each in in_order(replace(rule, is_active=True) for rule in own.values()):
        rule = own[each.id]
        if not rule.is_active:
            checks.append(RuleCheck(rule, RuleVerdict.OFF))
        elif has_decided:
            checks.append(RuleCheck(rule, RuleVerdict.NOT_REACHED))
        else:
            unmet = unmet_conditions(rule, facts)
            has_decided = not unmet
            checks.append(RuleCheck(rule, RuleVerdict.NOT_MET if unmet else RuleVerdict.DECIDED, unmet))
    return tuple(checks)


def unmet_conditions(rule: Rule, facts: RuleFacts) -> tuple[RuleCondition, ...]:
    """Return the conditions of a rule that a message does not meet, as the engine compares them."""
    return tuple(one for one in rule.conditions if not is_met(replace(rule, conditions=(one,)), facts))
