"""What the scenes of the gallery are made of: a script that brings the window there, and the stage it acts on."""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QTableView, QWidget

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UNAVAILABLE, DatabaseUnavailable, UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.sandbox.tour_hands import TourHands, Until
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.activity_view import ActivityView
from smtpy_desktop.views.aliases_view import AliasesView
from smtpy_desktop.views.billing_view import BillingView
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.events_view import EventsView
from smtpy_desktop.views.forwarder_view import ForwarderView
from smtpy_desktop.views.listener_indicator import ListenerIndicator
from smtpy_desktop.views.mail_trials import MailTrials
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.views.organizations_menu import OrganizationsMenu
from smtpy_desktop.views.overview_view import OverviewView
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.start_view import StartView
from smtpy_desktop.views.view_context import ViewContext

_CALM_LOOKS = 8
_LOOKED_AT_ROWS = 60
_SOON_MILLISECONDS = 650
"""What a page is about to do within this time is waited for; what it does again and again comes later."""

Script = Generator[Until | QWidget, None, None]
"""Yields what has to be true before it goes on, then once the widget to look at; the rest puts everything back."""


class GalleryState(enum.StrEnum):
    """Over which database the pages are: the samples, none of them, one that is away, or one that may only be read."""

    FILLED = "filled"
    EMPTY = "empty"
    BROKEN = "broken"
    READ_ONLY = "read-only"


class GalleryPages(Protocol):
    """The pages as the composition root has made them."""

    context: ViewContext
    domains: DomainsView
    organizations: OrganizationsMenu
    trials: MailTrials
    listener: ListenerIndicator

    @property
    def overview(self) -> OverviewView:
        """The page of the figures."""

    @property
    def aliases(self) -> AliasesView:
        """The page of the aliases."""

    @property
    def messages(self) -> MessagesView:
        """The page of the messages."""

    @property
    def forwarder(self) -> ForwarderView:
        """The page of the forwarders."""

    @property
    def billing(self) -> BillingView:
        """The page of the subscriptions."""

    @property
    def events(self) -> EventsView:
        """The page of Stripe's events."""

    @property
    def activity(self) -> ActivityView:
        """The page of the audit log."""

    @property
    def settings(self) -> SettingsView:
        """The page of the settings."""


class GalleryApp(Protocol):
    """The running window, as far as the scenes need it (``window_gallery.Gallery``)."""

    window: MainWindow
    runner: TaskRunner
    start: StartView

    @property
    def shown_pages(self) -> GalleryPages:
        """The pages over the database that is in use."""

    @property
    def sandbox(self) -> SandboxWorld:
        """The stand-ins for the outside world."""

    @property
    def samples(self) -> Services:
        """What works over the sample data, whichever database is in use."""

    def show_error(self, error: UserFacingError) -> None:
        """Tell a failure as the window tells those that nobody else has told."""

    def use(self, state: GalleryState) -> None:
        """Build the pages over another database, if they are not yet."""

    def wait(self, until: Until) -> None:
        """Let the window live until something is true; raise TimeoutError when it does not become so."""


@dataclass(frozen=True, slots=True)
class Scene:
    """``open`` brings the window there and returns the widget to look at once it is calm; ``close`` puts all back."""

    name: str
    title: str
    open: Callable[[], QWidget]
    close: Callable[[], None]


class Stage:
    """Handed to every script: the window, its pages, and what people do there."""

    def __init__(self, app: GalleryApp) -> None:
        self.app = app
        self.window = app.window
        self.hands = TourHands(app.window, app.runner)

    @property
    def pages(self) -> GalleryPages:
        """The pages over the database that is in use."""
        return self.app.shown_pages

    @property
    def context(self) -> ViewContext:
        """What the pages were given."""
        return self.pages.context

    def calm(self) -> Script:
        """Wait until nothing is read, written or about to be."""
        looks = 0

        def is_calm() -> bool:
            nonlocal looks
            looks = 0 if self.app.runner.running or self._is_about_to_act() else looks + 1
            return looks >= _CALM_LOOKS

        yield Until("the window comes to rest", is_calm)

    def page(self, page_id: str) -> Script:
        """Show a page, scrolled to its top."""
        self.window.show_page(page_id)
        yield from self.calm()

    def until(self, what: str, condition: Callable[[], bool]) -> Script:
        """Wait until something is true, and then until the window is calm."""
        yield Until(what, condition)
        yield from self.calm()

    def dialog(self) -> Generator[Until | QWidget, None, QDialog]:
        """Wait for the dialog that is open, and until it is calm."""
        yield Until("a dialog is open", lambda: bool(_dialogs()))
        yield from self.calm()
        return _dialogs()[-1]

    def select(self, table: QTableView, words: str) -> Script:
        """Select the first row of a table that has a cell with these words."""
        yield Until("the table has rows", lambda: table.model().rowCount() > 0)
        yield Until(f"a row says “{words}”", lambda: _row_with(table, words) is not None)
        table.selectRow(_row_with(table, words) or 0)
        yield from self.calm()

    def _is_about_to_act(self) -> bool:
        tops = (self.window, *_dialogs())
        return any(
            timer.isActive() and timer.isSingleShot() and timer.interval() <= _SOON_MILLISECONDS
            for top in tops
            for timer in top.findChildren(QTimer)
        )


@dataclass(frozen=True, slots=True)
class Sketch:
    """A scene before it has a window: its name (``messages-failed``), its title in English, and its script."""

    name: str
    title: str
    script: Callable[[Stage], Script]
    state: GalleryState = GalleryState.FILLED


def dialog_over(page_id: str, ask: Callable[[Stage], object]) -> Callable[[Stage], Script]:
    """Return the script of a dialog that ``ask`` opens over a page."""

    def script(stage: Stage) -> Script:
        yield from stage.page(page_id)
        ask(stage)
        yield (yield from stage.dialog())

    return script


def page_scene(page_id: str, prepare: Callable[[Stage], object] | None = None) -> Callable[[Stage], Script]:
    """Return the script of a page, after something was done there that needs no putting back."""

    def script(stage: Stage) -> Script:
        yield from stage.page(page_id)
        if prepare is not None:
            prepare(stage)
            yield from stage.calm()
        yield stage.window

    return script


def unavailable() -> DatabaseUnavailable:
    """Return the failure of a database that is away."""
    return DatabaseUnavailable(
        UNAVAILABLE,
        text("The database cannot be reached."),
        detail=text("{reason}.", reason="connection refused"),
        hint=text("See that its server runs and can be reached, then try again."),
    )


def stage_scene(sketch: Sketch, stage: Stage) -> Scene:
    """Return a sketch as a scene that can be opened and closed again and again."""
    running: list[Script] = []

    def open_scene() -> QWidget:
        close_scene()
        stage.app.use(sketch.state)
        script = sketch.script(stage)
        try:
            shown = _play(script, stage.app)
        except (TimeoutError, RuntimeError, LookupError):
            script.close()
            _tidy(stage)
            raise
        running.append(script)
        return shown

    def close_scene() -> None:
        while running:
            for until in running.pop():
                if isinstance(until, Until):
                    stage.app.wait(until)
        _tidy(stage)

    return Scene(sketch.name, sketch.title, open_scene, close_scene)


def _dialogs() -> list[QDialog]:
    return [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]


def _row_with(table: QTableView, words: str) -> int | None:
    model = table.model()
    for row in range(min(model.rowCount(), _LOOKED_AT_ROWS)):
        if any(words in str(model.index(row, column).data() or "") for column in range(model.columnCount())):
            return row
    return None


def _play(script: Script, app: GalleryApp) -> QWidget:
    for step in script:
        if isinstance(step, QWidget):
            return step
        app.wait(step)
    raise RuntimeError("the script of a scene has shown nothing")


def _tidy(stage: Stage) -> None:
    """Close what a person would close: dialogs, menus, the search, and the message at the bottom."""
    for top in QApplication.topLevelWidgets():
        if top is not stage.window and top.isVisible() and top.isWindow():
            top.close()
    stage.window.activateWindow()  # no window manager gives the keyboard back to it
    stage.window.top_bar.search.close_palette()
    stage.window.messages.dismiss()
    for area in stage.window.findChildren(QAbstractScrollArea):
        area.verticalScrollBar().setValue(0)
    for step in stage.calm():
        if isinstance(step, Until):
            stage.app.wait(step)
