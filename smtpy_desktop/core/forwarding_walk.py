"""Follows mail through domains, aliases and rules: yields what it has to know and is sent the answers."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

from smtpy_desktop.core.alias_matching import MOST_STEPS, candidate_keys
from smtpy_desktop.schemas.aliases import Forwarding, ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.rules import Rule


@dataclass(frozen=True, slots=True)
class ForwardingQuestion:
    """Names of domains, keys of aliases, and owners of rules (``@name`` or an alias's key) to ask about."""

    domains: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ForwardingAnswer:
    """What there is of what was asked, by name."""

    domains: Mapping[str, ServedDomain] = field(default_factory=dict)
    aliases: Mapping[str, ServedAlias] = field(default_factory=dict)
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundForwarding:
    """Everything that mail to some addresses meets, with the rules by their owner."""

    forwarding: Forwarding
    rules: Mapping[str, tuple[Rule, ...]]

    def rules_for(self, domain: str, alias_key: str | None) -> tuple[Rule, ...]:
        """Return the rules for mail to an alias (None: to none of its own) of a domain, the domain's last."""
        own = self.rules.get(alias_key, ()) if alias_key is not None else ()
        return (*own, *self.rules.get(f"@{domain}", ()))


ForwardingWalk = Generator[ForwardingQuestion, ForwardingAnswer, FoundForwarding]


def walk_forwarding(addresses: Iterable[Target]) -> ForwardingWalk:
    """Follow mail to some addresses to where it leaves our domains; their rules' targets are followed as well."""
    first = list(addresses)
    keys = frozenset(key for target in first for key in candidate_keys(target.key))
    names = frozenset(_domain(target.key) for target in first)
    answer = yield ForwardingQuestion(names, keys, keys | {f"@{name}" for name in names})
    domains, aliases = dict(answer.domains), dict(answer.aliases)
    seen = {target.key for target in first}
    level = [
        *_onward(answer),
        *(target for rules in answer.rules.values() for rule in rules for target in rule.targets),
    ]
    for _ in range(MOST_STEPS + 1):
        fresh = {target.key for target in level} - seen
        if not fresh:
            break
        seen |= fresh
        unknown = frozenset(_domain(key) for key in fresh) - domains.keys()
        met = (yield ForwardingQuestion(domains=unknown)) if unknown else ForwardingAnswer()
        domains |= met.domains
        ours = frozenset(key for one in fresh if _domain(one) in domains for key in candidate_keys(one))
        further = (yield ForwardingQuestion(aliases=ours)) if ours else ForwardingAnswer()
        aliases |= further.aliases
        level = [*_onward(met), *_onward(further)]
    return FoundForwarding(Forwarding(domains, aliases), answer.rules)


def _onward(answer: ForwardingAnswer) -> list[Target]:
    """Return where aliases lead, and domains with mail that no alias takes."""
    found = [target for alias in answer.aliases.values() for target in alias.targets]
    for domain in answer.domains.values():
        found += [domain.owner, *([domain.catch_all] if domain.catch_all is not None else [])]
    return found


def _domain(key: str) -> str:
    return key.rpartition("@")[2]
