"""The line above a list: what is listed, and the way back to everything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr


class ListLine(QWidget):
    """Words that are cut at their end where there is no room, and a button that clears the filters."""

    def __init__(self, clear: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.label = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        self.clear_button = Button(tr("Clear filters"), self, kind="link", action=clear)
        self.clear_button.hide()
        self.label.setMinimumHeight(self.clear_button.sizeHint().height())  # nothing moves when the button comes
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.label, 1)
        row.addWidget(self.clear_button)
