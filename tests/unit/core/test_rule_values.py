"""Conditions as people type them, and the sentences that rules are told in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.rule_values import parse_conditions, parse_rule_name, parse_rule_targets
from smtpy_desktop.core.rule_words import action_sentence, readable_value
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.rules import RuleAction, RuleCondition, RuleField


def condition(field: RuleField, value: str) -> RuleCondition:
    return RuleCondition(field, value)


@pytest.mark.parametrize(
    ("conditions", "action", "targets", "sentence"),
    [
        (
            [("sender_domain", "example.com"), ("larger_than", "5242880")],
            "refuse",
            "",
            "Mail from anything@example.com larger than 5 MB is refused.",
        ),
        ([], "redirect", "a@b.example", "All mail goes to a@b.example instead."),
        (
            [("has_attachment", "no"), ("subject_contains", "{x}"), ("sender_equals", "a@xn--bcher-kva.example")],
            "discard",
            "",
            "Mail from a@bücher.example, with “{x}” in the subject and without attachment is accepted and thrown away.",
        ),
        (
            [("larger_than", "1500")],
            "forward",
            "",
            "Mail larger than 1500 bytes is also forwarded to ….",
        ),
    ],
)
def test_a_rule_is_told_in_a_sentence(conditions, action, targets, sentence):
    found = tuple(condition(RuleField(field), value) for field, value in conditions)

    assert str(action_sentence(found, RuleAction(action), targets)) == sentence


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("5 MB", 5 * 2**20), ("5M", 5 * 2**20), ("1,5 kb", 1536), ("0", 0), ("500", 500), ("2\N{NO-BREAK SPACE}k", 2048)],
)
def test_sizes_are_understood_as_they_are_typed(typed, kept):
    assert parse_conditions([(RuleField.LARGER_THAN, typed)]) == (condition(RuleField.LARGER_THAN, str(kept)),)


@given(st.integers(0, 2**40))
def test_what_is_shown_of_a_size_is_read_as_the_same_size(size):
    kept = condition(RuleField.LARGER_THAN, str(size))

    assert parse_conditions([(kept.field, readable_value(kept))]) == (kept,)


@given(st.sampled_from(list(RuleField)), st.text(max_size=300))
def test_any_text_gives_a_condition_that_is_read_back_or_a_field_error(field, typed):
    try:
        (found,) = parse_conditions([(field, typed)])
    except FieldError:
        return
    assert parse_conditions([(field, readable_value(found))]) == (found,)


def test_the_same_condition_twice_is_one():
    twice = [(RuleField.SENDER_DOMAIN, "Example.com"), (RuleField.SENDER_DOMAIN, "x@example.com.")]

    assert len(parse_conditions(twice)) == 1


def test_too_many_conditions_and_too_long_names_are_refused():
    with pytest.raises(FieldError) as many:
        parse_conditions([(RuleField.SUBJECT_CONTAINS, f"word {number}") for number in range(21)])
    with pytest.raises(FieldError) as long:
        parse_rule_name("x" * 81)

    assert (many.value.code, long.value.field) == ("RULE_TOO_MANY_CONDITIONS", "name")


def test_an_action_that_sends_nothing_has_no_targets():
    assert parse_rule_targets(RuleAction.REFUSE, " \n") == ()
    with pytest.raises(FieldError):
        parse_rule_targets(RuleAction.DISCARD, ["a@b.example"])
