"""A real database with the asyncio thread that a page works over, and what it remembers and tells."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import schema_report
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.mail_tools import OwnMailTools
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.smart_host import OwnSmartHost
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.message_recorder import MessageRecorder
from tests.helpers.no_stripe import NoStripe, no_stripe_setup

_CALM_LOOKS = 12
"""Ten milliseconds apart: pages do some things a moment later, one after the other."""


@dataclass
class PageWorld:
    """``run`` does something in the database as another part of the program would; ``failures`` were reported."""

    thread: AsyncThread
    database: Database
    context: ViewContext
    keyring: MemoryKeyring
    keys: MasterKeyGateway
    told: MessageRecorder
    failures: list[UserFacingError] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.thread.submit(work).result(30)

    @property
    def last_message(self) -> Message:
        """What the page has told last."""
        told = self.told.calls[-1][0][0]
        assert isinstance(told, Message)
        return told

    def settle(self, bot: QtBot, is_busy: Callable[[], object]) -> None:
        """Wait until nothing runs, the page is not busy, and nothing is about to begin."""
        wait_until_calm(bot, lambda: self.context.runner.running or is_busy())


def wait_until_calm(bot: QtBot, is_busy: Callable[[], object]) -> None:
    """Wait until something has not been busy at a few looks one after the other."""
    calm = 0

    def is_calm() -> bool:
        nonlocal calm
        calm = 0 if is_busy() else calm + 1
        return calm > _CALM_LOOKS

    bot.waitUntil(is_calm)


@contextmanager
def page_world(url: str, profile: Path, keyring: MemoryKeyring) -> Iterator[PageWorld]:
    """Give a world over a migrated database, and put it away."""
    thread, bus, told = AsyncThread(), ChangeBus(), MessageRecorder()
    thread.start()
    database = Database(url, origin="window")
    keys = MasterKeyGateway(keyring, profile, {})
    services = Services(
        sessions=database,
        asker=DnsGateway(),
        keys=keys,
        actor=Actor("tester", "window"),
        publish=bus.publish,
        schema=thread.submit(schema_report(database.engine)).result(30),
        files=DiskFiles(),
        stripe=NoStripe(),
        stripe_setup=no_stripe_setup(),
        mail=OwnMailTools(DnsGateway()),
        smart_host=OwnSmartHost({}, MemoryKeyring(), keyring),
    )
    runner = TaskRunner(thread)
    context = ViewContext(
        services=services, runner=runner, bus=bus, choice=OrganizationChoice(), memory=MemoryStore(), tell=told
    )
    world = PageWorld(thread, database, context, keyring, keys, told)
    runner.failed.connect(world.failures.append)
    try:
        yield world
    finally:
        runner.cancel_all()
        thread.submit(database.close()).result(30)
        thread.stop()
