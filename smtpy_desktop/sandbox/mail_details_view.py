"""The pane of one message that the sandbox's mail server has taken: its envelope and its source, literally."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.sandbox.mail_playing import MailRow
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.texts import tr

_SOURCE_HEIGHT = 260


class MailDetails(QWidget):
    """Shows one message; the source comes a moment later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: MailRow | None = None
        self._subject = PlainLabel("", self, size="heading", elide=Qt.TextElideMode.ElideRight, selectable=True)
        self._envelope = PlainLabel("", self, wrap=True, selectable=True)
        self._facts = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self.source = QPlainTextEdit(self)
        self.source.setReadOnly(True)
        self.source.setTabChangesFocus(True)
        self.source.setProperty("mono", True)
        self.source.setFont(mono_font())
        self.source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.source.setAccessibleName(tr("Source of the message"))
        self.source.setMinimumHeight(_SOURCE_HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        for widget in (self._subject, self._envelope, self._facts, self.source):
            column.addWidget(widget)

    def show_row(self, row: MailRow) -> None:
        """Show a message."""
        if self.row is None or self.row.id != row.id:
            self.source.setPlainText("")
        self.row = row
        self._subject.setText(row.subject or tr("No subject"))
        self._envelope.setText(
            tr("From <{sender}> to {recipients}", sender=row.envelope_sender, recipients=row.recipients)
        )
        how = tr("encrypted with {protocol}", protocol=row.tls) if row.tls else tr("not encrypted")
        when = full_time(row.received_at).partition("\n")[0]
        self._facts.setText(f"{when} · {size_words(row.size_bytes)} · {how}")

    def changeEvent(self, event: QEvent) -> None:
        """Write the time anew when another zone is shown."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LocaleChange and self.row is not None:
            self.show_row(self.row)

    def show_source(self, source: str) -> None:
        """Show the source of the message that is shown."""
        self.source.setPlainText(source)
