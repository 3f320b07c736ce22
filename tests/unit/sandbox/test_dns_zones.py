"""The sandbox's zones as data: editing, publishing, breaking, keeping."""

from __future__ import annotations

import json

import pytest

from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.sandbox.dns_breaking import Breakage, possible_breakages
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord

DOMAIN = "example.com"
SPF = "v=spf1 include:spf.example.net -all"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
WANTED = (
    WantedRecord(RecordKind.MX, DOMAIN, "MX", "mx1.example.net.", priority=10),
    WantedRecord(RecordKind.MX, DOMAIN, "MX", "mx2.example.net.", priority=20),
    WantedRecord(RecordKind.SPF, DOMAIN, "TXT", SPF),
    WantedRecord(RecordKind.DKIM, f"s1._domainkey.{DOMAIN}", "TXT", KEY),
    WantedRecord(RecordKind.DMARC, f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=quarantine"),
    WantedRecord(RecordKind.OWNERSHIP, f"_smtpy-challenge.{DOMAIN}", "TXT", "smtpy-verification=token"),
)
PLACES = {wanted.kind: (wanted.host, wanted.type) for wanted in WANTED}


@pytest.fixture
def zones() -> Zones:
    return Zones()


@pytest.fixture
def published(zones: Zones) -> Zones:
    zones.publish(WANTED)
    return zones


def test_publishing_makes_the_zone_and_all_its_records(published):
    assert published.zone_of(f"s1._domainkey.{DOMAIN}").apex == DOMAIN
    assert published.values(DOMAIN, "MX") == ["10 mx1.example.net.", "20 mx2.example.net."]
    assert published.values(f"s1._domainkey.{DOMAIN}", "TXT") == [KEY]


def test_publishing_in_any_order_makes_one_zone(zones):
    zones.publish(reversed(WANTED))

    assert [zone.apex for zone in zones] == ["sandbox.test", DOMAIN]


def test_publishing_keeps_other_text_and_replaces_the_old_spf_record(zones):
    zones.add_zone(DOMAIN)
    zones.set_records(DOMAIN, "TXT", ["site-verification=1", "v=spf1 mx -all"])

    zones.publish(WANTED)

    assert zones.values(DOMAIN, "TXT") == ["site-verification=1", SPF]


def test_publishing_over_an_alias_replaces_it(zones):
    zones.add_zone(DOMAIN)
    zones.set_records(f"_dmarc.{DOMAIN}", "CNAME", ["elsewhere.test."])

    zones.publish(WANTED)

    assert zones.values(f"_dmarc.{DOMAIN}", "CNAME") == []


@pytest.mark.parametrize(("kind", "how"), [(kind, how) for kind in RecordKind for how in possible_breakages(kind)])
def test_publishing_mends_whatever_was_broken(published, kind, how):
    healthy = published.dump()[DOMAIN]["records"]
    published.break_record(DOMAIN, kind, how)
    broken = published.dump()[DOMAIN]["records"]

    published.publish(WANTED)

    assert broken != healthy
    assert sorted(published.dump()[DOMAIN]["records"], key=str) == sorted(healthy, key=str)


@pytest.mark.parametrize(
    ("kind", "how", "left"),
    [
        (RecordKind.SPF, Breakage.MISSING, []),
        (RecordKind.SPF, Breakage.SMART_QUOTES, [f"“{SPF}”"]),
        (RecordKind.SPF, Breakage.SECOND_RECORD, [SPF, "v=spf1 include:spf.other-provider.test ~all"]),
        (
            RecordKind.MX,
            Breakage.DOUBLED_SUFFIX,
            ["10 mx1.example.net.example.com.", "20 mx2.example.net.example.com."],
        ),
        (RecordKind.DMARC, Breakage.CUT_SHORT, ["v=DMARC1; p=qu"[:14]]),
        (RecordKind.DMARC, Breakage.SPLIT_WITH_BLANKS, ["v=DMARC1; p =quarantine"]),
    ],
)
def test_a_broken_record_is_wrong_in_the_way_that_was_chosen(published, kind, how, left):
    published.break_record(DOMAIN, kind, how)

    assert published.values(*PLACES[kind]) == left


@pytest.mark.parametrize(
    ("kind", "how", "place"),
    [
        (RecordKind.DKIM, Breakage.DOUBLED_SUFFIX, f"s1._domainkey.{DOMAIN}.{DOMAIN}"),
        (RecordKind.DKIM, Breakage.WRONG_LABEL, f"s1.{DOMAIN}"),
        (RecordKind.DMARC, Breakage.WRONG_LABEL, f"dmarc.{DOMAIN}"),
        (RecordKind.OWNERSHIP, Breakage.WILDCARD, f"*.{DOMAIN}"),
    ],
)
def test_a_misplaced_record_stands_where_people_put_it(published, kind, how, place):
    value = published.values(*PLACES[kind])

    published.break_record(DOMAIN, kind, how)

    assert published.values(*PLACES[kind]) == []
    assert published.values(place, "TXT") == value


def test_a_record_that_is_not_there_cannot_be_broken(zones):
    zones.add_zone(DOMAIN)

    with pytest.raises(NotFoundError):
        zones.break_record(DOMAIN, RecordKind.DKIM)
    with pytest.raises(NotFoundError):
        zones.break_record("unknown.test", RecordKind.MX)


def test_an_mx_record_cannot_have_smart_quotes(published):
    with pytest.raises(FieldError):
        published.break_record(DOMAIN, RecordKind.MX, Breakage.SMART_QUOTES)


@pytest.mark.parametrize(
    ("type_", "value"),
    [("A", "300.1.1.1"), ("MX", "mx1.example.net."), ("NONSENSE", "x"), ("CNAME", "a..b."), ("TXT", '"unclosed')],
)
def test_a_value_that_its_type_does_not_allow_is_refused_and_changes_nothing(published, type_, value):
    before = published.dump()

    with pytest.raises(FieldError):
        published.set_records(DOMAIN, type_, [value])

    assert published.dump() == before


def test_single_records_are_added_and_removed(published):
    published.add_record(DOMAIN, "mx", "30 mx3.example.net.")
    published.remove_records(DOMAIN, "MX", "10 mx1.example.net.")
    published.remove_records(f"_dmarc.{DOMAIN}")

    assert published.values(DOMAIN, "MX") == ["20 mx2.example.net.", "30 mx3.example.net."]
    assert published.values(f"_dmarc.{DOMAIN}", "TXT") == []
    assert published.values(DOMAIN, "TXT") == [SPF]


def test_zones_survive_being_kept_as_json(published):
    published.set_fault(DOMAIN, ZoneFault(delay_milliseconds=50, lying_resolver=1, lie="other"))
    published.add_zone(f"sub.{DOMAIN}")
    published.break_record(DOMAIN, RecordKind.DKIM, Breakage.WRONG_LABEL)
    kept = json.loads(json.dumps(published.dump()))

    restored = Zones.load(kept)

    assert restored.dump() == kept
    restored.publish(WANTED)
    assert restored.values(f"s1.{DOMAIN}", "TXT") == []


@pytest.mark.parametrize("data", [{"a.test": {}}, {"a.test": {"fault": {"x": 1}, "records": []}}, {"a.test": []}])
def test_what_are_no_zones_is_refused(data):
    with pytest.raises(ValueError, match="no zones"):
        Zones.load(data)


def test_a_zone_can_be_removed_but_not_the_one_of_the_name_servers(published):
    published.remove_zone(DOMAIN)
    published.remove_zone("sandbox.test")

    assert [zone.apex for zone in published] == ["sandbox.test"]
