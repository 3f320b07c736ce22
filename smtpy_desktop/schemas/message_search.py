"""A search for messages as it was understood: terms, what each means, and what could not be understood."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus
from smtpy_desktop.schemas.text import Text


class SearchKey(enum.StrEnum):
    """What a term looks at; ``WORD`` is a bare word, which looks at subject, addresses and preview."""

    WORD = ""
    FROM = "from"
    TO = "to"
    FORWARDED = "forwarded"
    DOMAIN = "domain"
    STATUS = "status"
    SUBJECT = "subject"
    AFTER = "after"
    BEFORE = "before"
    ON = "on"
    LARGER = "larger"
    SMALLER = "smaller"
    HAS = "has"
    THREAD = "thread"
    ID = "id"
    ERROR = "error"
    REASON = "reason"


class Feature(enum.StrEnum):
    """What ``has:`` asks for."""

    ATTACHMENT = "attachment"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row, lower-case; with ``is_open`` the last one is the beginning of a word."""

    words: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class AddressParts:
    """An address, lower-case: empty parts are not asked for; with ``is_open`` the host is the beginning of one.

    ``index_words`` are the words of both parts, by which an index finds what may have them.
    """

    local: str
    host: str
    is_open: bool
    index_words: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Statuses:
    """Any of these statuses."""

    statuses: frozenset[MessageStatus]


@dataclass(frozen=True, slots=True)
class Reason:
    """Failed, bounced or rejected for this reason, a bounce class; ``other`` stands for those without one as well."""

    name: str


@dataclass(frozen=True, slots=True)
class DomainName:
    """A domain of ours by its whole name (A-labels or Unicode), or with ``is_open`` by the beginning of a label."""

    name: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From ``since`` (included) to ``until`` (not included), in UTC; None is open."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SizeSpan:
    """More than ``above`` and less than ``below`` bytes; None is open."""

    above: int | None
    below: int | None


@dataclass(frozen=True, slots=True)
class Has:
    """Something that a message has."""

    feature: Feature


@dataclass(frozen=True, slots=True)
class Thread:
    """All messages of a thread."""

    thread_id: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One message by its Message-ID (without angle brackets), or by our number where it is one."""

    message_id: str
    number: int | None


Meaning = Words | AddressParts | Statuses | Reason | DomainName | TimeSpan | SizeSpan | Has | Thread | Identity


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: ``value`` as typed without its quotes, ``meaning`` as understood.

    ``start`` and ``end`` are its place in the text (minus sign and key included); they do not count in comparisons.
    """

    key: SearchKey
    value: str
    meaning: Meaning
    is_quoted: bool = False
    is_excluded: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the text, from ``start`` to ``end``, that could not be understood, and a sentence about it."""

    start: int
    end: int
    message: Text


@dataclass(frozen=True, slots=True)
class Search:
    """Every group has to hold; a group holds when one of its terms does."""

    groups: tuple[tuple[Term, ...], ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages, in which order; without organization and domain those of all."""

    search: Search = Search()
    organization_id: OrganizationId | None = None
    domain_id: DomainId | None = None
    sort: MessageSort = MessageSort.CREATED
    descending: bool = True


@dataclass(frozen=True, slots=True)
class MessageCount:
    """How many messages there are, exactly or about."""

    count: int
    is_exact: bool
