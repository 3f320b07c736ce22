"""Which rule decides about a message: the first one whose conditions are all met, an alias's before its domain's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtpy_desktop.schemas.rules import Rule, RuleCondition, RuleField


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What conditions look at; what is None is not known yet, and no condition about it is met.

    ``senders`` are the keys of the addresses in From and in MAIL FROM, and the same as people read them.
    """

    senders: tuple[str, ...] = ()
    subject: str | None = None
    size_bytes: int | None = None
    has_attachment: bool | None = None


def decide(rules: Sequence[Rule], facts: RuleFacts) -> Rule | None:
    """Return the rule that decides, None when no rule is met; ``rules`` may come in any order."""
    return next((rule for rule in in_order(rules) if is_met(rule, facts)), None)


def decide_early(rules: Sequence[Rule], sender: str) -> Rule | None:
    """Return the rule that decides whatever the message will be, as far as its envelope sender alone tells.

    That can be the first rule alone: whether one is missed is only known with the message, as From counts as well.
    """
    first = next(iter(in_order(rules)), None)
    return first if first is not None and is_met(first, RuleFacts(senders=(sender,) if sender else ())) else None


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that are on in the order in which they are tried."""
    active = (rule for rule in rules if rule.is_active)
    return tuple(sorted(active, key=lambda rule: (rule.alias_id is None, rule.position, rule.id)))


def is_met(rule: Rule, facts: RuleFacts) -> bool:
    """Tell whether all conditions of a rule are met; one without conditions meets all mail."""
    return all(_is_true(condition, facts) for condition in rule.conditions)


def _is_true(condition: RuleCondition, facts: RuleFacts) -> bool:
    value = condition.value
    match condition.field:
        case RuleField.SENDER_CONTAINS:
            part = _folded(value)
            return any(part in _folded(sender) for sender in facts.senders)
        case RuleField.SENDER_EQUALS:
            return value in (facts.senders)
        case RuleField.SENDER_DOMAIN:
            return any(sender.rpartition("@")[2] == value.lower() for sender in facts.senders)
        case RuleField.SUBJECT_CONTAINS:
            return facts.subject is not None and _folded(value) in _folded(" ".join(facts.subject.split()))
        case RuleField.LARGER_THAN:
            return facts.size_bytes is not None and value.isdecimal() and facts.size_bytes > int(value)
        case RuleField.HAS_ATTACHMENT:
            return facts.has_attachment is not None and facts.has_attachment == (value == "yes")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
