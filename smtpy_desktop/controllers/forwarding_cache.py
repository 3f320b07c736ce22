"""What decides where mail goes, kept for less than a second, so that a busy server asks the database little."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.alias_routes import read_domains
from smtpy_desktop.controllers.group_work import GroupWork
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.forwarding_walk import (
    ForwardingAnswer,
    ForwardingQuestion,
    FoundForwarding,
    walk_forwarding,
)
from smtpy_desktop.database import forwarding_database
from smtpy_desktop.schemas.aliases import ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.rules import Rule

KEPT_SECONDS = 0.7
"""What is worked out of it is kept a little longer (``mail_routes``); together it is less than a second."""

_MOST_KEPT = 20_000
_TOPICS = frozenset({Topic.ALIASES, Topic.DOMAINS, Topic.RULES, Topic.ORGANIZATIONS, Topic.CONNECTION})

Value = TypeVar("Value")


class _NotKept(Exception):
    """Something has to be asked."""


class _Kept(Generic[Value]):
    """Answers by name, also "there is none", each for a while from the moment on at which it was asked for."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, Value | None]] = {}

    def missing(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Return the names that have to be asked about."""
        found = self._found
        return frozenset(name for name in names if (kept := found.get(name)) is None or kept[0] <= now)

    def known(self, names: Iterable[str]) -> dict[str, Value]:
        """Return what there is of some names."""
        kept = ((name, self._found.get(name)) for name in names)
        return {name: one[1] for name, one in kept if one is not None and one[1] is not None}

    def keep(self, names: Iterable[str], found: Mapping[str, Value], until: float) -> None:
        """Keep what was found about some names."""
        if len(self._found) > _MOST_KEPT:
            self._found.clear()
        self._found.update((name, (until, found.get(name))) for name in names)

    def clear(self) -> None:
        """Forget everything."""
        self._found.clear()


class ForwardingCache:
    """Domains, aliases and rules for one process; belongs to one event loop. Many questions become one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._domains: _Kept[ServedDomain] = _Kept()
        self._aliases: _Kept[ServedAlias] = _Kept()
        self._rules: _Kept[tuple[Rule, ...]] = _Kept()
        self._questions: GroupWork[tuple[Target, ...], FoundForwarding] = GroupWork(self._find_together)
        self.generation = 0

    def hear(self, change: Change) -> None:
        """Forget what a change may have made wrong."""
        if change.topic in _TOPICS:
            self.clear()

    def clear(self) -> None:
        """Forget everything; ``generation`` tells those who keep what they worked out of it."""
        self.generation += 1
        for kept in (self._domains, self._aliases, self._rules):
            kept.clear()

    async def close(self) -> None:
        """Stop asking."""
        await self._questions.close()

    async def domain(self, name: str) -> ServedDomain | None:
        """Return a domain of ours by its name, None for a foreign one."""
        if self._domains.missing([name], time.monotonic()):
            found = await self.find([Target(f"@{name}", f"@{name}")])
            return found.forwarding.domains.get(name)
        return self._domains.known([name]).get(name)

    async def oldest_domain(self) -> str | None:
        """Return the name of the domain that is served longest."""
        async with self._sessions.read() as db:
            return await forwarding_database.oldest_domain(db)

    async def find(self, addresses: Iterable[Target]) -> FoundForwarding:
        """Return the domains, aliases and rules that mail to some addresses meets on its way."""
        wanted = tuple(addresses)
        try:
            return self._find_kept(wanted)
        except _NotKept:
            return await self._questions.do(wanted)

    def _find_kept(self, addresses: tuple[Target, ...]) -> FoundForwarding:
        """Answer from what is kept; raise _NotKept when that is not enough."""
        now = time.monotonic()
        walk = walk_forwarding(addresses)
        question = next(walk)
        while True:
            if any(self._missing(question, now)):
                raise _NotKept
            try:
                question = walk.send(self._known(question))
            except StopIteration as end:
                found: FoundForwarding = end.value
                return found

    async def _find_together(self, asked: Sequence[tuple[Target, ...]]) -> list[FoundForwarding]:
        """Answer what is asked at the same time, in one transaction."""
        walk = walk_forwarding({target for addresses in asked for target in addresses})
        question = next(walk)
        async with self._sessions.read() as db:
            while True:
                answer = await self._ask(db, question)
                try:
                    question = walk.send(answer)
                except StopIteration as end:
                    return [end.value] * len(asked)

    async def _ask(self, db: AsyncSession, question: ForwardingQuestion) -> ForwardingAnswer:
        """Answer from what is kept and, for the rest, from the database.

        What is kept is read before anything is waited for, as it may be forgotten meanwhile; and what is forgotten
        meanwhile is not kept again. An answer counts from before the database is asked.
        """
        now, generation = time.monotonic(), self.generation
        names, keys, owners = self._missing(question, now)
        kept = self._known(
            ForwardingQuestion(question.domains - names, question.aliases - keys, question.owners - owners)
        )
        domains = await read_domains(db, names) if names else {}
        aliases = await forwarding_database.served_aliases(db, keys) if keys else {}
        rules = await forwarding_database.active_rules(db, *_by_kind(owners)) if owners else {}
        if generation == self.generation:
            until = now + KEPT_SECONDS
            self._domains.keep(names, domains, until)
            self._aliases.keep(keys, aliases, until)
            self._rules.keep(owners, rules, until)
        return ForwardingAnswer({**kept.domains, **domains}, {**kept.aliases, **aliases}, {**kept.rules, **rules})

    def _missing(
        self, question: ForwardingQuestion, now: float
    ) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return (
            self._domains.missing(question.domains, now),
            self._aliases.missing(question.aliases, now),
            self._rules.missing(question.owners, now),
        )

    def _known(self, question: ForwardingQuestion) -> ForwardingAnswer:
        return ForwardingAnswer(
            self._domains.known(question.domains),
            self._aliases.known(question.aliases),
            self._rules.known(question.owners),
        )


def _by_kind(owners: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the names of domains and the keys of aliases apart."""
    names = [owner[1:] for owner in owners if owner.startswith("@")]
    return names, [owner for owner in owners if not owner.startswith("@")]
