"""The bell in the top bar: how many notices there are, and how bad the worst of them is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from smtpy_desktop.schemas.notices import NoticeBoard
from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.notices_words import count_words, severity_icon, severity_tone, severity_word, silence_words
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Metric, Radius, Space, current_colors
from smtpy_desktop.views.widgets.buttons import press_by_return
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.painting import PillCell, paint_focus, paint_pill, pill_width
from smtpy_desktop.views.widgets.texts import number, tr

_HEIGHT = 26
_PADDING = 5
_MOST = 99


class NoticesBell(QAbstractButton):
    """A bell, and while there is something to tell a pill beside it with the icon of the worst and their number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = NoticeBoard()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_board(self._board)

    @property
    def count_text(self) -> str:
        """What is written in the pill: empty where there is nothing to tell."""
        count = len(self._board.notices)
        return f"{_MOST}+" if count > _MOST else number(count) if count else ""

    def show_board(self, board: NoticeBoard) -> None:
        """Show how many notices there are now."""
        self._board = board
        words = [count_words(board)]
        if board.severity is not None:
            words.append(severity_word(board.severity))
        self.setText(self.count_text)
        self.setAccessibleName(tr("Notices: {count}", count=len(board.notices)))
        self.setAccessibleDescription(". ".join(words))
        keys = key_text(Shortcut.NOTICES.keys)
        set_tooltip(self, "\n".join(part for part in (words[0], silence_words(board), keys) if part))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = Metric.ICON + 2 * _PADDING
        if self.count_text:
            width += Space.XS + pill_width(self._pill)
        return QSize(width, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_return(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.muted_tint))
            painter.drawRoundedRect(self.rect(), Radius.CONTROL, Radius.CONTROL)
        square = QRect(_PADDING, (self.height() - Metric.ICON) // 2, Metric.ICON, Metric.ICON)
        name = "bell-off" if self._board.silent_until is not None else "bell"
        paint_icon(painter, name, colors.text if self.underMouse() else colors.muted, mirrored(square, self.rect()))
        if self.count_text:
            left = square.right() + 1 + Space.XS
            top = (self.height() - Metric.PILL_HEIGHT) // 2
            pill = QRect(left, top, pill_width(self._pill), Metric.PILL_HEIGHT)
            paint_pill(painter, mirrored(pill, self.rect()), self._pill)
        if self.hasFocus():
            paint_focus(painter, self.rect(), Radius.CONTROL)
        painter.end()

    @property
    def _pill(self) -> PillCell:
        severity = self._board.severity
        return PillCell(self.count_text, severity_tone(severity), severity_icon(severity))
