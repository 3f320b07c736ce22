"""Editors that are made of several widgets but have one value: a path with *Choose…*, a password with an eye."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.file_choice import choose_directory, choose_file
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr


class CompoundEditor(QWidget):
    """What a ``FormField`` needs of an editor that Qt does not have. ``edited``: the user changed the value."""

    accessible_role = QAccessible.Role.Grouping

    edited = Signal()

    def text(self) -> str:
        """Return the value as text."""
        raise NotImplementedError

    def set_text(self, value: str) -> None:
        """Show a value."""
        raise NotImplementedError

    def mark_invalid(self, *, invalid: bool) -> None:
        """Show that the value has to be corrected, or is no longer wrong."""
        raise NotImplementedError


class LineWithButton(CompoundEditor):
    """A line with something beside it; ``line`` has the focus and the value."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(name)
        self.line.textEdited.connect(self.edited)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.S)
        self._row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)

    def text(self) -> str:
        """Return what was typed."""
        return self.line.text()

    def set_text(self, value: str) -> None:
        """Show a value."""
        self.line.setText(value)

    def mark_invalid(self, *, invalid: bool) -> None:
        """Mark the line."""
        set_style_property(self.line, "invalid", invalid)


class PathEditor(LineWithButton):
    """The path of a file that exists."""

    def __init__(self, name: str, patterns: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._name, self._patterns = name, patterns
        self.choose_button = Button(tr("C&hoose…"), self, action=self._on_choose)
        self._row.addWidget(self.choose_button)

    def _on_choose(self) -> None:
        choose_file(self, self._name, self._take, self._patterns, start=self.text())

    def _take(self, path: str) -> None:
        self.set_text(path)
        self.edited.emit()


class DirectoryEditor(PathEditor):
    """A directory; the line's placeholder is where the search for it begins while none is named."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)

    def _on_choose(self) -> None:
        choose_directory(self, self._name, self._take, start=self.text() or self.line.placeholderText())


class PasswordEditor(LineWithButton):
    """A password, hidden until the eye is pressed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.eye_button = IconButton("eye", tr("Show the password"), self, action=self._on_eye)
        self._row.addWidget(self.eye_button)

    def _on_eye(self) -> None:
        hidden = self.line.echoMode() is QLineEdit.EchoMode.Password
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self.eye_button.set_icon("eye-off" if hidden else "eye")
        self.eye_button.set_name(tr("Hide the password") if hidden else tr("Show the password"))
