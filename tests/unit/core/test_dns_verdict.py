"""How the answers of several name servers and resolvers make one verdict (the rules of docs: DNS verdicts)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.dns_codes import STATE_CODES, DnsCode
from smtpy_desktop.core.dns_verdict import follow_up_questions
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, RecordKind, SpfOutcome, Verdict
from smtpy_desktop.schemas.text import Text
from tests.helpers.dns_evidence import (
    DKIM,
    IDENTITY,
    RIGHT,
    SPF,
    WANTED,
    evidence,
    failed,
    failed_resolver,
    found,
    probe,
    resolver,
    verdict_on,
    warnings_of,
)

DK = RecordKind.DKIM
OLD = "v=DKIM1; k=rsa; p=QUJDREVGR0g="
SILENT_STATES = [state for state in AnswerState if not state.is_definite]
NS1, NS2, NS3 = "ns1.example.com", "ns2.example.com", "ns3.example.com"
R1, R2, R3 = "9.9.9.9:53", "1.1.1.1:53", "8.8.8.8:53"


@pytest.mark.parametrize("kind", RecordKind)
def test_right_everywhere_is_right_with_the_evidence_shown(kind: RecordKind) -> None:
    values = RIGHT[kind]

    report = verdict_on(
        kind, found(*values), found(*values, server=NS2), resolver(*values), resolver(*values, server=R2)
    )

    assert (report.verdict, report.code, report.warnings, report.publish) == (Verdict.OK, DnsCode.OK, (), ())
    assert str(report.reason).startswith("2 of 2 name servers and 2 of 2 resolvers answer with ")
    assert report.found == values
    assert [one.verdict for one in report.answers] == [Verdict.OK] * 4


def test_the_wanted_values_read_like_the_found_ones() -> None:
    report = verdict_on(RecordKind.MX, found("10 mail.old.test."))

    assert report.wanted == report.publish == ("10 mx1.example.net.", "20 mx2.example.net.")
    assert report.found == ("10 mail.old.test.",)


def test_without_resolvers_the_authoritative_servers_decide_alone() -> None:
    report = verdict_on(DK, found(DKIM), found(DKIM, server=NS2))

    assert report.verdict is Verdict.OK
    assert str(report.reason) == "2 of 2 name servers answer with the wanted record."


@pytest.mark.parametrize(
    ("state", "code"), [(AnswerState.NO_NAME, DnsCode.NO_NAME), (AnswerState.EMPTY, DnsCode.NO_RECORD)]
)
def test_nxdomain_and_nodata_are_wrong_with_their_own_codes(state: AnswerState, code: DnsCode) -> None:
    report = verdict_on(DK, failed(state), failed_resolver(state))

    assert (report.verdict, report.code, report.found) == (Verdict.WRONG, code, ())
    assert report.publish == (DKIM,)
    assert "RFC 2308" in str(report.reason)


@pytest.mark.parametrize("state", SILENT_STATES)
def test_servers_that_could_not_be_asked_leave_the_verdict_open(state: AnswerState) -> None:
    report = verdict_on(DK, failed(state), failed(state, NS2), resolver(DKIM), resolver(OLD, server=R2))

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, STATE_CODES[state])
    assert NS1 in str(report.reason)
    assert NS2 in str(report.reason)
    assert "1 of 2 resolvers" in warnings_of(report)
    assert report.found == (DKIM, OLD)


def test_the_state_of_most_servers_is_the_reason_and_the_others_are_named_as_well() -> None:
    report = verdict_on(
        DK,
        failed(AnswerState.REFUSED),
        failed(AnswerState.TIMEOUT, NS2),
        failed(AnswerState.TIMEOUT, NS3),
    )

    assert report.code == DnsCode.TIMEOUT
    assert f"{NS1} refuses" in warnings_of(report)


def test_no_authoritative_server_at_all_leaves_the_verdict_open() -> None:
    report = verdict_on(DK, resolver(DKIM), resolver(DKIM, server=R2))

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.NO_AUTHORITATIVE)


@pytest.mark.parametrize(
    ("answers", "verdict", "code"),
    [
        ((resolver(DKIM), resolver(DKIM, server=R2)), Verdict.OK, DnsCode.OK),
        ((resolver(DKIM), resolver(DKIM, server=R2), resolver(OLD, server=R3)), Verdict.OK, DnsCode.OK),
        ((failed_resolver(AnswerState.NO_NAME), failed_resolver(AnswerState.NO_NAME, R2)), Verdict.WRONG,
         DnsCode.NO_NAME),
        ((resolver(DKIM), resolver(OLD, server=R2)), Verdict.UNKNOWN, DnsCode.SPREADING),
        ((resolver(DKIM), failed_resolver(AnswerState.TIMEOUT, R2)), Verdict.UNKNOWN, DnsCode.TIMEOUT),
        ((failed_resolver(AnswerState.SERVFAIL), failed_resolver(AnswerState.SERVFAIL, R2)), Verdict.UNKNOWN,
         DnsCode.SERVFAIL),
    ],
)  # fmt: skip
def test_a_zone_without_published_name_servers_is_judged_by_the_majority_of_resolvers(
    answers: tuple[Answer, ...], verdict: Verdict, code: DnsCode
) -> None:
    report = verdict_on(DK, *answers, unlisted=True)

    assert (report.verdict, report.code) == (verdict, code)
    assert "no name server for this zone" in warnings_of(report)


def test_a_zone_without_published_name_servers_and_without_answers_is_open() -> None:
    assert verdict_on(DK, unlisted=True).code == DnsCode.NO_AUTHORITATIVE


def test_name_servers_that_disagree_are_named_with_their_answers() -> None:
    report = verdict_on(DK, found(DKIM), failed(AnswerState.NO_NAME, NS2), resolver(DKIM))

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.SERVERS_DISAGREE)
    assert f"{NS1} answer as wanted, but {NS2}: NXDOMAIN" in str(report.reason)


def test_a_silent_name_server_beside_right_ones_is_a_warning() -> None:
    report = verdict_on(DK, found(DKIM), failed(AnswerState.TIMEOUT, NS2), resolver(DKIM))

    assert report.verdict is Verdict.OK
    assert str(report.reason).startswith("1 of 2 name servers")
    assert NS2 in warnings_of(report)


@pytest.mark.parametrize(
    ("ttl", "said"),
    [(700, "up to 12 min"), (5, "up to 1 min"), (86400, "up to 24 hours"), (None, "for now")],
)
def test_a_published_record_that_resolvers_do_not_know_yet_is_spreading(ttl: int | None, said: str) -> None:
    report = verdict_on(DK, found(DKIM), resolver(DKIM), resolver(OLD, server=R2, ttl=ttl))

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.SPREADING)
    assert R2 in str(report.reason)
    assert said in str(report.reason)


def test_a_negative_answer_in_a_cache_is_spreading_too() -> None:
    stale = failed_resolver(AnswerState.NO_NAME, ttl=900)

    report = verdict_on(DK, found(DKIM), stale)

    assert report.code == DnsCode.SPREADING
    assert "15 min" in str(report.reason)


def test_a_minority_of_resolvers_behind_the_rest_is_a_warning() -> None:
    report = verdict_on(DK, found(DKIM), resolver(DKIM), resolver(DKIM, server=R2), resolver(OLD, server=R3, ttl=60))

    assert report.verdict is Verdict.OK
    assert f"{R3} still answers otherwise, for up to 1 min." in warnings_of(report)


def test_too_few_resolvers_that_answer_leave_the_verdict_open() -> None:
    report = verdict_on(DK, found(DKIM), resolver(DKIM), failed_resolver(AnswerState.TIMEOUT, R2))

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.RESOLVERS_SILENT)
    assert R2 in str(report.reason)


def test_a_wrong_record_that_resolvers_still_remember_right_says_so() -> None:
    report = verdict_on(DK, failed(AnswerState.NO_NAME), resolver(DKIM))

    assert report.verdict is Verdict.WRONG
    assert "from their cache" in warnings_of(report)


def test_name_servers_that_are_wrong_in_different_ways_are_warned_of() -> None:
    report = verdict_on(DK, failed(AnswerState.NO_NAME), found(OLD, server=NS2))

    assert (report.verdict, report.code) == (Verdict.WRONG, DnsCode.DKIM_OTHER_KEY)
    assert f"{NS1}: NXDOMAIN" in warnings_of(report)


def test_a_followed_alias_is_mentioned() -> None:
    report = verdict_on(DK, found(DKIM, chain=("s1.keys.test.",)), resolver(DKIM))

    assert report.verdict is Verdict.OK
    assert "by way of the alias (CNAME) s1.keys.test." in str(report.reason)


def test_spf_that_could_not_be_evaluated_leaves_the_verdict_open() -> None:
    outcomes = {SPF: (SpfOutcome("192.0.2.1", "temperror", 1, 0),)}

    report = verdict_on(RecordKind.SPF, found(SPF), resolver(SPF), spf=outcomes)

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.SPF_TEMPERROR)


def test_an_spf_report_shows_only_what_has_to_do_with_spf() -> None:
    report = verdict_on(RecordKind.SPF, found("site-verification=1", SPF))

    assert report.found == (SPF,)


def test_the_warnings_of_equal_answers_come_once() -> None:
    testing = DKIM.replace("k=rsa", "k=rsa; t=y")

    report = verdict_on(DK, found(testing), found(testing, server=NS2), resolver(testing))

    assert len(report.warnings) == 1


def test_a_wrong_record_leads_to_questions_that_are_not_asked_twice() -> None:
    kind = RecordKind.DMARC
    wanted = WANTED[kind]
    report = verdict_on(kind, failed(AnswerState.NO_NAME))

    first = follow_up_questions(report, wanted, evidence(kind, failed(AnswerState.NO_NAME)), random_label="q7")
    probes = {key: answer for question in first for key, answer in probe(question.name, question.type).items()}
    second = follow_up_questions(
        report, wanted, evidence(kind, failed(AnswerState.NO_NAME), probes=probes), random_label="q7"
    )

    assert Question("_dmarc.com", "TXT") in first
    assert Question("_dmarc.example.com.example.com", "TXT") in first
    assert second == ()


def test_a_right_policy_leads_to_the_question_for_consent_only() -> None:
    kind = RecordKind.DMARC
    value = f"{IDENTITY.dmarc},mailto:d@reports.test"
    report = verdict_on(kind, found(value))

    questions = follow_up_questions(report, WANTED[kind], evidence(kind, found(value)), random_label="q7")

    assert questions == (Question("example.com._report._dmarc.reports.test", "TXT"),)


@pytest.mark.parametrize("kind", [kind for kind in RecordKind if kind is not RecordKind.DMARC])
def test_other_right_records_lead_to_no_questions(kind: RecordKind) -> None:
    answer = found(*RIGHT[kind])

    questions = follow_up_questions(verdict_on(kind, answer), WANTED[kind], evidence(kind, answer), random_label="q7")

    assert questions == ()


ANSWERS = st.builds(
    lambda state, authoritative, is_right, number: Answer(
        f"{'ns' if authoritative else 'r'}{number}",
        authoritative,
        state,
        ((DKIM if is_right else OLD),) if state is AnswerState.FOUND else (),
        300,
    ),
    st.sampled_from(AnswerState),
    st.booleans(),
    st.booleans(),
    st.integers(1, 4),
)


@given(st.lists(ANSWERS, max_size=7), st.booleans())
def test_the_rule_of_combination_holds_for_any_answers(answers: list[Answer], unlisted: bool) -> None:
    report = verdict_on(DK, *answers, unlisted=unlisted)

    servers = [one for one in report.answers if one.answer.authoritative]
    resolvers = [one for one in report.answers if not one.answer.authoritative]
    definite = {one.verdict for one in servers} - {Verdict.UNKNOWN}
    agreeing = sum(one.verdict is Verdict.OK for one in resolvers)
    if not servers and not unlisted:
        assert report.verdict is Verdict.UNKNOWN
    elif servers and definite == {Verdict.WRONG}:
        assert report.verdict is Verdict.WRONG
    elif servers and definite == {Verdict.OK}:
        confirmed = not resolvers or agreeing >= len(resolvers) // 2 + 1
        assert report.verdict is (Verdict.OK if confirmed else Verdict.UNKNOWN)
    elif servers:
        assert report.verdict is Verdict.UNKNOWN
    assert (report.publish != ()) is (report.verdict is Verdict.WRONG)
    assert str(Text.from_json(report.reason.to_json())) == str(report.reason)


def test_exchangers_in_a_sentence_have_no_final_dot() -> None:
    disagreeing = verdict_on(
        RecordKind.MX, found(*RIGHT[RecordKind.MX]), found("10 mx.example.org.", server="ns2.example.com")
    )
    ordered = verdict_on(RecordKind.MX, found("20 mx1.example.net.", "10 mx2.example.net."))

    assert ".." not in str(disagreeing.reason)
    assert "instead of 10 mx1.example.net, 20 mx2.example.net." in warnings_of(ordered)


@pytest.mark.parametrize(
    ("state", "one", "both"),
    [
        (AnswerState.REFUSED, f"{NS1} refuses to answer", f"{NS1}, {NS2} refuse to answer"),
        (AnswerState.LAME, f"{NS1} does not serve this zone (lame", f"{NS1}, {NS2} do not serve this zone (lame"),
        (AnswerState.TRUNCATED, f"{NS1} answered was cut off twice", f"{NS1}, {NS2} answered was cut off twice"),
    ],
)
def test_one_server_and_several_are_spoken_of_rightly(state: AnswerState, one: str, both: str) -> None:
    alone, together = verdict_on(DK, failed(state, NS1)), verdict_on(DK, failed(state, NS1), failed(state, NS2))
    warned = verdict_on(DK, failed(state, NS1), failed(state, NS2), found(DKIM, server=NS3))

    assert (alone.verdict, alone.code) == (Verdict.UNKNOWN, STATE_CODES[state])
    assert one in str(alone.reason)
    assert both in str(together.reason)
    assert both in warnings_of(warned)
