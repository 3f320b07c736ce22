"""SPF evaluation where the public suite says nothing: counts, given records, explanations of errors, odd input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.spf import SpfAnswer, SpfResult, check_host, spf_sending_addresses
from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.core.spf_record import Mechanism, is_spf_record, parse_record, parse_term
from smtpy_desktop.schemas.dns import AnswerState, Question

Zone = Mapping[tuple[str, str], SpfAnswer]

SILENT = SpfAnswer(AnswerState.TIMEOUT)


def found(*values: str) -> SpfAnswer:
    return SpfAnswer(AnswerState.FOUND, values)


def evaluate(
    zone: Zone, *, ip: str = "192.0.2.1", domain: str = "example.com", record: str | None = None
) -> tuple[SpfResult, list[Question]]:
    """Run the evaluation against a zone; give the questions that were asked, too."""
    run = check_host(ip, domain, f"postmaster@{domain}", "mail.example.net", record=record)
    asked: list[Question] = []
    answer: SpfAnswer | None = None
    while True:
        try:
            question = next(run) if answer is None else run.send(answer)
        except StopIteration as stop:
            return cast("SpfResult", stop.value), asked
        asked.append(question)
        answer = zone.get((question.name, question.type), SpfAnswer(AnswerState.NO_NAME))


def test_a_given_record_is_judged_without_asking_for_it() -> None:
    zone = {("spf.example.net", "TXT"): found("v=spf1 ip4:192.0.2.0/24 -all")}

    outcome, asked = evaluate(zone, record="v=spf1 include:spf.example.net ~all")

    assert outcome == SpfResult("pass", lookups=1)
    assert asked == [Question("spf.example.net", "TXT")]


def test_a_given_text_that_is_no_record_counts_as_none() -> None:
    assert evaluate({}, record="v=spf10")[0].result == "none"


def test_lookups_and_void_lookups_are_counted() -> None:
    zone = {("mx.example.org", "A"): found("198.51.100.1"), ("example.com", "MX"): found("mx.example.org")}

    outcome, _ = evaluate(zone, record="v=spf1 a mx exists:nothing.example.org ip4:192.0.2.1 -all")

    assert (outcome.result, outcome.lookups, outcome.void_lookups) == ("pass", 3, 2)


def test_mail_servers_without_an_address_of_the_senders_kind_are_no_void_lookups() -> None:
    zone = {("example.com", "MX"): found("a.example.org", "b.example.org", "c.example.org")}

    outcome, _ = evaluate(zone, ip="2001:db8::1", record="v=spf1 mx ip6:2001:db8::1 -all")

    assert (outcome.result, outcome.void_lookups) == ("pass", 0)


@pytest.mark.parametrize(
    ("record", "zone", "result", "words"),
    [
        ("v=spf1 " + "a " * 11, {("example.com", "A"): found("198.51.100.1")}, "permerror", "look-up number 11"),
        ("v=spf1 a a a", {}, "permerror", "third name"),
        ("v=spf1 include:other.example", {}, "permerror", "“include:other.example” in the record of example.com"),
        ("v=spf1 redirect=other.example", {}, "permerror", "“redirect=other.example” in the record of example.com"),
        ("v=spf1 inklude:x.example", {}, "permerror", "“inklude:x.example”"),
        ("v=spf1 mx", {("example.com", "MX"): found(*["m.example"] * 11)}, "permerror", "more than 10 mail servers"),
        ("v=spf1 a", {("example.com", "A"): SILENT}, "temperror", "timeout"),
        (None, {("example.com", "TXT"): found("v=spf1 -all", "v=spf1 ~all")}, "permerror", "2 SPF records"),
        (None, {}, "none", "no SPF record"),
    ],
)
def test_every_error_says_where_it_is(record: str | None, zone: Zone, result: str, words: str) -> None:
    outcome, _ = evaluate(zone, record=record)

    assert outcome.result == result
    assert words in str(outcome.problem)


@pytest.mark.parametrize(
    ("record", "offending"),
    [
        ("v=spf1 mx include:void.test -all", ("include:void.test",)),
        ("v=spf1 redirect=void.test", ("redirect=void.test",)),
        ("v=spf1 include:deep.test -all", ("include:deep.test",)),
        ("v=spf1 include:broken.test -all", ("include:broken.test",)),
        ("v=spf1 include:Example.COM -all", ("include:Example.COM",)),
        ("v=spf1 include:back.test -all", ("include:back.test",)),
        ("v=spf1 a:n1.test a:there.test a:n2.test exists:%{i}.n.test mx:n3.test -all",
         ("a:n1.test", "a:n2.test")),
        ("v=spf1 exists:%{i}.a.test exists:%{i}.b.test exists:%{i}.c.test", ("exists:%{i}.c.test",)),
        ("v=spf1 " + "a:there.test " * 11, ()),
        ("v=spf1 broken: -all", ()),
        ("v=spf1 include:silent.test -all", ()),
        ("v=spf1 -all", ()),
    ],
)  # fmt: skip
def test_the_terms_to_blame_for_a_permanent_error_are_named(record: str, offending: tuple[str, ...]) -> None:
    zone = {
        ("there.test", "A"): found("198.51.100.1"),
        ("example.com", "MX"): found("there.test"),
        ("deep.test", "TXT"): found("v=spf1 include:void.test -all"),
        ("broken.test", "TXT"): found("v=spf1 ip4:192.0.2.300 -all"),
        ("back.test", "TXT"): found("v=spf1 include:example.com -all"),
        ("silent.test", "TXT"): SILENT,
    }

    assert evaluate(zone, record=record)[0].offending == offending


def test_a_record_that_includes_itself_is_told_so_at_once() -> None:
    outcome, asked = evaluate({}, record="v=spf1 include:example.com -all")

    assert (outcome.result, outcome.lookups, asked) == ("permerror", 1, [])
    assert "includes itself by “include:example.com”" in str(outcome.problem)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=spf1 ip4:192.0.2.300 -all", ("is malformed", "RFC 7208 section 4.6)", "Correct this term or take it out.")),
        ("v=spf1 include:void.test -all", ("leads nowhere", "RFC 7208 section 5.2)", "take it out")),
        ("v=spf1 redirect=void.test", ("leads nowhere", "RFC 7208 section 6.1)", "take it out")),
    ],
)
def test_a_permanent_error_gives_the_rule_and_what_to_do(record: str, words: tuple[str, ...]) -> None:
    outcome, _ = evaluate({}, record=record)

    assert all(part in str(outcome.problem) for part in words)


@pytest.mark.parametrize("state", [state for state in AnswerState if not state.is_definite])
def test_whatever_is_no_answer_is_a_temporary_error(state: AnswerState) -> None:
    assert evaluate({("example.com", "TXT"): SpfAnswer(state)})[0].result == "temperror"


def test_names_that_cannot_be_asked_are_not_asked() -> None:
    outcome, asked = evaluate({}, record=f"v=spf1 a:{'x' * 64}.example a:a..example -all")

    assert (outcome.result, asked) == ("fail", [])


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="192"):
        evaluate({}, ip="192.0.2")


def test_sending_addresses_are_read_from_the_mechanisms() -> None:
    mechanisms = (
        "include:x.example ip4:192.0.2.25 ip4:198.51.100.7/24 ip4:203.0.113.4/31 ip6:2001:db8::/32 -ip4:10.0.0.1"
    )

    addresses = spf_sending_addresses(f"{mechanisms} ip4:192.0.2.25 ip4:nonsense all")

    assert addresses == ("192.0.2.25", "198.51.100.1", "203.0.113.4", "2001:db8::1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("include:A.example", "+INCLUDE:a.Example."),
        ("ip4:192.0.2.1", "~ip4:192.0.2.1/32"),
        ("ip4:192.0.2.9/24", "ip4:192.0.2.0/24"),
        ("a:x.example/32", "a:x.example//128"),
    ],
)
def test_spellings_of_one_mechanism_are_the_same(one: str, other: str) -> None:
    first, second = parse_term(one), parse_term(other)

    assert isinstance(first, Mechanism)
    assert isinstance(second, Mechanism)
    assert first.identity == second.identity


def test_macros_of_another_case_are_not_the_same() -> None:
    first, second = parse_term("exists:%{l}.x.example"), parse_term("exists:%{L}.x.example")

    assert isinstance(first, Mechanism)
    assert isinstance(second, Mechanism)
    assert first.identity != second.identity


@pytest.mark.parametrize(
    ("value", "is_record"), [("V=SPF1", True), ("v=spf1 ", True), ("v=spf1\t", False), ("", False)]
)
def test_a_record_begins_with_the_version_and_a_blank(value: str, is_record: bool) -> None:
    assert is_spf_record(value) == is_record


WORDS = st.sampled_from(
    ["a", "mx", "ptr", "all", "include", "exists", "ip4", "ip6", "redirect", "exp", ":", "=", "/", "//", "24",
     "%{", "%{i}", "%{p}", "%{l1r-}", "%{d0}", "%{s99999999999}", "}", "%%", "%_", "%", " ", "-", "~", ".",
     "example.com", "192.0.2.1"]
)  # fmt: skip
ANSWERS = st.one_of(
    st.builds(SpfAnswer, st.sampled_from([state for state in AnswerState if state is not AnswerState.FOUND])),
    st.lists(
        st.sampled_from(
            ["192.0.2.1", "2001:db8::1", "m.example", "", ".", "v=spf1 a mx -all", "v=spf1", "%{p} %{t}", "\0"]
        )
    ).map(lambda values: found(*values)),
)


@given(st.lists(WORDS).map("".join), st.lists(ANSWERS, min_size=1), st.sampled_from(["192.0.2.1", "2001:db8::1"]))
def test_any_record_and_any_answers_give_a_result_after_few_questions(
    terms: str, answers: list[SpfAnswer], ip: str
) -> None:
    run = check_host(ip, "example.com", "a b@example.com", "[192.0.2.1]", record=f"v=spf1 {terms}")
    questions = 0
    answer: SpfAnswer | None = None
    outcome: SpfResult | None = None

    while outcome is None:
        try:
            _ = next(run) if answer is None else run.send(answer)
        except StopIteration as stop:
            outcome = cast("SpfResult", stop.value)
        answer = answers[questions % len(answers)]
        questions += 1

    assert outcome.lookups <= 11
    assert outcome.void_lookups <= 3
    assert questions <= 10 * (1 + 10 + 11) + 25


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_text_is_a_record_or_a_syntax_error(value: str) -> None:
    written = f"v=spf1 {value}"

    try:
        kept = parse_record(written).text
    except SpfSyntaxError as error:
        kept = written if str(error.problem) else ""

    assert kept == written
