"""Asking the DNS leaves nothing behind and takes no more than it may."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpy_desktop.gateways.dns_gateway import DnsAsker, DnsGateway
from smtpy_desktop.schemas.dns import Answer, Question
from tests.helpers.scripted_dns import (
    BRIEF,
    TXT,
    UNLISTED,
    Asked,
    Packet,
    ScriptedDns,
    settings_for,
    zone_of,
)


@pytest.fixture
def gateway() -> DnsAsker:
    return DnsGateway()


async def test_cancelling_leaves_no_task_and_no_socket(gateway):
    def truncate_the_second(asked: Asked) -> Packet | None:
        return asked.truncated() if asked.question.type == "MX" and not asked.is_tcp else None

    async with ScriptedDns(truncate_the_second) as server:
        before = _open_files()
        settings = settings_for(server, server, authoritative_port=server.port)
        zone = zone_of(ns1="127.0.0.1", ns2="127.0.0.1")

        work = asyncio.gather(
            gateway.ask_everywhere(TXT, zone, settings),
            gateway.ask_everywhere(Question("example.com", "MX"), zone, settings),
            gateway.look_up(TXT, settings),
            gateway.find_zone("example.org", settings),
        )
        await _until(lambda: any(asked.is_tcp for asked in server.asked) and len(server.asked) >= 12)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

        own = {task for task in asyncio.all_tasks() if "_converse" not in repr(task)}
        assert own == {asyncio.current_task()}
        await _until(lambda: _open_files() == before)


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110  (the kernel tells nobody)
            await asyncio.sleep(0.001)


async def test_no_more_sockets_are_open_at_once_than_allowed():
    gateway = DnsGateway(max_sockets=7)
    waiting: list[Asked] = []
    most = 0

    def hold(asked: Asked) -> None:
        nonlocal most
        waiting.append(asked)
        most = max(most, _open_files())

    async with ScriptedDns(hold) as server:
        before = _open_files()
        settings = settings_for(server, authoritative_port=server.port, patience=BRIEF)
        await asyncio.gather(
            *(gateway.ask_everywhere(Question(f"d{n}.example.com", "TXT"), UNLISTED, settings) for n in range(30))
        )

    assert len({asked.question for asked in waiting}) == 30
    assert most - before <= 7


def test_a_plain_select_loop_is_enough():
    async def main() -> tuple[Answer, ...]:
        async with ScriptedDns(lambda asked: asked.reply('example.com. 60 TXT "here"')) as server:
            settings = settings_for(server, authoritative_port=server.port)
            return await DnsGateway().ask_everywhere(TXT, zone_of(ns1="127.0.0.1"), settings)

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        answers = runner.run(main())

    assert [a.values for a in answers] == [("here",), ("here",)]


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
