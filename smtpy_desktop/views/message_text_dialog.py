"""A dialog with a long text of a message: its headers, or its raw source."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.texts import number, tr

_SIZE = (760, 560)
_LONGEST_SHOWN = 500_000


class MessageTextDialog(Dialog):
    """Shows a text literally, with what could deceive the eye made visible; it can be selected and copied whole."""

    def __init__(self, parent: QWidget | None, title: str, subtitle: str, text: str) -> None:
        super().__init__(parent, title, subtitle)
        self.editor = QPlainTextEdit(self)
        self.editor.setReadOnly(True)
        self.editor.setProperty("mono", True)
        self.editor.setFont(mono_font())
        self.editor.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.editor.setAccessibleName(title)
        shown = text[:_LONGEST_SHOWN]
        if len(shown) < len(text):
            cut = tr("… and {n} more characters; Copy takes all of it.", n=number(len(text) - len(shown)))
            shown = f"{shown}\n{cut}"
        self.editor.setPlainText(visible_text(shown))
        self.content.addWidget(self.editor, 1)
        self.let_content_grow()
        close = Button(tr("Close"), self, kind="primary", action=self.accept)
        close.setDefault(True)
        self.copy_button = Button(tr("Copy all"), self, icon="copy", action=self._copy)
        self.set_buttons(close, leading=(self.copy_button,))
        self._text = text
        self.resize(*_SIZE)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        announce(self, tr("Copied {what}", what=self.windowTitle()))
