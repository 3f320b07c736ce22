"""Which alias, catch-all or built-in address takes mail to an address, and where that mail ends."""

from __future__ import annotations

from smtpy_desktop.schemas.aliases import Destination, Forwarding, Match, MatchKind, Target
from smtpy_desktop.schemas.text import Text, text

MOST_STEPS = 10
"""Aliases that mail may pass through, one after the other; what is longer is refused when it is saved."""

POSTMASTER = "postmaster"
"""Mail to it is accepted for every domain (RFC 5321 section 4.5.1): it falls back to the organization's address."""

_TAG = "+"


def candidate_keys(key: str) -> tuple[str, ...]:
    """Return the keys of the aliases that may take mail to an address: itself, then without ``+tag``."""
    local, _, domain = key.rpartition("@")
    name, separator, _ = local.partition(_TAG)
    return (key, f"{name}@{domain}") if separator and name else (key,)


def is_postmaster(key: str) -> bool:
    """Say whether an address is a domain's postmaster, whose mail may never be refused."""
    return key.rpartition("@")[0] == POSTMASTER


def match_address(forwarding: Forwarding, key: str) -> Match:
    """Return what takes mail to an address: its alias, that of ``user`` for ``user+tag``, then the catch-all.

    An alias that is switched off takes its mail too, to refuse it: ``is_active`` tells.
    """
    domain = forwarding.domains.get(key.rpartition("@")[2])
    if domain is None:
        return Match(MatchKind.ELSEWHERE)
    for candidate in candidate_keys(key):
        alias = forwarding.aliases.get(candidate)
        if alias is not None:
            kind = MatchKind.ALIAS if candidate == key else MatchKind.TAG
            return Match(kind, alias.key, alias.targets, domain.is_active and alias.is_active)
    if domain.catch_all is not None:
        return Match(MatchKind.CATCH_ALL, f"@{domain.name}", (domain.catch_all,), domain.is_active)
    if is_postmaster(key):
        return Match(MatchKind.POSTMASTER, key, (domain.owner,), domain.is_active)
    return Match(MatchKind.NONE, is_active=domain.is_active)


def find_destination(forwarding: Forwarding, address: Target) -> Destination:
    """Follow mail to an address through aliases to the outside; every target comes once."""
    match = match_address(forwarding, address.key)
    ends = _ends(forwarding, match)
    return Destination(address.address, match, ends, _reason(match, ends))


def dead_targets(forwarding: Forwarding, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Return those targets in domains of ours whose mail is refused (deleted or switched off meanwhile)."""
    found = (find_destination(forwarding, target) for target in targets)
    return tuple(
        target
        for target, destination in zip(targets, found, strict=True)
        if destination.match.kind is not MatchKind.ELSEWHERE and not destination.targets
    )


def _ends(forwarding: Forwarding, first: Match) -> tuple[Target, ...]:
    """Go breadth first, so that an alias that is reached by several ways counts by the shortest."""
    ends: dict[str, Target] = {}
    seen: set[str] = set()
    level = [first]
    for _ in range(MOST_STEPS):
        following = []
        for match in level:
            if match.source in seen or not match.is_active:
                continue
            seen.add(match.source)
            for target in match.targets:
                onward = match_address(forwarding, target.key)
                if onward.kind is MatchKind.ELSEWHERE:
                    ends.setdefault(target.key, target)
                else:
                    following.append(onward)
        level = following
    return tuple(ends.values())


def _reason(match: Match, ends: tuple[Target, ...]) -> Text:
    if match.kind is MatchKind.ELSEWHERE:
        return text("This is not one of your domains.")
    if match.kind is MatchKind.NONE:
        return text("Refused: there is no such alias, and the domain has no catch-all.")
    if not match.is_active:
        return text("Refused: the alias or its domain is switched off.")
    if not ends:
        return text("Refused: it leads to no address outside of your domains.")
    return {
        MatchKind.ALIAS: text("Forwarded by its alias."),
        MatchKind.TAG: text("Forwarded by the alias before the “+”."),
        MatchKind.CATCH_ALL: text("Forwarded by the domain's catch-all."),
        MatchKind.POSTMASTER: text("Forwarded to the organization's address, as postmaster mail has to be accepted."),
    }[match.kind]
