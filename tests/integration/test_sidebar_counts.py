"""The counts in the side bar follow the database, and say what they count."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.sidebar_counts import SidebarCounts
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.page_world import page_world, wait_until_calm
from tests.helpers.stored_messages import write_messages


def test_messages_of_the_last_day_that_did_not_arrive_are_counted(
    qtbot: QtBot, database_url: str, tmp_path: Path
) -> None:
    write_messages(database_url, ("failed",), status="failed")
    write_messages(database_url, ("rejected", "other"), status="rejected")
    write_messages(database_url, ("long ago",), status="failed", minutes_ago=25 * 60)
    with page_world(database_url, tmp_path, MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        window = MainWindow(MemoryStore())
        qtbot.addWidget(window)
        for page in ("domains", "messages", "events"):
            window.add_page(page, page.title(), "mail", EmptyState("mail", page, ""))
        counts = SidebarCounts(world.context, window, window)
        item = window.sidebar.item("messages")
        wait_until_calm(qtbot, lambda: world.context.runner.running)
        at_first = item.accessibleName()

        write_messages(database_url, ("bounced", "bounced too"), status="bounced")
        counts.messages._pause = 0
        world.context.bus.publish(Change(Topic.MESSAGES))

        qtbot.waitUntil(lambda: item.accessibleName() != at_first)
        assert at_first == "Messages, 1 message of the last 24 hours failed or bounced"
        assert item.accessibleName() == "Messages, 3 messages of the last 24 hours failed or bounced"
        assert item.accessibleName().partition(", ")[2] in item.toolTip()
        wait_until_calm(qtbot, lambda: world.context.runner.running)
