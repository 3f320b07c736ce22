"""One line of the log in full: when, where, what, and the traceback or the statement that belongs to it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.core.log_lines import log_text
from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.schemas.log_lines import LogLine
from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.log_words import level_icon, level_tone, line_level, source_word
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import tr

_LONGEST = 200_000


class LogDetails(QWidget):
    """Shows a hint while no line is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Details"))
        self._line: LogLine | None = None
        self._icon = IconLabel(status_icon_name(Tone.MUTED), Tone.MUTED, self)
        self._level = PlainLabel("", self, size="strong")
        self._place = PlainLabel("", self, tone=Tone.MUTED, selectable=True)
        self.copy_button = Button(tr("&Copy"), self, icon="copy", action=self._on_copy)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._icon)
        head.addWidget(self._level)
        head.addWidget(self._place, 1)
        head.addWidget(self.copy_button)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setFont(mono_font())
        self.text.setAccessibleName(tr("The whole line"))
        self.text.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        self.show_line(None)

    def show_line(self, line: LogLine | None) -> None:
        """Show one line, or the hint; the same line again keeps what is marked in it."""
        if line is not None and line == self._line:
            return
        self._line = line
        for widget in (self._icon, self._level, self.copy_button):
            widget.setVisible(line is not None)
        if line is None:
            self._place.setText(tr("Select a line to read it in full."))
            self.text.clear()
            return
        self._icon.set_icon(level_icon(line.level), level_tone(line.level))
        self._level.setText(line_level(line))
        self._level.set_tone(level_tone(line.level))
        where = (source_word(line.source), line.process, line.logger, exact_time(line.at) if line.at else "")
        self._place.setText(" · ".join(part for part in where if part))
        self.text.setPlainText(_whole(line))

    def take_focus(self) -> None:
        """Give the text the keyboard."""
        self.text.setFocus()

    def _on_copy(self) -> None:
        if self._line is not None:
            QGuiApplication.clipboard().setText(log_text(self._line))
            announce(self, tr("Copied"))


def _whole(line: LogLine) -> str:
    facts = [f"{name}: {value}" for name, value in line.facts.items()]
    whole = "\n".join(part for part in (line.text, *facts, line.more) if part)
    return visible_text(whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…")
