"""A tile of the overview: a name, a figure, and how it has changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Radius, Space, Tone
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.painting import paint_focus


class OverviewTile(QFrame):
    """``opened``: the messages behind the figure are wanted."""

    accessible_role = QAccessible.Role.Button

    opened = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(name)
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L - 2, Space.M, Space.L - 2, Space.M)
        column.setSpacing(Space.XS)
        self.name = PlainLabel(name, self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        column.addWidget(self.name)
        self.figure = PlainLabel("—", self, size="figure", elide=Qt.TextElideMode.ElideRight)
        column.addWidget(self.figure)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.change = PlainLabel("", self, size="small")
        self.explanation = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        row.addWidget(self.change)
        row.addWidget(self.explanation, 1)
        column.addLayout(row)

    def show_figure(
        self, figure: str, change: str = "", tone: Tone = Tone.MUTED, explanation: str = "", *, detail: str = ""
    ) -> None:
        """Show a figure and its change; ``detail`` stands beside the name."""
        self.name.setText(f"{self._name} · {detail}" if detail else self._name)
        self.figure.setText(figure)
        self.change.setText(change)
        self.change.set_tone(tone)
        self.change.setVisible(bool(change))
        self.explanation.setText(explanation)
        words = " ".join(part for part in (change, explanation) if part)
        self.setAccessibleName(f"{self.name.text()}: {figure}")
        self.setAccessibleDescription(words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            paint_focus(painter, self.rect().adjusted(0, 0, -1, -1), Radius.CARD)
            painter.end()
