"""The list of notices that drops down from the bell."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget
from shiboken6 import isValid

from smtpy_desktop.schemas.notice_kinds import NoticeId
from smtpy_desktop.schemas.notices import Notice, NoticeBoard
from smtpy_desktop.views.notices_line import NoticeLine
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.notices_words import count_words, in_an_hour, silence_words, tomorrow_morning
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.card import clear_layout, link_row
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mirroring import is_mirrored
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr, tr_n

_WIDTH = 440
_GAP = 4
_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Up)


class NoticesPanel(QFrame):
    """Lies over the window below the bell; Esc and a click elsewhere close it. ``closed``: it is gone.

    Up and Down go from notice to notice, Tab through the buttons.
    """

    help_topic = "notices"
    closed = Signal()

    def __init__(self, tools: NoticesTools, window: QWidget) -> None:
        super().__init__(window)
        self._tools = tools
        self._board = NoticeBoard()
        self._anchor: QWidget | None = None
        self._before: QWidget | None = None
        dress(self)
        self.lines: list[NoticeLine] = []
        self.setObjectName("popup")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(tr("Notices"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hide()
        self._build()
        self._fill()

    def show_board(self, board: NoticeBoard) -> None:
        """Show the notices of now; the keyboard stays at the notice that has it."""
        focused = QApplication.focusWidget()
        has_keyboard = focused is not None and self.isAncestorOf(focused)
        kept = self._focused()
        self._board = board
        self._fill()
        if self.isVisible():
            self._place()
            if has_keyboard:
                self._take_keyboard(kept)

    def open_below(self, anchor: QWidget) -> None:
        """Open below a widget of the window and take the keyboard."""
        self._anchor = anchor
        self._before = QApplication.focusWidget()
        bar = anchor.parentWidget()
        inside = bar.layout() if bar is not None else None
        if inside is not None:
            inside.activate()  # the bell may have come a moment ago, and not lie where it belongs yet
        self._place()
        self.show()
        self.raise_()
        self._take_keyboard(None)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def close_panel(self) -> None:
        """Close the list; if the keyboard was here it goes back to where it was before, or to the bell."""
        if not self.isVisible():
            return
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        focused = QApplication.focusWidget()
        if focused is not None and (focused is self or self.isAncestorOf(focused)):
            places = (self._before, self._anchor)  # what had it may have gone meanwhile with its page
            there = [place for place in places if place is not None and isValid(place) and place.isVisible()]
            if there:
                there[0].setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None
        self.hide()
        self.closed.emit()

    def pause_menu(self) -> QMenu:
        """Return the menu that pauses desktop notices, or ends a pause."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(tr("Pause desktop notices"))
        menu.addAction(tr("Pause for an &hour"), lambda: self._tools.pause(in_an_hour()))
        menu.addAction(tr("Pause until &tomorrow morning"), lambda: self._tools.pause(tomorrow_morning()))
        if self._board.is_paused:
            menu.addSeparator()
            menu.addAction(tr("&End the pause"), partial(self._tools.pause, None))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Heed presses outside, and take keys before buttons and the window's shortcuts do."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._on_press(event.globalPosition().toPoint())
        elif event.type() == QEvent.Type.Resize and watched is self.parent():
            self._place()
        elif isinstance(event, QKeyEvent) and event.key() in _KEYS and self._is_inside(watched):
            if event.type() == QEvent.Type.KeyPress:
                self._on_key(Qt.Key(event.key()))
            event.accept()
            return True
        return False

    def _build(self) -> None:
        self.pause_button = IconButton("player-pause", tr("Pause desktop notices"), self, action=self._open_pause)
        self.settings_button = IconButton("settings", tr("Settings of notices"), self, action=self._open_settings)
        head = QHBoxLayout()
        head.setSpacing(Space.XS)
        head.addWidget(PlainLabel(tr("Notices"), self, size="heading"), 1)
        head.addWidget(self.pause_button)
        head.addWidget(self.settings_button)
        self._scroll = ScrollColumn(tr("Notices"), self)
        self._scroll.column.setSpacing(0)
        self._scroll.column.setContentsMargins(0, 0, Space.XS, 0)
        self._foot = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self._muted = Button("", self, kind="link", action=self._open_settings)
        self._outer = column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._foot)
        column.addLayout(link_row(self._muted))

    def _fill(self) -> None:
        clear_layout(self._scroll.column)
        self.lines = []
        board = self._board
        if not board.notices:
            self._scroll.column.addLayout(self._all_is_well())
        for number, notice in enumerate(board.notices):
            self._add(notice, is_first=number == 0)
        if board.snoozed:
            words = tr_n("Snoozed: {n}", "Snoozed: {n}", len(board.snoozed))
            label = PlainLabel(words, self, tone=Tone.MUTED, size="section")
            label.setContentsMargins(0, Space.M, 0, 0)
            self._scroll.column.addWidget(label)
        for number, notice in enumerate(board.snoozed):
            self._add(notice, is_first=number == 0)
        self._scroll.column.addStretch(1)
        self._foot.setText(silence_words(board))
        self._foot.setVisible(board.silent_until is not None)
        self._muted.set_text(tr_n("{n} of a muted kind", "{n} of muted kinds", len(board.muted)))
        self._muted.setVisible(bool(board.muted))
        self.setAccessibleDescription(count_words(board))

    def _add(self, notice: Notice, *, is_first: bool) -> None:
        if not is_first:
            separator = QFrame(self)
            separator.setObjectName("separator")
            self._scroll.column.addWidget(separator)
        line = NoticeLine(notice, self._tools, self.close_panel, self)
        self.lines.append(line)
        self._scroll.column.addWidget(line)

    def _all_is_well(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, Space.S, 0, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(IconLabel("circle-check", Tone.OK, self))
        row.addWidget(PlainLabel(tr("Nothing: all is well."), self), 1)
        return row

    def _place(self) -> None:
        """Lie below the bell, at its end, within the window and no higher than needed."""
        window = self.parentWidget()
        if window is None or self._anchor is None:
            return
        width = min(_WIDTH, window.width() - 2 * Space.M)
        corner = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + _GAP))
        left = corner.x() if is_mirrored() else corner.x() + self._anchor.width() - width
        left = max(Space.M, min(left, window.width() - width - Space.M))
        room = window.height() - corner.y() - Space.M - Metric.STATUS_BAR_HEIGHT
        self.setGeometry(left, corner.y(), width, min(self._wanted_height(width), room))

    def _wanted_height(self, width: int) -> int:
        margins = self._outer.contentsMargins()
        inner = width - margins.left() - margins.right() - 2 * self.frameWidth()
        content = (
            self._scroll.column.totalHeightForWidth(inner) if self.lines else self._scroll.column.sizeHint().height()
        )
        others = [self.pause_button, *(one for one in (self._foot, self._muted) if not one.isHidden())]
        heights = [one.heightForWidth(inner) if one.hasHeightForWidth() else one.sizeHint().height() for one in others]
        return (
            content + sum(heights) + len(heights) * self._outer.spacing() + margins.top() + margins.bottom() + Space.XS
        )

    def _is_inside(self, watched: QObject) -> bool:
        return isinstance(watched, QWidget) and (watched is self or self.isAncestorOf(watched))

    def _on_key(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            self._step(1 if key == Qt.Key.Key_Down else -1)

    def _focused(self) -> NoticeId | None:
        focused = QApplication.focusWidget()
        if focused is None:
            return None
        return next((line.notice.id for line in self.lines if line.isAncestorOf(focused)), None)

    def _take_keyboard(self, wanted: NoticeId | None) -> None:
        line = next((one for one in self.lines if one.notice.id == wanted), self.lines[0] if self.lines else None)
        (line.main_button if line is not None else self.settings_button).setFocus(Qt.FocusReason.PopupFocusReason)

    def _step(self, way: int) -> None:
        if not self.lines:
            return
        here = self._focused()
        place = next((n for n, line in enumerate(self.lines) if line.notice.id == here), -1 if way > 0 else 0)
        line = self.lines[(place + way) % len(self.lines)]
        line.main_button.setFocus(Qt.FocusReason.TabFocusReason)
        self._scroll.ensureWidgetVisible(line)

    def _on_press(self, where: QPoint) -> None:
        """Close when something else of the window is pressed; the bell itself does that by its own click."""
        menu = QApplication.activePopupWidget()
        anchor = self._anchor
        on_bell = anchor is not None and anchor.rect().contains(anchor.mapFromGlobal(where))
        if menu is None and not on_bell and not self.rect().contains(self.mapFromGlobal(where)):
            self.close_panel()

    def _open_pause(self) -> None:
        self.pause_menu().popup(self.pause_button.mapToGlobal(self.pause_button.rect().bottomLeft()))

    def _open_settings(self) -> None:
        self.close_panel()
        self._tools.show_settings()
