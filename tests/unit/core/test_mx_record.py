"""Published mail exchangers against ours."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.mx_record import MxEntry, compare_mx, parse_mx
from smtpy_desktop.schemas.dns import Verdict

OURS = (MxEntry(10, "mx1.example.net"), MxEntry(20, "mx2.example.net"))


@pytest.mark.parametrize(
    "values",
    [
        ("10 mx1.example.net.", "20 mx2.example.net."),
        ("20 mx2.example.net.", "10 mx1.example.net."),
        ("10 MX1.Example.NET", "20 mx2.example.net"),
        ("1 mx1.example.net.", "2 mx2.example.net."),
        ("10 mx1.example.net.", "20 mx2.example.net.", "30 backup.example.org."),
        ("10 mx1.example.net.", "20 mx2.example.net.", "40 mx1.example.net."),
    ],
)
def test_all_of_ours_in_the_wanted_order_are_right(values: tuple[str, ...]) -> None:
    finding = compare_mx("example.com", OURS, values)

    assert finding.verdict is Verdict.OK
    assert finding.warnings == ()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("20 mx1.example.net.", "10 mx2.example.net."), "another order"),
        (("10 mx1.example.net.", "10 mx2.example.net."), "another order"),
        (("10 mx1.example.net.", "20 mx2.example.net.", "5 old.example.org."), "before all of ours"),
        (("10 mx1.example.net.", "20 mx2.example.net.", "10 old.example.org."), "same preference as our best"),
        (("10 mx1.example.net.", "20 mx2.example.net.", "15 old.example.org."), "our backup"),
        (("10 mx1.example.net.", "20 mx2.example.net.", "20 old.example.org."), "our backup"),
    ],
)
def test_another_order_and_foreign_servers_are_warnings_that_name_them(values: tuple[str, ...], said: str) -> None:
    finding = compare_mx("example.com", OURS, values)

    assert finding.verdict is Verdict.OK
    assert said in str(finding.warnings[0])
    if len(values) == 3:
        assert "old.example.org (preference" in str(finding.warnings[0])


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        (("10 mx1.example.net.",), DnsCode.MX_MISSING, "publish 20 mx2.example.net as well"),
        (("10 mail.example.org.",), DnsCode.MX_MISSING, "goes to mail.example.org, not to us"),
        (("0 .",), DnsCode.MX_NULL, "RFC 7505"),
        (("0 .", "10 mx1.example.net.", "20 mx2.example.net."), DnsCode.MX_NULL, "RFC 7505"),
        (("nonsense",), DnsCode.MX_MISSING, "not to us"),
    ],
)
def test_a_missing_server_and_the_null_mx_are_wrong(values: tuple[str, ...], code: DnsCode, said: str) -> None:
    finding = compare_mx("example.com", OURS, values)

    assert (finding.verdict, finding.code) == (Verdict.WRONG, code)
    assert said in str(finding.reason)


@pytest.mark.parametrize("value", ["", "x", "-1 a.", "ten mx1.example.net.", "٣ a."])
def test_a_value_that_is_no_mx_record_is_no_entry(value: str) -> None:
    assert parse_mx(value) is None
