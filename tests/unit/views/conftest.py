"""The application in its own theme, a place to remember things in, and a thread for work, for tests of the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets.remembered import MemoryStore


@pytest.fixture(scope="session")
def app_theme(qapp: QApplication) -> Theme:
    return Theme(qapp, ThemePreference.LIGHT)


@pytest.fixture
def theme(app_theme: Theme) -> Iterator[Theme]:
    app_theme.set_preference(ThemePreference.LIGHT)
    yield app_theme
    app_theme.set_preference(ThemePreference.LIGHT)


@pytest.fixture(autouse=True)
def _themed(theme: Theme) -> None:
    """Give every test the bundled fonts and the style sheet."""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[TaskRunner]:
    thread = AsyncThread()
    thread.start()
    made = TaskRunner(thread)
    yield made
    made.cancel_all()
    thread.stop()
