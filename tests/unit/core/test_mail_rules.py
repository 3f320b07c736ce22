"""Which rule decides: the first that is met, an alias's before its domain's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_rules import RuleFacts, decide, decide_early, in_order, is_met
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleField

FACTS = RuleFacts(
    senders=("news@shop.example", "bounce@xn--mnchen-3ya.example", "bounce@münchen.example"),
    subject="Big  SALE: straße",
    size_bytes=5000,
    has_attachment=True,
)


def rule(number: int, *conditions: tuple[RuleField, str], alias_id: int | None = None, **values: object) -> Rule:
    defaults: dict[str, object] = {"position": number, "name": "", "action": RuleAction.REFUSE, "targets": ()}
    found = tuple(RuleCondition(*one) for one in conditions)
    return Rule(id=number, domain_id=1, alias_id=alias_id, conditions=found, **(defaults | values))


@pytest.mark.parametrize(
    ("field", "value", "is_true"),
    [
        (RuleField.SENDER_CONTAINS, "SHOP", True),
        (RuleField.SENDER_CONTAINS, "münchen", True),
        (RuleField.SENDER_CONTAINS, "xn--", True),
        (RuleField.SENDER_CONTAINS, "other", False),
        (RuleField.SENDER_EQUALS, "news@shop.example", True),
        (RuleField.SENDER_EQUALS, "ews@shop.example", False),
        (RuleField.SENDER_DOMAIN, "shop.example", True),
        (RuleField.SENDER_DOMAIN, "xn--mnchen-3ya.example", True),
        (RuleField.SENDER_DOMAIN, "example", False),
        (RuleField.SENDER_DOMAIN, "op.example", False),
        (RuleField.SUBJECT_CONTAINS, "big sale", True),
        (RuleField.SUBJECT_CONTAINS, "STRASSE", True),
        (RuleField.SUBJECT_CONTAINS, "small", False),
        (RuleField.LARGER_THAN, "4999", True),
        (RuleField.LARGER_THAN, "5000", False),
        (RuleField.LARGER_THAN, "many", False),
        (RuleField.HAS_ATTACHMENT, "yes", True),
        (RuleField.HAS_ATTACHMENT, "no", False),
    ],
)
def test_a_condition_looks_at_its_fact(field: RuleField, value: str, is_true: bool) -> None:
    assert is_met(rule(1, (field, value)), FACTS) is is_true
    assert decide([rule(1, (field, value))], FACTS) == (rule(1, (field, value)) if is_true else None)


@pytest.mark.parametrize("field", list(RuleField))
def test_no_condition_is_met_by_what_is_not_known(field: RuleField) -> None:
    assert not is_met(rule(1, (field, "no")), RuleFacts())


def test_all_conditions_have_to_be_met_and_none_is_met_by_all_mail() -> None:
    both = rule(1, (RuleField.LARGER_THAN, "10"), (RuleField.HAS_ATTACHMENT, "no"))

    assert not is_met(both, FACTS)
    assert is_met(rule(1), RuleFacts())


def test_an_alias_s_rules_come_before_its_domain_s_and_those_switched_off_not_at_all() -> None:
    off = rule(1, alias_id=7, is_active=False)
    domain = rule(2, position=1)
    alias = rule(3, alias_id=7, position=9)

    assert in_order([domain, off, alias]) == (alias, domain)
    assert decide([domain, off, alias], FACTS) == alias


RULES = st.lists(
    st.builds(
        rule,
        st.integers(1, 50),
        st.tuples(st.just(RuleField.LARGER_THAN), st.sampled_from(["1", "4999", "5000", "9999"])),
        st.tuples(st.just(RuleField.HAS_ATTACHMENT), st.sampled_from(["yes", "no"])),
        alias_id=st.sampled_from([None, 7]),
        position=st.integers(1, 5),
        is_active=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)


@given(RULES, st.randoms())
def test_the_rule_that_decides_is_met_and_every_one_before_it_is_not(rules: list[Rule], chance) -> None:
    shuffled = list(rules)
    chance.shuffle(shuffled)

    found = decide(shuffled, FACTS)

    assert found == decide(rules, FACTS)
    before = in_order(rules)
    if found is None:
        assert not any(is_met(one, FACTS) for one in before)
    else:
        assert is_met(found, FACTS)
        assert not any(is_met(one, FACTS) for one in before[: before.index(found)])


def test_only_a_first_rule_about_the_sender_decides_before_the_message() -> None:
    by_sender = rule(2, (RuleField.SENDER_DOMAIN, "shop.example"))
    by_subject = rule(1, (RuleField.SUBJECT_CONTAINS, "x"))

    assert decide_early([by_sender], "news@shop.example") == by_sender
    assert decide_early([by_sender], "jo@home.example") is None
    assert decide_early([by_subject, by_sender], "news@shop.example") is None
    assert decide_early([rule(3)], "") == rule(3)
    assert decide_early([], "news@shop.example") is None
