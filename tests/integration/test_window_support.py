"""What helps beside the window: log and guide are opened by it, are not locked by its dialogs, and end with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.config import Config
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.installation import Installation
from smtpy_desktop.paths import Profile
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.log_lines import LogLevel, LogQuery
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.window_support import WindowSupport


class App(QObject):
    """As much of the running window as this needs, without a database."""

    def __init__(self, profile: Profile, thread: AsyncThread) -> None:
        super().__init__()
        self.store = QSettings(str(profile.window_file), QSettings.Format.IniFormat)
        self.window = MainWindow(self.store)
        self.window.add_page("aliases", "Aliases", "at", QWidget())
        self.runner = TaskRunner(thread, self)
        self.installation = Installation(profile, Config(), EmbeddedPostgres(profile.postgres))
        self.plan = SimpleNamespace(profile=profile, database_url=None)
        self.pages = None


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path)
    made.create()
    return made


@pytest.fixture
def app(qtbot: QtBot, profile: Profile) -> Iterator[App]:
    thread = AsyncThread()
    thread.start()
    made = App(profile, thread)
    qtbot.addWidget(made.window)
    made.window.show()
    yield made
    made.runner.cancel_all()
    thread.stop()


@pytest.fixture
def support(app: App) -> Iterator[WindowSupport]:
    made = WindowSupport(app)
    yield made
    made.end()


def told(app: App) -> str:
    current = app.window.messages.current
    return current.text if current is not None else ""


def test_a_run_that_did_not_end_by_itself_is_told_at_the_next_start(app: App, support: WindowSupport) -> None:
    support.begin()
    assert told(app) == ""

    WindowSupport(app).begin()

    assert told(app) == "The program did not end by itself last time. What was saved is there."


def test_a_run_that_ended_as_it_should_is_not(app: App, support: WindowSupport) -> None:
    support.begin()
    support.end()

    WindowSupport(app).begin()

    assert told(app) == ""


@pytest.mark.expects_log("unhandled in a thread")
def test_a_fault_in_another_thread_is_told_in_the_windows(support: WindowSupport, qtbot: QtBot) -> None:
    support.begin()

    def fail() -> None:
        raise ValueError("in a thread")

    with qtbot.waitSignal(support.fault) as fault:
        threading.Thread(target=fail).start()

    assert fault.args is not None
    assert "ValueError: in a thread" in fault.args[0]


def test_log_and_guide_can_be_used_while_a_dialog_is_open_and_go_with_the_window(
    app: App, support: WindowSupport
) -> None:
    dialog = Dialog(app.window, "A dialog")
    dialog.open()

    app.window.log_wanted.emit(LogQuery(LogLevel.ERROR))
    app.window.help_wanted.emit("rules")

    log, guide = support._log, support._help
    assert log is not None
    assert guide is not None
    assert log.filters.query.level is LogLevel.ERROR
    assert guide.chapter is not None
    assert guide.chapter.title == "Rules"
    assert log.parent() is guide.parent() is None
    support.end()
    assert not [top for top in QApplication.topLevelWidgets() if top in (log, guide) and top.isVisible()]
