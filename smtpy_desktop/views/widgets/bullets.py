"""Lines of a list: a dot, and words that go on below themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.label import PlainLabel


def bullet_line(words: str, parent: QWidget) -> QHBoxLayout:
    """Return one line of a list."""
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(PlainLabel("•", parent), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(PlainLabel(words, parent, wrap=True), 1)
    return row
