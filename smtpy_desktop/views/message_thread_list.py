"""The messages of a thread as a short list, the shown one marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.views.message_words import message_status_pill, received_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import LinkLine
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr

_LONGEST_SUBJECT = 60


class MessageThreadList(QWidget):
    """``message_wanted(MessageId)``: another message of the thread is to be shown."""

    message_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Thread"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(PlainLabel(tr("Thread"), self, size="section"))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.XS)
        column.addLayout(self._lines)
        self.rows: tuple[MessageRow, ...] = ()
        self._shown: MessageId | None = None

    def show_rows(self, rows: Sequence[MessageRow], shown: MessageId, now: datetime) -> None:
        """Show the messages of a thread, the oldest first."""
        if (tuple(rows), shown) == (self.rows, self._shown):
            return
        self.rows, self._shown = tuple(rows), shown
        clear_layout(self._lines)
        for row in rows:
            self._lines.addLayout(self._line(row, now, is_shown=row.id == shown))

    def _line(self, row: MessageRow, now: datetime, *, is_shown: bool) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(PlainLabel(received_words(row.created_at, now), self, tone=Tone.MUTED, size="small"))
        pill = message_status_pill(row.status)
        line.addWidget(Pill(pill.text, pill.tone, self, icon=pill.icon))
        subject = visible_line(row.subject, _LONGEST_SUBJECT) or tr("(no subject)")
        if is_shown:
            line.addWidget(PlainLabel(subject, self, size="strong", elide=Qt.TextElideMode.ElideRight), 1)
        else:
            show = partial(self.message_wanted.emit, row.id)
            line.addWidget(LinkLine(subject, self, action=show), 1)
        return line
