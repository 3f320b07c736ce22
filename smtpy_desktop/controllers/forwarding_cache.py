"""What decides where mail goes, kept for at most a second, so that a busy server asks the database little."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.alias_routes import read_domains
from smtpy_desktop.controllers.group_work import GroupWork
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_matching import MOST_STEPS, candidate_keys
from smtpy_desktop.database import forwarding_database
from smtpy_desktop.schemas.aliases import Forwarding, ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.rules import Rule

KEPT_SECONDS = 0.7
"""What is worked out of it is kept a little longer (``mail_routes``); together it is less than a second."""

_MOST_KEPT = 20_000
_TOPICS = frozenset({Topic.ALIASES, Topic.DOMAINS, Topic.RULES, Topic.ORGANIZATIONS, Topic.CONNECTION})

Value = TypeVar("Value")


class _Kept(Generic[Value]):
    """Answers by name, also "there is none", each until a second after it was asked for."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, Value | None]] = {}

    def missing(self, names: Iterable[str], now: float) -> list[str]:
        return [name for name in names if self._found.get(name, (0.0, None))[0] <= now]

    def get(self, name: str) -> Value | None:
        return self._found.get(name, (0.0, None))[1]

    def keep(self, names: Iterable[str], found: dict[str, Value], until: float) -> None:
        if len(self._found) > _MOST_KEPT:
            self._found.clear()
        self._found.update((name, (until, found.get(name))) for name in names)

    def clear(self) -> None:
        self._found.clear()


@dataclass(frozen=True, slots=True)
class _Question:
    """Names of domains, keys of aliases, and owners of rules (``@name`` or an alias's key) to ask about."""

    domains: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found, by name."""

    domains: dict[str, ServedDomain]
    aliases: dict[str, ServedAlias]
    rules: dict[str, tuple[Rule, ...]]


class ForwardingCache:
    """Domains, aliases and rules for one process; belongs to one event loop. Many questions become one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._domains: _Kept[ServedDomain] = _Kept()
        self._aliases: _Kept[ServedAlias] = _Kept()
        self._rules: _Kept[tuple[Rule, ...]] = _Kept()
        self._questions = GroupWork(self._look_up)
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
        return (await self._read_domains([name])).get(name)

    async def oldest_domain(self) -> str | None:
        """Return the name of the domain that is served longest."""
        async with self._sessions.read() as db:
            return await forwarding_database.oldest_domain(db)

    async def load(self, addresses: Iterable[Target]) -> Forwarding:
        """Return the domains and aliases that mail to some addresses meets on its way."""
        domains: dict[str, ServedDomain] = {}
        aliases: dict[str, ServedAlias] = {}
        seen: set[str] = set()
        level = list(addresses)
        for _ in range(MOST_STEPS + 2):
            fresh = [target for target in level if target.key not in seen]
            if not fresh:
                break
            seen.update(target.key for target in fresh)
            found = await self._read_domains({_domain(target.key) for target in fresh})
            domains |= found
            keys = {key for target in fresh if _domain(target.key) in found for key in candidate_keys(target.key)}
            met = await self._read_aliases(keys)
            aliases |= met
            level = [target for alias in met.values() for target in alias.targets]
            for domain in found.values():
                level += [domain.owner, *([domain.catch_all] if domain.catch_all is not None else [])]
        return Forwarding(domains, aliases)

    async def rules(self, domain: ServedDomain, alias_key: str | None) -> tuple[Rule, ...]:
        """Return the rules that are on for mail to an alias (None: to none of its own), the domain's last."""
        owners = [*([alias_key] if alias_key is not None else []), f"@{domain.name}"]
        missing = self._rules.missing(owners, time.monotonic())
        found: dict[str, tuple[Rule, ...]] = {}
        if missing:
            found = (await self._questions.do(_Question(owners=frozenset(missing)))).rules
        known = (found.get(owner) if owner in missing else self._rules.get(owner) for owner in owners)
        return tuple(rule for rules in known for rule in rules or ())

    async def _read_domains(self, names: Collection[str]) -> dict[str, ServedDomain]:
        missing = self._domains.missing(names, time.monotonic())
        known = {name: self._domains.get(name) for name in names if name not in missing}
        if missing:
            known |= (await self._questions.do(_Question(domains=frozenset(missing)))).domains
        return {name: known_domain for name in names if (known_domain := known.get(name)) is not None}

    async def _read_aliases(self, keys: Collection[str]) -> dict[str, ServedAlias]:
        missing = self._aliases.missing(keys, time.monotonic())
        known = {key: self._aliases.get(key) for key in keys if key not in missing}
        if missing:
            known |= (await self._questions.do(_Question(aliases=frozenset(missing)))).aliases
        return {key: alias for key in keys if (alias := known.get(key)) is not None}

    async def _look_up(self, asked: Sequence[_Question]) -> list[_Answer]:
        """Answer what is asked at the same time; every answer counts from before the database is asked."""
        until = time.monotonic() + KEPT_SECONDS
        names = frozenset().union(*(question.domains for question in asked))
        keys = frozenset().union(*(question.aliases for question in asked))
        owners = frozenset().union(*(question.owners for question in asked))
        async with self._sessions.read() as db:
            domains = await read_domains(db, names) if names else {}
            aliases = await forwarding_database.served_aliases(db, keys) if keys else {}
            rules = await forwarding_database.active_rules(db, *_by_kind(owners)) if owners else {}
        self._domains.keep(names, domains, until)
        self._aliases.keep(keys, aliases, until)
        self._rules.keep(owners, rules, until)
        return [_Answer(domains, aliases, rules)] * len(asked)


def _domain(key: str) -> str:
    return key.rpartition("@")[2]


def _by_kind(owners: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return names of domains and keys of aliases apart."""
    names = [owner[1:] for owner in owners if owner.startswith("@")]
    return names, [owner for owner in owners if not owner.startswith("@")]
