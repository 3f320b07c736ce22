"""Fills an empty database with the samples, through the same controllers as a person would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from smtpy_desktop.controllers import (
    domain_checks_controller,
    domain_records_controller,
    domains_controller,
    organizations_controller,
    settings_controller,
)
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.domain_name import parse_domain_name
from smtpy_desktop.core.domain_state import SHORTEST_FAILURE, WRONG_ANSWERS_NEEDED
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.sandbox import sample_domains_database
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.sandbox.sample_aliases import add_aliases
from smtpy_desktop.sandbox.sample_catalogue import DOMAINS, MAIL_IDENTITY, ORGANIZATIONS, SampleDomain
from smtpy_desktop.sandbox.sample_rules import add_rules
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text


async def fill(services: Services, zones: Zones, progress: Progress | None = None) -> None:
    """Make the sample organizations and domains that are not there yet, publish their records and verify them.

    May be called again after it was interrupted. The zones around them must be published already.
    """
    progress = progress or Progress()
    progress.total, progress.done = 2 * len(DOMAINS), 0
    progress.note = text("Making sample domains with their keys")
    await settings_controller.change_settings(
        services.sessions, MAIL_IDENTITY, actor=services.actor, publish=services.publish
    )
    owners = await _organizations(services)
    domains = await _add_all(services, owners, progress)
    await add_aliases(services, {sample.name: domain_id for sample, domain_id in domains})
    await add_rules(services)
    for sample, domain_id in domains:
        await _publish(services, zones, sample, domain_id)
        if not sample.broke:
            _spoil(zones, sample)
    progress.note = text("Verifying the sample domains")
    await _verify(services, [domain_id for sample, domain_id in domains if sample.checked])
    for sample, domain_id in domains:
        if sample.broke:
            await _let_break(services, zones, sample, domain_id)
    inactive = [domain_id for sample, domain_id in domains if not sample.is_active]
    await domains_controller.set_active(
        services.sessions, inactive, active=False, actor=services.actor, publish=services.publish
    )
    progress.done = progress.total


async def _organizations(services: Services) -> dict[str, OrganizationId]:
    existing = {row.name: row.id for row in await organizations_controller.list_organizations(services.sessions)}
    for name, email in ORGANIZATIONS.items():
        if name not in existing:
            created = await organizations_controller.create_organization(
                services.sessions, name, email, actor=services.actor, publish=services.publish
            )
            existing[name] = created.id
    return existing


async def _add_all(
    services: Services, owners: Mapping[str, OrganizationId], progress: Progress
) -> list[tuple[SampleDomain, DomainId]]:
    """Add the domains side by side, as making a key takes a while; the first one alone makes the master key."""
    first = await _add(services, owners, DOMAINS[0], progress)
    others = await asyncio.gather(*(_add(services, owners, sample, progress) for sample in DOMAINS[1:]))
    return list(zip(DOMAINS, [first, *others], strict=True))


async def _add(
    services: Services, owners: Mapping[str, OrganizationId], sample: SampleDomain, progress: Progress
) -> DomainId:
    try:
        domain = await domains_controller.find_domain(services.sessions, sample.name)
    except NotFoundError:
        domain = await domains_controller.add_domain(
            services.sessions,
            owners[sample.organization],
            sample.name,
            keys=services.keys,
            actor=services.actor,
            publish=services.publish,
        )
    progress.done += 1
    return domain.id


async def _publish(services: Services, zones: Zones, sample: SampleDomain, domain_id: DomainId) -> None:
    if not sample.published:
        return
    wanted = await domain_records_controller.records_to_publish(services.sessions, domain_id, asker=None)
    name = parse_domain_name(sample.name).name
    zones.remove_zone(name)
    zones.publish(wanted.records)


def _spoil(zones: Zones, sample: SampleDomain) -> None:
    if not sample.published:
        return
    name = parse_domain_name(sample.name).name
    for kind, how in sample.broken:
        zones.break_record(name, kind, how)
    for host, type_, values in sample.replaced:
        zones.set_records(name if host == "@" else f"{host}.{name}", type_, values)
    zones.set_fault(name, sample.fault or ZoneFault())


async def _let_break(services: Services, zones: Zones, sample: SampleDomain, domain_id: DomainId) -> None:
    """Spoil a domain that is verified, and check it as if it had been wrong for an hour."""
    _spoil(zones, sample)
    first = datetime.now(UTC) - 2 * SHORTEST_FAILURE
    async with services.sessions.begin() as db:
        for kind, _ in sample.broken:
            await sample_domains_database.count_wrong_answers(db, domain_id, kind, WRONG_ANSWERS_NEEDED - 1, first)
    await _verify(services, [domain_id])


async def _verify(services: Services, domain_ids: Sequence[DomainId]) -> None:
    await domain_checks_controller.verify_domains(
        services.sessions, domain_ids, asker=services.asker, publish=services.publish
    )
