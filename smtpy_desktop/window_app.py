"""The running window: Qt's application, the asyncio thread, and what connects them. Part of the composition root."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from PySide6.QtCore import QObject, QSettings, QSocketNotifier
from PySide6.QtWidgets import QApplication

from smtpy_desktop import __version__
from smtpy_desktop.config import load_config
from smtpy_desktop.core.redaction import redact
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.installation import Installation
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.single_instance import SingleInstance
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.crash_dialog import CrashReporter
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import load_translator, tr, translated
from smtpy_desktop.window_opening import WindowOpening
from smtpy_desktop.window_start import WindowPlan

_log = logging.getLogger(__name__)


class WindowApp(QObject):
    """Owns everything that lives as long as the window does."""

    def __init__(self, plan: WindowPlan) -> None:
        self.app = _application()
        super().__init__()
        self.plan = plan
        self.wants_sandbox = False
        self.installation = Installation(plan.profile, load_config(plan.profile), plan.postgres)
        config = self.installation.config
        translator = load_translator(config.language or _system_language(), self.app)
        if translator is not None:
            self.app.installTranslator(translator)
        theme = plan.choices.get("theme") or config.theme
        self.theme = Theme(self.app, ThemePreference(theme))
        self.store = QSettings(str(plan.profile.window_file), QSettings.Format.IniFormat)
        self.thread_ = AsyncThread()
        self.thread_.start()
        self.runner = TaskRunner(self.thread_, self)
        self.bus = ChangeBus(self)
        self.window = MainWindow(self.store)
        self._connect()
        self.opening = WindowOpening(self)

    def run(self) -> int:
        """Show the window, run until it is closed, put everything away, and return the exit status."""
        instance = SingleInstance(self.plan.profile.directory, self.plan.profile.profile_id, self)
        instance.raised.connect(self._raise_window)
        size = self.plan.choices.get("size")
        if size is not None:
            self.window.resize(*size)
        self.window.show()
        self.opening.begin()
        with _quit_on_signals(self.app):
            status = self.app.exec()
        instance.close()
        self._put_away()
        return status

    def show_error(self, error: UserFacingError) -> None:
        """Tell a failure that nobody else has told: a line at the bottom, with everything behind *Details*."""

        def details() -> None:
            ErrorDialog(self.window, error, redact).open()

        self.window.show_message(
            Message(translated(error.message), Tone.BAD, action_text=tr("Details"), action=details, key=error.code)
        )

    def _connect(self) -> None:
        crashes = CrashReporter(self.window, redact)
        self.runner.failed.connect(self.show_error)
        self.runner.crashed.connect(crashes.report)
        self.runner.started.connect(self._on_task_started)

        def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                self.app.quit()
                return
            _log.error("unhandled in the window", exc_info=(kind, error, trace))
            crashes.report("".join(traceback.format_exception(kind, error, trace)))

        sys.excepthook = report

    def _on_task_started(self, handle: TaskHandle) -> None:
        if handle.title is not None:
            self.window.tasks.add(handle)

    def _raise_window(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _put_away(self) -> None:
        self.runner.cancel_all()
        with contextlib.suppress(UserFacingError, TimeoutError):
            self.thread_.submit(self.opening.close()).result(timeout=30)
        self.thread_.stop()
        self.installation.postgres.stop()
        self.store.sync()
        sys.excepthook = sys.__excepthook__


def _application() -> QApplication:
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("smtpy-desktop")
    app.setApplicationDisplayName("SMTPy Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("smtpy-desktop")
    return app


def _system_language() -> str:
    from PySide6.QtCore import QLocale

    return QLocale.system().name().partition("_")[0]


@contextlib.contextmanager
def _quit_on_signals(app: QApplication) -> Iterator[None]:
    """Close the window on Ctrl+C and SIGTERM: Qt's loop runs no Python, so that the signal has to wake it."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: (reading.recv(64), app.quit()))
    old_descriptor = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    names = [signal.SIGINT, signal.SIGTERM]
    old_handlers = [signal.signal(name, lambda number, frame: None) for name in names]
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(old_descriptor)
        for name, handler in zip(names, old_handlers, strict=True):
            signal.signal(name, handler)
        reading.close()
        writing.close()
