"""Published DMARC policies against the wanted one, by meaning (RFC 9989)."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.dmarc_record import compare_dmarc, parse_dmarc, tree_walk_names
from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.schemas.dns import AnswerState, Question, RecordKind, Verdict, WantedRecord
from tests.helpers.dns_evidence import failed, found, probe, verdict_on, warnings_of

HOST = "_dmarc.example.com"
WANTED = "v=DMARC1; p=quarantine; rua=mailto:reports@example.com"


def test_the_tree_walk_is_the_one_of_the_rfc() -> None:
    names = tree_walk_names("a.b.c.d.e.f.g.h.i.j.mail.example.com")

    assert names == (
        "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "_dmarc.g.h.i.j.mail.example.com",
        "_dmarc.h.i.j.mail.example.com",
        "_dmarc.i.j.mail.example.com",
        "_dmarc.j.mail.example.com",
        "_dmarc.mail.example.com",
        "_dmarc.example.com",
        "_dmarc.com",
    )


@pytest.mark.parametrize("labels", range(1, 30))
def test_the_tree_walk_asks_at_most_eight_questions_and_ends_at_the_top(labels: int) -> None:
    names = tree_walk_names(".".join(["x"] * (labels - 1) + ["com"]))

    assert len(names) == min(labels, 8)
    assert names[-1] == "_dmarc.com"


@pytest.mark.parametrize(
    "value",
    [
        WANTED,
        "v=DMARC1;p=quarantine;rua=mailto:reports@example.com",
        "v=DMARC1; rua=mailto:reports@example.com; p=quarantine;",
        "v = DMARC1 ; p = Quarantine ; rua = MAILTO:Reports@Example.com",
        "v=DMARC1; p=reject; rua=mailto:a@example.com, mailto:reports@example.com",
        "v=DMARC1; p=quarantine; sp=reject; np=reject; adkim=r; aspf=s; fo=1:d; rua=mailto:reports@example.com; psd=n",
    ],
)
def test_a_policy_of_the_same_or_stricter_meaning_is_right(value: str) -> None:
    finding = compare_dmarc(HOST, WANTED, (value,))

    assert finding.verdict is Verdict.OK, str(finding.reason)
    assert finding.warnings == ()


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("v=DMARC1; p=none; rua=mailto:reports@example.com", DnsCode.DMARC_WEAKER_POLICY, "p=none"),
        ("v=DMARC1; p=quarantine; t=y", DnsCode.DMARC_WEAKER_POLICY, "test mode"),
        ("v=DMARC1; rua=mailto:reports@example.com", DnsCode.DMARC_SYNTAX, "no p= tag"),
        ("v=DMARC1; P=reject", DnsCode.DMARC_SYNTAX, "lower case"),
        ("v=DMARC1; p=rejekt", DnsCode.DMARC_SYNTAX, "p=rejekt"),
        ("v=DMARC1; p=reject; sp=all", DnsCode.DMARC_SYNTAX, "sp=all"),
        ("v=DMARC1; p=reject; p=reject", DnsCode.DMARC_SYNTAX, "p= stands twice"),
        ("v=dmarc1; p=reject", DnsCode.DMARC_SYNTAX, "in capitals"),
        ("v=DMARC1 p=reject", DnsCode.DMARC_SYNTAX, "semicolon"),
        ("v=DMARC1, p=reject", DnsCode.DMARC_SYNTAX, "semicolon"),
        ("p=reject; v=DMARC1", DnsCode.NO_RECORD, "begins with v=DMARC1"),
        ("v=spf1 -all", DnsCode.NO_RECORD, "no DMARC record"),
    ],
)
def test_a_policy_that_receivers_do_not_apply_as_wanted_is_wrong(value: str, code: DnsCode, said: str) -> None:
    finding = compare_dmarc(HOST, WANTED, (value,))

    assert (finding.verdict, finding.code) == (Verdict.WRONG, code)
    assert said in str(finding.reason)
    assert "RFC " in str(finding.reason)


def test_reject_in_test_mode_still_amounts_to_quarantine() -> None:
    finding = compare_dmarc(HOST, WANTED, ("v=DMARC1; p=reject; t=y; rua=mailto:reports@example.com",))

    assert finding.verdict is Verdict.OK
    assert "t=y" in str(finding.warnings[0])


def test_several_records_are_wrong_and_other_txt_records_do_not_count() -> None:
    two = compare_dmarc(HOST, WANTED, (WANTED, "v=DMARC1; p=reject"))
    one = compare_dmarc(HOST, WANTED, ("hello", WANTED))

    assert two.code is DnsCode.DMARC_SEVERAL_RECORDS
    assert "Replace them all by the one shown." in str(two.reason)
    assert one.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("v=DMARC1; p=quarantine", "reports@example.com"),
        ("v=DMARC1; p=quarantine; rua=mailto:me@example.com", "mailto:reports@example.com"),
        ("v=DMARC1; p=quarantine; rua=reports@example.com", "write mailto:"),
        ("v=DMARC1; p=quarantine; pct=50; rua=mailto:reports@example.com", "pct=50 is obsolete"),
        ("v=DMARC1; p=quarantine; ri=3600; rua=mailto:reports@example.com", "ri=3600 is obsolete"),
        ("v=DMARC1; p=quarantine; rua=mailto:reports@example.com!10m", "size limit"),
        ("v=DMARC1; p=quarantine; adkim=x; rua=mailto:reports@example.com", "adkim=x"),
        ("v=DMARC1; p=quarantine; polcy=x; rua=mailto:reports@example.com", "polcy="),
        ("v=DMARC1; p=quarantine; sp=none; rua=mailto:reports@example.com", "Subdomains"),
        (" v=DMARC1; p=quarantine; rua=mailto:reports@example.com", "blank before"),
    ],
)
def test_what_does_not_weaken_the_policy_is_a_warning(value: str, said: str) -> None:
    finding = compare_dmarc(HOST, WANTED, (value,))

    assert finding.verdict is Verdict.OK
    assert said in "\n".join(map(str, finding.warnings))


def test_a_subdomain_policy_that_is_asked_for_must_be_there() -> None:
    wanted = "v=DMARC1; p=reject; sp=reject"

    weaker = compare_dmarc(HOST, wanted, ("v=DMARC1; p=reject; sp=quarantine",))
    by_default = compare_dmarc(HOST, wanted, ("v=DMARC1; p=reject",))

    assert weaker.code is DnsCode.DMARC_WEAKER_POLICY
    assert by_default.verdict is Verdict.OK


def test_wanted_alignment_that_is_not_in_force_is_a_warning() -> None:
    finding = compare_dmarc(HOST, "v=DMARC1; p=none; adkim=s", ("v=DMARC1; p=none",))

    assert finding.verdict is Verdict.OK
    assert "adkim=s" in str(finding.warnings[0])


def test_none_wanted_still_needs_a_record_that_receivers_process() -> None:
    finding = compare_dmarc(HOST, "v=DMARC1; p=none", ("v=DMARC1; p=nothing",))

    assert finding.verdict is Verdict.WRONG


def test_an_invalid_policy_with_a_report_address_counts_as_none() -> None:
    record = parse_dmarc("v=DMARC1; p=foo; rua=mailto:a@example.com")

    assert record is not None
    assert (record.policy, record.strength) == ("none", 0)


SUB = (WantedRecord(RecordKind.DMARC, "_dmarc.shop.example.com", "TXT", WANTED),)


@pytest.mark.parametrize(
    ("records", "verdict", "said"),
    [
        (
            {"_dmarc.example.com": "v=DMARC1; p=reject; rua=mailto:reports@example.com"},
            Verdict.OK,
            "example.com applies",
        ),
        ({"_dmarc.example.com": "v=DMARC1; p=reject; sp=quarantine"}, Verdict.OK, "amounts to quarantine"),
        ({"_dmarc.example.com": "v=DMARC1; p=reject; sp=none"}, Verdict.WRONG, "amounts to none"),
        ({"_dmarc.example.com": "v=DMARC1; p=none"}, Verdict.WRONG, "inherits from example.com"),
        ({"_dmarc.com": "v=DMARC1; p=reject; psd=y"}, Verdict.OK, "com applies"),
        (
            {"_dmarc.com": "v=DMARC1; p=none; psd=y", "_dmarc.example.com": "v=DMARC1; p=reject"},
            Verdict.OK,
            "example.com",
        ),
        ({"_dmarc.com": "v=DMARC1; p=reject", "_dmarc.example.com": "v=DMARC1; p=none; psd=n"}, Verdict.WRONG, "none"),
        ({}, Verdict.WRONG, "Nothing is published"),
    ],
)
def test_a_domain_without_a_record_inherits_the_one_of_its_organization(
    records: dict[str, str], verdict: Verdict, said: str
) -> None:
    probes = {}
    for name in ("_dmarc.example.com", "_dmarc.com"):
        probes |= probe(name, "TXT", *([records[name]] if name in records else []))

    report = verdict_on(RecordKind.DMARC, failed(AnswerState.NO_NAME), wanted=SUB, probes=probes)

    assert report.verdict is verdict
    assert said in f"{report.reason}\n{warnings_of(report)}"
    assert (report.code == DnsCode.DMARC_INHERITED) is (verdict is Verdict.OK)


def test_the_shortest_name_is_the_organization_when_several_parents_have_records() -> None:
    wanted = (WantedRecord(RecordKind.DMARC, "_dmarc.a.mail.example.com", "TXT", WANTED),)
    probes = probe("_dmarc.mail.example.com", "TXT", "v=DMARC1; p=reject")
    probes |= probe("_dmarc.example.com", "TXT", "v=DMARC1; p=none")

    report = verdict_on(RecordKind.DMARC, failed(AnswerState.EMPTY), wanted=wanted, probes=probes)

    assert report.verdict is Verdict.WRONG
    assert "inherits from example.com" in str(report.reason)


def test_two_records_at_the_parent_are_none() -> None:
    probes = probe("_dmarc.example.com", "TXT", "v=DMARC1; p=reject", "v=DMARC1; p=quarantine")

    report = verdict_on(RecordKind.DMARC, failed(AnswerState.NO_NAME), wanted=SUB, probes=probes)

    assert report.code == DnsCode.NO_NAME


def test_a_parent_that_could_not_be_asked_leaves_the_verdict_open() -> None:
    probes = probe("_dmarc.example.com", "TXT", state=AnswerState.TIMEOUT)

    report = verdict_on(RecordKind.DMARC, failed(AnswerState.NO_NAME), wanted=SUB, probes=probes)

    assert (report.verdict, report.code) == (Verdict.UNKNOWN, DnsCode.TIMEOUT)


def test_a_silent_top_level_domain_does_not_hide_a_missing_record() -> None:
    probes = probe("_dmarc.com", "TXT", state=AnswerState.REFUSED)

    report = verdict_on(RecordKind.DMARC, failed(AnswerState.NO_NAME), probes=probes)

    assert (report.verdict, report.code) == (Verdict.WRONG, DnsCode.NO_NAME)


def test_a_report_address_elsewhere_needs_the_consent_of_its_domain() -> None:
    value = "v=DMARC1; p=reject; rua=mailto:reports@example.com,mailto:d@reports.test"
    name = "example.com._report._dmarc.reports.test"

    without = verdict_on(RecordKind.DMARC, found(value), probes=probe(name, "TXT"))
    silent = verdict_on(RecordKind.DMARC, found(value), probes=probe(name, "TXT", state=AnswerState.TIMEOUT))
    agreed = verdict_on(RecordKind.DMARC, found(value), probes=probe(name, "TXT", "v=DMARC1;"))

    assert without.verdict is Verdict.OK
    assert name in warnings_of(without)
    assert (silent.warnings, agreed.warnings) == ((), ())


def test_a_report_address_in_the_same_organization_needs_no_consent() -> None:
    wanted = (WantedRecord(RecordKind.DMARC, "_dmarc.shop.example.co.uk", "TXT", WANTED),)
    value = "v=DMARC1; p=reject; rua=mailto:reports@example.com,mailto:d@mail.example.co.uk"
    no_consent = probe("shop.example.co.uk._report._dmarc.mail.example.co.uk", "TXT")
    assert Question("shop.example.co.uk._report._dmarc.mail.example.co.uk", "TXT") in no_consent

    report = verdict_on(RecordKind.DMARC, found(value), wanted=wanted, probes=no_consent)

    assert report.warnings == ()
