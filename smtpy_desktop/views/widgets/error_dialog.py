"""A failure as the user is told about it: what failed, why, what to do next, and the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.log_request import lines_until, log_giver
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.texts import tr, translated

Redact = Callable[[str], str]

_DETAILS_HEIGHT = 160


class DetailsDialog(Dialog):
    """A dialog with foldable details, a *Copy* that leaves secrets out, and the way to the log of that moment."""

    help_topic = "support"

    def __init__(self, parent: QWidget | None, title: str, text: str, details: str, redact: Redact) -> None:
        super().__init__(parent, title, text, Tone.BAD)
        # What is seen is redacted, too: a screenshot travels as easily as a copied text.
        self._report = redact(details)
        self.details = QPlainTextEdit(self._report, self)
        self.details.setReadOnly(True)
        self.details.setFont(mono_font())
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setAccessibleName(tr("Details"))
        self.details.hide()
        self.details_button = Button(tr("&Details"), self, kind="ghost", icon="chevron-down", action=self._on_details)
        self.copy_button = Button(tr("&Copy"), self, icon="copy", action=self._on_copy)
        self._at = datetime.now(UTC)
        self._log = log_giver(parent)
        self.log_button = Button(tr("Open &log"), self, icon="file-text", action=self._on_log)
        self.log_button.setVisible(self._log is not None)
        self.close_button = Button(tr("Close"), self, kind="primary", action=self.accept)
        self.close_button.setDefault(True)

    def finish(self) -> None:
        """Put details and buttons below what was added to ``content``."""
        self.content.addWidget(self.details)
        self.set_buttons(self.copy_button, self.close_button, leading=(self.details_button, self.log_button))
        self.close_button.setFocus()

    def _on_details(self) -> None:
        opened = self.details.isHidden()
        self.details.setVisible(opened)
        self.details_button.set_icon("chevron-up" if opened else "chevron-down")
        self.fit_height()

    def _on_log(self) -> None:
        if self._log is not None:
            self._log.log_wanted.emit(lines_until(self._at))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy_button.set_text(tr("Copied"))
        announce(self, tr("Copied"))


class ErrorDialog(DetailsDialog):
    """Shows a ``UserFacingError``; ``redact`` takes secrets out of what can be copied."""

    def __init__(self, parent: QWidget | None, error: UserFacingError, redact: Redact) -> None:
        super().__init__(parent, translated(error.message), "", error_report(error), redact)
        if error.detail is not None:
            self.content.addWidget(PlainLabel(translated(error.detail), self, wrap=True, selectable=True))
        if error.hint is not None:
            self.content.addWidget(PlainLabel(translated(error.hint), self, size="strong", wrap=True, selectable=True))
        code = tr("Code: {code}", code=error.code)
        self.content.addWidget(PlainLabel(code, self, tone=Tone.MUTED, size="small", selectable=True))
        self.finish()


def error_report(error: UserFacingError) -> str:
    """Return the failure and what it was caused by, in English, for a bug report."""
    lines = [f"{error.code}: {error.message}"]
    lines += [str(part) for part in (error.detail, error.hint) if part is not None]
    cause = error.__cause__
    while cause is not None:
        lines.append(f"caused by {type(cause).__name__}: {cause}")
        cause = cause.__cause__
    return "\n".join(lines)
