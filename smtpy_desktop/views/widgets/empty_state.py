"""What a page shows when there is nothing yet: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel

_TEXT_WIDTH = 380


class EmptyState(QWidget):
    """An icon, a title, a sentence and the button for the first step, in the middle of the page."""

    accessible_role = QAccessible.Role.Grouping

    def __init__(self, icon: str, title: str, text: str, *buttons: Button, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        center = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.XXL)
        column.setSpacing(Space.S)
        column.addStretch(2)
        self._icon = IconLabel(icon, Tone.MUTED, self, size=Metric.LARGE_ICON)
        column.addWidget(self._icon, 0, center)
        column.addSpacing(Space.S)
        self.title = PlainLabel(title, self, size="heading")
        column.addWidget(self.title, 0, center)
        self.text = PlainLabel(text, self, tone=Tone.MUTED, wrap=True)
        self.text.setAlignment(center)
        self.text.setMaximumWidth(_TEXT_WIDTH)
        # Between stretches instead of aligned: an aligned label gets the height of its text in the whole width.
        words = QHBoxLayout()
        words.addStretch(1)
        words.addWidget(self.text, 1000)  # as wide as it may become, which is less where there is no room
        words.addStretch(1)
        column.addLayout(words)
        if buttons:
            column.addSpacing(Space.S)
            column.addLayout(button_row(*buttons, centered=True))
        column.addStretch(3)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self.title.setText(title)
        self.setAccessibleName(title)
