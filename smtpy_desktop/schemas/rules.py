"""Rules: what is done with mail to an alias or a domain, in order."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.aliases import AliasRow, Target
from smtpy_desktop.schemas.identifiers import AliasId, DomainId, OrganizationId


class RuleField(enum.StrEnum):
    """What a condition looks at. Sender: the address in From and the one in MAIL FROM, either is enough."""

    SENDER_CONTAINS = "sender_contains"
    SENDER_EQUALS = "sender_equals"
    SENDER_DOMAIN = "sender_domain"
    SUBJECT_CONTAINS = "subject_contains"
    LARGER_THAN = "larger_than"
    HAS_ATTACHMENT = "has_attachment"


class RuleAction(enum.StrEnum):
    """What is done with mail that meets all conditions; the first rule that is met decides.

    *forward*: to the alias's own targets, and to the rule's as well. *redirect*: to the rule's targets alone. *refuse*:
    with a visible 550. *discard*: accepted and not sent on (recorded as rejected).
    """

    FORWARD = "forward"
    REDIRECT = "redirect"
    REFUSE = "refuse"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """One condition; ``value`` is text, compared without case.

    SENDER_EQUALS: the key of an address (``core.email_address.address_key``), SENDER_DOMAIN: a lower-case A-label name
    that is met exactly, LARGER_THAN: a number of bytes, HAS_ATTACHMENT: ``yes`` or ``no``.
    """

    field: RuleField
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a domain or (``alias_id``) of one of its aliases, whose rules come before the domain's.

    Without conditions it meets all mail. ``position`` is its place among those of the same owner, from 1; ``matches``
    counts the mail it decided about.
    """

    id: int
    domain_id: DomainId
    alias_id: AliasId | None
    position: int
    name: str
    conditions: tuple[RuleCondition, ...]
    action: RuleAction
    targets: tuple[Target, ...]
    is_active: bool = True
    matches: int = 0
    last_match_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleOwner:
    """Whose rules are meant: a domain's, or (``alias_id``) those of one of its aliases; ``name`` as people read it.

    ``key`` is an alias's, empty for a domain.
    """

    domain_id: DomainId
    alias_id: AliasId | None
    name: str
    organization_id: OrganizationId
    key: str = ""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it is typed: conditions as (field, text), targets as text or one by one."""

    conditions: tuple[tuple[RuleField, str], ...]
    action: RuleAction
    targets: str | tuple[str, ...] = ""
    name: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class OwnerRules:
    """The rules of an alias or a domain in their order; of an alias, also those of its domain, which come after.

    ``dead``: targets, by the rule's id, that lead nowhere any more.
    """

    owner: RuleOwner
    rules: tuple[Rule, ...]
    domain_rules: tuple[Rule, ...] = ()
    domain_name: str = ""
    dead: tuple[tuple[int, tuple[Target, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class DeletedAliases:
    """Aliases that were deleted, with the rules that went with them: what is needed to bring them back."""

    rows: tuple[AliasRow, ...]
    rules: tuple[Rule, ...] = ()
