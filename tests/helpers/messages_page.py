"""The page of the messages over a real database with a few messages, and hands to use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from pytestqt.qtbot import QtBot
from sqlalchemy import make_url

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageRow, MessageStatus
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.views.widgets.message_bar import Message
from tests.helpers.page_world import PageWorld, page_world


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
        calm = 0

        def is_calm() -> bool:
            nonlocal calm
            view = self.view
            waits = view._reading.is_waiting or view.details.is_waiting or view.bar.is_waiting
            busy = waits or self.world.context.runner.running or view.list.model.is_loading
            calm = 0 if busy else calm + 1
            return calm > 3

        self.bot.waitUntil(is_calm, timeout=20_000)

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
        message = self.world.told.calls[-1][0][0]
        assert isinstance(message, Message)
        assert message.action is not None
        message.action()
        self.settle()

    def ask(self, statement: str) -> list[Any]:
        with _connect(self.url) as connection:
            return connection.execute(statement).fetchall()


def write_messages(url: str, subjects: tuple[str, ...], *, minutes_ago: float = 0, **values: Any) -> list[MessageId]:
    """Write messages of the domain example.com, which is made when it is not there."""
    row = {
        "sender_email": "anna@sender.example",
        "recipient_email": "office@example.com",
        "forwarded_to": "office@target.example",
        "status": MessageStatus.DELIVERED.value,
        "size_bytes": 2048,
        "headers": "Subject: x\n",
        "thread_id": None,
        "error_message": None,
        "bounce_class": None,
        **values,
    }
    with _connect(url) as connection:
        domain = _domain(connection)
        ids = []
        for number, subject in enumerate(subjects):
            at = datetime.now(UTC) - timedelta(minutes=minutes_ago, seconds=number)
            columns = {**row, "subject": subject, "created_at": at, "domain_id": domain, "message_id": f"<{number}@x>"}
            names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
            found = connection.execute(
                f"INSERT INTO messages ({names}) VALUES ({places}) RETURNING id", list(columns.values())
            ).fetchone()
            assert found is not None
            ids.append(MessageId(found[0]))
        return ids


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
        bot.waitUntil(lambda: not world.context.runner.running)


def _connect(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _domain(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT id FROM domains WHERE name = 'example.com'").fetchone()
    if found is not None:
        return int(found[0])
    organization = connection.execute(
        "INSERT INTO organizations (name, email) VALUES ('Example', 'a@example.com') RETURNING id"
    ).fetchone()
    assert organization is not None
    made = connection.execute(
        "INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key, verification_token)"
        " VALUES (%s, 'example.com', 'example.com', 's', 'k', 't') RETURNING id",
        [organization[0]],
    ).fetchone()
    assert made is not None
    return int(made[0])
