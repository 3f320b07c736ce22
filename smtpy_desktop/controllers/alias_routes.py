"""Reads from the database what decides where mail to some addresses goes, and refuses what leads astray."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.core.alias_loops import RouteProblem, as_error, find_fault
from smtpy_desktop.core.alias_matching import MOST_STEPS, candidate_keys, match_address
from smtpy_desktop.core.alias_targets import parse_target
from smtpy_desktop.database import forwarding_database, rules_database
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.aliases import Forwarding, MatchKind, ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.text import text


async def load_forwarding(
    db: AsyncSession,
    addresses: Iterable[Target],
    *,
    changed: Iterable[ServedAlias] = (),
    through_rules: bool = False,
) -> Forwarding:
    """Return the domains and aliases that mail to some addresses meets; ``changed`` aliases stand for stored ones.

    ``through_rules``: an alias has what its rules send to among its targets, too, so that circles are seen that only
    some mail would go round in.
    """
    own = {alias.key: alias for alias in changed}
    domains: dict[str, ServedDomain] = {}
    aliases: dict[str, ServedAlias] = dict(own)
    seen_names: set[str] = set()
    seen_keys: set[str] = set()
    by_rules: dict[str, tuple[Target, ...]] = {}
    level = [*addresses, *(target for alias in own.values() for target in alias.targets)]
    for _ in range(MOST_STEPS + 2):
        names = {target.key.rpartition("@")[2] for target in level} - seen_names
        found_domains = await read_domains(db, names)
        domains |= found_domains
        seen_names |= names
        keys = {key for target in level for key in candidate_keys(target.key) if _domain(key) in domains} - seen_keys
        found_aliases = await forwarding_database.served_aliases(db, keys) if keys else {}
        aliases = {**found_aliases, **aliases}
        seen_keys |= keys
        level = [target for alias in found_aliases.values() for target in alias.targets]
        if through_rules and keys:
            sent = await rules_database.targets_by_alias(db, keys)
            by_rules |= sent
            level += [target for targets in sent.values() for target in targets]
        for domain in found_domains.values():
            level += [domain.owner, *([domain.catch_all] if domain.catch_all is not None else [])]
        if not level:
            break
    return _with_rules(Forwarding(domains, aliases), by_rules)


async def refuse_astray(db: AsyncSession, alias: ServedAlias, *, field: str = "targets") -> None:
    """Raise FieldError when an alias, as it is to be saved, would lead back to itself, in circles or nowhere."""
    address = Target(alias.address, alias.key)
    fault = find_fault(await load_forwarding(db, [address], changed=[alias], through_rules=True), address)
    if fault is not None:
        raise as_error(fault, field)


async def refuse_catch_all_astray(db: AsyncSession, name: str, catch_all: Target) -> None:
    """Raise FieldError for ``catch_all`` when mail to it would come back or end nowhere."""
    everything = Target(f"*@{name}", f"@{name}")
    forwarding = await load_forwarding(db, [everything, catch_all], through_rules=True)
    domains = dict(forwarding.domains)
    domains[name] = replace(domains[name], catch_all=catch_all)
    fault = find_fault(Forwarding(domains, forwarding.aliases), everything)
    if fault is None:
        return
    error = as_error(fault, "catch_all")
    message = error.message
    if fault.problem is RouteProblem.SELF:
        message = text("Mail to {address} would come back to this domain.", address=catch_all.address)
    elif fault.problem is RouteProblem.NOWHERE:
        message = text(
            "Mail to {address} would come back here: {name} is one of your domains.",
            address=catch_all.address,
            name=_domain(catch_all.key),
        )
    raise FieldError("catch_all", "CATCH_ALL_LOOP", message, hint=error.hint)


def _with_rules(forwarding: Forwarding, by_rules: Mapping[str, tuple[Target, ...]]) -> Forwarding:
    """A rule's target that died since is a matter of that rule, and keeps nobody from saving an alias."""
    aliases = dict(forwarding.aliases)
    for key, targets in by_rules.items():
        if key not in aliases:
            continue  # deleted between the two questions
        alive = (target for target in targets if match_address(forwarding, target.key).kind is not MatchKind.NONE)
        own = {target.key: target for target in (*aliases[key].targets, *alive)}
        aliases[key] = replace(aliases[key], targets=tuple(own.values()))
    return Forwarding(forwarding.domains, aliases)


def _domain(key: str) -> str:
    return key.rpartition("@")[2]


async def read_domains(db: AsyncSession, names: Collection[str]) -> dict[str, ServedDomain]:
    """Return those of the domains that are ours, by name."""
    if not names:
        return {}
    return {
        name: ServedDomain(
            domain_id,
            name,
            unicode_name,
            is_active,
            _stored(catch_all) if catch_all else None,
            _stored(owner),
        )
        for domain_id, name, unicode_name, is_active, catch_all, owner in await forwarding_database.served_domains(
            db, names
        )
    }


def _stored(address: str) -> Target:
    """An address that was checked when it was saved; one that other programs wrote is compared as it stands."""
    try:
        return parse_target(address)
    except FieldError:
        return Target(address, address.lower())
