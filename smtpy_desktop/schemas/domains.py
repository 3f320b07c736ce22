"""Domains as lists and details show them, and the questions that lists ask."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId


class DomainStatus(enum.StrEnum):
    """The reference's three states of a domain."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class DomainSort(enum.StrEnum):
    """The columns a list of domains can be sorted by."""

    NAME = "name"
    STATUS = "status"
    ORGANIZATION = "organization"
    LAST_CHECK = "last_check"
    CREATED = "created"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class DomainQuery:
    """Which domains, in which order. ``text`` is searched literally in the name (A-label and Unicode form).

    ``needs_attention``: failed, or some record of the last check was wrong.
    """

    organization_id: OrganizationId | None = None
    statuses: frozenset[DomainStatus] = frozenset()
    text: str = ""
    active: bool | None = None
    needs_attention: bool = False
    sort: DomainSort = DomainSort.NAME
    descending: bool = False

    @property
    def searched_name(self) -> str:
        """``text`` as names are kept: in lower case, without blanks around it and without the root's dot at its end."""
        return self.text.strip().removesuffix(".").lower()


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One domain as the list shows it; ``records`` is the last verdict per kind (absent: never checked)."""

    id: DomainId
    name: str
    unicode_name: str
    organization_id: OrganizationId
    organization_name: str
    status: DomainStatus
    is_active: bool
    records: dict[RecordKind, Verdict]
    last_checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DomainDetails:
    """Everything kept about one domain (never its private key)."""

    id: DomainId
    name: str
    unicode_name: str
    organization_id: OrganizationId
    organization_name: str
    status: DomainStatus
    is_active: bool
    mx_record_verified: bool
    spf_record_verified: bool
    dkim_record_verified: bool
    dmarc_record_verified: bool
    ownership_verified: bool
    dkim_selector: str
    dkim_public_key: str
    verification_token: str
    catch_all: str | None
    last_checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DomainTotals:
    """How many domains there are, by state, and how many need attention."""

    total: int
    pending: int
    verified: int
    failed: int
    inactive: int
    needs_attention: int


@dataclass(frozen=True, slots=True)
class DeletionImpact:
    """What goes when a domain is deleted."""

    name: str
    aliases: int
    messages: int
