"""The forwarding engine as it is set up and as the Forwarder page shows it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.smart_host import NO_SIGN_IN, SmartHostAccess


@dataclass(frozen=True, slots=True)
class ForwarderSettings:
    """What all forwarders of a database agree on (``server_settings``); sizes in bytes, times in seconds.

    ``smarthost`` is ``host:port``, empty: the targets' own servers. ``trusted`` are addresses or networks whose
    XCLIENT, XFORWARD and LMTP are believed. ``per_client_minute`` 0: no limit.
    """

    hostname: str
    smarthost: str = ""
    smarthost_access: SmartHostAccess = NO_SIGN_IN
    seals_arc: bool = True
    largest_message: int = 25 * 1024 * 1024
    trusted: tuple[str, ...] = ("127.0.0.1", "::1")
    requires_tls: tuple[str, ...] = ()
    per_destination: int = 10
    per_client_minute: int = 0
    retry_days: int = 5
    heeds_dmarc: bool = True


class ForwarderState(enum.StrEnum):
    """Where a forwarder process stands; *silent*: it has not given a sign of life for half a minute."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SILENT = "silent"


CERTIFICATE_ENDS = "certificate_ends"
"""Among the counters of a process that shows a TLS certificate: when that ends, in Unix time."""


SIGN_IN_COUNTERS = "sign_in_"
"""What the counter of a process begins with that is not let in at the smart host: since when, in Unix time."""


@dataclass(frozen=True, slots=True)
class ForwarderProcess:
    """One forwarder process that the database has seen; ``counters`` since it started."""

    name: str
    host: str
    pid: int
    version: str
    listen: str
    workers: int
    state: ForwarderState
    started_at: datetime
    seen_at: datetime
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """What waits for one destination (the targets' domain)."""

    destination: str
    waiting: int
    sending: int
    held: int
    oldest_at: datetime | None
    next_attempt_at: datetime | None
    last_reply: str = ""


@dataclass(frozen=True, slots=True)
class BookLine:
    """The books of one hour (UTC): everything accepted has to be somewhere; ``suspicious`` are ids that are not."""

    hour: datetime
    accepted: int
    delivered: int
    bounced: int
    failed: int
    rejected: int
    waiting: int
    removed: int
    suspicious: tuple[MessageId, ...] = ()

    @property
    def difference(self) -> int:
        """Accepted minus everything that is accounted for; 0 when the books balance."""
        known = self.delivered + self.bounced + self.failed + self.rejected + self.waiting + self.removed
        return self.accepted - known
