"""Notices over a real database: found by their sources, told once, also over restarts, and listed by the command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import notices_controller, settings_controller
from smtpy_desktop.controllers.notice_sources import SOURCES, NoticeSource
from smtpy_desktop.controllers.notices_controller import NoticeWatch
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core import notice_observations
from smtpy_desktop.database import audit_database, forwarders_database, organizations_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import schema_report
from smtpy_desktop.database.models import DkimKey
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.notice_tools import OwnNoticeTools
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.notice_kinds import NoticeKind, Severity
from smtpy_desktop.schemas.notices import Notice, NoticeBoard, Reading
from smtpy_desktop.schemas.organizations import OrganizationRow
from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.no_stripe import NoStripe, no_stripe_setup
from tests.helpers.stored_domains import change_domain, insert_domains

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
BROKEN = NoticeKind.DOMAIN_BROKEN


class Clock:
    """The time as the watch sees it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class HastyClock(Clock):
    """A minute passes between two looks at it."""

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class Ear:
    """Hears what a watch tells."""

    def __init__(self) -> None:
        self.boards: list[NoticeBoard] = []
        self.told: list[NoticeKind] = []

    def hear(self, notices: tuple[Notice, ...]) -> None:
        self.told += [one.kind for one in notices]


@pytest.fixture
async def services(
    database: Database, actor: Actor, master_keys: MasterKeyGateway, changes: list[Change], tmp_path: Path
) -> Services:
    return Services(
        sessions=database,
        asker=DnsGateway(),
        keys=master_keys,
        actor=actor,
        publish=changes.append,
        schema=await schema_report(database.engine),
        files=DiskFiles(),
        stripe=NoStripe(),
        stripe_setup=no_stripe_setup(),
        notices=OwnNoticeTools(tmp_path / "notices.json", ()),
    )


@pytest.fixture
async def broken(database: Database, organization: OrganizationRow, actor: Actor) -> DomainId:
    """A domain that was verified and has failed since."""
    (domain_id,) = await insert_domains(database, organization.id, ["a.example"], status="failed")
    await change_domain(database, domain_id, mx_record_verified=True, spf_record_verified=True)
    await note_status(database, actor, domain_id, "verified", "failed")
    return domain_id


async def note_status(database: Database, actor: Actor, domain_id: DomainId, old: str, new: str) -> None:
    async with database.begin() as db:
        entry = AuditEntry("domain.status", "domain", domain_id, "a.example", changes={"status": [old, new]})
        await audit_database.record(db, actor, entry)


async def begun(services: Services, ear: Ear, clock: Clock | None = None) -> NoticeWatch:
    """Return a watch that remembers what was told before, without waiting for the time to pass."""
    watch = NoticeWatch(services, on_board=ear.boards.append, on_tell=ear.hear, clock=clock or Clock())
    await watch.remember()
    return watch


def kinds(board: NoticeBoard) -> list[NoticeKind]:
    return [one.kind for one in board.notices]


async def test_a_domain_that_broke_is_told_once_also_over_restarts(services: Services, broken: DomainId) -> None:
    first, second = Ear(), Ear()
    watch = await begun(services, first)

    await watch.look()
    await watch.look()
    again = await begun(services, second)
    await again.look()

    assert first.told == [BROKEN]
    assert second.told == []
    (notice,) = again.board.notices
    assert str(notice.message) == "a.example stopped passing its checks: DKIM, DMARC, ownership."
    assert notice.action is not None
    assert (notice.action.page, notice.action.argument) == ("domains", broken)


async def test_it_is_over_once_the_domain_is_verified(services: Services, broken: DomainId, database: Database) -> None:
    watch = await begun(services, Ear())
    await watch.look()
    await change_domain(database, broken, status="verified")

    watch.hear(Change(Topic.DOMAINS, frozenset({broken})))
    await watch.look()

    assert kinds(watch.board) == []


async def test_a_domain_that_was_never_verified_is_to_be_known_and_an_inactive_one_is_not(
    services: Services, database: Database, organization: OrganizationRow, actor: Actor
) -> None:
    new, off = await insert_domains(database, organization.id, ["new.example", "off.example"], status="failed")
    await change_domain(database, off, is_active=False)
    await note_status(database, actor, new, "pending", "failed")

    board = await notices_controller.list_notices(services)

    assert [(one.kind, one.key) for one in board.notices] == [(NoticeKind.DOMAIN_NOT_PASSING, str(new))]


async def test_a_source_that_cannot_be_asked_changes_nothing(services: Services, broken: DomainId) -> None:
    ear = Ear()
    watch = await begun(services, ear)
    await watch.look()

    async def fail(services: Services) -> Reading:
        raise DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")

    away = NoticeWatch(services, on_board=ear.boards.append, sources=[NoticeSource("domains", fail, 1)])
    await away.remember()
    await away.look()

    assert kinds(away.board) == [BROKEN]


async def test_a_source_with_a_fault_silences_no_other(
    services: Services, broken: DomainId, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(services: Services) -> Reading:
        raise RuntimeError("a bug")

    watch = NoticeWatch(
        services, on_board=lambda board: None, sources=[NoticeSource("bad", fail, 1), *SOURCES], clock=Clock()
    )
    with caplog.at_level("CRITICAL", "smtpy_desktop.controllers.notices_controller"):
        await watch.look()

    assert kinds(watch.board) == [BROKEN]


async def test_what_others_find_out_is_told_after_it_has_held(services: Services) -> None:
    ear, clock = Ear(), Clock()
    watch = await begun(services, ear, clock)
    lost = DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")

    watch.note(notice_observations.connection_reading(lost))
    await watch.look()
    at_once = kinds(watch.board)
    clock.now += timedelta(seconds=25)
    await watch.look()

    assert at_once == []
    assert ear.told == [NoticeKind.DATABASE_LOST]


async def test_quiet_hours_keep_what_comes_until_they_end(services: Services, broken: DomainId, actor: Actor) -> None:
    values = {"notices.quiet_from": "22:00", "notices.quiet_to": "07:00"}
    await settings_controller.change_settings(services.sessions, values, actor=actor, publish=lambda change: None)
    ear, clock = Ear(), Clock()
    clock.now = NOW.replace(hour=23, minute=0)
    watch = NoticeWatch(services, on_board=ear.boards.append, on_tell=ear.hear, clock=clock, zone=UTC)

    await watch.look()
    quiet, listed = list(ear.told), kinds(watch.board)
    clock.now += 8 * HOUR
    await watch.look()

    assert (quiet, listed) == ([], [BROKEN])
    assert watch.board.silent_until is None
    assert ear.told == [BROKEN]


async def test_a_pause_keeps_the_desktop_quiet_and_ends(services: Services, broken: DomainId) -> None:
    ear = Ear()
    watch = await begun(services, ear)
    await watch.pause(NOW + HOUR)
    await watch.look()
    paused = watch.board

    await watch.pause(None)

    assert paused.is_paused
    assert paused.silent_until == NOW + HOUR
    assert ear.told == [BROKEN]


async def test_a_desktop_that_is_not_to_be_told_is_not_flooded_when_it_is(
    services: Services, broken: DomainId, actor: Actor
) -> None:
    async def set_desktop(value: str) -> None:
        await settings_controller.change_settings(
            services.sessions, {"notices.desktop": value}, actor=actor, publish=watch.hear
        )

    ear = Ear()
    watch = await begun(services, ear)
    await set_desktop("no")
    await watch.look()
    await set_desktop("yes")
    await watch.look()

    assert kinds(watch.board) == [BROKEN]
    assert ear.told == []


async def test_snoozing_is_remembered_and_a_muted_kind_is_not_counted(services: Services, broken: DomainId) -> None:
    ear = Ear()
    watch = await begun(services, ear)
    await watch.look()

    await watch.snooze((BROKEN, str(broken)), NOW + HOUR)
    again = await begun(services, ear)
    await again.look()
    await notices_controller.set_muted(services, BROKEN, is_muted=True)
    muted = await notices_controller.list_notices(services)

    assert [one.kind for one in again.board.snoozed] == [BROKEN]
    assert [one.kind for one in muted.muted] == [BROKEN]
    assert muted.notices == ()


async def test_a_silent_forwarder_and_its_waiting_mail_are_seen(services: Services, database: Database) -> None:
    process = ForwarderProcess("mx1-1", "mx1", 1, "1", "", 50, ForwarderState.RUNNING, NOW, NOW, {})
    async with database.begin() as db:
        await forwarders_database.record_forwarder(db, process)
    async with database.begin() as db:
        await db.execute(text("UPDATE forwarders SET seen_at = now() - interval '5 minutes'"))

    board = await notices_controller.list_notices(services)

    (notice,) = board.notices
    assert (notice.kind, notice.severity) == (NoticeKind.FORWARDER_SILENT, Severity.BAD)


async def test_keys_under_an_older_master_key_are_counted(
    services: Services, database: Database, organization: OrganizationRow
) -> None:
    domains = await insert_domains(database, organization.id, ["a.example", "b.example"])
    async with database.begin() as db:
        for number, domain_id in enumerate(domains):
            db.add(
                DkimKey(
                    domain_id=domain_id,
                    selector=f"s{number}",
                    public_key="k",
                    private_key_sealed=b"x",
                    master_key_id=f"key{number}",
                )
            )

    board = await notices_controller.list_notices(services)

    assert [str(one.message) for one in board.notices] == [
        "Domains whose signing keys are sealed with an older master key: 1."
    ]


async def test_a_read_only_database_is_told_with_its_reason(services: Services) -> None:
    board = await notices_controller.list_notices(replace(services, is_read_only=True))

    assert kinds(board) == [NoticeKind.DATABASE_READ_ONLY]


async def test_a_source_that_waits_for_the_database_does_not_hold_up_that_it_is_away(services: Services) -> None:
    told = asyncio.Event()

    async def wait(services: Services) -> Reading:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")

    watch = NoticeWatch(
        services,
        on_board=lambda board: None,
        on_tell=lambda notices: told.set(),
        sources=[NoticeSource("slow", wait, 1)],
        clock=HastyClock(),
    )
    watch.note(notice_observations.connection_reading(DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")))
    running = asyncio.create_task(watch.run())
    async with asyncio.timeout(20):
        await told.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert kinds(watch.board) == [NoticeKind.DATABASE_LOST]


async def test_the_watch_runs_until_it_is_cancelled(services: Services, broken: DomainId) -> None:
    seen = asyncio.Event()

    running = asyncio.create_task(notices_controller.run_notices(services, on_notices=lambda board: seen.set()))
    async with asyncio.timeout(10):
        await seen.wait()
    running.cancel()

    assert isinstance((await asyncio.gather(running, return_exceptions=True))[0], asyncio.CancelledError)


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Callable[..., Outcome]:
    """Give a function that runs a command of the program on this test's database."""

    def run(*arguments: str) -> Outcome:
        place = ["--profile", str(short_directory / "notices-command"), "--database-url", database_url]
        return run_program(*place, *arguments)

    return run


def test_the_command_lists_what_is_wrong(command: Callable[..., Outcome], database_url: str) -> None:
    fine = command("notices", "list")
    asyncio.run(_break(database_url))

    told = command("notices", "list")
    shape = command("--json", "notices", "list").data
    command("settings", "set", "notices.muted", "domain_not_passing")
    muted = command("--json", "notices", "list").data
    everything = command("--json", "notices", "list", "--all").data

    assert fine.output == "Nothing: all is well.\n"
    assert "info     broken.example does not pass its checks yet: MX, SPF, DKIM, DMARC, ownership." in told.output
    assert shape["total"] == 1
    (item,) = shape["items"]
    assert item["kind"] == "domain_not_passing"
    assert (item["severity"], item["page"], item["is_muted"]) == ("info", "domains", False)
    assert muted == {"items": [], "total": 0}
    assert [one["is_muted"] for one in everything["items"]] == [True]


async def _break(url: str) -> None:
    database = Database(url, origin="test")
    async with database.begin() as db:
        organization_id = await organizations_database.insert_organization(db, name="Acme", email="a@example.com")
    assert organization_id is not None
    await insert_domains(database, organization_id, ["broken.example"], status="failed")
    await database.close()
