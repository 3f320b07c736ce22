"""The forwarder that runs in the window: started, seen by others, stopped, and why it could not run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from smtpy_desktop.controllers import forwarder_controller, settings_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import schema_report
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.schemas.forwarder import ForwarderState
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.window_forwarder import WindowForwarder
from tests.helpers.no_stripe import NoStripe, no_stripe_setup


@dataclass
class _Told:
    """What was told of the forwarder, in order."""

    states: list[ForwardingState] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, state: ForwardingState) -> None:
        self.states.append(state)
        self.news.set()

    async def until(self, is_so: Callable[[ForwardingState], bool]) -> ForwardingState:
        async with asyncio.timeout(30):
            while not (self.states and is_so(self.states[-1])):
                self.news.clear()
                await self.news.wait()
        return self.states[-1]


@pytest.fixture
def told() -> _Told:
    return _Told()


@pytest.fixture
async def forwarder(database: Database, actor, master_keys, told) -> AsyncIterator[WindowForwarder]:
    services = Services(
        sessions=database,
        asker=DnsGateway(),
        keys=master_keys,
        actor=actor,
        publish=lambda change: None,
        schema=await schema_report(database.engine),
        files=DiskFiles(),
        stripe=NoStripe(),
        stripe_setup=no_stripe_setup(),
    )
    made = WindowForwarder(services, told.take, listen=(("127.0.0.1", 0),))
    yield made
    await made.close()


async def _name_server(database: Database, actor) -> None:
    values = {"mail.hostname": "mx.example.net"}
    await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)


async def test_it_takes_mail_in_is_seen_by_others_and_stops_in_good_order(forwarder, told, database, actor):
    await _name_server(database, actor)

    await forwarder.start()
    running = await told.until(lambda state: state.phase is ForwardingPhase.RUNNING)
    reader, writer = await asyncio.open_connection(*running.smtp[0])
    greeting = await reader.readline()
    writer.close()
    await forwarder.stop()
    await told.until(lambda state: state.phase is ForwardingPhase.OFF)

    (seen,) = await forwarder_controller.processes(database)
    assert greeting.startswith(b"220 mx.example.net")
    assert [state.phase for state in told.states[:2]] == [ForwardingPhase.STARTING] * 2
    assert (seen.name, seen.state) == (running.name, ForwarderState.STOPPED)


async def test_why_it_could_not_run_is_told_with_what_to_do_and_it_can_be_started_again(
    forwarder, told, database, actor
):
    await forwarder.start()
    failed = await told.until(lambda state: state.phase is ForwardingPhase.FAILED and "Set it" in str(state.hint))
    await _name_server(database, actor)

    await forwarder.start()

    await told.until(lambda state: state.phase is ForwardingPhase.RUNNING)
    assert "The server's own name is not set" in str(failed.reason)


async def test_a_second_start_changes_nothing(forwarder, told, database, actor):
    await _name_server(database, actor)
    await forwarder.start()
    await told.until(lambda state: state.phase is ForwardingPhase.RUNNING)
    count = len(told.states)

    await forwarder.start()

    assert len(told.states) == count


async def test_leaving_the_database_ends_it_at_once(forwarder, told, database, actor):
    await _name_server(database, actor)
    await forwarder.start()
    await told.until(lambda state: state.phase is ForwardingPhase.RUNNING)

    await forwarder.close()

    (seen,) = await forwarder_controller.processes(database)
    assert told.states[-1].phase is ForwardingPhase.OFF
    assert seen.state is ForwarderState.STOPPED
