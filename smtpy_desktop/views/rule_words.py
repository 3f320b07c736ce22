"""Says in words what a rule looks at, what it does and how often it decided."""

from __future__ import annotations

from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleField
from smtpy_desktop.views.widgets.relative_time import relative_time
from smtpy_desktop.views.widgets.texts import tr, tr_n

NO_ATTACHMENT = "no_attachment"
"""A choice of its own in the dialog, which the condition keeps as a value."""


def field_choices() -> tuple[tuple[str, str], ...]:
    """Return what a condition can look at, as key and words, in the order of the dialog."""
    return (
        (RuleField.SENDER_DOMAIN.value, tr("Sender's domain is")),
        (RuleField.SENDER_EQUALS.value, tr("Sender is")),
        (RuleField.SENDER_CONTAINS.value, tr("Sender contains")),
        (RuleField.SUBJECT_CONTAINS.value, tr("Subject contains")),
        (RuleField.LARGER_THAN.value, tr("Larger than")),
        (RuleField.HAS_ATTACHMENT.value, tr("Has an attachment")),
        (NO_ATTACHMENT, tr("Has no attachment")),
    )


def field_example(key: str) -> str:
    """Return what may be typed for a condition."""
    return {
        RuleField.SENDER_DOMAIN.value: "example.com",
        RuleField.SENDER_EQUALS.value: "name@example.com",
        RuleField.SENDER_CONTAINS.value: tr("part of the address"),
        RuleField.SUBJECT_CONTAINS.value: tr("part of the subject"),
        RuleField.LARGER_THAN.value: "5M",
    }.get(key, "")


def action_choices() -> tuple[tuple[RuleAction, str], ...]:
    """Return what can be done with mail, in the order of the dialog."""
    return (
        (RuleAction.REFUSE, tr("Refuse it, and tell the sender")),
        (RuleAction.DISCARD, tr("Accept it and throw it away")),
        (RuleAction.REDIRECT, tr("Send it to other addresses instead")),
        (RuleAction.FORWARD, tr("Forward it to more addresses, too")),
    )


def matches_words(rule: Rule) -> str:
    """Return how often a rule decided, and when it last did."""
    if not rule.matches:
        return tr("No match yet")
    times = tr_n("Matched {n} time", "Matched {n} times", rule.matches)
    return tr("{times}, last {when}", times=times, when=relative_time(rule.last_match_at))
