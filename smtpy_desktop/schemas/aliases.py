"""Aliases as lists and details show them, the questions that lists ask, and what an address leads to."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.identifiers import AliasId, DomainId, OrganizationId
from smtpy_desktop.schemas.text import Text


class AliasSort(enum.StrEnum):
    """The columns a list of aliases can be sorted by."""

    ADDRESS = "address"
    DOMAIN = "domain"
    ACTIVE = "active"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class AliasQuery:
    """Which aliases, in which order. ``text`` is searched literally in the address, the targets and the note."""

    organization_id: OrganizationId | None = None
    domain_id: DomainId | None = None
    text: str = ""
    active: bool | None = None
    sort: AliasSort = AliasSort.ADDRESS
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An address that mail goes to: as it is written, and the key by which it is compared."""

    address: str
    key: str


@dataclass(frozen=True, slots=True)
class AliasRow:
    """One alias; ``key`` is what its address is compared by, ``domain`` a lower-case A-label name."""

    id: AliasId
    key: str
    local_part: str
    domain_id: DomainId
    domain: str
    unicode_domain: str
    organization_id: OrganizationId
    targets: tuple[Target, ...]
    is_active: bool
    note: str
    created_at: datetime
    updated_at: datetime

    @property
    def address(self) -> str:
        """The address in its own spelling, its domain as the DNS has it."""
        return f"{self.local_part}@{self.domain}"

    @property
    def unicode_address(self) -> str:
        """The address as people read it."""
        return f"{self.local_part}@{self.unicode_domain}"


@dataclass(frozen=True, slots=True)
class NewAlias:
    """What an alias is made of; ``local_part`` in the spelling that is kept."""

    domain_id: DomainId
    local_part: str
    key: str
    targets: tuple[Target, ...]
    is_active: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class AliasTotals:
    """How many aliases there are, and how many are switched off."""

    total: int
    inactive: int


@dataclass(frozen=True, slots=True)
class ServedDomain:
    """What forwarding needs of a domain: ``owner`` is its organization's address, which postmaster falls back to."""

    id: DomainId
    name: str
    unicode_name: str
    is_active: bool
    catch_all: Target | None
    owner: Target


@dataclass(frozen=True, slots=True)
class ServedAlias:
    """What forwarding needs of an alias."""

    key: str
    address: str
    targets: tuple[Target, ...]
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The domains by name and the aliases by key that questions are answered from."""

    domains: Mapping[str, ServedDomain] = field(default_factory=dict)
    aliases: Mapping[str, ServedAlias] = field(default_factory=dict)


class MatchKind(enum.StrEnum):
    """Why mail to an address goes where it goes."""

    ALIAS = "alias"
    TAG = "tag"
    CATCH_ALL = "catch_all"
    POSTMASTER = "postmaster"
    NONE = "none"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Match:
    """What takes mail to an address in one step: ``source`` is a key of its own, the same for all it takes."""

    kind: MatchKind
    source: str = ""
    targets: tuple[Target, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Destination:
    """Where mail to an address ends: ``targets`` are outside addresses, each once; none means that it is refused."""

    address: str
    match: Match
    targets: tuple[Target, ...]
    reason: Text


class LineAction(enum.StrEnum):
    """What an import does with a line."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line, in the words of a failure."""

    code: str
    message: Text
    hint: Text | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class AliasLine:
    """One line of a list of aliases. ``is_active`` and ``note`` are None where the list does not say."""

    number: int
    typed: str
    local_part: str = ""
    domain: str = ""
    key: str = ""
    targets: tuple[Target, ...] = ()
    is_active: bool | None = None
    note: str | None = None
    fault: LineFault | None = None


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What becomes of a line; ``before`` is the alias that is there already."""

    line: AliasLine
    action: LineAction
    before: AliasRow | None = None
    fault: LineFault | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What becomes of a whole list of aliases, line by line."""

    lines: tuple[PlannedLine, ...]

    def count(self, action: LineAction) -> int:
        """Return how many lines have this outcome."""
        return sum(line.action is action for line in self.lines)

    @property
    def will_write(self) -> int:
        """How many aliases are added or changed."""
        return self.count(LineAction.ADD) + self.count(LineAction.CHANGE)


@dataclass(frozen=True, slots=True)
class AliasDetails:
    """An alias with what surrounds it: where its mail ends, who forwards to it, and its domain's other settings.

    ``dead`` are those of its targets that lead nowhere any more.
    """

    alias: AliasRow
    destination: Destination
    dead: tuple[Target, ...]
    forwarded_from: tuple[str, ...]
    catch_all: str | None
    is_domain_active: bool
    postmaster: Destination
