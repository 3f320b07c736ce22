"""Records as name servers, providers and people read them."""

from __future__ import annotations

from collections.abc import Callable

import dns.rdatatype
import dns.zone
import pytest
from dns.rdtypes.ANY.TXT import TXT
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.zone_text import bind_zone, cloudflare_import, plain_table, records_json, txt_strings
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord

MX = WantedRecord(RecordKind.MX, "example.com", "MX", "mx1.example.net.", priority=10)
LONG_KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
DKIM = WantedRecord(RecordKind.DKIM, "s1._domainkey.example.com", "TXT", LONG_KEY)


def txt(value: str) -> WantedRecord:
    return WantedRecord(RecordKind.SPF, "example.com", "TXT", value)


def read_back(zone_text: str) -> list[tuple[str, int, str, bytes | str]]:
    """Every record as dnspython reads it: owner, time to live, type, and TXT octets joined or the data's text."""
    zone = dns.zone.from_text(zone_text, origin="com.", relativize=False, check_origin=False)
    found: list[tuple[str, int, str, bytes | str]] = []
    for name, ttl, data in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(data.rdtype)
        value = b"".join(data.strings) if isinstance(data, TXT) else data.to_text()
        found.append((name.to_text(), ttl, kind, value))
    return found


@pytest.mark.parametrize("write", [bind_zone, cloudflare_import])
def test_a_zone_file_is_read_back_with_equal_records(write: Callable[[list[WantedRecord]], str]) -> None:
    records = read_back(write([MX, DKIM]))

    assert records == [
        ("example.com.", 3600, "MX", "10 mx1.example.net."),
        ("s1._domainkey.example.com.", 3600, "TXT", LONG_KEY.encode()),
    ]


@given(st.text(max_size=700))
def test_any_txt_value_survives_the_zone_file(value: str) -> None:
    records = read_back(bind_zone([txt(value)]))

    assert records == [("example.com.", 3600, "TXT", value.encode("utf-8", "surrogatepass"))]


def test_long_values_are_split_after_255_octets_and_never_look_further() -> None:
    assert txt_strings("a" * 300) == f'"{"a" * 255}" "{"a" * 45}"'
    assert txt_strings("é" * 128) == "".join(('"', r"\195\169" * 127, r"\195", '" "', r"\169", '"'))
    assert txt_strings("") == '""'


def test_quotes_and_backslashes_are_escaped() -> None:
    assert bind_zone([txt('a"b\\c;d')]) == 'example.com. 3600 IN TXT "a\\"b\\\\c;d"\n'


def test_the_cloudflare_file_has_one_record_a_line_and_no_comments() -> None:
    written = cloudflare_import([MX, txt("v=spf1 -all")])

    assert written.splitlines() == [
        "example.com.\t3600\tIN\tMX\t10 mx1.example.net.",
        'example.com.\t3600\tIN\tTXT\t"v=spf1 -all"',
    ]


def test_the_plain_table_is_aligned_and_keeps_one_line_a_record() -> None:
    table = plain_table([MX, txt("v=spf1\n-all")])

    assert table.splitlines() == [
        "Host         Type  TTL   Priority  Value",
        "example.com  MX    3600  10        mx1.example.net.",
        "example.com  TXT   3600            v=spf1\\010-all",
    ]


def test_the_json_shape_is_that_of_the_command_line() -> None:
    shape = records_json("example.com", [MX])

    assert shape == {
        "name": "example.com",
        "records": [
            {
                "kind": "mx",
                "host": "example.com",
                "type": "MX",
                "value": "mx1.example.net.",
                "ttl": 3600,
                "priority": 10,
            }
        ],
    }
