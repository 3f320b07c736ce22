"""The answers of the local DNS server of the benchmarks, ready as bytes before anybody asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from smtpy_desktop.core.wanted_records import wanted_records
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailExchanger, MailIdentity

LOOPBACK = "127.0.0.1"
IDENTITY = MailIdentity(
    mx=(MailExchanger(10, "mx1.example.net"), MailExchanger(20, "mx2.example.net")),
    spf="include:spf.example.net",
    sending_addresses=("192.0.2.25",),
    dmarc="v=DMARC1; p=quarantine; rua=mailto:reports@example.net",
)
_NAME_SERVERS = ("ns1.example.net", "ns2.example.net")
_TTL = 300
_ONE_IN_WRONG = 10
_WRONG_SPF = "v=spf1 include:spf.other-provider.test -all"
_SOA = "ns1.example.net. hostmaster.example.net. 1 3600 600 604800 60"
_LONGEST_STRING = 255
_PAYLOAD = 1232

Records = dict[tuple[str, str], list[str]]
"""What stands in the zones: values by name and type."""


@dataclass(frozen=True, slots=True)
class StoredDomain:
    """What the wanted records of a domain are made of."""

    name: str
    selector: str
    public_key: str
    token: str


class ReadyAnswers:
    """Answers of one kind of server by question (the bytes of name, type and class), but for their id (two bytes)."""

    def __init__(self, records: Records, *, is_resolver: bool) -> None:
        self._is_resolver = is_resolver
        self._ready: dict[bytes, bytes] = {}
        for (name, type_), values in records.items():
            question, answer = self._made(name, type_, values)
            self._ready[question] = answer

    def answer(self, query: bytes) -> bytes:
        """Return the whole response to a query."""
        question = question_of(query)
        ready = self._ready.get(question)
        if ready is None:
            query_message = dns.message.from_wire(query)
            asked = query_message.question[0]
            ready = self._made(asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype), [])[1]
            self._ready[question] = ready
        return query[:2] + ready

    def _made(self, name: str, type_: str, values: Sequence[str]) -> tuple[bytes, bytes]:
        query = dns.message.make_query(name, type_, use_edns=0, payload=_PAYLOAD)
        response = dns.message.make_response(query, recursion_available=self._is_resolver)
        response.flags |= 0 if self._is_resolver else dns.flags.AA
        if values:
            response.answer.append(dns.rrset.from_text_list(query.question[0].name, _TTL, "IN", type_, values))
        else:
            response.set_rcode(dns.rcode.NOERROR if type_ == "AAAA" else dns.rcode.NXDOMAIN)
            response.authority.append(dns.rrset.from_text("example.org.", _TTL, "IN", "SOA", _SOA))
        return question_of(query.to_wire()), response.to_wire()[2:]


def question_of(query: bytes) -> bytes:
    """Return name, type and class of the one question of a query, in lower case."""
    end = 12
    while length := query[end]:
        end += length + 1
    return query[12 : end + 5].lower()


def zone_records(domains: Iterable[StoredDomain]) -> Records:
    """Return what stands in the zones of the domains: all that is wanted, but for a wrong SPF in every tenth."""
    records: Records = {("spf.example.net", "TXT"): [_quoted("v=spf1 ip4:192.0.2.25 -all")]}
    for server in _NAME_SERVERS:
        records[server, "A"] = [LOOPBACK]
    for number, domain in enumerate(domains):
        records[domain.name, "NS"] = [f"{server}." for server in _NAME_SERVERS]
        wanted = wanted_records(
            domain.name,
            identity=IDENTITY,
            dkim_selector=domain.selector,
            dkim_public_key=domain.public_key,
            verification_token=domain.token,
        )
        for record in wanted:
            is_wrong = record.kind is RecordKind.SPF and number % _ONE_IN_WRONG == 0
            value = _quoted(_WRONG_SPF) if is_wrong else _zone_value(record)
            records.setdefault((record.host, record.type), []).append(value)
    return records


def _zone_value(record: WantedRecord) -> str:
    return f"{record.priority} {record.value}" if record.type == "MX" else _quoted(record.value)


def _quoted(value: str) -> str:
    parts = (value[start : start + _LONGEST_STRING] for start in range(0, len(value), _LONGEST_STRING))
    return " ".join(f'"{part}"' for part in parts)
