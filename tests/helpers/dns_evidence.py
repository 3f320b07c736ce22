"""Short ways to write down what name servers and resolvers answered about the records of example.com."""

from __future__ import annotations

import base64
import random

from smtpy_desktop.core.dns_verdict import judge
from smtpy_desktop.schemas.dns import (
    Answer,
    AnswerState,
    Question,
    RecordEvidence,
    RecordKind,
    RecordReport,
    SpfOutcome,
    WantedRecord,
)
from smtpy_desktop.schemas.mail_identity import MailExchanger, MailIdentity

MECHANISM = "include:spf.example.net"
IDENTITY = MailIdentity(
    mx=(MailExchanger(10, "mx1.example.net"), MailExchanger(20, "mx2.example.net")),
    spf=MECHANISM,
    dmarc="v=DMARC1; p=quarantine; rua=mailto:reports@example.com",
    hostname="mx1.example.net",
)


def rsa_key_text(bits: int, seed: int = 1) -> str:
    """Return base64 of a SubjectPublicKeyInfo with a modulus of that many bits (no real key, but of its form)."""
    numbers = random.Random(seed)
    modulus = (1 << (bits - 1)) | numbers.getrandbits(bits - 1) | 1
    algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    key = _der(0x30, _integer(modulus) + _integer(65537))
    return base64.b64encode(_der(0x30, algorithm + _der(0x03, b"\0" + key))).decode()


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


KEY = rsa_key_text(2048)
DKIM = f"v=DKIM1; k=rsa; p={KEY}"
TOKEN = "smtpy-verification=0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"
SPF = f"v=spf1 {MECHANISM} ~all"

WANTED = {
    RecordKind.MX: (
        WantedRecord(RecordKind.MX, "example.com", "MX", "mx1.example.net.", priority=10),
        WantedRecord(RecordKind.MX, "example.com", "MX", "mx2.example.net.", priority=20),
    ),
    RecordKind.SPF: (WantedRecord(RecordKind.SPF, "example.com", "TXT", SPF),),
    RecordKind.DKIM: (WantedRecord(RecordKind.DKIM, "s1._domainkey.example.com", "TXT", DKIM),),
    RecordKind.DMARC: (WantedRecord(RecordKind.DMARC, "_dmarc.example.com", "TXT", IDENTITY.dmarc),),
    RecordKind.OWNERSHIP: (WantedRecord(RecordKind.OWNERSHIP, "_smtpy-challenge.example.com", "TXT", TOKEN),),
}
RIGHT = {
    RecordKind.MX: ("10 mx1.example.net.", "20 mx2.example.net."),
    RecordKind.SPF: (SPF,),
    RecordKind.DKIM: (DKIM,),
    RecordKind.DMARC: (IDENTITY.dmarc,),
    RecordKind.OWNERSHIP: (TOKEN,),
}


def found(*values: str, server: str = "ns1.example.com", ttl: int | None = 3600, chain: tuple[str, ...] = ()) -> Answer:
    """An authoritative answer with values."""
    return Answer(server, True, AnswerState.FOUND, values, ttl, chain)


def failed(state: AnswerState, server: str = "ns1.example.com") -> Answer:
    """An authoritative answer without values."""
    return Answer(server, True, state)


def resolver(*values: str, server: str = "9.9.9.9:53", ttl: int | None = 3600) -> Answer:
    """A resolver's answer with values."""
    return Answer(server, False, AnswerState.FOUND, values, ttl)


def failed_resolver(state: AnswerState, server: str = "9.9.9.9:53", ttl: int | None = None) -> Answer:
    """A resolver's answer without values."""
    return Answer(server, False, state, ttl=ttl)


def probe(name: str, kind: str, *values: str, state: AnswerState | None = None) -> dict[Question, Answer]:
    """The answer to one extra question; without values the name does not exist."""
    state = state or (AnswerState.FOUND if values else AnswerState.NO_NAME)
    return {Question(name, kind): Answer("9.9.9.9:53", False, state, values)}


def evidence(
    kind: RecordKind,
    *answers: Answer,
    probes: dict[Question, Answer] | None = None,
    spf: dict[str, tuple[SpfOutcome, ...]] | None = None,
    unlisted: bool = False,
    wanted: tuple[WantedRecord, ...] | None = None,
) -> RecordEvidence:
    """Everything found out about one kind of record."""
    first = (wanted or WANTED[kind])[0]
    return RecordEvidence(first, answers, unlisted=unlisted, spf=spf or {}, probes=probes or {})


def verdict_on(
    kind: RecordKind,
    *answers: Answer,
    probes: dict[Question, Answer] | None = None,
    spf: dict[str, tuple[SpfOutcome, ...]] | None = None,
    unlisted: bool = False,
    wanted: tuple[WantedRecord, ...] | None = None,
) -> RecordReport:
    """Judge answers about one kind of record of example.com."""
    wanted = wanted or WANTED[kind]
    known = evidence(kind, *answers, probes=probes, spf=spf, unlisted=unlisted, wanted=wanted)
    return judge(kind, wanted, known, IDENTITY)


def warnings_of(report: RecordReport) -> str:
    """All warnings of a report as one text."""
    return "\n".join(map(str, report.warnings))
