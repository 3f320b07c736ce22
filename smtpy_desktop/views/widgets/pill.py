"""A state as icon, word and tint."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.widgets.painting import PillCell, paint_pill, pill_width


class Pill(QWidget):
    """A small rounded label; the word always says what the colour says."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(
        self, text: str = "", tone: Tone = Tone.MUTED, parent: QWidget | None = None, *, icon: str | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._cell = PillCell(text, tone, icon)
        self.set_state(text, tone, icon=icon)

    @property
    def state(self) -> PillCell:
        """What is shown."""
        return self._cell

    def set_state(self, text: str, tone: Tone, *, icon: str | None = None) -> None:
        """Show another state; an empty ``icon`` leaves the icon out, None takes the tone's own."""
        self._cell = PillCell(text, tone, icon)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole pill."""
        return QSize(pill_width(self._cell), Metric.PILL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill."""
        painter = QPainter(self)
        paint_pill(painter, QRect(0, 0, self.width(), self.height()), self._cell)
        painter.end()
