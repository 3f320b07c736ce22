"""How a zone stands to the wanted records, and which SPF record is published into it."""

from __future__ import annotations

import pytest

from smtpy_desktop.sandbox.dns_breaking import Breakage, possible_breakages
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.sandbox.zone_state import ZoneCondition, ZonePart, ZoneRow, parts_of, with_own_spf
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.identifiers import DomainId

DOMAIN = "example.com"
OURS = "include:spf.example.net"
WANTED = (
    WantedRecord(RecordKind.MX, DOMAIN, "MX", "mx1.example.net.", priority=10),
    WantedRecord(RecordKind.MX, DOMAIN, "MX", "mx2.example.net.", priority=20),
    WantedRecord(RecordKind.SPF, DOMAIN, "TXT", f"v=spf1 {OURS} ~all"),
    WantedRecord(RecordKind.DKIM, f"s1._domainkey.{DOMAIN}", "TXT", "v=DKIM1; k=rsa; p=" + "A" * 392),
    WantedRecord(RecordKind.DMARC, f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=quarantine"),
    WantedRecord(RecordKind.OWNERSHIP, f"_smtpy-challenge.{DOMAIN}", "TXT", "smtpy-verification=token"),
)


@pytest.fixture
def zones() -> Zones:
    zones = Zones()
    zones.add_zone("example.net")
    zones.set_records("spf.example.net", "TXT", ["v=spf1 ip4:192.0.2.25 -all"])
    zones.add_zone("other.net")
    zones.set_records("spf.other.net", "TXT", ["v=spf1 ip4:198.51.100.1 -all"])
    zones.publish(WANTED)
    return zones


def row(zones: Zones) -> ZoneRow:
    return ZoneRow(DomainId(1), DOMAIN, DOMAIN, True, parts_of(zones, WANTED), ZoneFault())


def test_what_was_published_counts_as_published(zones):
    assert set(row(zones).parts.values()) == {ZonePart.PUBLISHED}
    assert row(zones).condition is ZoneCondition.PUBLISHED


@pytest.mark.parametrize(("kind", "how"), [(kind, how) for kind in RecordKind for how in possible_breakages(kind)])
def test_every_breakage_is_seen_and_publishing_mends_it(zones, kind, how):
    zones.break_record(DOMAIN, kind, how)

    broken = row(zones).parts
    zones.publish(with_own_spf(zones, WANTED, OURS))

    assert broken[kind] is not ZonePart.PUBLISHED
    assert {one for other, one in broken.items() if other is not kind} == {ZonePart.PUBLISHED}
    assert row(zones).condition is ZoneCondition.PUBLISHED


def test_a_missing_record_makes_the_zone_partly_published_and_a_wrong_one_broken(zones):
    zones.break_record(DOMAIN, RecordKind.DMARC, Breakage.MISSING)
    partly = row(zones).condition
    zones.break_record(DOMAIN, RecordKind.DKIM, Breakage.TYPO)

    assert partly is ZoneCondition.PARTLY
    assert row(zones).condition is ZoneCondition.BROKEN


def test_an_spf_record_of_the_domains_own_is_kept_with_ours_in_it(zones):
    zones.set_records(DOMAIN, "TXT", ["v=spf1 include:spf.other.net -all", "site=1"])

    zones.publish(with_own_spf(zones, WANTED, OURS))

    assert zones.values(DOMAIN, "TXT") == ["site=1", f"v=spf1 include:spf.other.net {OURS} -all"]
    assert row(zones).condition is ZoneCondition.PUBLISHED


@pytest.mark.parametrize("spoilt", ["v=spf1 include:spf.nowhere.net -all", "v=spf1 incude:spf.other.net -all"])
def test_an_spf_record_that_can_never_work_is_replaced(zones, spoilt):
    zones.set_records(DOMAIN, "TXT", [spoilt])

    zones.publish(with_own_spf(zones, WANTED, OURS))

    assert zones.values(DOMAIN, "TXT") == [f"v=spf1 {OURS} ~all"]
