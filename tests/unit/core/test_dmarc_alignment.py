"""Rules of the tree walk (RFC 9989): whose policy applies, and which domain is the organization's."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.dmarc_alignment import author_policy, may_align, read_walk, walk_questions
from smtpy_desktop.schemas.dns import Answer, AnswerState


def walk(domain: str, records: dict[str, str | list[str] | AnswerState]):
    """Read a walk where the DNS holds these records, by the domains that publish them."""
    answers = {}
    for question in walk_questions(domain):
        found = records.get(question.name.removeprefix("_dmarc."), AnswerState.NO_NAME)
        if isinstance(found, AnswerState):
            answers[question] = Answer("test", authoritative=False, state=found)
        else:
            values = (found,) if isinstance(found, str) else tuple(found)
            answers[question] = Answer("test", authoritative=False, state=AnswerState.FOUND, values=values)
    return read_walk(domain, answers)


REJECT = "v=DMARC1; p=reject"
NONE = "v=DMARC1; p=none"


@pytest.mark.parametrize(
    ("domain", "records", "organization"),
    [
        (
            "a.mail.example.com",
            {"a.mail.example.com": REJECT, "mail.example.com": REJECT, "example.com": REJECT},
            "example.com",
        ),
        ("mail.example.com", {"example.com": REJECT, "com": "v=DMARC1; p=none; psd=y"}, "example.com"),
        ("mail.example.com", {"com": "v=DMARC1; p=none; psd=y"}, "example.com"),
        (
            "a.b.c.d.example.com",
            {"c.d.example.com": "v=DMARC1; p=none; psd=n", "example.com": REJECT},
            "c.d.example.com",
        ),
        (
            "giant.bank.example",
            {"giant.bank.example": REJECT, "bank.example": "v=DMARC1; p=reject; psd=y"},
            "giant.bank.example",
        ),
        ("bank.example", {"bank.example": "v=DMARC1; p=reject; psd=y"}, "bank.example"),
        ("bank.example", {"bank.example": "v=DMARC1; p=reject; psd=y", "example": REJECT}, "bank.example"),
        ("mail.example.com", {}, "mail.example.com"),
        ("mail.example.com", {"example.com": [REJECT, NONE]}, "mail.example.com"),
    ],
)
def test_the_organization_is_where_the_walk_says(domain, records, organization) -> None:
    assert walk(domain, records).organization == organization


@pytest.mark.parametrize(
    ("domain", "records", "policy"),
    [
        ("example.com", {"example.com": REJECT}, "reject"),
        ("mail.example.com", {"example.com": "v=DMARC1; p=reject; sp=quarantine"}, "quarantine"),
        ("mail.example.com", {"mail.example.com": NONE, "example.com": REJECT}, "none"),
        ("a.mail.example.com", {"mail.example.com": NONE, "example.com": REJECT}, "reject"),
        ("example.com", {"com": "v=DMARC1; p=reject; psd=y"}, "reject"),
        ("example.com", {"example.com": "v=DMARC1; p=reject; t=y"}, "quarantine"),
        ("example.com", {"example.com": "v=DMARC1; p=wrong; rua=mailto:a@b.example"}, "none"),
        ("example.com", {"example.com": "v=DMARC1; p=wrong"}, None),
        ("example.com", {"example.com": [REJECT, REJECT]}, None),
        ("example.com", {"example.com": ["v=spf1 -all", REJECT]}, "reject"),
        ("example.com", {"com": "v=DMARC1; p=reject"}, "reject"),
        ("example.com", {}, None),
    ],
)
def test_the_policy_is_that_of_the_applicable_record(domain, records, policy) -> None:
    found = author_policy(walk(domain, records))

    assert (found.policy if found.has_record else None) == policy


def test_the_walk_of_a_deep_name_asks_eight_questions() -> None:
    questions = walk_questions("a.b.c.d.e.f.g.h.i.j.mail.example.com")

    assert len(questions) == 8
    assert questions[0].name == "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com"
    assert questions[1].name == "_dmarc.g.h.i.j.mail.example.com"


@pytest.mark.parametrize(
    ("records", "is_unknown"),
    [
        ({"mail.example.com": AnswerState.TIMEOUT}, True),
        ({"example.com": AnswerState.SERVFAIL}, True),
        ({"com": AnswerState.TIMEOUT}, False),
        ({"mail.example.com": REJECT, "example.com": AnswerState.TIMEOUT}, False),
        ({"mail.example.com": AnswerState.TIMEOUT, "example.com": REJECT}, True),
    ],
)
def test_a_policy_is_unknown_where_the_record_that_counts_could_not_be_asked_for(records, is_unknown) -> None:
    assert author_policy(walk("mail.example.com", records)).is_unknown is is_unknown


def test_strictness_is_read_from_the_record() -> None:
    found = author_policy(walk("example.com", {"example.com": "v=DMARC1; p=reject; adkim=s; aspf=S"}))

    assert (found.dkim_strict, found.spf_strict) == (True, True)


@pytest.mark.parametrize(
    ("author", "domain", "strict", "expected"),
    [
        ("a.example", "a.example", True, True),
        ("a.example", "b.a.example", True, False),
        ("a.example", "b.a.example", False, True),
        ("x.a.example", "y.a.example", False, True),
        ("a.example", "a.test", False, False),
        ("a.example", "", False, False),
    ],
)
def test_domains_without_a_common_end_are_not_even_asked_for(author, domain, strict, expected) -> None:
    assert may_align(author, domain, strict=strict) is expected
