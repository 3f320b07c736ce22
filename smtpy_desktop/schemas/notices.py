"""What the program tells without being asked: conditions of installations, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind, Severity
from smtpy_desktop.schemas.text import Text

Page = Literal[
    "overview", "domains", "messages", "forwarder", "billing", "events", "listener", "settings", "activity", "notices"
]
"""What a notice leads to: a page, or ``listener``, the dialog of the webhook listener."""


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """Where a notice leads to: a page, with the object or the part of it that is meant, and what the button says."""

    page: Page
    argument: int | str | None
    words: Text


@dataclass(frozen=True, slots=True)
class Notice:
    """One condition as it is told; ``since`` is when it began, as far as that is known."""

    kind: NoticeKind
    key: str
    message: Text
    hint: Text
    since: datetime
    severity: Severity
    action: NoticeAction | None
    snoozed_until: datetime | None = None

    @property
    def id(self) -> NoticeId:
        """What it is snoozed by."""
        return self.kind, self.key

    @property
    def is_snoozed(self) -> bool:
        """Whether it was put off for a while."""
        return self.snoozed_until is not None


@dataclass(frozen=True, slots=True)
class NoticeBoard:
    """All notices of one moment, the worst first and the newest of these first.

    ``snoozed`` are put off for a while, ``muted`` those of kinds that nobody wants to hear of. ``silent_until`` is when
    desktop notices are shown again, because of quiet hours or a pause (``is_paused``).
    """

    notices: tuple[Notice, ...] = ()
    snoozed: tuple[Notice, ...] = ()
    muted: tuple[Notice, ...] = ()
    silent_until: datetime | None = None
    is_paused: bool = False

    @property
    def severity(self) -> Severity | None:
        """Return the worst severity of what is not put off, None where all is well."""
        return self.notices[0].severity if self.notices else None


@dataclass(frozen=True, slots=True)
class Observation:
    """One condition that holds at the moment of a reading; ``values`` fill its words.

    ``since`` is when it began where that is known. ``severity`` and ``hint`` take the catalogue's place where they are
    there. ``argument`` is what its page is to show.
    """

    kind: NoticeKind
    key: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    since: datetime | None = None
    severity: Severity | None = None
    hint: Text | None = None
    argument: int | str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found when these kinds were looked for; kinds that could not be looked for are in no reading."""

    kinds: frozenset[NoticeKind]
    found: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """What is remembered of a condition between readings.

    ``since``: it holds from then on; ``watched_from``: it was seen first. ``raised_at``: it has held for long enough to
    be told. ``fine_since``: it has not been seen from then on. ``seen`` is how it was seen last.
    """

    seen: Observation
    since: datetime
    watched_from: datetime
    raised_at: datetime | None = None
    fine_since: datetime | None = None
    snoozed_until: datetime | None = None

    @property
    def id(self) -> NoticeId:
        """Which condition it is."""
        return self.seen.kind, self.seen.key


@dataclass(frozen=True, slots=True)
class Told:
    """When a condition was last told by the desktop, and how bad it was then."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class NoticeState:
    """Everything that is remembered: the conditions, and what was told of them, also a while after they ended."""

    conditions: Mapping[NoticeId, Condition] = field(default_factory=dict)
    told: Mapping[NoticeId, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """How much is free on the disk of a directory that the program writes to, in bytes."""

    directory: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class FailedDomain:
    """A domain whose status is *failed*: which records are not verified, since when, and what it was before."""

    id: DomainId
    name: str
    records: tuple[RecordKind, ...]
    since: datetime | None
    was_verified: bool
