"""Exporting and reporting from the window: what is chosen is done, beside the window, and told."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.message_export import DEFAULT_COLUMNS, ExportColumn, ExportFormat, ExportOptions
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.export_dialog import ExportDialog, open_export_dialog, start_export
from smtpy_desktop.views.messages_list import RECENT_COUNT
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.views.report_dialog import ReportDialog
from smtpy_desktop.views.theme_tokens import Tone
from tests.helpers.few_messages import store_few_messages
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm

HOSTILE = [
    '<img src="file:///etc/passwd"><b>bold</b>',
    "&amp; <script>",
    "=HYPERLINK(1)",
    "\u202egnp.exe",
    "two\nlines",
]


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        store_few_messages(world, lambda number: HOSTILE[number % len(HOSTILE)])
        yield world


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    return page


def told(world: PageWorld) -> list[str]:
    return [getattr(arguments[0], "text", "") for arguments, _ in world.told.calls]


def test_the_dialog_offers_what_was_chosen_last(world: PageWorld, page: QWidget) -> None:
    dialog = open_export_dialog(world.context, MessageQuery(), page)
    first = dialog.options
    dialog.format_box.setCurrentIndex(dialog.format_box.findData("xlsx"))
    dialog.columns_list.item(0).setCheckState(Qt.CheckState.Unchecked)
    dialog.zone_box.setCurrentIndex(dialog.zone_box.findData("Asia/Tokyo"))

    dialog.choose_button.click()

    again = open_export_dialog(world.context, MessageQuery(), page).options
    assert (first.format, first.columns, first.defuse, first.is_described) == (
        ExportFormat.CSV, DEFAULT_COLUMNS, True, False,
    )  # fmt: skip
    assert (again.format, again.columns, again.is_described) == (ExportFormat.XLSX, DEFAULT_COLUMNS[1:], True)
    assert again.zone == "Asia/Tokyo"
    assert again.titles[ExportColumn.SUBJECT] == "Subject"


def test_without_a_column_there_is_nothing_to_export(world: PageWorld, page: QWidget) -> None:
    dialog = open_export_dialog(world.context, MessageQuery(), page)

    for row in range(dialog.columns_list.count()):
        dialog.columns_list.item(row).setCheckState(Qt.CheckState.Unchecked)

    assert not dialog.choose_button.isEnabled()


def test_the_chosen_file_is_written_by_a_task_and_told(
    qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    query = MessageQuery(messages_controller.read_search("status:failed", UTC))
    open_export_dialog(world.context, query, page).choose_button.click()
    (chooser,) = page.findChildren(QFileDialog)

    chooser.fileSelected.emit(str(path))

    (handle,) = [one for one in world.context.runner.running if one.title]
    assert handle.title == "Exporting messages to out.csv"
    qtbot.waitUntil(lambda: bool(world.told.texts))
    assert told(world) == [f"Exported 30 messages to {path}."]
    assert len(list(csv.DictReader(path.read_text().splitlines()))) >= 30
    chooser.reject()


def test_a_stopped_export_says_that_nothing_was_written(
    qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path
) -> None:
    start_export(world.context, MessageQuery(), ExportOptions(), tmp_path / "x.csv", page)

    world.context.runner.cancel_all()

    wait_until_calm(qtbot, lambda: world.context.runner.running)
    assert told(world) == ["The export was stopped; nothing was written."]
    assert not (tmp_path / "x.csv").exists()


def test_an_export_that_failed_says_why_and_can_be_tried_again(
    qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path
) -> None:
    start_export(world.context, MessageQuery(), ExportOptions(), tmp_path / "none" / "x.csv", page)

    qtbot.waitUntil(lambda: bool(world.told.calls))
    message: Any = world.told.calls[0][0][0]
    (tmp_path / "none").mkdir()
    message.action()

    assert "x.csv cannot be made" in message.text
    assert (message.action_text, message.tone) == ("Try again", Tone.BAD)
    qtbot.waitUntil((tmp_path / "none" / "x.csv").exists)
    assert not world.failures


@pytest.fixture
def view(qtbot: QtBot, world: PageWorld) -> Iterator[MessagesView]:
    """Give the page of the messages, which goes before its world does: it reads again by itself."""
    view = MessagesView(world.context)
    view.resize(1200, 800)
    view.show()
    yield view
    with qtbot.waitSignal(view.destroyed):
        view.deleteLater()


def test_the_page_exports_and_reports_on_its_search(qtbot: QtBot, world: PageWorld, view: MessagesView) -> None:
    view.show_search("status:failed")
    qtbot.waitUntil(lambda: bool(view.list.query.search.groups) and not world.context.runner.running)
    export, report = view.export_button.menu().actions()

    export.trigger()
    report.trigger()

    (dialog,) = view.findChildren(ExportDialog)
    assert dialog.query.search == view.list.query.search
    qtbot.waitUntil(lambda: any(one.is_laid_out for one in view.findChildren(ReportDialog)))
    assert "status:failed" in view.findChildren(ReportDialog)[0].document.text


def test_what_is_exported_of_the_newest_alone_is_the_newest_alone(view: MessagesView) -> None:
    view.show_recent()

    view.export()

    (dialog,) = view.findChildren(ExportDialog)
    assert dialog.options.limit == RECENT_COUNT
    assert dialog.what.text() == "Only the newest 100 messages"
