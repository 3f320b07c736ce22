"""Says in a sentence what a rule does: "Mail from anything@example.com larger than 5 MB is refused."."""

from __future__ import annotations

from smtpy_desktop.core.dns_name import unicode_form
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleField
from smtpy_desktop.schemas.text import Text, text

_ORDER = tuple(RuleField)
_KIB = 1024


def rule_sentence(rule: Rule) -> Text:
    """Return what a rule does, as a sentence in plain words."""
    return action_sentence(rule.conditions, rule.action, ", ".join(target.address for target in rule.targets))


def action_sentence(conditions: tuple[RuleCondition, ...], action: RuleAction, targets: str) -> Text:
    """Return the sentence of a rule that need not be complete yet; no ``targets`` are shown as dots."""
    mail, ends = mail_words(conditions), targets or "…"
    match action:
        case RuleAction.FORWARD:
            return text("{mail} is also forwarded to {targets}.", mail=mail, targets=ends)
        case RuleAction.REDIRECT:
            return text("{mail} goes to {targets} instead.", mail=mail, targets=ends)
        case RuleAction.REFUSE:
            return text("{mail} is refused.", mail=mail)
        case RuleAction.DISCARD:
            return text("{mail} is accepted and thrown away.", mail=mail)


def mail_words(conditions: tuple[RuleCondition, ...]) -> Text:
    """Return which mail is meant: "All mail", "Mail from anything@example.com larger than 5 MB"."""
    clauses = [condition_words(each) for each in sorted(conditions, key=lambda one: _ORDER.index(one.field))]
    if not clauses:
        return text("All mail")
    joined = clauses[0]
    for place, clause in enumerate(clauses[1:], 2):
        if len(clauses) == 2:
            joined = text("{first} {second}", first=joined, second=clause)
        elif place < len(clauses):
            joined = text("{first}, {second}", first=joined, second=clause)
        else:
            joined = text("{first} and {second}", first=joined, second=clause)
    return text("Mail {clauses}", clauses=joined)


def condition_words(condition: RuleCondition) -> Text:
    """Return one condition as a clause: "larger than 5 MB"."""
    value = condition.value
    match condition.field:
        case RuleField.SENDER_CONTAINS:
            return text("from an address with “{part}”", part=value)
        case RuleField.SENDER_EQUALS:
            return text("from {address}", address=readable_address(value))
        case RuleField.SENDER_DOMAIN:
            return text("from anything@{domain}", domain=unicode_form(value))
        case RuleField.SUBJECT_CONTAINS:
            return text("with “{part}” in the subject", part=value)
        case RuleField.LARGER_THAN:
            return text("larger than {size}", size=size_words(int(value)))
        case RuleField.HAS_ATTACHMENT:
            return text("with an attachment") if value == "yes" else text("without attachment")


def readable_value(condition: RuleCondition) -> str:
    """Return a condition's value as it is typed: 5M, yes, an address as people read it."""
    match condition.field:
        case RuleField.LARGER_THAN:
            return _typed_size(int(condition.value))
        case RuleField.SENDER_EQUALS:
            return readable_address(condition.value)
        case RuleField.SENDER_DOMAIN:
            return unicode_form(condition.value)
        case _:
            return condition.value


def readable_address(key: str) -> str:
    """Return an address as people read it."""
    local, separator, domain = key.rpartition("@")
    return f"{local}{separator}{unicode_form(domain)}"


def size_words(size: int) -> Text:
    """Return a size that was typed, in the unit that it is whole in; they go up in steps of 1,024."""
    if size and size % _KIB**2 == 0:
        return text("{n} MB", n=size // _KIB**2)
    if size and size % _KIB == 0:
        return text("{n} kB", n=size // _KIB)
    return text("{n} bytes", n=size)


def _typed_size(size: int) -> str:
    if size and size % _KIB**2 == 0:
        return f"{size // _KIB**2}M"
    return f"{size // _KIB}k" if size and size % _KIB == 0 else str(size)
