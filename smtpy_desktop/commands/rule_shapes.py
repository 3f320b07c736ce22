"""Rules on the command line: the JSON shape, the lines for people, and how a condition is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.core.rule_words import readable_value, rule_sentence
from smtpy_desktop.schemas.rules import OwnerRules, Rule, RuleField

CONDITION_HELP = (
    "A condition; may be repeated, then all must be met. FIELD is "
    + ", ".join(field.value.replace("_", "-") for field in RuleField)
    + "."
)


def parse_typed_conditions(typed: Iterable[str]) -> tuple[tuple[RuleField, str], ...]:
    """Return conditions typed as FIELD=VALUE; raise click.BadParameter for another form."""
    found = []
    for each in typed:
        name, _, value = each.partition("=")
        try:
            found.append((RuleField(name.strip().lower().replace("-", "_")), value))
        except ValueError:
            words = f"{each!r} is no condition. {CONDITION_HELP}"
            raise click.BadParameter(words, param_hint="--if") from None
    return tuple(found)


def rule_shape(rule: Rule) -> dict[str, Any]:
    """One rule; ``place`` is counted from 1."""
    return {
        "id": rule.id,
        "place": rule.position,
        "name": rule.name,
        "rule": str(rule_sentence(rule)),
        "conditions": [
            {"field": one.field.value, "value": one.value, "typed": readable_value(one)} for one in rule.conditions
        ],
        "action": rule.action.value,
        "targets": [target.address for target in rule.targets],
        "is_active": rule.is_active,
        "matches": rule.matches,
        "last_match_at": time_shape(rule.last_match_at),
        "domain_id": rule.domain_id,
        "alias_id": rule.alias_id,
    }


def owner_shape(found: OwnerRules) -> dict[str, Any]:
    """The rules of an alias or a domain; of an alias, those of its domain, which come after."""
    return {
        "owner": found.owner.name,
        "rules": [rule_shape(rule) for rule in found.rules],
        "domain": found.domain_name,
        "domain_rules": [rule_shape(rule) for rule in found.domain_rules],
    }


def owner_lines(found: OwnerRules) -> str:
    """The same for people."""
    parts = [_table(found.rules)] if found.rules else [f"{found.owner.name} has no rules."]
    if found.domain_rules:
        parts += ["", f"Then the rules of {found.domain_name}:", "", _table(found.domain_rules)]
    return "\n".join(parts)


def _table(rules: tuple[Rule, ...]) -> str:
    rows = [(rule.position, rule.id, _said(rule), "yes" if rule.is_active else "no", rule.matches) for rule in rules]
    return text_table(("Place", "Id", "Rule", "Active", "Matched"), rows)


def _said(rule: Rule) -> str:
    return f"{rule.name}: {rule_sentence(rule)}" if rule.name else str(rule_sentence(rule))
