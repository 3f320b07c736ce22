"""Two profiles that want one port: the second is told whose it is, and which one it can have instead."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smtpy_desktop.core.listener_errors import PortInUse
from smtpy_desktop.gateways.listener_ports import ListenerPorts
from smtpy_desktop.listeners.webhook_listener import WebhookListener
from smtpy_desktop.listening import ClaimingListener, PortClaims


class Claimant:
    """A listener of the profile in a directory."""

    def __init__(self, notes: Path, profile: Path) -> None:
        profile.mkdir(exist_ok=True)
        self.ports = ListenerPorts(notes, profile)
        claims = PortClaims(profile, self.ports, lambda directory: f"“{directory.name}”")
        self.listener = ClaimingListener(WebhookListener(None, None), claims)  # type: ignore[arg-type]

    async def start(self, port: int = 0) -> int:
        return int((await self.listener.start(port)).rpartition(":")[2])

    async def refused(self, port: int) -> PortInUse:
        with pytest.raises(PortInUse) as caught:
            await self.listener.start(port)
        return caught.value


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Claimant]:
    made = Claimant(tmp_path / "ports", tmp_path / "live")
    yield made
    await made.listener.stop()


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Claimant]:
    made = Claimant(tmp_path / "ports", tmp_path / "trial")
    yield made
    await made.listener.stop()


async def test_a_port_of_another_profile_is_told_by_its_name_with_one_that_is_free(
    live: Claimant, trial: Claimant
) -> None:
    port = await live.start()

    error = await trial.refused(port)

    assert "“live”" in str(error.message)
    assert error.free_port is not None
    assert await trial.start(error.free_port) == error.free_port


async def test_a_port_of_the_same_profile_is_no_reason_to_move(live: Claimant, tmp_path: Path) -> None:
    port = await live.start()
    again = Claimant(tmp_path / "ports", tmp_path / "live")

    error = await again.refused(port)

    assert "this profile" in str(error.message)
    assert error.free_port is None


async def test_a_port_of_a_strange_program_is_nobodys_though_a_profile_had_it(live: Claimant, trial: Claimant) -> None:
    port = await live.start()
    await live.listener.stop()
    with socket.create_server(("127.0.0.1", port)):
        error = await trial.refused(port)

    assert "another program" in str(error.message)
    assert error.free_port is not None


async def test_a_port_that_another_profile_had_last_is_not_offered(live: Claimant, trial: Claimant) -> None:
    port = await live.start()
    before = trial.ports.next_free(port - 1)
    await live.listener.stop()

    offered = trial.ports.next_free(port - 1)

    assert before != port
    assert offered is not None
    assert offered > port
    assert live.ports.next_free(port - 1) == port


async def test_where_nothing_can_be_noted_it_listens_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = Claimant(tmp_path / "file" / "ports", tmp_path / "live")

    port = await made.start()

    assert made.ports.holder(port) is None
    await made.listener.stop()
