"""The sandbox's world on a real database: samples with real verdicts, zones that survive, nothing real touched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers import domain_checks_controller, domains_controller, settings_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.sandbox.sample_catalogue import DOMAINS, MOVING_DOMAIN, ORGANIZATIONS
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_state import ZoneCondition
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainStatus
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.no_stripe import NoStripe, no_stripe_setup


@pytest.fixture
async def services(database: Database, actor: Actor, changes: list[Change], master_keys: MasterKeyGateway) -> Services:
    report = await migrate.schema_report(database.engine)
    return Services(
        database, DnsGateway(), master_keys, actor, changes.append, report, DiskFiles(), NoStripe(), no_stripe_setup()
    )


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[[], SandboxWorld]]:
    """Give a function that starts the world of this test's profile, as one more start of the program would."""
    started: list[SandboxWorld] = []

    async def start_one() -> SandboxWorld:
        world = SandboxWorld(tmp_path / "sandbox")
        started.append(world)
        await world.start()
        return world

    yield start_one
    for world in started:
        await world.stop()


async def domains(services: Services) -> dict[str, DomainRow]:
    page = await domains_controller.list_domains(services.sessions, DomainQuery(), Position.start(), 100)
    return {row.unicode_name: row for row in page.rows}


async def verify(services: Services, name: str) -> dict[RecordKind, str]:
    domain = await domains_controller.find_domain(services.sessions, name)
    report = await domain_checks_controller.verify_domain(
        services.sessions, domain.id, asker=services.asker, publish=services.publish
    )
    return {record.kind: record.code for record in report.records if record.verdict is not Verdict.OK}


async def test_an_empty_database_is_filled_with_samples_that_were_really_verified(services, start):
    world, progress = await start(), Progress()

    await world.prepare(services, progress)

    rows = await domains(services)
    statuses = {name: row.status for name, row in rows.items()}
    wrong = {
        name: [kind for kind, verdict in row.records.items() if verdict is Verdict.WRONG] for name, row in rows.items()
    }
    assert set(rows) == {sample.name for sample in DOMAINS}
    assert {row.organization_name for row in rows.values()} == set(ORGANIZATIONS)
    assert statuses.pop("meadowbank.example") is DomainStatus.PENDING
    assert statuses.pop("lantern-bakery.example") is DomainStatus.PENDING
    assert {name for name, status in statuses.items() if status is DomainStatus.FAILED} == {
        "delta-archive.example",
        "harbour-books.example",
        "studio-lumen.example",
    }
    assert wrong["delta-archive.example"] == [RecordKind.DMARC]
    assert wrong["harbour-books.example"] == [RecordKind.SPF]
    assert wrong["studio-lumen.example"] == [RecordKind.DKIM]
    assert rows["meadowbank.example"].last_checked_at is None
    assert set(rows["lantern-bakery.example"].records.values()) == {Verdict.UNKNOWN}
    assert [name for name, row in rows.items() if not row.is_active] == ["kestrel-cycles.example"]
    assert progress.done == progress.total


async def test_the_next_start_asks_the_new_ports_and_adds_nothing(services, start):
    first = await start()
    await first.prepare(services)
    before = await domains(services)
    await first.stop()

    second = await start()
    await second.prepare(services)

    _, settings = await settings_controller.mail_settings(services.sessions)
    assert await domains(services) == before
    assert settings.resolvers == tuple(second.dns.resolvers)
    assert settings.authoritative_port == second.dns.authoritative_port
    assert await verify(services, "alder-and-ash.example") == {}


async def test_filling_that_was_interrupted_is_finished_at_the_next_start(services, start, monkeypatch):
    world = await start()

    async def stop_here(*_: object, **__: object) -> None:
        raise RuntimeError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(domain_checks_controller, "verify_domains", stop_here)
        with pytest.raises(RuntimeError, match="interrupted"):
            await world.prepare(services)
    await world.stop()

    await (await start()).prepare(services)

    statuses = {row.status for row in (await domains(services)).values()}
    assert statuses == set(DomainStatus)
    assert len(await domains(services)) == len(DOMAINS)


async def test_a_servers_database_is_refused_and_left_as_it_is(services, start):
    world = await start()

    with pytest.raises(UserFacingError) as caught:
        await world.prepare(replace(services, is_embedded=False))

    assert caught.value.code == "SANDBOX_OWN_DATABASE"
    assert await domains(services) == {}
    assert await settings_controller.get_setting(services.sessions, "dns.authoritative_port") == "53"


async def test_a_domain_with_another_provider_becomes_verified_by_publishing(services, start):
    world = await start()
    await world.prepare(services)
    organization = (await domains(services))["studio-lumen.example"].organization_id
    domain = await domains_controller.add_domain(
        services.sessions,
        organization,
        MOVING_DOMAIN,
        keys=services.keys,
        actor=services.actor,
        publish=services.publish,
    )

    before = await verify(services, MOVING_DOMAIN)
    await world.publish_wanted(services, domain.id)

    assert set(before) == set(RecordKind)
    assert await verify(services, MOVING_DOMAIN) == {}
    spf = "v=spf1 include:spf.officemail.example include:spf.northwind.example -all"
    assert world.dns.zones.values(MOVING_DOMAIN, "TXT") == [spf]


async def test_what_is_broken_on_the_page_is_what_verify_finds(services, start):
    world, name = await start(), "brightwater.example"
    await world.prepare(services)

    await world.break_record(name, RecordKind.DKIM, Breakage.TYPO)
    typo = await verify(services, name)
    await world.set_fault(name, ZoneFault(rcode="SERVFAIL"))
    unknown = await verify(services, name)

    conditions = {row.name: row.condition for row in await world.zone_rows(services)}
    assert typo == {RecordKind.DKIM: "NEAR_TYPO"}
    assert set(unknown.values()) == {"DNS_SERVFAIL"}
    assert conditions[name] is ZoneCondition.BROKEN
    assert conditions["meadowbank.example"] is ZoneCondition.NO_ZONE


async def test_zones_survive_a_restart(services, start):
    world, name = await start(), "brightwater.example"
    await world.prepare(services)
    await world.break_record(name, RecordKind.SPF, Breakage.SECOND_RECORD)
    await world.set_fault(name, ZoneFault(delay_milliseconds=5000))

    again = await start()

    assert again.dns.zones.dump() == world.dns.zones.dump()
