"""DMARC of a received message: tree walks put to the DNS, alignment judged (RFC 9989)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtpy_desktop.core.author_domains import MOST_DOMAINS
from smtpy_desktop.core.dmarc_alignment import (
    AuthorPolicy,
    TreeWalk,
    author_policy,
    existence_questions,
    may_align,
    read_walk,
    walk_questions,
)
from smtpy_desktop.core.dmarc_record import POLICIES
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.verdict_memory import VerdictMemory, seconds_of
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.mail_authentication import DkimSignature
from smtpy_desktop.schemas.mail_identity import DnsSettings

_WORST_FIRST = ("fail", "temperror", "none", "pass")


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What SPF and DKIM found out, to be aligned with the author."""

    spf: str
    spf_domain: str
    dkim: tuple[DkimSignature, ...]


@dataclass(frozen=True, slots=True)
class DmarcFinding:
    """The result for one author's domain; ``by``: what is aligned."""

    result: str
    domain: str = ""
    policy: str = ""
    by: str = ""


class DmarcChecker:
    """Judges by DMARC and remembers the walks of domains as long as their records hold."""

    def __init__(self, asker: DnsAsker, settings: Callable[[], DnsSettings]) -> None:
        self._asker = asker
        self._settings = settings
        self._walks: VerdictMemory[TreeWalk] = VerdictMemory()

    async def prepare(self, authors: Sequence[str]) -> None:
        """Look for the records of authors' domains while SPF and DKIM are still being found out."""
        if len(authors) <= MOST_DOMAINS:
            await asyncio.gather(*(self._walk(author) for author in authors))

    async def check(self, authors: Sequence[str], found: Authenticated) -> DmarcFinding:
        """Return the result for a message with these authors' domains.

        Without an author there is nothing to judge (permerror). With several the worst one counts, as each of them may
        be what a reader sees; with more than four the message fails as if all of them asked for its rejection.
        """
        if not authors:
            return DmarcFinding("permerror")
        if len(authors) > MOST_DOMAINS:
            return DmarcFinding("fail", authors[0], "reject")
        findings = [await self._check_author(author, found) for author in authors]
        return min(findings, key=lambda one: (_WORST_FIRST.index(one.result), -_strength(one.policy)))

    async def _check_author(self, author: str, found: Authenticated) -> DmarcFinding:
        policy = author_policy(await self._walk(author))
        if not policy.has_record:
            return DmarcFinding("temperror" if policy.is_unknown else "none", author)
        aligned, is_open = await self._aligned(policy, found)
        if aligned:
            return DmarcFinding("pass", author, policy.policy, aligned)
        if is_open or policy.is_unknown:
            return DmarcFinding("temperror", author, policy.policy)
        return DmarcFinding("fail", author, await self._policy_in_force(policy))

    async def _aligned(self, policy: AuthorPolicy, found: Authenticated) -> tuple[str, bool]:
        """What is aligned, and whether more could be if the DNS had answered."""
        spf = await self._alignment(policy, found.spf, found.spf_domain, strict=policy.spf_strict)
        dkim = [
            await self._alignment(policy, one.result, one.domain, strict=policy.dkim_strict)
            for one in {(one.result, one.domain): one for one in found.dkim}.values()
        ]
        names = [name for name, found in (("spf", spf == "pass"), ("dkim", "pass" in dkim)) if found]
        return " ".join(names).replace("spf dkim", "both"), "temperror" in (spf, *dkim)

    async def _alignment(self, policy: AuthorPolicy, result: str, domain: str, *, strict: bool) -> str:
        """Return pass, temperror or fail for one mechanism as far as it is aligned."""
        if result not in ("pass", "temperror") or not may_align(policy.domain, domain, strict=strict):
            return "fail"
        if domain == policy.domain:
            return result
        walk = await self._walk(domain)
        if walk.organization == policy.organization:
            return result
        return "temperror" if walk.has_gaps else "fail"

    async def _policy_in_force(self, policy: AuthorPolicy) -> str:
        """The policy asked for, which may be another one for a domain that does not exist (RFC 9989, tag np)."""
        if not policy.needs_existence:
            return policy.policy
        answers = await self._ask(existence_questions(policy.domain))
        is_missing = all(answer.state in (AnswerState.NO_NAME, AnswerState.EMPTY) for answer in answers.values())
        return policy.policy_of_nothing if is_missing else policy.policy

    async def _walk(self, domain: str) -> TreeWalk:
        walk = self._walks.recall(domain)
        if walk is None:
            answers = await self._ask(walk_questions(domain))
            walk = read_walk(domain, answers)
            # A top-level domain that says nothing is no reason to ask everything again.
            telling = [answer for question, answer in answers.items() if question.name.count(".") > 1]
            self._walks.keep(domain, walk, seconds_of(telling))
        return walk

    async def _ask(self, questions: Sequence[Question]) -> dict[Question, Answer]:
        settings = self._settings()
        answers = await asyncio.gather(*(self._asker.look_up(question, settings) for question in questions))
        return dict(zip(questions, answers, strict=True))


def _strength(policy: str) -> int:
    return POLICIES.index(policy) if policy in POLICIES else -1
