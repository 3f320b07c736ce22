"""Name and value in rows, each value ready to be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.label import PlainLabel

_LINE_HEIGHT = 24


class KeyValueList(QWidget):
    """Rows of a muted name, a selectable value and a copy button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, PlainLabel] = {}

    def add(self, name: str, value: str, *, copy: bool = True, mono: bool = False, tone: Tone = Tone.TEXT) -> None:
        """Add a row."""
        row = self._grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop
        value_label = PlainLabel(value, self, wrap=True, selectable=True, mono=mono, tone=tone)
        value_label.setAccessibleName(f"{name}: {value}")
        name_label = PlainLabel(name, self, tone=Tone.MUTED, size="small")
        for label in (name_label, value_label):
            label.setMinimumHeight(_LINE_HEIGHT)
        self._grid.addWidget(name_label, row, 0, top)
        self._grid.addWidget(value_label, row, 1)
        if copy:
            self._grid.addWidget(CopyButton(value_label.text, name, self), row, 2, top)
        self._values[name] = value_label

    def set_value(self, name: str, value: str) -> None:
        """Change the value of a row that was added before."""
        self._values[name].setText(value)
        self._values[name].setAccessibleName(f"{name}: {value}")

    def clear(self) -> None:
        """Remove every row."""
        clear_layout(self._grid)
        self._values.clear()
