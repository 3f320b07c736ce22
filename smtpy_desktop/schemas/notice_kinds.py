"""Which kinds of notices there are, and how they are wanted: what is known before any of them is looked for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import time


class Severity(enum.StrEnum):
    """*info* is only listed; *warning* and *bad* are told by the desktop, too; *bad* means that something is down."""

    INFO = "info"
    WARNING = "warning"
    BAD = "bad"

    @property
    def rank(self) -> int:
        """Return 0 for the mildest, more for worse ones."""
        return list(Severity).index(self)


class NoticeKind(enum.StrEnum):
    """Every condition that is told of; ``core/notice_catalogue.py`` has their words."""

    DATABASE_LOST = "database_lost"
    DATABASE_READ_ONLY = "database_read_only"
    DISK_FULL = "disk_full"
    DOMAIN_BROKEN = "domain_broken"
    DOMAINS_BROKEN = "domains_broken"
    DOMAIN_NOT_PASSING = "domain_not_passing"
    SIGNING_KEYS_SEALED = "signing_keys_sealed"
    CERTIFICATE_ENDS = "certificate_ends"
    FORWARDER_SILENT = "forwarder_silent"
    FORWARDER_FAILED = "forwarder_failed"
    SMART_HOST_SIGN_IN = "smart_host_sign_in"
    NOTHING_FORWARDED = "nothing_forwarded"
    DELIVERIES_FAILING = "deliveries_failing"
    DELIVERIES_LATE = "deliveries_late"
    QUEUE_OLD = "queue_old"
    BOOKS_DIFFER = "books_differ"
    LISTENER_DOWN = "listener_down"
    EVENTS_FAILING = "events_failing"
    PAYMENT_FAILED = "payment_failed"
    SUBSCRIPTION_ENDING = "subscription_ending"
    SUBSCRIPTION_ENDED = "subscription_ended"
    BILLING_DIFFERS = "billing_differs"
    CUSTOMER_DELETED = "customer_deleted"
    BACKUP_FAILED = "backup_failed"
    BACKUP_OVERDUE = "backup_overdue"


NoticeId = tuple[NoticeKind, str]
"""A condition: its kind and which object of that kind ("" where there is only one)."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of each day in which the desktop tells nothing, by the clock on the wall; they may span midnight."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """How notices are wanted."""

    quiet: QuietHours | None = None
    muted: frozenset[NoticeKind] = frozenset()
    tells_desktop: bool = True
