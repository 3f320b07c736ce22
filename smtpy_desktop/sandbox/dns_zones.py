"""The sandbox's DNS zones: plain data, edited while the server answers from it, kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT

from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.sandbox.dns_breaking import Breakage, break_values
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.text import text

NAME_SERVERS = ("ns1.sandbox.test", "ns2.sandbox.test")
HOME_ZONE = "sandbox.test"
"""The zone of the sandbox's own name servers; always there."""

DEFAULT_TTL = 300
_LONGEST_STRING = 255


@dataclass(frozen=True, slots=True)
class ZoneFault:
    """What goes wrong with a zone: everything false or empty is a healthy zone.

    ``rcode`` is SERVFAIL or REFUSED; ``truncates``: over UDP only an empty answer with the TC bit comes;
    ``lying_resolver``: the index of a resolver that gives ``lie`` as every value (empty: says that there is nothing);
    ``wildcard``: a TXT value given for every name that does not exist.
    """

    delay_milliseconds: int = 0
    rcode: str = ""
    is_silent: bool = False
    truncates: bool = False
    lying_resolver: int | None = None
    lie: str = ""
    wildcard: str = ""


@dataclass(slots=True)
class RecordSet:
    """The records of one name and type, as a zone file would hold them (TXT: unquoted and unsplit, or quoted)."""

    ttl: int
    values: list[str]
    data: list[dns.rdata.Rdata]
    is_stray: bool = False

    @classmethod
    def from_values(cls, type_: str, values: Sequence[str], ttl: int, *, is_stray: bool = False) -> RecordSet:
        """Read the values; raises FieldError for one that the type does not allow."""
        return cls(ttl, list(values), [_parse(type_, value) for value in values], is_stray)


@dataclass(slots=True)
class Zone:
    """One zone; ``records`` by lower-case name without trailing dot and type."""

    apex: str
    records: dict[tuple[str, str], RecordSet] = field(default_factory=dict)
    fault: ZoneFault = field(default_factory=ZoneFault)
    serial: int = 1

    def has_name(self, name: str) -> bool:
        """Tell whether a name exists, if only because there is one below it (RFC 8020)."""
        below = f".{name}"
        return any(owner == name or owner.endswith(below) for owner, _ in self.records)


class Zones:
    """All zones of the sandbox; edit them on the thread that the server runs on."""

    def __init__(self) -> None:
        self._zones: dict[str, Zone] = {}
        self.add_zone(HOME_ZONE)
        for host in NAME_SERVERS:
            self.set_records(host, "A", ["127.0.0.1"])

    def __iter__(self) -> Iterator[Zone]:
        return iter(self._zones.values())

    def add_zone(self, apex: str) -> Zone:
        """Return the zone of this apex, made with the sandbox's name servers if it is not there."""
        apex = _plain(apex)
        if apex not in self._zones:
            self._zones[apex] = Zone(apex)
            self.set_records(apex, "NS", [f"{host}." for host in NAME_SERVERS])
        return self._zones[apex]

    def remove_zone(self, apex: str) -> None:
        """Remove a zone with everything in it; the sandbox's own stays."""
        if _plain(apex) != HOME_ZONE:
            self._zones.pop(_plain(apex), None)

    def zone_of(self, name: str) -> Zone | None:
        """Return the zone that holds a name, if any."""
        name = _plain(name)
        while name:
            if name in self._zones:
                return self._zones[name]
            name = name.partition(".")[2]
        return None

    def set_records(self, name: str, type: str, values: Sequence[str], ttl: int = DEFAULT_TTL) -> None:
        """Replace all records of a name and type (no values: remove them).

        Raises FieldError for a value that its type does not allow, NotFoundError when no zone holds the name.
        """
        self._set(name, type, values, ttl)

    def add_record(self, name: str, type: str, value: str, ttl: int | None = None) -> None:
        """Add one record to those of its name and type."""
        old = self._held(name).records.get((_plain(name), type.upper()))
        values = [*(old.values if old else ()), value]
        self._set(name, type, values, (old.ttl if old else DEFAULT_TTL) if ttl is None else ttl)

    def remove_records(self, name: str, type: str | None = None, value: str | None = None) -> None:
        """Remove the records of a name: all, those of one type, or one value."""
        records = self._held(name).records
        for key in [key for key in records if key[0] == _plain(name) and type in (None, key[1])]:
            self._set(*key, [kept for kept in records[key].values if value not in (None, kept)], records[key].ttl)

    def values(self, name: str, type: str) -> list[str]:
        """Return the values of a name and type."""
        zone = self.zone_of(name)
        found = zone.records.get((_plain(name), type.upper())) if zone else None
        return list(found.values) if found else []

    def set_fault(self, apex: str, fault: ZoneFault) -> None:
        """Let something go wrong with a zone from now on; ``ZoneFault()`` heals it."""
        self._held(apex).fault = fault

    def publish(self, records: Iterable[WantedRecord]) -> None:
        """Publish records as a careful administrator would: other TXT records stay, zones are made where needed."""
        groups: dict[tuple[RecordKind, str, str], list[WantedRecord]] = {}
        for record in records:
            groups.setdefault((record.kind, _plain(record.host), record.type), []).append(record)
            if self.zone_of(record.host) is None:
                self.add_zone(_domain_of(record.host))
            self._remove_strays(self._held(record.host))
        for (kind, host, type_), wanted in groups.items():
            kept = [value for value in self.values(host, type_) if kind is RecordKind.SPF and not _is_spf(value)]
            self.set_records(host, "CNAME", ())
            self.set_records(host, type_, [*kept, *map(_zone_value, wanted)], wanted[0].ttl)

    def break_record(self, domain: str, kind: RecordKind, how: Breakage = Breakage.MISSING) -> None:
        """Spoil the published record of one kind in the way that people do; ``publish`` mends it.

        Raises NotFoundError when there is no such record, FieldError when it cannot be spoilt in this way.
        """
        host, type_ = self._published(domain, kind)
        old = self._held(host).records[host, type_]
        mine = [value for value in old.values if kind is not RecordKind.SPF or _is_spf(value)]
        kept = [value for value in old.values if value not in mine]
        broken = break_values(kind, how, mine, host, _plain(domain))
        self._set(host, type_, [*kept, *broken.values], old.ttl)
        if broken.stray_name:
            self._set(broken.stray_name, type_, mine, old.ttl, is_stray=True)

    def dump(self) -> dict[str, Any]:
        """Return everything in a JSON-ready form."""
        return {zone.apex: _dump_zone(zone) for zone in self}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Zones:
        """Read what ``dump`` gave; raises FieldError or ValueError for what is no such thing."""
        zones = cls()
        try:
            for apex, zone in sorted(data.items()):
                zones.add_zone(apex).fault = ZoneFault(**zone["fault"])
            for zone in data.values():
                for name, type_, ttl, values, is_stray in zone["records"]:
                    zones._set(name, type_, values, ttl, is_stray=is_stray)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no zones of a sandbox: {error!r}") from error
        return zones

    def _set(self, name: str, type_: str, values: Sequence[str], ttl: int, *, is_stray: bool = False) -> None:
        zone, key = self._held(name), (_plain(name), type_.upper())
        records = RecordSet.from_values(key[1], values, ttl, is_stray=is_stray)
        zone.serial += 1
        if values:
            zone.records[key] = records
        else:
            zone.records.pop(key, None)

    def _held(self, name: str) -> Zone:
        zone = self.zone_of(name)
        if zone is None:
            message = text("The sandbox has no zone for {name}.", name=name)
            raise NotFoundError("SANDBOX_NO_ZONE", message, hint=text("Publish the wanted records of a domain first."))
        return zone

    def _published(self, domain: str, kind: RecordKind) -> tuple[str, str]:
        domain = _plain(domain)
        for (name, type_), found in self._held(domain).records.items():
            is_dkim = kind is RecordKind.DKIM and name.endswith(f"._domainkey.{domain}")
            is_spf = kind is RecordKind.SPF and name == domain and any(map(_is_spf, found.values))
            fixed = {RecordKind.DMARC: f"_dmarc.{domain}", RecordKind.OWNERSHIP: f"_smtpy-challenge.{domain}"}
            is_txt = type_ == "TXT" and not found.is_stray and (is_dkim or is_spf or name == fixed.get(kind))
            if is_txt or (kind is RecordKind.MX and (name, type_) == (domain, "MX")):
                return name, type_
        message = text("The sandbox holds no {kind} record of {domain}.", kind=kind.value.upper(), domain=domain)
        raise NotFoundError("SANDBOX_NO_RECORD", message, hint=text("Publish the wanted records first."))

    @staticmethod
    def _remove_strays(zone: Zone) -> None:
        for key in [key for key, found in zone.records.items() if found.is_stray]:
            del zone.records[key]


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_spf(value: str) -> bool:
    return value.strip('"“” ').lower().startswith("v=spf1")


def _domain_of(host: str) -> str:
    """The part of a record's host after the last label that starts with an underscore."""
    labels = _plain(host).split(".")
    after = max((place for place, label in enumerate(labels, 1) if label.startswith("_")), default=0)
    return ".".join(labels[after:])


def _zone_value(record: WantedRecord) -> str:
    return record.value if record.priority is None else f"{record.priority} {record.value}"


def _parse(type_: str, value: str) -> dns.rdata.Rdata:
    try:
        if type_ == "TXT" and not value.startswith('"'):
            return _text_record(value)
        rdata_type = dns.rdatatype.from_text(type_)
        return dns.rdata.from_text(dns.rdataclass.IN, rdata_type, value, origin=dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError) as error:
        message = text("“{value}” is no value for a {type} record.", value=value, type=type_)
        raise FieldError("value", "SANDBOX_BAD_RECORD", message, detail=str(error)) from error


def _text_record(value: str) -> dns.rdata.Rdata:
    data = value.encode()
    strings = [data[start : start + _LONGEST_STRING] for start in range(0, len(data), _LONGEST_STRING)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def _dump_zone(zone: Zone) -> dict[str, Any]:
    records = [[name, type_, found.ttl, found.values, found.is_stray] for (name, type_), found in zone.records.items()]
    return {"fault": asdict(zone.fault), "records": records}
