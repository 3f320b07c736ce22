"""The running window: Qt's application, the asyncio thread, and what connects them. Part of the composition root."""

from __future__ import annotations

import contextlib
import logging
import sys
import traceback
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from smtpy_desktop import __version__
from smtpy_desktop.commands.frame import note
from smtpy_desktop.config import load_config, save_config
from smtpy_desktop.controllers.background_run import BackgroundRun
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.redaction import redact
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.installation import Installation
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.quit_signals import quit_on_signals
from smtpy_desktop.runtime.responsiveness import (
    SEARCH_MILLISECONDS,
    end_starting,
    end_starting_again,
    search_garbage,
    share_interpreter,
)
from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.schemas.domain_checks import StatusNotice
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.appearance import Appearance, Look
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.single_instance import SingleInstance
from smtpy_desktop.views.start_view import StartView
from smtpy_desktop.views.theme import Contrast, Theme, ThemePreference
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessible_roles import tell_roles
from smtpy_desktop.views.widgets.crash_dialog import CrashReporter
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog, error_report
from smtpy_desktop.views.widgets.language import use_language
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.window_notices import WindowNotices
from smtpy_desktop.window_opening import WindowOpening
from smtpy_desktop.window_pages import WindowPages
from smtpy_desktop.window_profiles import WindowProfiles
from smtpy_desktop.window_start import WindowPlan
from smtpy_desktop.window_support import WindowSupport

if TYPE_CHECKING:
    from smtpy_desktop.sandbox.world import SandboxWorld

_CLOSE_SECONDS = 30.0
_BEFORE_SEARCHING = 2000
"""In milliseconds: by then the pages over the database before are gone, and those over the new one are filled."""
_log = logging.getLogger(__name__)


class WindowApp(QObject):
    """Owns everything that lives as long as the window does.

    The signals carry over what is told on the asyncio thread: ``noted(Text)``, what is being done;
    ``connection_told(UserFacingError | None)``, the connection is lost or there again; ``noticed(StatusNotice)``;
    ``run_begun(BackgroundRun)``, something is being done by the clock; ``listener_told(ListenerState)``;
    ``forwarder_told(ForwardingState)``, of the one that runs in the window.
    """

    noted = Signal(object)
    connection_told = Signal(object)
    noticed = Signal(object)
    run_begun = Signal(object)
    listener_told = Signal(object)
    forwarder_told = Signal(object)

    def __init__(self, plan: WindowPlan) -> None:
        self.app = _application()
        super().__init__()
        self.plan = plan
        self.wants_sandbox = self.wants_restart = False
        self.exit_status = 0
        self.installation = Installation(plan.profile, load_config(plan.profile), plan.postgres)
        config = self.installation.config
        self._translators = use_language(self.app, config.language)
        theme = ThemePreference(plan.choices.get("theme") or config.theme)
        self.theme = Theme(self.app, theme, Contrast(config.contrast))
        self.store = QSettings(str(plan.profile.window_file), QSettings.Format.IniFormat)
        look = Look(self.theme.preference.value, config.language, config.utc, config.contrast)
        self.appearance = Appearance(self.theme, look, self.store, self._save_look, self)
        self.loop_thread = AsyncThread()
        self.loop_thread.start()
        share_interpreter()
        self.runner = TaskRunner(self.loop_thread, self)
        self.bus = ChangeBus(self)
        self.profiles = WindowProfiles(self)
        self.window = MainWindow(self.store)
        self.profiles.follow()
        self.support = WindowSupport(self)
        self.notices = WindowNotices(self)
        self.world = _sandbox_world(plan)
        self.opening = WindowOpening(
            self.installation,
            self.world,
            publish=self.bus.publish,
            note=self.noted.emit,
            tell_connection=self.connection_told.emit,
            tell_notice=self.noticed.emit,
            tell_run=self.run_begun.emit,
            tell_listener=self.listener_told.emit,
            tell_forwarder=self.forwarder_told.emit,
        )
        self.notices.follow()
        self.start = StartView(self.opening.actions(), self.runner, self.window.show_message)
        self.pages: WindowPages | None = None
        self._section: str | None = None
        # Both may tell how they are while the first page still asks something; the pages come after that.
        self._listener: ListenerState | None = None
        self._forwarder = ForwardingState(ForwardingPhase.OFF)
        self._garbage = QTimer(self)
        self._garbage.timeout.connect(search_garbage)
        self._connect()

    def run(self) -> int:
        """Show the window, run until it is closed, put everything away, and return the exit status."""
        instance = SingleInstance(self.plan.profile.directory, self.plan.profile.profile_id, self)
        instance.raised.connect(self.raise_window)
        size = self.plan.choices.get("size")
        if size is not None:
            self.window.resize(*size)
        self.window.set_cover(self.start)
        self.window.show()
        self._begin()
        end_starting()
        self._garbage.start(SEARCH_MILLISECONDS)
        self.support.begin()
        with quit_on_signals(self.notices.closing.end):
            status = self.app.exec()
        instance.close()
        self._put_away()
        return status or self.exit_status

    def show_error(self, error: UserFacingError) -> None:
        """Tell a failure that nobody else has told: a line at the bottom, with everything behind *Details*."""
        _log.info("told: %s", error_report(error))

        def details() -> None:
            ErrorDialog(self.window, error, redact).open()

        self.window.show_message(
            Message(translated(error.message), Tone.BAD, action_text=tr("Details"), action=details, key=error.code)
        )

    def _save_look(self, look: Look) -> None:
        self.installation.config = replace(
            self.installation.config, theme=look.theme, language=look.language, utc=look.utc, contrast=look.contrast
        )
        save_config(self.plan.profile, self.installation.config)

    def change_connection(self) -> None:
        """Ask for another database in place of the one that is in use."""
        self.start.show_choice(self.installation.config.server, changing=True)
        self.window.set_cover(self.start)

    def open_again(self, section: str | None = None) -> None:
        """Open the database anew, as after a restore has put another one in its place, or a move elsewhere.

        Who is at the settings comes back to ``section`` of them.
        """
        self._section = section if self.window.current_page == "settings" else None
        self.start.clear()
        self.window.set_cover(self.start)
        url = self.plan.database_url
        if url is not None and self.opening.named_server is not None:
            self._open_url(url)
        else:
            self.start.open_configured(self.installation.config.server if self.world is None else None)

    def _begin(self) -> None:
        if self.plan.database_url is not None:
            self._open_url(self.plan.database_url)
        elif self.opening.is_chosen:
            self.start.open_configured(self.installation.config.server if self.world is None else None)
        else:
            self.start.show_choice()

    def _open_url(self, url: str, *, may_upgrade: bool = False) -> None:
        def fail(error: UserFacingError) -> bool:
            again, upgrade = partial(self._open_url, url), partial(self._open_url, url, may_upgrade=True)
            self.start.show_failure(error, retry=again, upgrade=upgrade)
            return True

        work = self.opening.open_url(url, may_upgrade=may_upgrade)
        self.runner.run(work, owner=self, on_success=self._on_opened, on_error=fail)

    def _on_opened(self, services: Services) -> None:
        """Build the pages on a database that has just been opened, in place of those on the one before."""
        is_first = self.pages is None
        if self.pages is not None:
            self.window.remove_pages()
            self.pages.deleteLater()
        self.pages = WindowPages(self, services, self.world)
        self.notices.begin()
        self.window.set_cover(None)
        section, self._section = self._section, None
        if section is not None:
            self.pages.show_settings(section)
        self._show_environment(services)
        self.pages.show_listener(
            self._listener or ListenerState(ListenerPhase.OFF if services.is_read_only else ListenerPhase.STARTING, 0)
        )
        self.pages.show_forwarder(self._forwarder)
        if is_first:
            end_starting()
        else:
            QTimer.singleShot(_BEFORE_SEARCHING, self, end_starting_again)
        if self.plan.what == "tour" and self.world is not None and is_first:
            self._walk(self.pages, self.world)

    def _walk(self, pages: WindowPages, world: SandboxWorld) -> None:
        from smtpy_desktop.sandbox.tour import run_tour

        choices = self.plan.choices
        run_tour(self.window, pages.context, world, choices["output"], choices["size"], self._on_walked)

    def _end_unbegun_tour(self, why: str) -> None:
        """End a tour whose database cannot be opened: nobody is there who could press a button."""
        if self.pages is None:
            note(why.strip())
            self.app.exit(1)

    def _on_walked(self, status: int) -> None:
        self.exit_status = status
        self.notices.closing.end()

    def _show_environment(self, services: Services) -> None:
        self.window.set_status("database", tr("Database"), Tone.OK)
        if self.world is not None:
            self.window.top_bar.set_environment(tr("SANDBOX"), Tone.ACCENT)
        elif not services.is_embedded:
            self.window.top_bar.set_environment(tr("SERVER"), Tone.BAD)
        if services.is_read_only:
            why = services.read_only_reason
            self.window.banner.show_banner(tr("Read-only."), translated(why) if why is not None else "")

    def _connect(self) -> None:
        crashes = CrashReporter(self.window, redact)
        self.runner.failed.connect(self.show_error)
        self.runner.crashed.connect(crashes.report)
        self.support.fault.connect(crashes.report)
        self.runner.started.connect(self._on_task_started)
        self.start.opened.connect(self._on_opened)
        self.start.cancelled.connect(lambda: self.window.set_cover(None))
        self.start.quit_wanted.connect(self.notices.closing.quit)
        self.start.sample_data_wanted.connect(self._on_sample_data)
        self.noted.connect(self.start.show_note)
        self.appearance.restart_wanted.connect(self._on_restart_wanted)
        self.appearance.times_changed.connect(self._on_times_changed)
        self.connection_told.connect(self._on_connection)
        self.noticed.connect(self._on_notice)
        self.run_begun.connect(self._on_run)
        self.listener_told.connect(self._on_listener)
        self.forwarder_told.connect(self._on_forwarder)
        if self.plan.what == "tour":
            self.start.failed_to_open.connect(lambda error: self._end_unbegun_tour(translated(error.message)))
            self.runner.crashed.connect(self._end_unbegun_tour)

        def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                self.notices.closing.end()
                return
            _log.error("unhandled in the window", exc_info=(kind, error, trace))
            crashes.report("".join(traceback.format_exception(kind, error, trace)))

        sys.excepthook = report

    def _on_task_started(self, handle: TaskHandle) -> None:
        if handle.title is not None:
            self.window.tasks.add(handle)

    def _on_sample_data(self) -> None:
        self.wants_sandbox = True
        self.notices.closing.end()

    def _on_restart_wanted(self) -> None:
        self.wants_restart = True
        self.notices.closing.end()

    def _on_times_changed(self) -> None:
        self.window.messages.show_zone()
        if self.pages is not None:
            self.pages.refresh_made()

    def _on_connection(self, error: UserFacingError | None) -> None:
        if self.pages is not None:
            self.pages.show_connection(error)

    def _on_notice(self, notice: StatusNotice) -> None:
        if self.pages is not None:
            self.pages.show_notice(notice)

    def _on_run(self, run: BackgroundRun[Any]) -> None:
        if self.pages is not None:
            self.pages.show_run(run)

    def _on_listener(self, state: ListenerState) -> None:
        self._listener = state
        if self.pages is not None:
            self.pages.show_listener(state)

    def _on_forwarder(self, state: ForwardingState) -> None:
        self._forwarder = state
        if self.pages is not None:
            self.pages.show_forwarder(state)

    def raise_window(self) -> None:
        """Bring the window to the front, out of the tray too."""
        self.notices.closing.show_window()
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _put_away(self) -> None:
        self.support.end()
        self.notices.put_away()
        self.runner.cancel_all()
        with contextlib.suppress(UserFacingError, TimeoutError):
            self.loop_thread.submit(self.opening.close()).result(timeout=_CLOSE_SECONDS)
        self.loop_thread.stop()
        self.installation.postgres.stop()
        self.store.sync()
        self.window.deleteLater()
        for translator in self._translators:
            self.app.removeTranslator(translator)
        sys.excepthook = sys.__excepthook__


def forget_window(app: WindowApp) -> None:
    """Delete a window that has run, with everything of it that would go on reading in the next one's loop."""
    app.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _sandbox_world(plan: WindowPlan) -> SandboxWorld | None:
    """Return the stand-ins for the outside world where they are wanted."""
    if not plan.is_sandbox:
        return None
    from smtpy_desktop.sandbox.world import SandboxWorld

    # Tour and gallery are the same at every run: there messages come when the script wants them.
    return SandboxWorld(plan.profile.directory, has_live_mail=plan.what == "sandbox")


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    """Take what Qt has to say into the log; it is for developers, not for the terminal."""
    serious = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    logging.getLogger("qt").log(logging.ERROR if serious else logging.DEBUG, words)


def _application() -> QApplication:
    qInstallMessageHandler(_log_qt_message)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("smtpy-desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("smtpy-desktop")
    tell_roles()
    return app
