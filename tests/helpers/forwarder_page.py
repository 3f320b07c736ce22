"""The Forwarder page in a window over a real database, with hands to use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.database.forwarders_database import record_forwarder
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.forwarder import ForwarderProcess
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.views.forwarder_view import ForwarderTools, ForwarderView
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.message_bar import Message
from tests.helpers.message_recorder import MessageRecorder
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm


@dataclass
class Trial:
    """Stands for the forwarder of the window; ``asked`` is what the page wanted of it."""

    state: ForwardingState = field(default_factory=lambda: ForwardingState(ForwardingPhase.OFF))
    asked: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.asked.append("start")

    def stop(self) -> None:
        self.asked.append("stop")


@dataclass
class ForwarderPage:
    """The page with its window; ``searches`` are the messages that were to be shown."""

    bot: QtBot
    world: PageWorld
    window: MainWindow
    view: ForwarderView
    trial: Trial
    searches: list[str] = field(default_factory=list)

    @property
    def told(self) -> MessageRecorder:
        return self.world.told

    @property
    def last_message(self) -> Message:
        return self.world.last_message

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        self.world.settle(self.bot, lambda: not self.view.is_calm)

    def refresh(self) -> None:
        self.view.refresh()
        self.settle()

    def record(self, *processes: ForwarderProcess) -> None:
        """Let forwarders give a sign of life."""

        async def write() -> None:
            async with self.world.database.begin() as db:
                for process in processes:
                    await record_forwarder(db, process)

        self.world.run(write())

    def show_part(self, place: int) -> None:
        self.view.lists.tabs.setCurrentIndex(place)
        self.settle()

    def sees(self, text: str, within: QWidget | None = None) -> bool:
        widgets = (within or self.window).findChildren(QWidget)
        seen = (widget for widget in widgets if widget.isVisible())
        return any(text in name for one in seen for name in (one.accessibleName(), one.accessibleDescription()))

    def click(self, name: str, within: QWidget | None = None) -> None:
        buttons = (within or self.window).findChildren(QAbstractButton)
        button = next(one for one in buttons if one.isVisible() and one.accessibleName() == name)
        assert button.isEnabled(), f"{name} cannot be clicked"
        button.click()
        self.settle()

    def menu_entries(self, menu: QMenu) -> dict[str, bool]:
        return {one.text().replace("&", ""): one.isEnabled() for one in menu.actions() if one.text()}

    def choose(self, menu: QMenu, name: str) -> None:
        next(one for one in menu.actions() if one.text().replace("&", "") == name).trigger()
        self.settle()

    def dialog(self) -> ConfirmDialog:
        """Return the question that is open."""
        self.bot.waitUntil(lambda: any(one.isVisible() for one in self.window.findChildren(ConfirmDialog)))
        return next(one for one in self.window.findChildren(ConfirmDialog) if one.isVisible())


@contextmanager
def open_forwarder_page(bot: QtBot, url: str, profile: Path, *, is_read_only: bool = False) -> Iterator[ForwarderPage]:
    """Open the page over a database; everything is put away afterwards."""
    with page_world(url, profile, MemoryKeyring()) as world:
        given = world.context
        services = dataclasses.replace(given.services, is_read_only=is_read_only)
        context = ViewContext(services, given.runner, given.bus, given.choice, given.memory, given.tell)
        window = MainWindow(given.memory)
        trial = Trial()
        view = ForwarderView(context, ForwarderTools(trial.start, trial.stop, lambda: trial.state))
        window.add_page("forwarder", "Forwarder", "mail-forward", view, actions=view.page_actions)
        bot.addWidget(window)
        window.resize(1440, 900)
        page = ForwarderPage(bot, world, window, view, trial)
        view.search_wanted.connect(page.searches.append)
        window.show()
        try:
            page.settle()
            yield page
        finally:
            window.remove_pages()
            bot.waitUntil(lambda: not shiboken6.isValid(view))
            wait_until_calm(bot, lambda: given.runner.running)
