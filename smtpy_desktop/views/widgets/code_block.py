"""A value to be read letter by letter and pasted elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText


class CodeBlock(QFrame):
    """A caption and a remark over a monospace value, with a copy button."""

    def __init__(
        self,
        caption: str,
        value: str,
        parent: QWidget | None = None,
        *,
        remark: str = "",
        tone: Tone = Tone.TEXT,
        copy: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("codeBlock")
        self.setAccessibleName(caption)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.S + 1, Space.XS + 1, Space.XS, Space.XS + 2)
        row.setSpacing(Space.S)
        column = QVBoxLayout()
        column.setSpacing(2)
        row.addLayout(column, 1)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(caption.upper(), self, tone=Tone.MUTED, size="caption"))
        elided = PlainLabel(remark, self, tone=Tone.MUTED, size="caption", elide=Qt.TextElideMode.ElideRight)
        head.addWidget(elided, 1)
        column.addLayout(head)
        self.value = MonoText(value, caption, self, tone=tone)
        column.addWidget(self.value)
        if copy:
            row.addWidget(CopyButton(self.value.text, caption, self), 0, Qt.AlignmentFlag.AlignTop)

    def set_value(self, value: str) -> None:
        """Show another value."""
        self.value.set_text(value)
