"""What becomes of mail to a recipient, from facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smtpy_desktop.core.alias_matching import find_destination
from smtpy_desktop.core.mail_decision import (
    MOST_HOPS,
    MOST_OWN_HOPS,
    decide_message,
    decide_recipient,
    each_target_once,
    may_report,
)
from smtpy_desktop.schemas.aliases import Forwarding, ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.mail_decision import MailOutcome, RecipientRoute, SenderReturn
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleField

BOX, OTHER = Target("box@out.example", "box@out.example"), Target("other@out.example", "other@out.example")
DOMAIN = ServedDomain(1, "a.example", "a.example", is_active=True, catch_all=None, owner=BOX)
INFO = ServedAlias("info@a.example", "info@a.example", (BOX,))
SALES = ServedAlias("sales@a.example", "sales@a.example", (OTHER, Target("info@a.example", "info@a.example")))
FACTS = MailFacts(1000, subject="Hello", from_address="jo@b.example")
SETTINGS = ForwarderSettings("mx1.example.net")
NO_RESULTS = AuthenticationVerdict()
SPOOF = AuthenticationVerdict(spf="fail", dmarc="fail", policy="reject", from_domain="bank.example")


def route(address: str = "info@a.example", *rules: Rule, domain: ServedDomain = DOMAIN, **values) -> RecipientRoute:
    forwarding = Forwarding({domain.name: domain}, {INFO.key: INFO, SALES.key: SALES})
    destination = find_destination(forwarding, Target(address, address))
    return RecipientRoute(address, address, domain, destination, rules, forwarding, **values)


def rule(action: RuleAction, *targets: Target, name: str = "", **values) -> Rule:
    return Rule(5, 1, None, 1, name, values.pop("conditions", ()), action, targets, **values)


def at_the_dot(one: RecipientRoute, facts: MailFacts = FACTS, verdict: AuthenticationVerdict = NO_RESULTS):
    return decide_message(one, "jo@b.example", facts, verdict, SETTINGS)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (RecipientRoute("x@gmail.example", "x@gmail.example"), "550 5.7.1"),
        (route("nobody@a.example"), "550 5.1.1"),
        (route(domain=replace(DOMAIN, is_active=False)), "550 5.2.1"),
        (route("box%out.example@a.example", is_routed_by_sender=True), "550 5.7.1"),
        (
            route("box%out.example@a.example", is_routed_by_sender=True, domain=replace(DOMAIN, catch_all=BOX)),
            "550 5.7.1",
        ),
        (route("postmaster@a.example"), "250 2.1.5"),
        (route("anything@a.example", domain=replace(DOMAIN, catch_all=BOX)), "250 2.1.5"),
        (route("info+tag@a.example"), "250 2.1.5"),
        (route("info@a.example", rule(RuleAction.REFUSE)), "550 5.7.1"),
        (route("info@a.example", rule(RuleAction.REFUSE, is_active=False)), "250 2.1.5"),
    ],
)
def test_a_recipient_is_taken_or_refused_with_its_code(given: RecipientRoute, code: str) -> None:
    decision = decide_recipient(given, "jo@b.example")

    assert f"{decision.reply.code} {decision.reply.enhanced}" == code
    assert decision.is_refused is code.startswith("5")
    assert bool(decision.bounce_class) is decision.is_refused


@pytest.mark.parametrize(
    ("state", "sender", "code"),
    [
        (SenderReturn.VALID, "", 250),
        (SenderReturn.VALID, "jo@b.example", 550),
        (SenderReturn.REFUSED, "", 550),
    ],
)
def test_a_rewritten_sender_takes_reports_alone_and_no_catch_all_takes_the_others(state, sender, code) -> None:
    catching = replace(DOMAIN, catch_all=OTHER)

    decision = decide_recipient(route("srs0=x@a.example", domain=catching, sender_return=state, return_to=BOX), sender)

    assert decision.reply.code == code
    assert decision.targets == ((BOX,) if code == 250 else ())
    assert (decision.outcome is MailOutcome.RETURN) is (code == 250)


def test_a_report_comes_back_to_a_sender_whose_name_looks_like_routing() -> None:
    rewritten = route("srs0=x=b%c@a.example", sender_return=SenderReturn.VALID, return_to=BOX, is_routed_by_sender=True)

    assert decide_recipient(rewritten, "").outcome is MailOutcome.RETURN
    assert decide_recipient(rewritten, "jo@b.example").is_refused


def test_mail_is_forwarded_to_where_its_alias_leads_in_the_end() -> None:
    decision = at_the_dot(route("sales@a.example"))

    assert decision.outcome is MailOutcome.FORWARD
    assert decision.targets == (OTHER, BOX)


@pytest.mark.parametrize(
    ("rules", "outcome", "targets"),
    [
        ([rule(RuleAction.FORWARD, OTHER)], MailOutcome.FORWARD, (BOX, OTHER)),
        ([rule(RuleAction.REDIRECT, OTHER)], MailOutcome.FORWARD, (OTHER,)),
        ([rule(RuleAction.REDIRECT, Target("sales@a.example", "sales@a.example"))], MailOutcome.FORWARD, (OTHER, BOX)),
        ([rule(RuleAction.REDIRECT, Target("gone@a.example", "gone@a.example"))], MailOutcome.REFUSE, ()),
        ([rule(RuleAction.DISCARD, name="ads")], MailOutcome.DISCARD, ()),
        ([rule(RuleAction.REFUSE)], MailOutcome.REFUSE, ()),
    ],
)
def test_a_rule_decides_where_mail_goes(rules, outcome, targets) -> None:
    decision = at_the_dot(route("info@a.example", *rules))

    assert decision.outcome is outcome
    assert decision.targets == targets
    assert decision.reply.is_accepted is (outcome is not MailOutcome.REFUSE)


def test_a_rule_sees_from_and_the_envelope_sender() -> None:
    about = (RuleCondition(RuleField.SENDER_DOMAIN, "shop.example"),)
    refusing = rule(RuleAction.REFUSE, conditions=about)
    by_from = replace(FACTS, from_address="News@SHOP.example")

    assert not at_the_dot(route("info@a.example", refusing)).is_refused
    assert at_the_dot(route("info@a.example", refusing), by_from).is_refused
    assert decide_recipient(route("info@a.example", refusing), "x@shop.example").is_refused


@pytest.mark.parametrize(
    ("facts", "is_loop"),
    [
        (replace(FACTS, received_count=MOST_HOPS), False),
        (replace(FACTS, received_count=MOST_HOPS + 1), True),
        (replace(FACTS, received_by=("mx1.example.net",) * MOST_OWN_HOPS), False),
        (replace(FACTS, received_by=("mx1.example.net",) * (MOST_OWN_HOPS + 1)), True),
        (replace(FACTS, received_by=("mx.elsewhere.example",) * (MOST_OWN_HOPS + 1)), False),
        (replace(FACTS, delivered_to=("INFO@A.example.",)), True),
        (replace(FACTS, delivered_to=("sales@a.example", "info@b.example")), False),
    ],
)
def test_mail_that_goes_round_is_refused(facts: MailFacts, is_loop: bool) -> None:
    decision = at_the_dot(route(), facts)

    assert decision.is_refused is is_loop
    assert (decision.reply.enhanced == "5.4.6") is is_loop


def test_dmarc_is_heeded_unless_that_is_switched_off() -> None:
    refused = at_the_dot(route(), verdict=SPOOF)
    taken = decide_message(route(), "jo@b.example", FACTS, SPOOF, replace(SETTINGS, heeds_dmarc=False))

    assert (refused.reply.code, refused.reply.enhanced) == (550, "5.7.1")
    assert "bank.example" in str(refused.reason)
    assert not taken.is_refused
    assert not at_the_dot(route(), verdict=replace(SPOOF, policy="quarantine")).is_refused
    assert not at_the_dot(route(), verdict=replace(SPOOF, dmarc="temperror")).is_refused


def test_what_is_too_large_is_refused() -> None:
    assert at_the_dot(route(), replace(FACTS, size_bytes=SETTINGS.largest_message)).reply.code == 250
    assert at_the_dot(route(), replace(FACTS, size_bytes=SETTINGS.largest_message + 1)).reply.code == 552


def test_two_recipients_that_lead_to_one_target_send_to_it_once() -> None:
    both = [at_the_dot(route("info@a.example")), at_the_dot(route("sales@a.example"))]

    found = each_target_once(both)

    assert [one.targets for one in found] == [(BOX,), (OTHER,)]


@pytest.mark.parametrize(
    ("sender", "facts", "verdict", "may"),
    [
        ("jo@b.example", FACTS, NO_RESULTS, True),
        ("", FACTS, NO_RESULTS, False),
        ("jo@b.example", FACTS, AuthenticationVerdict(spf="fail"), False),
        ("jo@b.example", FACTS, AuthenticationVerdict(spf="softfail"), True),
        ("jo@b.example", replace(FACTS, auto_submitted="auto-replied"), NO_RESULTS, False),
        ("jo@b.example", replace(FACTS, auto_submitted="no"), NO_RESULTS, True),
        ("jo@b.example", replace(FACTS, is_from_list=True), NO_RESULTS, False),
        ("jo@b.example", replace(FACTS, precedence="bulk"), NO_RESULTS, False),
    ],
)
def test_reports_go_to_those_alone_who_wrote_the_mail_themselves(sender, facts, verdict, may) -> None:
    assert may_report(at_the_dot(route()), sender, facts, verdict) is may


def test_a_report_on_its_way_back_is_never_reported_about() -> None:
    returned = decide_recipient(route("srs0=x@a.example", sender_return=SenderReturn.VALID, return_to=BOX), "")

    assert not may_report(returned, "", FACTS, NO_RESULTS)
