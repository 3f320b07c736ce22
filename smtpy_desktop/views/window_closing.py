"""What happens when the window is closed: the program ends, or goes on in the tray."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog

from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.kept_answers import (
    CLOSING,
    QUIT,
    QUITTING,
    TRAY,
    YES,
    KeptAnswers,
)
from smtpy_desktop.views.widgets.remembered import Store

_LOOK_MILLISECONDS = 5_000


class WindowClosing(QObject):
    """Where something runs here that would stop, closing asks once whether to go on in the tray.

    Without a tray it asks as quitting does, until nobody wants to be asked. ``stops`` says in sentences what would
    stop, ``has_tray`` whether there is a tray. With ``asks`` False everything ends at once, as in the tour.
    ``hidden``: the window has gone into the tray.
    """

    hidden = Signal()

    def __init__(
        self,
        window: MainWindow,
        store: Store,
        *,
        stops: Callable[[], tuple[str, ...]],
        has_tray: Callable[[], bool],
        asks: bool = True,
    ) -> None:
        super().__init__(window)
        self._window, self._store, self._stops, self._has_tray, self._asks = window, store, stops, has_tray, asks
        self._answers = KeptAnswers(store)
        self._is_ending = False
        self._dialog: QDialog | None = None
        self._tray_timer = QTimer(self)
        self._tray_timer.setInterval(_LOOK_MILLISECONDS)
        self._tray_timer.timeout.connect(self._look_for_tray)
        window.ask_before_closing(self._may_close, is_first=True)
        window.quit_wanted.connect(self.quit)

    @property
    def dialog(self) -> QDialog | None:
        """The question that is open now."""
        return self._dialog

    def quit(self) -> None:
        """End the program, after saying what stops with it."""
        stops = self._stops() if self._asks else ()
        if stops:
            self._ask_to_quit(stops)
        else:
            self.end()

    def end(self) -> None:
        """End the program without asking; what pages have to ask is still asked."""
        self._is_ending = True
        if self._window.close():
            # A window that was hidden is none that is closed, by Qt's count.
            QApplication.quit()

    def end_of_session(self) -> None:
        """Let the window close without asking, as the desktop or the system is ending the program."""
        self._is_ending = True

    def show_window(self) -> None:
        """Bring the window back out of the tray."""
        if self._window.isHidden():
            self._window.show()
        self._tray_timer.stop()
        QApplication.setQuitOnLastWindowClosed(True)

    def _may_close(self) -> bool:
        answer = self._answers.answer(CLOSING)
        if self._is_ending or not self._asks or answer == QUIT:
            return True
        stops = self._stops()
        if not stops:
            return True
        if not self._has_tray():
            return self._may_end(stops)
        if answer == TRAY:
            self._hide()
        elif self._dialog is None:
            self._ask(stops)
        return False

    def _may_end(self, stops: tuple[str, ...]) -> bool:
        """Say whether closing may end the program, as it does without a tray; otherwise ask as before quitting."""
        if self._answers.answer(QUITTING) == YES:
            return True
        self._ask_to_quit(stops)
        return False

    def _ask_to_quit(self, stops: tuple[str, ...]) -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            return
        from smtpy_desktop.views.closing_dialog import ask_to_quit

        self.show_window()
        self._follow(ask_to_quit(self._window, self._store, stops, self.end))

    def _ask(self, stops: tuple[str, ...]) -> None:
        from smtpy_desktop.views.closing_dialog import ClosingDialog

        dialog = ClosingDialog(self._window, stops)
        dialog.chosen.connect(self._on_chosen)
        dialog.open()
        self._follow(dialog)

    def _on_chosen(self, answer: str) -> None:
        self._answers.keep(CLOSING, answer)
        if answer == TRAY:
            self._hide()
        else:
            self.end()

    def _hide(self) -> None:
        QApplication.setQuitOnLastWindowClosed(False)
        self._window.hide()
        self._tray_timer.start()
        self.hidden.emit()

    def _look_for_tray(self) -> None:
        """Come back when the tray goes away: nothing else would lead to the window any more."""
        if not self._has_tray():
            self.show_window()

    def _follow(self, dialog: QDialog | None) -> None:
        self._dialog = dialog
        if dialog is not None:
            dialog.finished.connect(self._forget_dialog)

    def _forget_dialog(self) -> None:
        self._dialog = None
