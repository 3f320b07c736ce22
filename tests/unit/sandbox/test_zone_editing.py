"""Single records of a sandbox zone: what may be typed, and what it does to the others."""

from __future__ import annotations

import pytest

from smtpy_desktop.errors import FieldError
from smtpy_desktop.sandbox.dns_zones import Zones
from smtpy_desktop.sandbox.zone_editing import ZoneRecord, put_record, read_record, records_of

APEX = "example.com"


@pytest.fixture
def zones() -> Zones:
    zones = Zones()
    zones.add_zone(APEX)
    zones.set_records(APEX, "TXT", ["one", "two", "three"])
    return zones


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("@", APEX),
        ("", APEX),
        ("EXAMPLE.com.", APEX),
        ("_dmarc", f"_dmarc.{APEX}"),
        (f"_dmarc.{APEX}.", f"_dmarc.{APEX}"),
        ("*", f"*.{APEX}"),
        (f"_dmarc.{APEX}.{APEX}", f"_dmarc.{APEX}.{APEX}"),
        ("other.net", f"other.net.{APEX}"),
    ],
)
def test_a_name_is_taken_as_being_in_the_zone(typed, name):
    assert read_record(APEX, typed, "txt", "300", "text") == ZoneRecord(name, "TXT", 300, "text")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ("a..b", "TXT", "300", "x")),
        ("name", ("ä", "TXT", "300", "x")),
        ("name", ("a" * 64, "TXT", "300", "x")),
        ("type", ("@", "SRV", "300", "x")),
        ("type", ("@", "", "300", "x")),
        ("ttl", ("@", "TXT", "-1", "x")),
        ("ttl", ("@", "TXT", "soon", "x")),
        ("ttl", ("@", "TXT", "٣", "x")),
        ("ttl", ("@", "TXT", "99999999", "x")),
        ("value", ("@", "TXT", "300", "  ")),
    ],
)
def test_a_bad_field_is_named_with_what_to_do(field, typed):
    with pytest.raises(FieldError) as caught:
        read_record(APEX, *typed)

    assert caught.value.field == field
    assert caught.value.hint is not None


def test_a_changed_record_keeps_its_place_among_its_neighbours(zones):
    put_record(zones, ZoneRecord(APEX, "TXT", 60, "2"), instead_of=ZoneRecord(APEX, "TXT", 300, "two"))

    assert zones.values(APEX, "TXT") == ["one", "2", "three"]


def test_a_moved_record_leaves_its_old_place(zones):
    moved = ZoneRecord(f"below.{APEX}", "TXT", 60, "two")

    put_record(zones, moved, instead_of=ZoneRecord(APEX, "TXT", 300, "two"))

    assert zones.values(APEX, "TXT") == ["one", "three"]
    assert zones.values(moved.name, "TXT") == ["two"]


def test_the_same_record_twice_is_there_once(zones):
    put_record(zones, ZoneRecord(APEX, "TXT", 300, "two"))

    assert sorted(zones.values(APEX, "TXT")) == ["one", "three", "two"]


def test_a_refused_value_changes_nothing(zones):
    zone = zones.zone_of(APEX)
    before = records_of(zone)

    with pytest.raises(FieldError):
        put_record(zones, ZoneRecord(APEX, "MX", 300, "no mail server"), instead_of=before[0])

    assert records_of(zone) == before


def test_the_domain_itself_is_listed_first(zones):
    zones.set_records(f"_dmarc.{APEX}", "TXT", ["v=DMARC1; p=none"])
    zones.set_records(f"a.{APEX}", "A", ["192.0.2.1"])

    names = [record.name for record in records_of(zones.zone_of(APEX))]

    assert names == [APEX] * 5 + [f"_dmarc.{APEX}", f"a.{APEX}"]
