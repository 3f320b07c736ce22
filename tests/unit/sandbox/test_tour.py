"""The tour's machinery: it acts through what can be seen, waits for conditions, and tells where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.sandbox.tour import TourWalk
from smtpy_desktop.sandbox.tour_hands import TourHands, Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.remembered import MemoryStore

Run = Callable[..., tuple[int, list[str]]]


class Page(QWidget):
    """A page with one of each thing that a tour can act on."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.said = PlainLabel("nothing yet", self)
        self.name = QLineEdit(self)
        self.name.setAccessibleName("Name")
        self.choice = QComboBox(self)
        self.choice.setAccessibleName("Organization")
        self.choice.addItems(["Harbour & Sons", "Lumen Studio", "Northwind Hosting"])
        menu = QMenu(self)
        menu.addMenu("First").addAction("Second", lambda: self.said.setText("chosen"))
        self.wide_box = QCheckBox("Yes", self)
        self.disabled = Button("Never", self)
        self.disabled.setEnabled(False)
        self.open = Button("&Open…", self, action=self.open_dialog)
        for widget in (self.said, self.name, self.choice, MenuButton("Menu", menu, self), self.disabled, self.open):
            column.addWidget(widget)
        column.addWidget(self.wide_box)

    def open_dialog(self) -> None:
        dialog = Dialog(self, "A question")
        dialog.set_buttons(Button("Agree", dialog, kind="primary", action=dialog.accept))
        dialog.accepted.connect(lambda: self.said.setText(f"agreed, {self.name.text()}"))
        dialog.open()


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def run(qtbot: QtBot, qapp: QApplication, page: Page, tmp_path: Path) -> Iterator[Run]:
    """Give a function that runs chapters over a real window and returns the status and the lines told."""
    theme, thread = Theme(qapp, ThemePreference.LIGHT), AsyncThread()
    thread.start()
    window = MainWindow(MemoryStore())
    window.add_page("other", "Other", "world", QWidget())
    window.add_page("page", "Page", "flask", page)
    qtbot.addWidget(window)
    window.show()
    runner = TaskRunner(thread)

    def run_chapters(*walks: Callable[[Tour], Walk], crash: str | None = None) -> tuple[int, list[str]]:
        lines: list[str] = []
        statuses: list[int] = []
        tour = Tour(TourHands(window, runner), SandboxWorld(tmp_path / "sandbox"), tmp_path / "tour")
        chapters = [Chapter(f"Chapter {number}", walk) for number, walk in enumerate(walks, 1)]
        walk = TourWalk(tour, chapters, tmp_path / "tour", lines.append, window)
        walk.on_finished = statuses.append
        walk.start()
        if crash is not None:
            walk.fail(crash)
        qtbot.waitUntil(lambda: bool(statuses))
        return statuses[0], lines

    yield run_chapters
    thread.stop()
    theme.deleteLater()


# The offscreen platform has no window manager for menus.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)
def test_a_tour_acts_like_a_person_and_takes_a_picture_of_every_step(run, page, tmp_path):
    def walk(tour: Tour) -> Walk:
        hands = tour.hands
        yield from hands.click("Page")
        yield from hands.type_into("Name", "typed")
        yield from hands.type_into("Name", "typed again")
        yield from hands.choose_in("Organization", "Northwind Hosting")
        yield from hands.choose("Menu", "First", "Second")
        yield from hands.until_seen("chosen")
        yield from tour.step("Chosen", "By menu.")
        yield from hands.click("Open…")
        yield from hands.until_seen("A question")
        yield from tour.step("Asked", "By a dialog.")
        yield from hands.press(Qt.Key.Key_Tab)
        yield from hands.click("Agree")
        yield from hands.until_seen("agreed, typed again")

    status, lines = run(walk)

    report = tmp_path / "tour" / "report.html"
    pictures = sorted(path.name for path in (tmp_path / "tour").glob("*.png"))
    assert status == 0
    assert page.choice.currentText() == "Northwind Hosting"
    assert pictures == ["01-chosen.png", "02-asked.png"]
    assert [line.split(" (")[0] for line in lines] == [" 1. Chosen", " 2. Asked", str(report)]
    assert "Chapter 1" in report.read_text(encoding="utf-8")


def test_a_dialog_is_in_the_picture_of_the_window(run, tmp_path):
    def walk(tour: Tour) -> Walk:
        yield from tour.hands.click("Page")
        yield from tour.step("Before", "Without.")
        yield from tour.hands.click("Open…")
        yield from tour.hands.until_seen("A question")
        yield from tour.step("After", "With.")
        yield from tour.hands.click("Agree")

    run(walk)

    before, after = (QImage(str(tmp_path / "tour" / name)) for name in ("01-before.png", "02-after.png"))
    assert before.size() == after.size()
    assert before.pixelColor(2, 2) != after.pixelColor(2, 2)  # shaded by the dialog's veil


@pytest.mark.parametrize("name", ["Never", "Missing"])
def test_what_cannot_be_clicked_ends_the_tour_with_a_message_and_a_picture(run, tmp_path, name):
    def walk(tour: Tour) -> Walk:
        yield from tour.hands.click("Page")
        yield from tour.step("Good so far", "Fine.")
        for until in tour.hands.click(name):
            yield Until(until.what, until.condition, seconds=0.1)

    status, lines = run(walk)

    assert status == 1
    assert f"after step 1 (Good so far): waited 0 s in vain until “{name}” can be clicked." in lines[1]
    assert not QImage(str(tmp_path / "tour" / "failed.png")).isNull()
    assert "Failed" in (tmp_path / "tour" / "report.html").read_text(encoding="utf-8")


def test_a_button_behind_a_dialog_cannot_be_clicked(run):
    def walk(tour: Tour) -> Walk:
        yield from tour.hands.click("Page")
        yield from tour.hands.click("Open…")
        yield from tour.hands.until_seen("A question")
        for until in tour.hands.click("Other"):
            yield Until(until.what, until.condition, seconds=0.1)

    status, lines = run(walk)

    assert status == 1
    assert "“Other” can be clicked" in lines[0]


@pytest.mark.expects_log("the tour failed")
def test_a_fault_in_a_chapter_ends_the_tour(run):
    def walk(tour: Tour) -> Walk:
        yield from tour.hands.click("Page")
        raise ZeroDivisionError("a fault")

    status, lines = run(walk)

    assert status == 1
    assert "ZeroDivisionError: a fault" in lines[0]


def test_a_crash_of_the_program_ends_the_tour(run):
    def walk(tour: Tour) -> Walk:
        yield Until("the end of time", lambda: False)

    status, lines = run(walk, crash="Traceback: something broke\n")

    assert status == 1
    assert "something broke" in lines[0]


def test_a_box_that_is_wider_than_its_words_is_ticked(run, page):
    def walk(tour: Tour) -> Walk:
        yield from tour.hands.click("Page")
        yield from tour.hands.click("Yes", QCheckBox)
        yield Until("the box is ticked", page.wide_box.isChecked, seconds=5)

    status, _ = run(walk)

    assert status == 0
    assert page.wide_box.width() > 2 * page.wide_box.sizeHint().width()
