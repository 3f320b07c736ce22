"""The supervisor: keeps the listener running, waits longer and longer where it cannot, moves with the setting."""

from __future__ import annotations

import asyncio

import pytest

from smtpy_desktop.core.listener_errors import CannotListen, PortInUse
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.listeners.supervisor import ListenerSupervisor, wait_after
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState


class Place:
    """Ports of which some are taken; makes listeners that note what happens to them."""

    def __init__(self) -> None:
        self.taken: dict[int, Exception] = {}
        self.wanted = 4242
        self.happened: list[str] = []
        self.states: list[ListenerState] = []
        self.told = asyncio.Event()
        self.supervisor = ListenerSupervisor(self.make, self.port, self.tell, chance=lambda: 0.0)

    async def make(self) -> Place:
        return self

    async def port(self) -> int:
        return self.wanted

    async def start(self, port: int) -> str:
        if port in self.taken:
            raise self.taken[port]
        self.happened.append(f"start {port}")
        return f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        if self.happened and self.happened[-1].startswith("start"):
            self.happened.append("stop")

    def tell(self, state: ListenerState) -> None:
        self.states.append(state)
        self.told.set()

    async def until(self, phase: ListenerPhase, *, times: int = 1) -> ListenerState:
        async with asyncio.timeout(5):
            while sum(state.phase is phase for state in self.states) < times:
                self.told.clear()
                await self.told.wait()
        return [state for state in self.states if state.phase is phase][-1]


@pytest.fixture
async def place():
    made = Place()
    yield made
    if (running := getattr(made, "running", None)) is not None:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def run(place: Place) -> asyncio.Future[None]:
    place.running = asyncio.ensure_future(place.supervisor.run())  # type: ignore[attr-defined]
    return place.running  # type: ignore[attr-defined,no-any-return]


def test_waits_grow_to_a_minute_and_differ_between_processes() -> None:
    assert [wait_after(failures, 1.0) for failures in (1, 2, 3, 6, 7, 100)] == [1, 2, 4, 32, 60, 60]
    assert wait_after(1, 0.0) == 0.75


async def test_it_listens_and_ends_cleanly(place: Place) -> None:
    running = run(place)
    state = await place.until(ListenerPhase.LISTENING)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert state == ListenerState(ListenerPhase.LISTENING, 4242, address="http://127.0.0.1:4242")
    assert place.happened == ["start 4242", "stop"]
    assert place.states[-1].phase is ListenerPhase.OFF


async def test_a_taken_port_is_told_with_the_next_try_and_taken_when_it_is_free(place: Place) -> None:
    place.taken[4242] = PortInUse(4242)
    run(place)
    waiting = await place.until(ListenerPhase.PORT_IN_USE)
    assert waiting.reason is not None
    assert waiting.next_try is not None
    assert "4242" in str(waiting.reason)

    place.taken.clear()
    await place.until(ListenerPhase.LISTENING)

    assert place.happened == ["start 4242"]


async def test_restart_tries_at_once(place: Place) -> None:
    place.taken[4242] = CannotListen(4242, "Permission denied")
    run(place)
    await place.until(ListenerPhase.FAILED)
    place.taken.clear()

    async with asyncio.timeout(0.5):
        place.supervisor.restart()
        await place.until(ListenerPhase.LISTENING)


async def test_restart_of_a_listener_that_runs_begins_it_anew(place: Place) -> None:
    run(place)
    await place.until(ListenerPhase.LISTENING)

    place.supervisor.restart()
    await place.until(ListenerPhase.LISTENING, times=2)

    assert place.happened == ["start 4242", "stop", "start 4242"]


async def test_it_moves_when_another_port_is_wanted_and_stays_otherwise(place: Place) -> None:
    run(place)
    await place.until(ListenerPhase.LISTENING)
    place.supervisor.look_again()

    place.wanted = 4343
    place.supervisor.look_again()
    await place.until(ListenerPhase.LISTENING, times=2)

    assert place.happened == ["start 4242", "stop", "start 4343"]


async def test_a_fault_of_ours_does_not_end_it(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.taken[4242] = ValueError("a bug")
    run(place)
    await place.until(ListenerPhase.FAILED)

    place.taken.clear()
    place.supervisor.restart()

    await place.until(ListenerPhase.LISTENING)
    assert "ended unexpectedly" in caplog.text


async def test_started_by_hand_a_taken_port_ends_it(place: Place) -> None:
    place.taken[4242] = PortInUse(4242)
    supervisor = ListenerSupervisor(place.make, place.port, place.tell, gives_up=True)

    with pytest.raises(UserFacingError, match="4242"):
        await supervisor.run()
