"""What the sandbox's DNS says: as the authoritative server of its zones (RFC 1034 section 4.3.2) and as a resolver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.sandbox.dns_zones import NAME_SERVERS, RecordSet, Zone, Zones

NEGATIVE_TTL = 60
_LONGEST_CHAIN = 8


@dataclass(slots=True)
class Reply:
    """The parts of a response."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    authoritative: bool = False
    answers: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    additional: list[dns.rrset.RRset] = field(default_factory=list)

    def message(self, query: dns.message.Message, *, is_resolver: bool) -> dns.message.Message:
        """Return the whole response to a query."""
        response = dns.message.make_response(query, recursion_available=is_resolver)
        response.flags |= dns.flags.AA if self.authoritative else 0
        response.set_rcode(self.rcode)
        response.answer = self.answers
        response.authority = self.authority
        response.additional = self.additional
        return response

    @property
    def ttl(self) -> int:
        """How long a resolver may keep this."""
        return min((rrset.ttl for rrset in (*self.answers, *self.authority)), default=0)


def answer_as_authority(zones: Zones, name: str, type_: str) -> Reply:
    """Return what the authoritative server says about a name (lower case, no trailing dot)."""
    zone = zones.zone_of(name)
    if zone is None:
        return Reply(dns.rcode.REFUSED)
    reply = Reply(authoritative=True)
    for _ in range(_LONGEST_CHAIN + 1):
        cut = _delegation(zone, name)
        if cut is not None:
            return _refer(reply, zones, zone, cut)
        found = zone.records.get((name, type_)) or _wildcard(zone, name, type_)
        if found is not None:
            reply.answers.append(_rrset(name, found))
            return reply
        alias = zone.records.get((name, "CNAME")) or _wildcard(zone, name, "CNAME")
        if alias is None:
            return _deny(reply, zone, name)
        reply.answers.append(_rrset(name, alias))
        name = _name_in(alias.data[0])
        if zones.zone_of(name) is not zone:
            return reply
    return reply


class SandboxResolver:
    """Resolves over the same zones, with a memory of its own that may be behind the truth."""

    def __init__(self, zones: Zones, index: int, cache_seconds: float) -> None:
        """``cache_seconds`` is the longest time that an answer is kept, whatever its TTL (0: none is)."""
        self._zones = zones
        self._index = index
        self.cache_seconds = cache_seconds
        self._kept: dict[tuple[str, str], tuple[Reply, float]] = {}

    def flush(self) -> None:
        """Forget every answer."""
        self._kept.clear()

    def answer(self, name: str, type_: str) -> Reply:
        """Return what this resolver says about a name, from memory where it may."""
        now = time.monotonic()
        kept, fetched = self._kept.get((name, type_), (None, 0.0))
        if kept is not None and now < fetched + min(kept.ttl, self.cache_seconds):
            return _aged(kept, int(now - fetched))
        reply = self._lie(name, type_) or self._resolve(name, type_)
        if reply.rcode != dns.rcode.SERVFAIL:
            self._kept[name, type_] = (reply, now)
        return reply

    def _resolve(self, name: str, type_: str) -> Reply:
        total = Reply()
        for _ in range(_LONGEST_CHAIN + 1):
            zone = self._zones.zone_of(name)
            if zone is None:
                total.rcode, total.authority = self._deny_outside(name), [_soa("", 1)]
                return total
            if zone.fault.is_silent or zone.fault.rcode:
                return Reply(dns.rcode.SERVFAIL)
            reply = answer_as_authority(self._zones, name, type_)
            if not reply.authoritative:  # a referral to servers that do not exist here
                return Reply(dns.rcode.SERVFAIL)
            total.answers += reply.answers
            last = reply.answers[-1] if reply.answers else None
            if last is None or last.rdtype != dns.rdatatype.CNAME or type_ == "CNAME" or reply.authority:
                total.rcode, total.authority = reply.rcode, reply.authority
                return total
            name = _name_in(last[0])
        return Reply(dns.rcode.SERVFAIL)

    def _deny_outside(self, name: str) -> dns.rcode.Rcode:
        is_above_a_zone = not name or any(zone.apex.endswith(f".{name}") for zone in self._zones)
        return dns.rcode.NOERROR if is_above_a_zone else dns.rcode.NXDOMAIN

    def _lie(self, name: str, type_: str) -> Reply | None:
        zone = self._zones.zone_of(name)
        if zone is None or zone.fault.lying_resolver != self._index or type_ not in ("TXT", "MX"):
            return None
        if not zone.fault.lie:
            return Reply(dns.rcode.NXDOMAIN, authority=[_soa(zone.apex, zone.serial)])
        lie = zone.fault.lie
        if type_ == "MX":
            host = _host_name(lie)
            if host is None:
                return None  # a lie about texts says nothing about mail servers
            lie = f"10 {host}."
        return Reply(answers=[_rrset(name, RecordSet.from_values(type_, [lie], 300))])


def _host_name(lie: str) -> str | None:
    try:
        return normalize_name(lie).name
    except NameFault:
        return None


def _delegation(zone: Zone, name: str) -> str | None:
    """The name below the apex, at or above this one, that the zone gives away by NS records."""
    return next((at for at in _upwards(name, zone.apex) if at != zone.apex and (at, "NS") in zone.records), None)


def _refer(reply: Reply, zones: Zones, zone: Zone, cut: str) -> Reply:
    servers = _rrset(cut, zone.records[cut, "NS"])
    hosts = [_name_in(data) for data in servers]
    reply.authoritative = bool(reply.answers)
    reply.authority = [servers]
    for host in hosts:
        for type_ in ("A", "AAAA"):
            holder = zones.zone_of(host)
            glue = holder.records.get((host, type_)) if holder else None
            reply.additional += [_rrset(host, glue)] if glue else []
    return reply


def _deny(reply: Reply, zone: Zone, name: str) -> Reply:
    exists = zone.has_name(name) or _wildcard_owner(zone, name) is not None or zone.fault.wildcard
    reply.rcode = dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN
    reply.authority = [_soa(zone.apex, zone.serial)]
    return reply


def _wildcard(zone: Zone, name: str, type_: str) -> RecordSet | None:
    if type_ == "SOA" and name == zone.apex:
        return RecordSet(NEGATIVE_TTL, [], list(_soa(zone.apex, zone.serial)))
    if zone.has_name(name):
        return None
    owner = _wildcard_owner(zone, name)
    if owner is not None and (owner, type_) in zone.records:
        return zone.records[owner, type_]
    if zone.fault.wildcard and type_ == "TXT":
        return RecordSet.from_values("TXT", [zone.fault.wildcard], NEGATIVE_TTL)
    return None


def _wildcard_owner(zone: Zone, name: str) -> str | None:
    """The wildcard at the closest name above that exists (RFC 4592 section 3.3.1)."""
    closest = next((at for at in _upwards(name, zone.apex) if zone.has_name(at)), zone.apex)
    return f"*.{closest}" if zone.has_name(f"*.{closest}") else None


def _upwards(name: str, apex: str) -> Iterator[str]:
    while name != apex and name:
        yield name
        name = name.partition(".")[2]
    yield apex


def _rrset(name: str, found: RecordSet) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(f"{name}.", found.ttl, found.data)


def _soa(apex: str, serial: int) -> dns.rrset.RRset:
    value = f"{NAME_SERVERS[0]}. hostmaster.sandbox.test. {serial} 3600 600 604800 {NEGATIVE_TTL}"
    return dns.rrset.from_text(f"{apex}.", NEGATIVE_TTL, dns.rdataclass.IN, dns.rdatatype.SOA, value)


def _name_in(data: dns.rdata.Rdata) -> str:
    target: dns.name.Name = data.target  # type: ignore[attr-defined]
    return target.to_text(omit_final_dot=True).lower()


def _aged(reply: Reply, seconds: int) -> Reply:
    return Reply(
        reply.rcode,
        authoritative=False,
        answers=[_older(rrset, seconds) for rrset in reply.answers],
        authority=[_older(rrset, seconds) for rrset in reply.authority],
    )


def _older(rrset: dns.rrset.RRset, seconds: int) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(rrset.name, max(rrset.ttl - seconds, 0), list(rrset))
