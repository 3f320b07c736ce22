"""DNS records as wanted, as found, and what a check says about them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import Text


class RecordKind(enum.StrEnum):
    """The five records asked for each domain, in the order they are shown."""

    MX = "mx"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    OWNERSHIP = "ownership"


class Verdict(enum.StrEnum):
    """What a check says: right, wrong, or that it could not be found out (which changes no state)."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WantedRecord:
    """One record to publish. ``host`` is fully qualified without a trailing dot, ``value`` one unsplit string.

    ``value`` is what a zone would hold without the priority (for MX: the exchange with its trailing dot).
    ``merged`` tells that an SPF value is the domain's own record with our mechanism added.
    """

    kind: RecordKind
    host: str
    type: str
    value: str
    ttl: int = 3600
    priority: int | None = None
    merged: bool = False


class AnswerState(enum.StrEnum):
    """How one server answered one question."""

    FOUND = "found"
    EMPTY = "empty"  # the name exists, without such a record (NODATA)
    NO_NAME = "nxdomain"
    TIMEOUT = "timeout"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    LAME = "lame"  # asked as a name server of the zone, it does not hold the zone
    TRUNCATED = "truncated"  # cut off over TCP, too

    @property
    def is_definite(self) -> bool:
        """Whether the server really said what there is (RFC 2308: NXDOMAIN and NODATA are answers, too)."""
        return self in (AnswerState.FOUND, AnswerState.EMPTY, AnswerState.NO_NAME)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one server said about one name: ``values`` are TXT strings joined, or "priority exchange." for MX.

    ``ttl`` in seconds; for negative answers the negative-cache time of RFC 2308 where the server gave a SOA.
    ``chain`` holds the CNAME targets followed.
    """

    server: str
    authoritative: bool
    state: AnswerState
    values: tuple[str, ...] = ()
    ttl: int | None = None
    chain: tuple[str, ...] = ()
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """One line of the side-by-side table: who was asked, what came back, and whether that is what is wanted."""

    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RecordReport:
    """The verdict on one record with its evidence.

    ``wanted`` and ``found`` are for reading and pasting; ``reason`` is the explanation with the RFC, ``code`` is
    stable; ``warnings`` do not change the verdict; ``publish`` is what to publish instead of a wrong record. It is
    empty where no value is known that would be right (an SPF record with too many look-ups); the warnings then say
    what to do.
    """

    kind: RecordKind
    host: str
    type: str
    verdict: Verdict
    code: str
    reason: Text
    wanted: tuple[str, ...]
    found: tuple[str, ...]
    publish: tuple[str, ...] = ()
    warnings: tuple[Text, ...] = ()
    answers: tuple[ServerAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class DnsReport:
    """The whole result of one verification of one domain.

    ``wrong_in_a_row``: how many checks in a row a record was wrong of a domain that still counts as verified.
    """

    domain_id: DomainId
    name: str
    status: str
    checked_at: datetime
    records: tuple[RecordReport, ...]
    wrong_in_a_row: int = 0

    @property
    def right(self) -> int:
        """How many of the records are right."""
        return sum(record.verdict is Verdict.OK for record in self.records)

    def record(self, kind: RecordKind) -> RecordReport:
        """The report on one kind of record."""
        return next(record for record in self.records if record.kind is kind)


@dataclass(frozen=True, slots=True)
class Question:
    """One DNS question: a fully qualified name without trailing dot and a record type such as ``TXT``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SpfOutcome:
    """What RFC 7208 evaluation of one published SPF record gives for one of our sending addresses.

    ``result`` is one of pass, fail, softfail, neutral, none, temperror, permerror; ``lookups`` and ``void_lookups``
    are the counts of section 4.6.4; ``problem`` explains permerror and temperror. ``offending`` are the terms of the
    record that lead to a permerror (empty where that is no single term's fault).
    """

    address: str
    result: str
    lookups: int
    void_lookups: int
    problem: Text | None = None
    offending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpfMending:
    """What came of mending the SPF record that a domain has: terms taken out, our mechanisms merged in.

    ``value`` is to be published; it is empty when even that is known to fail. ``removed`` are the terms taken out,
    ``outcomes`` what the evaluation gives for the mended record, ``costs`` the DNS look-ups that each of its terms
    needs by itself (only where they are too many together; 11 stands for more than 10).
    """

    value: str
    removed: tuple[str, ...] = ()
    outcomes: tuple[SpfOutcome, ...] = ()
    costs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordEvidence:
    """Everything found out about one wanted record before it is judged.

    ``answers``: the wanted question as answered by each authoritative server and each resolver.
    ``unlisted``: the DNS says for certain that no name server is published for the zone, so that there is no
    authoritative server to ask. ``spf``: outcomes per distinct SPF record text found. ``mending``: what the SPF record
    found becomes, if there is one. ``probes``: answers to the extra questions that explain near misses (doubled suffix,
    wrong label, wildcard …), one answer each.
    """

    wanted: WantedRecord
    answers: tuple[Answer, ...]
    unlisted: bool = False
    spf: Mapping[str, tuple[SpfOutcome, ...]] = field(default_factory=dict)
    mending: SpfMending | None = None
    probes: Mapping[Question, Answer] = field(default_factory=dict)
