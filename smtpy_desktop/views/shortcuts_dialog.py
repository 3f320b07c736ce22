"""The list of shortcuts that F1 opens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_SIZE = (620, 460)


class ShortcutsDialog(Dialog):
    """Shows groups of (keys, what they do)."""

    def __init__(self, parent: QWidget | None, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__(parent, tr("Keyboard shortcuts"))
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setMinimumSize(*_SIZE)
        area.setAccessibleName(tr("Keyboard shortcuts"))
        content = QWidget(area)
        content.setObjectName("scrollContent")
        grid = QGridLayout(content)
        grid.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        grid.setHorizontalSpacing(Space.XXL)
        grid.setVerticalSpacing(Space.XS + 2)
        grid.setColumnStretch(1, 1)
        for title, lines in groups:
            row = grid.rowCount()
            grid.addWidget(PlainLabel(title, content, size="section"), row, 0, 1, 2)
            grid.setRowMinimumHeight(row, 2 * Space.L)
            for offset, (keys, what) in enumerate(lines, start=1):
                key_label = PlainLabel(keys, content, mono=True, tone=Tone.MUTED)
                grid.addWidget(key_label, row + offset, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(PlainLabel(what, content, wrap=True), row + offset, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        area.setWidget(content)
        self.content.addWidget(area)
        close = Button(tr("Close"), self, kind="primary", action=self.accept)
        close.setDefault(True)
        self.set_buttons(close)
        area.setFocus()
