"""The background check: what is due is checked once, by one process, and old checks are forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from smtpy_desktop.controllers import rechecks_controller, settings_controller
from smtpy_desktop.database.models import DnsCheck
from smtpy_desktop.schemas.domains import DomainStatus
from tests.helpers.patient_dns import PatientDns, SpeechlessDns
from tests.helpers.stored_domains import change_domain, insert_domains, stored_domain

PAST = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def asker():
    return PatientDns(timeout_seconds=10)


@pytest.fixture
def recheck(database, asker, mail_settings):
    async def recheck_once(of=database, by=asker, notices=None):
        return await rechecks_controller.recheck_due(
            of, asker=by, publish=lambda change: None, on_notice=(notices if notices is not None else []).append
        )

    return recheck_once


async def checks_of(database, domain_id):
    async with database.read() as db:
        statement = select(func.count(func.distinct(DnsCheck.checked_at))).where(DnsCheck.domain_id == domain_id)
        return (await db.execute(statement)).scalar_one()


async def set_minutes(database, actor, minutes):
    values = {"dns.recheck_minutes": minutes}
    await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)


async def test_active_domains_whose_time_has_come_are_checked(database, organization, recheck):
    (due,) = await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    (later,) = await insert_domains(
        database, organization.id, ["later.example"], next_check_at=PAST + timedelta(hours=1)
    )
    (off,) = await insert_domains(database, organization.id, ["off.example"], next_check_at=PAST, is_active=False)
    (never,) = await insert_domains(database, organization.id, ["never.example"])

    count = await recheck()

    assert count == 1
    assert [await checks_of(database, one) for one in (due, later, off, never)] == [1, 0, 0, 0]
    assert await recheck() == 0


async def test_a_change_of_status_is_told_once(database, organization, recheck):
    (domain_id,) = await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    notices = []

    await recheck(notices=notices)
    await change_domain(database, domain_id, next_check_at=PAST)
    await recheck(notices=notices)

    assert [(notice.name, notice.new) for notice in notices] == [("due.example", DomainStatus.FAILED)]


async def test_two_processes_never_check_the_same_domain(database, connect, organization, recheck):
    names = [f"d{number}.example" for number in range(60)]
    ids = await insert_domains(database, organization.id, names, next_check_at=PAST)
    processes = [(connect(f"process {number}"), SpeechlessDns()) for number in range(2)]

    counts = await asyncio.gather(*(recheck(of=of, by=by) for of, by in processes))

    assert sum(counts) == 60
    assert [await checks_of(database, domain_id) for domain_id in ids] == [1] * 60


async def test_a_domain_being_checked_is_not_claimed_again_until_its_lease_ends(database, organization, recheck, asker):
    go_on = asker.hold("due.example")
    (domain_id,) = await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    first = asyncio.create_task(recheck())
    await asyncio.wait_for(asker.arrived.get(), 10)

    meanwhile = await recheck()
    claimed_until = (await stored_domain(database, domain_id)).next_check_at
    go_on.set()

    assert meanwhile == 0
    assert claimed_until > datetime.now(UTC) + timedelta(minutes=5)
    assert await first == 1


async def test_a_check_that_dies_is_made_up_for_after_its_lease(database, organization, recheck, asker):
    asker.hold("due.example")
    (domain_id,) = await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    dying = asyncio.create_task(recheck())
    await asyncio.wait_for(asker.arrived.get(), 10)
    dying.cancel()
    await asyncio.wait([dying])
    await change_domain(database, domain_id, next_check_at=PAST)  # the lease has ended

    count = await recheck(by=PatientDns(timeout_seconds=10))

    assert count == 1


async def test_nothing_is_checked_while_it_is_switched_off_and_all_again_afterwards(
    database, organization, recheck, actor
):
    (domain_id,) = await insert_domains(
        database, organization.id, ["old.example"], last_checked_at=PAST - timedelta(days=9)
    )
    await set_minutes(database, actor, "0")
    off = await recheck()
    await set_minutes(database, actor, "30")

    on = await recheck()

    assert (off, on) == (0, 1)
    assert (await stored_domain(database, domain_id)).next_check_at is not None


async def test_nothing_is_checked_before_our_own_servers_are_known(database, organization, recheck, actor):
    await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    await settings_controller.change_settings(database, {"mail.mx": ""}, actor=actor, publish=lambda change: None)

    assert await recheck() == 0


async def test_the_background_check_waits_for_a_database_that_is_away(database, organization, asker, mail_settings):
    (domain_id,) = await insert_domains(database, organization.id, ["due.example"], next_check_at=PAST)
    notices: asyncio.Queue = asyncio.Queue()
    good, database.engine = database.engine, PatientlyBroken(database.engine)
    running = asyncio.create_task(
        rechecks_controller.run_rechecks(
            database, asker=asker, publish=lambda change: None, on_notice=notices.put_nowait, look_seconds=0.01
        )
    )
    await asyncio.wait_for(database.engine.tried.wait(), 10)
    database.engine = good

    notice = await asyncio.wait_for(notices.get(), 20)
    running.cancel()
    await asyncio.wait([running])

    assert notice.domain_id == domain_id


class PatientlyBroken:
    """An engine whose sessions fail as if nobody listened."""

    def __init__(self, engine):
        self.tried = asyncio.Event()
        self._engine = engine

    def __getattr__(self, name):
        self.tried.set()
        raise ConnectionRefusedError


async def test_old_checks_go_and_the_newest_of_each_record_stays(database, organization, actor):
    first, second = await insert_domains(database, organization.id, ["a.example", "b.example"])
    old, older, new = (datetime.now(UTC) - timedelta(days=days) for days in (200, 300, 1))
    rows = [
        (first, "mx", older),
        (first, "mx", old),
        (first, "spf", older),
        (first, "spf", new),
        (second, "mx", older),
    ]
    async with database.begin() as db:
        await db.execute(
            insert(DnsCheck),
            [
                {"domain_id": of, "kind": kind, "checked_at": at, "verdict": "ok", "code": "DNS_OK", "report": {}}
                for of, kind, at in rows
            ],
        )

    gone = await rechecks_controller.forget_old_checks(database)

    async with database.read() as db:
        statement = select(DnsCheck.domain_id, DnsCheck.kind, DnsCheck.checked_at).order_by(DnsCheck.id)
        kept = [tuple(row) for row in await db.execute(statement)]
    assert gone == 2
    assert kept == [(first, "mx", old), (first, "spf", new), (second, "mx", older)]


async def test_forgetting_goes_on_in_batches_until_nothing_is_left(database, organization, monkeypatch):
    monkeypatch.setattr(rechecks_controller, "_CLEAN_ROWS", 3)
    (domain_id,) = await insert_domains(database, organization.id, ["a.example"])
    old = datetime.now(UTC) - timedelta(days=200)
    check = {"domain_id": domain_id, "kind": "mx", "checked_at": old, "verdict": "ok", "code": "DNS_OK", "report": {}}
    async with database.begin() as db:
        await db.execute(insert(DnsCheck), [check] * 8)

    assert await rechecks_controller.forget_old_checks(database) == 7
