"""Reads the conditions, the action's targets and the name of a rule as people type them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from smtpy_desktop.core.alias_matching import is_postmaster
from smtpy_desktop.core.alias_targets import parse_targets
from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.core.email_address import parse_address
from smtpy_desktop.core.message_search_sizes import parse_size
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.rules import RuleAction, RuleCondition, RuleField, RuleOwner
from smtpy_desktop.schemas.text import text

MOST_CONDITIONS = 20
MOST_RULES = 100
LONGEST_VALUE = 200
LONGEST_NAME = 80
SENDING_ACTIONS = frozenset({RuleAction.FORWARD, RuleAction.REDIRECT})
_YES = frozenset({"yes", "y", "true", "1", "on"})
_NO = frozenset({"no", "n", "false", "0", "off"})


def condition_field(place: int) -> str:
    """Return the name of the field that a ``FieldError`` about a condition has; places count from 0."""
    return f"condition-{place}"


def parse_conditions(typed: Iterable[tuple[RuleField, str]]) -> tuple[RuleCondition, ...]:
    """Return the conditions, each once; raise FieldError for ``condition-PLACE`` with what to correct."""
    found: list[RuleCondition] = []
    for place, (kind, value) in enumerate(typed):
        condition = RuleCondition(kind, _parse_value(kind, value, condition_field(place)))
        if kind is RuleField.HAS_ATTACHMENT and RuleCondition(kind, _opposite(condition.value)) in found:
            raise FieldError(
                condition_field(place),
                "RULE_NEVER",
                text("No mail has an attachment and none at the same time, so this rule would never be met."),
                hint=text("Take one of the two conditions away."),
            )
        if condition not in found:
            found.append(condition)
    if len(found) > MOST_CONDITIONS:
        raise FieldError(
            condition_field(MOST_CONDITIONS),
            "RULE_TOO_MANY_CONDITIONS",
            text("These are {count} conditions; a rule has at most {most}.", count=len(found), most=MOST_CONDITIONS),
            hint=text("Make several rules of it."),
        )
    return tuple(found)


def parse_rule_targets(action: RuleAction, typed: str | Iterable[str]) -> tuple[Target, ...]:
    """Return where a rule sends mail; none for an action that sends nothing. Raises FieldError for ``targets``."""
    words = [typed] if isinstance(typed, str) else list(typed)
    if action in SENDING_ACTIONS:
        return parse_targets(words)
    if any(word.strip() for word in words):
        raise FieldError(
            "targets",
            "RULE_NO_TARGETS",
            text("A rule that refuses or throws away has no targets."),
            hint=text("Choose another action, or leave the targets out."),
        )
    return ()


def parse_rule_name(typed: str) -> str:
    """Return a rule's name as one line, which may be empty; raise FieldError for ``name`` when it is too long."""
    name = " ".join("".join(char if char.isprintable() else " " for char in typed).split())
    if len(name) > LONGEST_NAME:
        raise FieldError(
            "name",
            "RULE_NAME_TOO_LONG",
            text("The name has {length} characters; at most {most} are kept.", length=len(name), most=LONGEST_NAME),
            hint=text("Shorten it; the rule itself says what it does."),
        )
    return name


def refuse_shut_postmaster(owner: RuleOwner, conditions: tuple[RuleCondition, ...], action: RuleAction) -> None:
    """Raise FieldError when a rule would keep all mail from postmaster (RFC 5321 section 4.5.1)."""
    if conditions or action in SENDING_ACTIONS:
        return
    if not owner.key:
        raise FieldError(
            "action",
            "RULE_SHUTS_DOMAIN",
            text("Without a condition this would keep all mail from {name}, postmaster's, too.", name=owner.name),
            hint=text("Add a condition, or switch the domain off in its settings."),
        )
    if is_postmaster(owner.key):
        raise FieldError(
            "action",
            "RULE_POSTMASTER",
            text("Mail to postmaster has to be accepted for every domain (RFC 5321), so it cannot all be refused."),
            hint=text("Add a condition, so that only certain mail is meant."),
        )


def _parse_value(kind: RuleField, typed: str, field: str) -> str:
    value = unicodedata.normalize("NFC", typed).strip()
    match kind:
        case RuleField.SENDER_EQUALS:
            return parse_address(value.strip("<>"), field=field).key
        case RuleField.SENDER_DOMAIN:
            return _parse_domain(value, field)
        case RuleField.LARGER_THAN:
            return _parse_size(value, field)
        case RuleField.HAS_ATTACHMENT:
            return _parse_yes(value, field)
        case RuleField.SENDER_CONTAINS | RuleField.SUBJECT_CONTAINS:
            return _parse_part(value, field)


def _parse_part(value: str, field: str) -> str:
    part = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    if not part:
        raise FieldError(
            field,
            "RULE_VALUE_MISSING",
            text("Say what to look for."),
            hint=text("A part of it is enough; capitals do not matter."),
        )
    if len(part) > LONGEST_VALUE:
        raise FieldError(
            field,
            "RULE_VALUE_TOO_LONG",
            text("This has {length} characters; at most {most} are compared.", length=len(part), most=LONGEST_VALUE),
            hint=text("A part of it is enough."),
        )
    return part


def _parse_domain(value: str, field: str) -> str:
    name = value.rpartition("@")[2].removeprefix("*.")
    try:
        normal = normalize_name(name)
    except NameFault as fault:
        raise FieldError(
            field, f"RULE_DOMAIN_{fault.kind}", fault.message, hint=fault.hint, suggestion=_usable(fault.candidate)
        ) from None
    if name != value.rpartition("@")[2]:
        raise FieldError(
            field,
            "RULE_DOMAIN_WILDCARD",
            text("A domain is compared as a whole, without those below it."),
            hint=text("For all of them use “sender contains” with .{name}", name=normal.name),
            suggestion=normal.unicode_name,
        )
    return normal.name


def _usable(candidate: str | None) -> str | None:
    try:
        return normalize_name(candidate).unicode_name if candidate and "." in candidate else None
    except NameFault:
        return None


def _parse_size(value: str, field: str) -> str:
    size = parse_size(value.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " "))
    if size is None:
        raise FieldError(
            field,
            "RULE_SIZE",
            text("“{value}” is no size.", value=value) if value else text("Give a size."),
            hint=text("Write it as 500k, 5M or 1.5M."),
        )
    return str(size)


def _parse_yes(value: str, field: str) -> str:
    word = value.lower() or "yes"
    if word in _YES or word in _NO:
        return "yes" if word in _YES else "no"
    raise FieldError(
        field,
        "RULE_YES_NO",
        text("“{value}” is neither yes nor no.", value=value),
        hint=text("Write yes for mail with an attachment, no for mail without."),
    )


def _opposite(word: str) -> str:
    return "no" if word == "yes" else "yes"
