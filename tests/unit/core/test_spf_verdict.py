"""SPF records judged by evaluation, or by our mechanism as a whole term where there is nothing to evaluate for."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.spf_verdict import compare_spf
from smtpy_desktop.schemas.dns import SpfOutcome, Verdict
from smtpy_desktop.schemas.text import text

HOST = "example.com"
RECORD = "v=spf1 include:spf.example.net ~all"
OURS = "include:spf.example.net"


def outcome(result: str, lookups: int = 1, void: int = 0, address: str = "192.0.2.1") -> SpfOutcome:
    return SpfOutcome(address, result, lookups, void)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "code", "said"),
    [
        ((outcome("pass"),), Verdict.OK, DnsCode.OK, ""),
        ((outcome("pass"), outcome("pass", address="2001:db8::1")), Verdict.OK, DnsCode.OK, ""),
        ((outcome("permerror", 11),), Verdict.WRONG, DnsCode.SPF_PERMERROR, "11 of 10"),
        ((outcome("permerror", 3, 3),), Verdict.WRONG, DnsCode.SPF_PERMERROR, "3 of 2 void"),
        ((outcome("temperror"),), Verdict.UNKNOWN, DnsCode.SPF_TEMPERROR, "could not be asked"),
        ((outcome("fail"),), Verdict.WRONG, DnsCode.SPF_NOT_COVERED, "192.0.2.1"),
        ((outcome("softfail"),), Verdict.WRONG, DnsCode.SPF_NOT_COVERED, "“softfail”"),
        ((outcome("neutral"),), Verdict.WRONG, DnsCode.SPF_NOT_COVERED, "“neutral”"),
        (
            (outcome("pass"), outcome("fail", address="2001:db8::1")),
            Verdict.WRONG,
            DnsCode.SPF_NOT_COVERED,
            "2001:db8::1",
        ),
        ((outcome("temperror"), outcome("fail")), Verdict.WRONG, DnsCode.SPF_NOT_COVERED, "192.0.2.1"),
        ((outcome("pass"), outcome("temperror")), Verdict.UNKNOWN, DnsCode.SPF_TEMPERROR, ""),
    ],
)
def test_the_result_for_every_sending_address_decides(
    outcomes: tuple[SpfOutcome, ...], verdict: Verdict, code: DnsCode, said: str
) -> None:
    finding = compare_spf(HOST, (RECORD, "other=1"), {RECORD: outcomes}, OURS)

    assert (finding.verdict, finding.code) == (verdict, code)
    assert said in str(finding.reason)


def test_the_evaluation_explains_its_errors_itself() -> None:
    broken = SpfOutcome("192.0.2.1", "permerror", 1, 0, text("“ipv4:192.0.2.1” is no mechanism that SPF knows."))

    finding = compare_spf(HOST, (RECORD,), {RECORD: (broken,)}, OURS)

    assert "ipv4:192.0.2.1" in str(finding.reason)


def test_two_records_are_a_permanent_error() -> None:
    finding = compare_spf(HOST, (RECORD, "v=spf1 -all"), {RECORD: (outcome("pass"),)}, OURS)

    assert finding.code is DnsCode.SPF_TWO_RECORDS
    assert "4.5" in str(finding.reason)


@pytest.mark.parametrize(
    "value", ["v=spf10 -all", "v=spf1;include:spf.example.net", "spf2.0/pra -all", "x v=spf1 -all"]
)
def test_what_does_not_begin_with_the_version_is_no_record(value: str) -> None:
    finding = compare_spf(HOST, (value,), {}, OURS)

    assert finding.code is DnsCode.NO_RECORD


@pytest.mark.parametrize(("lookups", "warned"), [(7, False), (8, True), (10, True)])
def test_the_limit_of_lookups_is_warned_of_in_time(lookups: int, warned: bool) -> None:
    finding = compare_spf(HOST, (RECORD,), {RECORD: (outcome("pass", lookups),)}, OURS)

    assert finding.verdict is Verdict.OK
    assert bool(finding.warnings) is warned


@pytest.mark.parametrize("end", ["+all", "all", "ALL"])
def test_a_record_that_lets_everybody_pass_is_right_with_a_warning(end: str) -> None:
    record = f"v=spf1 include:spf.example.net {end}"

    finding = compare_spf(HOST, (record,), {record: (outcome("pass"),)}, OURS)

    assert finding.verdict is Verdict.OK
    assert "+all" in str(finding.warnings[0])


@pytest.mark.parametrize(
    ("record", "mechanism", "verdict"),
    [
        ("v=spf1 include:spf.example.net ~all", OURS, Verdict.OK),
        ("V=SPF1 +Include:SPF.Example.net. -all", OURS, Verdict.OK),
        ("v=spf1 mx include:a.test include:spf.example.net", OURS, Verdict.OK),
        ("v=spf1 ip4:192.0.2.1/32 -all", "ip4:192.0.2.1", Verdict.OK),
        ("v=spf1 ip6:2001:DB8:0::1 -all", "ip6:2001:db8::1", Verdict.OK),
        ("v=spf1 include:spf.example.net.evil.test ~all", OURS, Verdict.WRONG),
        ("v=spf1 include:xspf.example.net ~all", OURS, Verdict.WRONG),
        ("v=spf1 -include:spf.example.net ~all", OURS, Verdict.WRONG),
        ("v=spf1 ?include:spf.example.net ~all", OURS, Verdict.WRONG),
        ("v=spf1 -all include:spf.example.net", OURS, Verdict.WRONG),
        ("v=spf1 exists:include:spf.example.net -all", OURS, Verdict.WRONG),
        ("v=spf1 ip4:192.0.2.1 -all", "ip4:192.0.2.1 ip4:192.0.2.2", Verdict.WRONG),
        ("v=spf1 ip4:192.0.2.1 bogus -all", "ip4:192.0.2.1", Verdict.WRONG),
    ],
)
def test_without_addresses_our_mechanism_must_be_a_whole_term_before_all(
    record: str, mechanism: str, verdict: Verdict
) -> None:
    finding = compare_spf(HOST, (record,), {}, mechanism)

    assert finding.verdict is verdict, str(finding.reason)
