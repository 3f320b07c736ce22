"""The page of the messages over a real database with a few messages, and hands to use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.messages_view import MessagesView
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stored_messages import connect, write_messages


@dataclass
class MessagesPage:
    """``write`` adds messages as another process would."""

    bot: QtBot
    view: MessagesView
    world: PageWorld
    url: str

    def write(self, *subjects: str, minutes_ago: float = 0, **values: Any) -> list[MessageId]:
        """Write messages; those of the subjects further on are older by a second each."""
        return write_messages(self.url, subjects, minutes_ago=minutes_ago, **values)

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        view = self.view

        def is_busy() -> bool:
            waits = view._reading.is_waiting or view.details.is_waiting or view.bar.is_waiting
            return waits or view.list.model.is_loading

        self.world.settle(self.bot, is_busy)

    def subjects(self) -> list[str]:
        return [row.subject for row in self.rows()]

    def rows(self) -> list[MessageRow]:
        return [row for _, row in self.view.list.model.loaded_rows(0, 10_000)]

    def search(self, text: str) -> None:
        self.view.bar.box.setText(text)
        self.view.bar.box.textEdited.emit(text)
        self.settle()

    def select(self, subject: str) -> MessageId:
        number = self.subjects().index(subject)
        self.view.list.table.selectRow(number)
        self.settle()
        return self.rows()[number].id

    def tell_of_messages(self) -> None:
        """Tell the page that messages have changed, as the listener for other processes does."""
        self.world.context.bus.publish(Change(Topic.MESSAGES, origin="another process"))
        self.bot.waitUntil(lambda: self.view._reading.is_waiting)
        self.settle()

    def press_undo(self) -> None:
        """Press the button of the message that was told last."""
        action = self.world.last_message.action
        assert action is not None
        action()
        self.settle()

    def ask(self, statement: str) -> list[Any]:
        with connect(self.url) as connection:
            return connection.execute(statement).fetchall()


@contextmanager
def open_messages_page(bot: QtBot, url: str, profile: Path) -> Iterator[MessagesPage]:
    """Open the page."""
    with page_world(url, profile, MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        view = MessagesView(world.context)
        bot.addWidget(view)
        page = MessagesPage(bot, view, world, url)
        view.resize(1240, 800)
        view.show()
        page.settle()
        yield page
        view.hide()
        wait_until_calm(bot, lambda: world.context.runner.running)
