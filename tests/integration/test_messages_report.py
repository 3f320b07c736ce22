"""The report on messages: what it counts, how it stands on paper, and how it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import message_report_controller, messages_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.report_dialog import ReportDialog, open_report, save_report
from smtpy_desktop.views.report_document import ReportDocument
from smtpy_desktop.views.report_layout import Paper
from tests.helpers.few_messages import store_few_messages
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        store_few_messages(world, lambda number: f"Order {number}")
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


def report_of(world: PageWorld, typed: str = "") -> ReportDocument:
    query = MessageQuery(messages_controller.read_search(typed, UTC))
    report = world.run(message_report_controller.message_report(world.database, query, "Europe/Paris"))
    document = ReportDocument(report, "A & <b>")
    for _ in document.lay_out():
        pass
    return document


def shown(qtbot: QtBot, world: PageWorld, page: QWidget) -> ReportDialog:
    open_report(world.context, MessageQuery(), page)
    qtbot.waitUntil(lambda: any(dialog.is_laid_out for dialog in page.findChildren(ReportDialog)))
    (dialog,) = page.findChildren(ReportDialog)
    return dialog


def test_a_report_names_what_it_is_about(world: PageWorld) -> None:
    text = report_of(world, "status:failed").text

    for value in ("A & <b>", "status:failed", "Europe/Paris", "<i>@example.org", "<u>odd"):
        assert value in text


def test_a_report_counts_exactly_the_search(qapp: QApplication, world: PageWorld) -> None:
    query = MessageQuery(messages_controller.read_search("status:failed", UTC))

    report = world.run(message_report_controller.message_report(world.database, query, "UTC"))

    assert (report.total, report.counts[MessageStatus.FAILED], len(report.messages)) == (30, 30, 30)
    assert [(one.label, one.count) for one in report.domains] == [("example.com", 30)]
    assert sum(sum(point.counts.values()) for point in report.points) == 30


def test_a_report_without_messages_says_so(qapp: QApplication, world: PageWorld) -> None:
    assert "No message matches." in report_of(world, 'from:"nobody@x.example"').text


def test_the_report_is_read_and_laid_out_beside_the_window_and_saved(
    qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path
) -> None:
    dialog = shown(qtbot, world, page)
    count = dialog.document.page_count

    dialog.save(str(tmp_path / "r.pdf"))

    (handle,) = [one for one in world.context.runner.running if one.title]
    assert handle.title == "Saving the report as r.pdf"
    qtbot.waitUntil(lambda: bool(world.told.texts))
    assert told(world) == [f"Saved {tmp_path / 'r.pdf'}."]
    data = (tmp_path / "r.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\n", data)) == count == len(dialog.preview.pages) > 1
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["r.pdf"]


def test_a_stopped_report_leaves_nothing_behind(qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path) -> None:
    handle = save_report(world.context, report_of(world), tmp_path / "r.pdf", page)

    handle.cancel()

    wait_until_calm(qtbot, lambda: world.context.runner.running)
    assert told(world) == ["Stopped; the report was not saved."]
    assert not [one for one in tmp_path.iterdir() if one.name != "profile"]


def test_a_place_that_cannot_be_written_is_said_and_another_can_be_chosen(
    qtbot: QtBot, world: PageWorld, page: QWidget, tmp_path: Path
) -> None:
    path = tmp_path / "none" / "r.pdf"

    save_report(world.context, report_of(world), path, page)

    qtbot.waitUntil(lambda: bool(world.told.calls))
    (message,), _ = world.told.calls[0]
    assert (message.text, message.action_text) == (f"{path} cannot be made.", "Choose another place…")


def test_a_file_that_was_there_stays_when_the_new_one_cannot_be_written(
    world: PageWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserFacingError) as caught:
        world.run(world.context.services.files.save(path, b"%PDF-new"))

    assert caught.value.code == "DISK_FULL"
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir() if one.name != "profile"] == ["r.pdf"]


def test_another_paper_lays_the_report_out_anew_and_is_remembered(
    qtbot: QtBot, world: PageWorld, page: QWidget
) -> None:
    dialog = shown(qtbot, world, page)

    dialog.paper_box.setCurrentIndex(dialog.paper_box.findData("LETTER"))

    assert not dialog.save_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.is_laid_out)
    assert (dialog.document.paper, dialog.save_button.isEnabled()) == (Paper.LETTER, True)
    again = ReportDialog(world.context, dialog.document.report, page)
    assert again.document.paper is Paper.LETTER
    qtbot.waitUntil(lambda: again.is_laid_out)


def test_the_preview_is_walked_through_and_zoomed_by_keyboard(qtbot: QtBot, world: PageWorld, page: QWidget) -> None:
    preview = shown(qtbot, world, page).preview
    last = len(preview.pages) - 1
    places = [preview.page]

    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Home):
        qtbot.keyClick(preview, key)
        places.append(preview.page)
    zooms = [preview.zoom]
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Minus, Qt.Key.Key_0):
        qtbot.keyClick(preview, key, Qt.KeyboardModifier.ControlModifier)
        zooms.append(preview.zoom)

    assert places == [0, 1, last, last - 1, 0]
    assert zooms == [0.8, 1.0, 0.8, 0.65, 0.8]
    assert preview.pages[1].accessibleName() == f"Page 2 of {last + 1}"
