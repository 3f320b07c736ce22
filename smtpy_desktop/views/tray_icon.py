"""The icon in the tray of the desktop: how the installation is, its menu, and desktop notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from smtpy_desktop.schemas.notices import Notice, NoticeAction, NoticeBoard
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.notices_words import (
    count_words,
    in_an_hour,
    severity_word,
    silence_words,
    told_words,
    tomorrow_morning,
    without_markup,
)
from smtpy_desktop.views.tray_pictures import tray_icon
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PRODUCT = "SMTPy Desktop"
_SHOWN_MILLISECONDS = 10_000
_LONGEST_TOOLTIP = 120
"""Windows cuts a tray's tooltip after 127 characters (NOTIFYICONDATA)."""


def is_tray_there() -> bool:
    """Say whether the desktop has a tray now."""
    return QSystemTrayIcon.isSystemTrayAvailable()


class TrayIcon(QObject):
    """``open_wanted``: the window is to be seen; ``list_wanted``: the list of notices is; ``quit_wanted``.

    ``place_wanted(NoticeAction)``: a desktop notice was clicked that is about this.
    """

    open_wanted = Signal()
    list_wanted = Signal()
    quit_wanted = Signal()
    place_wanted = Signal(object)

    def __init__(self, title: str, tools: NoticesTools, parent: QObject) -> None:
        """``title`` names the program, and the installation where there are several."""
        super().__init__(parent)
        self._title = title
        self._tools = tools
        self._told: NoticeAction | None = None
        self.board = NoticeBoard()
        self.menu = QMenu()
        self._build_menu()
        self.icon = QSystemTrayIcon(tray_icon(None), self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self._on_message_clicked)
        self.destroyed.connect(self.menu.deleteLater)
        self.show_board(self.board)

    def show(self) -> None:
        """Appear in the tray; without one this does nothing until there is one."""
        self.icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self.icon.hide()

    def show_board(self, board: NoticeBoard) -> None:
        """Show how the installation is."""
        self.board = board
        self.icon.setIcon(tray_icon(board.severity, is_paused=board.is_paused))
        self.icon.setToolTip(self.tooltip)
        self._list.setText(self._list_words())
        for action in self._pauses:
            action.setVisible(not board.is_paused)
        self._end_pause.setVisible(board.is_paused)

    @property
    def tooltip(self) -> str:
        """What is said about the icon: the installation, how it is, and whether it is quiet."""
        lines = (self._title, f"{severity_word(self.board.severity)}: {without_markup(count_words(self.board))}")
        if self.board.severity is None:
            lines = (self._title, count_words(self.board))
        words = "\n".join(part for part in (*lines, silence_words(self.board)) if part)
        return words if len(words) <= _LONGEST_TOOLTIP else f"{words[: _LONGEST_TOOLTIP - 1]}…"

    def tell(self, notices: Sequence[Notice]) -> None:
        """Have the desktop tell of these; a click on it leads to what the first of them is about."""
        title, text = told_words(notices)
        if self._title != _PRODUCT:
            title = f"{title} ({self._title})"
        self._told = notices[0].action if len(notices) == 1 else None
        self._show_message(title, text, self.board)

    def tell_test(self) -> bool:
        """Have the desktop tell something for a trial; return whether it can."""
        self._told = None
        if not is_tray_there():
            return False
        self._show_message(
            tr("This is a test notice"), tr("Real ones say what is wrong, and a click leads there."), NoticeBoard()
        )
        return True

    def _show_message(self, title: str, text: str, board: NoticeBoard) -> None:
        if is_tray_there():
            self.icon.showMessage(title, text, tray_icon(board.severity), _SHOWN_MILLISECONDS)

    def _build_menu(self) -> None:
        add: Callable[..., QAction] = self.menu.addAction
        self._open = add(menu_text(tr("Open {name}", name=self._title)), self.open_wanted.emit)
        self.menu.setDefaultAction(self._open)
        self._list = add("", self.list_wanted.emit)
        self.menu.addSeparator()
        self._pauses = (
            add(tr("Pause notices for an &hour"), lambda: self._tools.pause(in_an_hour())),
            add(tr("Pause notices until &tomorrow morning"), lambda: self._tools.pause(tomorrow_morning())),
        )
        self._end_pause = add(tr("&End the pause of notices"), partial(self._tools.pause, None))
        self.menu.addSeparator()
        self._quit = add(tr("&Quit"), self.quit_wanted.emit)

    def _list_words(self) -> str:
        return (
            tr_n("Show {n} notice", "Show {n} notices", len(self.board.notices))
            if self.board.notices
            else tr("Show the notices")
        )

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_wanted.emit()

    def _on_message_clicked(self) -> None:
        if self._told is not None:
            self.place_wanted.emit(self._told)
        else:
            self.list_wanted.emit()
