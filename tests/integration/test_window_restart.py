"""Another language by one click: the window is opened anew in the same process, and nothing of the old one goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.commands.frame import Options
from smtpy_desktop.config import load_config, save_config
from smtpy_desktop.paths import Profile
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.widgets.moments import is_utc, set_utc
from smtpy_desktop.window_start import start_window

_LOOK_MILLISECONDS = 30


class Hands:
    """Does one step after the other in whatever window is open, each as soon as it can be done."""

    def __init__(self, *steps: Callable[[MainWindow], bool]) -> None:
        self._steps = list(steps)
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(_LOOK_MILLISECONDS)

    def _look(self) -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()]
        if windows and self._steps and self._steps[0](windows[-1]):
            self._steps.pop(0)
        if not self._steps:
            self._timer.stop()


def test_the_window_comes_back_in_the_language_that_was_chosen(
    qtbot: QtBot, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    profile = Profile(tmp_path / "profile")
    profile.create()
    save_config(profile, load_config(profile))
    titles: list[str] = []
    locale = QLocale()

    def choose_french_and_utc(window: MainWindow) -> bool:
        if not window.current_page:
            return False
        window.show_page("settings")
        settings = window.findChild(SettingsView)
        if settings is None:
            return False
        titles.append(window.windowTitle())
        appearance = settings.appearance
        for choice, value in ((appearance.language, "fr"), (appearance.times, "yes")):
            choice.setCurrentIndex(choice.findData(value))
            choice.activated.emit(choice.currentIndex())
        assert appearance.restart_button.isVisibleTo(settings)
        appearance.restart_button.click()
        return True

    def end(window: MainWindow) -> bool:
        if window.current_page != "settings" or "Paramètres" not in window.windowTitle():
            return False
        titles.append(window.windowTitle())
        assert is_utc()
        QTimer.singleShot(300, window, lambda: QApplication.exit(0))  # what goes on of the old window would show now
        return True

    hands = Hands(choose_french_and_utc, end)
    with caplog.at_level(logging.ERROR):
        status = start_window("gui", Options(str(profile.directory), database_url), {})
    QLocale.setDefault(locale)
    set_utc(wanted=False)

    assert not hands._steps
    assert (status, titles) == (0, ["Settings · SMTPy Desktop", "Paramètres · SMTPy Desktop"])
    assert [record.getMessage() for record in caplog.records] == []
