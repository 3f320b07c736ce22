"""The state of a part of the program in the top bar: an icon and a word."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from smtpy_desktop.views.icons import paint_icon, status_icon_name
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Radius, Space, Tone, current_colors
from smtpy_desktop.views.widgets.buttons import press_by_return
from smtpy_desktop.views.widgets.label import set_tooltip, text_width
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.painting import paint_focus, paint_text

_HEIGHT = 24
_PADDING = 3


class StatusIndicator(QAbstractButton):
    """Press it to see more; in a narrow window only the icon is left and the tooltip has the words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._detail, self._compact = Tone.MUTED, "", False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_state(self, word: str, tone: Tone, detail: str = "") -> None:
        """Show a state; ``detail`` is a sentence for the tooltip and for screen readers."""
        self._tone, self._detail = tone, detail
        self.setText(word)
        self.setAccessibleName(word)
        self.setAccessibleDescription(detail)
        self._refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave the word out."""
        self._compact = compact
        self._refresh()

    def sizeHint(self) -> QSize:
        words = 0 if self._compact else text_width(text_font(FontSize.SMALL), self.text()) + Space.XS
        return QSize(Metric.SMALL_ICON + words + 2 * _PADDING, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_return(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors()
        painter = QPainter(self)
        top = (self.height() - Metric.SMALL_ICON) // 2
        square = QRect(_PADDING, top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        color = colors.foreground(self._tone)
        paint_icon(painter, status_icon_name(self._tone), color, mirrored(square, self.rect()))
        if not self._compact:
            painter.setFont(text_font(FontSize.SMALL))
            painter.setPen(QColor(colors.text if self.underMouse() else colors.muted))
            left = square.right() + 1 + Space.XS
            words = QRect(left, 0, self.width() - left, self.height())
            paint_text(painter, mirrored(words, self.rect()), self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect(), Radius.SMALL)
        painter.end()

    def _refresh(self) -> None:
        set_tooltip(self, "\n".join(part for part in (self.text(), self._detail) if part))
        self.updateGeometry()
        self.update()
