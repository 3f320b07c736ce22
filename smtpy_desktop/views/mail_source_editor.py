"""The place for the source of a message: dropped, chosen, pasted or typed."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.texts import tr

_MOST_SHOWN = 64 * 1024
TEMPLATE = "From: \nTo: \nSubject: \n\n"


class MailSourceEditor(QPlainTextEdit):
    """Holds the bytes of a file as they are, or what was typed. ``dropped(str)``: a file was dropped on it.

    ``edited``: what it holds is another message now.
    """

    dropped = Signal(str)
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: bytes | None = None
        self._is_filling = False
        self.setFont(mono_font())
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setPlaceholderText(tr("Drop an .eml file here, paste the source of a message, or type it."))
        self.textChanged.connect(self._on_changed)

    @property
    def content(self) -> bytes:
        """The message: the file's bytes as long as nobody has typed anything into them."""
        return self._file if self._file is not None else self.toPlainText().encode("utf-8", "replace")

    @property
    def has_content(self) -> bool:
        """Whether there is anything."""
        return self._file is not None or bool(self.toPlainText().strip())

    @property
    def is_shortened(self) -> bool:
        """Whether only the beginning of the file is shown; it cannot be changed then."""
        return self._file is not None and len(self._file) > _MOST_SHOWN

    def show_file(self, content: bytes) -> None:
        """Hold the bytes of a file and show their beginning."""
        self._is_filling = True
        shown = content[:_MOST_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n")
        self.setPlainText("\n".join(visible_line(line.expandtabs(), 4000) for line in shown.split("\n")))
        self._is_filling = False
        self._file = content
        self.setReadOnly(self.is_shortened)
        self.edited.emit()

    def clear_source(self) -> None:
        """Hold nothing."""
        self._file = None
        self.setReadOnly(False)
        self.clear()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take a long text that is pasted as a file: showing it whole would take long."""
        text = source.text()
        if len(text) > _MOST_SHOWN:
            self.show_file(text.encode("utf-8", "replace"))
        else:
            super().insertFromMimeData(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths[0])
        else:
            super().dropEvent(event)

    def _on_changed(self) -> None:
        if not self._is_filling:
            self._file = None
            self.edited.emit()
