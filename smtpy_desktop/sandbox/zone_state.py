"""How a domain's zone in the sandbox stands to the records that the program wants."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.core.spf_merge import merge_mechanism
from smtpy_desktop.core.spf_record import is_spf_record, parse_record
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.identifiers import DomainId


class ZonePart(enum.StrEnum):
    """How one kind of record stands in the zone."""

    PUBLISHED = "published"
    DIFFERENT = "different"
    MISSING = "missing"


class ZoneCondition(enum.StrEnum):
    """How the whole zone stands: a part missing makes it partly published, a part that differs broken."""

    PUBLISHED = "published"
    PARTLY = "partly"
    BROKEN = "broken"
    NO_ZONE = "no_zone"


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One domain with the state of its zone; ``parts`` is empty while the mail identity is not complete."""

    id: DomainId
    name: str
    unicode_name: str
    has_zone: bool
    parts: Mapping[RecordKind, ZonePart]
    fault: ZoneFault

    @property
    def condition(self) -> ZoneCondition:
        """The state in one word."""
        if not self.has_zone:
            return ZoneCondition.NO_ZONE
        if ZonePart.DIFFERENT in self.parts.values():
            return ZoneCondition.BROKEN
        return ZoneCondition.PARTLY if ZonePart.MISSING in self.parts.values() else ZoneCondition.PUBLISHED


def parts_of(zones: Zones, wanted: Iterable[WantedRecord]) -> dict[RecordKind, ZonePart]:
    """Return how each kind of the wanted records stands in the zones."""
    kinds: dict[RecordKind, list[WantedRecord]] = {}
    for record in wanted:
        kinds.setdefault(record.kind, []).append(record)
    return {
        kind: _part(kind, records, zones.values(records[0].host, records[0].type)) for kind, records in kinds.items()
    }


def with_own_spf(zones: Zones, wanted: Sequence[WantedRecord], mechanisms: str) -> tuple[WantedRecord, ...]:
    """Return the wanted records with the SPF mechanisms that the zone has of its own kept.

    They are kept where there is one record and the sandbox knows what it refers to; one spoilt on purpose is replaced.
    """
    return tuple(
        replace(record, value=merge_mechanism(existing, mechanisms))
        if record.kind is RecordKind.SPF and (existing := _sound_spf(zones, record.host)) is not None
        else record
        for record in wanted
    )


def _part(kind: RecordKind, wanted: Sequence[WantedRecord], found: Sequence[str]) -> ZonePart:
    if kind is RecordKind.SPF:
        found = [value for value in found if "spf1" in value.lower()]
        is_right = len(found) == 1 and merge_mechanism(found[0], _mechanisms(wanted[0].value)) == found[0]
    elif kind is RecordKind.MX:
        values = {f"{record.priority} {record.value}".lower() for record in wanted}
        is_right = {value.lower() for value in found} == values
    else:
        is_right = list(found) == [wanted[0].value]
    if is_right:
        return ZonePart.PUBLISHED
    return ZonePart.DIFFERENT if found else ZonePart.MISSING


def _mechanisms(plain: str) -> str:
    """Our mechanisms in the record for a domain without one: what stands between the version and ``all``."""
    return " ".join(plain.split()[1:-1])


def _sound_spf(zones: Zones, host: str) -> str | None:
    records = [value for value in zones.values(host, "TXT") if is_spf_record(value)]
    if len(records) != 1:
        return None
    try:
        parsed = parse_record(records[0])
    except SpfSyntaxError:
        return None
    targets = [term.target_text for term in parsed.mechanisms if term.name == "include"]
    is_known = all(any(map(is_spf_record, zones.values(target, "TXT"))) for target in targets)
    return records[0] if is_known and parsed.redirect is None else None
