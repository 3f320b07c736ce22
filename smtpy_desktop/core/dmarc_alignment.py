"""Judging a message by DMARC: whose policy applies, and what is aligned with its author (RFC 9989 sections 4.4, 4.10).

Questions of the tree walk come out (``walk_questions``), answers go in; nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smtpy_desktop.core.dmarc_record import POLICIES, DmarcRecord, is_dmarc_record, parse_dmarc, tree_walk_names
from smtpy_desktop.core.tag_list import parse_tag_list
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question

_PREFIX = "_dmarc."


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A DMARC record and the domain that publishes it."""

    domain: str
    value: str
    record: DmarcRecord

    def tag(self, name: str, default: str) -> str:
        """Return what a tag says, in lower case."""
        return parse_tag_list(self.value).tags.get(name, default).lower()


@dataclass(frozen=True, slots=True)
class TreeWalk:
    """What the tree walk from a domain found, the nearest record first; ``has_gaps``: some could not be asked for."""

    domain: str
    found: tuple[FoundRecord, ...] = ()
    has_gaps: bool = False
    own_is_unknown: bool = False

    @property
    def organization(self) -> str:
        """The organizational domain (section 4.10.2); without any record the domain itself."""
        for record in self.found:
            if record.record.psd == "n":
                return record.domain
            if record.record.psd == "y" and record.domain != self.domain:
                return _below(self.domain, record.domain)
        return self.found[-1].domain if self.found else self.domain

    @property
    def applicable(self) -> FoundRecord | None:
        """The record whose policy applies (section 4.10.1): its own, its organization's, or its public suffix's."""
        organization = self.organization
        wanted = (self.domain, organization, organization.partition(".")[2])
        for name in wanted:
            for record in self.found:
                if record.domain == name and (name != wanted[2] or record.record.psd == "y"):
                    return record
        return None


@dataclass(frozen=True, slots=True)
class AuthorPolicy:
    """What the author's domain asks for: ``policy`` with test mode counted in; None of it without a record.

    ``needs_existence``: ``np=`` says something else for a domain that does not exist, so that has to be found out.
    """

    domain: str
    organization: str
    has_record: bool = False
    is_unknown: bool = False
    policy: str = ""
    dkim_strict: bool = False
    spf_strict: bool = False
    policy_of_nothing: str = ""

    @property
    def needs_existence(self) -> bool:
        """Whether the policy depends on whether the domain exists."""
        return bool(self.policy_of_nothing) and self.policy_of_nothing != self.policy


def walk_questions(domain: str) -> tuple[Question, ...]:
    """Return the questions of the tree walk, at most eight."""
    return tuple(Question(name, "TXT") for name in tree_walk_names(domain))


def read_walk(domain: str, answers: Mapping[Question, Answer]) -> TreeWalk:
    """Return what the answers to ``walk_questions`` say; several records at one name are none (section 4.10)."""
    found = []
    has_gaps = own_is_unknown = False
    for question in walk_questions(domain):
        answer = answers[question]
        name = question.name.removeprefix(_PREFIX)
        records = [value for value in answer.values if is_dmarc_record(value)] if _is_found(answer) else []
        record = parse_dmarc(records[0]) if len(records) == 1 else None
        if record is not None:
            found.append(FoundRecord(name, records[0], record))
            if record.psd in ("y", "n"):
                break  # the walk stops there
        elif not answer.state.is_definite:
            own_is_unknown = own_is_unknown or name == domain
            has_gaps = has_gaps or "." in name  # no top-level domain but a few has a record
    return TreeWalk(domain, tuple(found), has_gaps, own_is_unknown)


def author_policy(walk: TreeWalk) -> AuthorPolicy:
    """Return what the walk from the author's domain says about mail that fails."""
    found = walk.applicable
    is_unknown = walk.own_is_unknown or (walk.has_gaps and (found is None or found.domain != walk.domain))
    if found is None or found.record.strength < 0:
        return AuthorPolicy(walk.domain, walk.organization, is_unknown=is_unknown)
    is_own = found.domain == walk.domain
    strength = found.record.strength if is_own else found.record.subdomain_strength
    np = found.tag("np", "")
    has_np = not is_own and np in POLICIES and found.record.problem is None
    return AuthorPolicy(
        walk.domain,
        walk.organization,
        has_record=True,
        is_unknown=is_unknown,
        policy=POLICIES[max(strength, 0)],
        dkim_strict=found.tag("adkim", "r") == "s",
        spf_strict=found.tag("aspf", "r") == "s",
        policy_of_nothing=POLICIES[max(POLICIES.index(np) - found.record.testing, 0)] if has_np else "",
    )


def may_align(author: str, domain: str, *, strict: bool) -> bool:
    """Tell whether two domains can be aligned at all, before any organization is looked for."""
    if author == domain or strict:
        return author == domain
    return author.rpartition(".")[2] == domain.rpartition(".")[2]


def existence_questions(domain: str) -> tuple[Question, ...]:
    """Return what to ask to learn whether a domain exists (section 3.2.12): A, AAAA and MX."""
    return tuple(Question(domain, kind) for kind in ("A", "AAAA", "MX"))


def _is_found(answer: Answer) -> bool:
    return answer.state is AnswerState.FOUND


def _below(domain: str, parent: str) -> str:
    """The domain one label below a parent, on the way down to a domain."""
    label = domain.removesuffix(f".{parent}").rpartition(".")[2]
    return f"{label}.{parent}"
