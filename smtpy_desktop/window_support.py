"""What helps when something is unclear or goes wrong: the windows of the log and of the guide. Composition root."""

from __future__ import annotations

import logging
import threading
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.controllers.support_bundle_controller import SupportSources
    from smtpy_desktop.schemas.log_lines import LogQuery
    from smtpy_desktop.views.help_window import HelpWindow
    from smtpy_desktop.views.log_window import LogWindow
    from smtpy_desktop.views.support_bundle_dialog import SupportBundleDialog
    from smtpy_desktop.window_app import WindowApp

_RUNNING, _YES = "window/running", "yes"
_log = logging.getLogger(__name__)


class WindowSupport(QObject):
    """Makes these windows when they are first wanted; they have no parent, so that a dialog does not lock them.

    ``fault(str)``: the traceback of a fault in another thread than the window's.
    """

    fault = Signal(str)

    def __init__(self, app: WindowApp) -> None:
        super().__init__(app)
        self._app = app
        self._log: LogWindow | None = None
        self._help: HelpWindow | None = None
        app.window.log_wanted.connect(self.show_log)
        app.window.help_wanted.connect(self.show_help)
        name = tr("Guide ({keys})", keys=key_text(Shortcut.GUIDE.keys))
        app.window.top_bar.add_button(IconButton("help-circle", name, app.window, action=app.window.ask_for_help))
        app.window.closing.connect(self._on_closing)

    def begin(self) -> None:
        """Watch over the run that begins, and tell when the one before did not end by itself."""
        store = self._app.store
        if store.value(_RUNNING) == _YES:
            words = tr("The program did not end by itself last time. What was saved is there.")
            self._app.window.show_message(
                Message(words, Tone.WARN, action_text=tr("Show the log"), action=self.show_log, key="killed")
            )
        store.setValue(_RUNNING, _YES)
        store.sync()
        threading.excepthook = self._on_thread_fault

    def end(self) -> None:
        """Close what is open beside the main window, and note that the run has ended as it should."""
        self._on_closing()
        threading.excepthook = threading.__excepthook__
        self._app.store.setValue(_RUNNING, "")

    @property
    def commands(self) -> tuple[PaletteEntry, ...]:
        """What the search box offers of it."""
        action = tr("Action")
        return (
            PaletteEntry(tr("Open the guide"), self._app.window.ask_for_help, "help-circle", action),
            PaletteEntry(tr("Show the log"), self.show_log, "file-text", action),
            PaletteEntry(tr("Save a support bundle…"), self.save_bundle, "download", action),
        )

    def show_log(self, query: LogQuery | None = None) -> LogWindow:
        """Show the log, narrowed down to what is wanted."""
        from smtpy_desktop.schemas.log_lines import LogQuery

        if self._log is None:
            from smtpy_desktop.gateways.log_files import logs_of
            from smtpy_desktop.views.log_window import LogWindow

            profile = self._app.plan.profile
            self._log = LogWindow(logs_of(profile.logs, profile.postgres), self._app.runner, self._app.store)
            self._log.bundle_wanted.connect(self.save_bundle)
            self._log.help_wanted.connect(self.show_help)
        self._log.show_lines(query if query is not None else LogQuery())
        return self._log

    def show_help(self, topic: str) -> HelpWindow:
        """Show the guide at what belongs to a page or a dialog (``help_topics.TOPICS``)."""
        if self._help is None:
            from smtpy_desktop.views.help_window import HelpWindow

            self._help = HelpWindow(self._app.store)
        self._help.show_help(topic or self._app.window.current_page)
        return self._help

    def save_bundle(self) -> SupportBundleDialog:
        """Open the dialog that packs up what helps to find a fault."""
        from smtpy_desktop.views.support_bundle_dialog import SupportBundleDialog

        app = self._app
        parent = self._log if self._log is not None and self._log.isActiveWindow() else app.window
        dialog = SupportBundleDialog(parent, self._sources(), app.runner, app.store, on_saved=self._tell_saved)
        dialog.open()
        return dialog

    def _on_thread_fault(self, what: threading.ExceptHookArgs) -> None:
        """Take a fault over into the window's thread (this runs on the one that failed)."""
        if what.exc_value is None or issubclass(what.exc_type, SystemExit):
            return
        _log.error("unhandled in a thread", exc_info=what.exc_value)
        with suppress(RuntimeError):  # the window has just gone
            self.fault.emit("".join(traceback.format_exception(what.exc_value)))

    def _sources(self) -> SupportSources:
        from smtpy_desktop.support import support_sources

        app = self._app
        sources = support_sources(app.installation, app.plan.database_url)
        if app.pages is None:
            return sources
        services = app.pages.context.services
        return replace(sources, sessions=services.sessions, schema=services.schema)

    def _tell_saved(self, path: Path) -> None:
        self._app.window.show_message(Message(tr("The support bundle was saved: {path}", path=path), Tone.OK))

    def _on_closing(self) -> None:
        for window in (self._log, self._help):
            if window is not None:
                window.close()
                window.deleteLater()
        self._log = self._help = None
