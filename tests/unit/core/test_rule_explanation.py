"""Why a rule decided or did not: the explanation agrees with what the engine decides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_rules import RuleFacts, decide
from smtpy_desktop.core.rule_explanation import explain_rules
from smtpy_desktop.schemas.identifiers import AliasId, DomainId
from smtpy_desktop.schemas.mail_simulation import RuleVerdict
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleField

_VALUES = {
    RuleField.SENDER_CONTAINS: ("a", "shop"),
    RuleField.SENDER_EQUALS: ("a@shop.example", "b@shop.example"),
    RuleField.SENDER_DOMAIN: ("shop.example", "other.example"),
    RuleField.SUBJECT_CONTAINS: ("sale", "Invoice"),
    RuleField.LARGER_THAN: ("0", "1000"),
    RuleField.HAS_ATTACHMENT: ("yes", "no"),
}
conditions = st.sampled_from([RuleCondition(field, value) for field, values in _VALUES.items() for value in values])
rules = st.builds(
    Rule,
    id=st.integers(1, 10_000),
    domain_id=st.just(DomainId(1)),
    alias_id=st.sampled_from([None, AliasId(1)]),
    position=st.integers(1, 5),
    name=st.just(""),
    conditions=st.lists(conditions, max_size=3).map(tuple),
    action=st.sampled_from(RuleAction),
    targets=st.just(()),
    is_active=st.booleans(),
)
facts = st.builds(
    RuleFacts,
    senders=st.sampled_from([(), ("a@shop.example",), ("b@shop.example", "a@other.example")]),
    subject=st.sampled_from(["", "Big SALE", "your invoice"]),
    size_bytes=st.sampled_from([1, 1000, 1001]),
    has_attachment=st.booleans(),
)


@given(st.lists(rules, max_size=6, unique_by=lambda rule: rule.id), facts)
def test_the_rule_that_decides_is_the_one_that_the_engine_takes(some, mail):
    checks = explain_rules(some, mail)

    deciding = [check.rule for check in checks if check.verdict is RuleVerdict.DECIDED]
    assert deciding == [rule for rule in [decide(some, mail)] if rule is not None]
    assert {check.rule.id for check in checks} == {rule.id for rule in some}
    assert all(bool(check.unmet) is (check.verdict is RuleVerdict.NOT_MET) for check in checks)
    assert all((check.verdict is RuleVerdict.OFF) is not check.rule.is_active for check in checks)
