"""What helps when something is unclear or goes wrong: the windows of the log and of the guide. Composition root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from smtpy_desktop.schemas.log_lines import LogQuery
from smtpy_desktop.support import find_logs
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.log_window import LogWindow
    from smtpy_desktop.window_app import WindowApp


class WindowSupport(QObject):
    """Makes these windows when they are first wanted; they have no parent, so that a dialog does not lock them."""

    def __init__(self, app: WindowApp) -> None:
        super().__init__(app)
        self._app = app
        self._log: LogWindow | None = None
        app.window.log_wanted.connect(self.show_log)
        app.window.closing.connect(self._on_closing)

    @property
    def commands(self) -> tuple[PaletteEntry, ...]:
        """What the search box offers of it."""
        action = tr("Action")
        return (PaletteEntry(tr("Show the log"), self.show_log, "file-text", action),)

    def show_log(self, query: LogQuery | None = None) -> LogWindow:
        """Show the log, narrowed down to what is wanted."""
        if self._log is None:
            from smtpy_desktop.views.log_window import LogWindow

            self._log = LogWindow(find_logs(self._app.plan.profile), self._app.runner, self._app.store)
        self._log.show_lines(query if query is not None else LogQuery())
        return self._log

    def _on_closing(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log.deleteLater()
            self._log = None
