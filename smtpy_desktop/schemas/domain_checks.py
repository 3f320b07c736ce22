"""What a check of a domain's records starts from, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.dns import DnsReport, RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId


@dataclass(frozen=True, slots=True)
class RecordState:
    """What is remembered of one record between checks: the last verdict, and the wrong answers in a row."""

    verdict: Verdict
    wrong_count: int = 0
    first_wrong_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckSubject:
    """A domain as a check needs it; ``flags`` tells per record whether it counts as verified."""

    id: DomainId
    name: str
    organization_id: OrganizationId
    status: DomainStatus
    is_active: bool
    created_at: datetime
    flags: Mapping[RecordKind, bool]
    states: Mapping[RecordKind, RecordState]
    dkim_selector: str
    dkim_public_key: str
    verification_token: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A domain after a check, as it is to be stored."""

    id: DomainId
    status: DomainStatus
    flags: Mapping[RecordKind, bool]
    states: Mapping[RecordKind, RecordState]
    needs_attention: bool
    next_check_at: datetime | None
    report: DnsReport


@dataclass(frozen=True, slots=True)
class StatusNotice:
    """A change of a domain's status that is worth telling: once, when it happens."""

    domain_id: DomainId
    name: str
    old: DomainStatus
    new: DomainStatus
    records: tuple[RecordKind, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class VerificationSummary:
    """What a run over several domains came to."""

    checked: int
    verified: int
    wrong: int
    unknown: int
    missing: tuple[DomainId, ...] = ()
    reports: tuple[DnsReport, ...] = field(default=())
