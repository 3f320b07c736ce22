"""A start page that says how things stand: opening, not reachable, to be upgraded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from smtpy_desktop.core.redaction import redact
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.views.log_request import lines_until, log_giver
from smtpy_desktop.views.start_frame import StartFrame
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, button_row, clear_layout
from smtpy_desktop.views.widgets.error_dialog import error_report
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr, translated

_WIDTH = 560
_BAR_WIDTH = 240


class StatePage(StartFrame):
    """An icon, a heading and sentences in a card; ``body`` is for what else the state needs."""

    def __init__(self, icon: str, tone: Tone, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH, parent, centered=True)
        self._card = Card(parent=self)
        self._card.body.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        self._card.body.setSpacing(Space.M)
        self._icon = IconLabel(icon, tone, self, size=Metric.LARGE_ICON)
        self.heading = PlainLabel("", self, size="heading", wrap=True)
        self.text = PlainLabel("", self, wrap=True, selectable=True)
        self.hint = PlainLabel("", self, size="strong", wrap=True, selectable=True)
        self.subject = PlainLabel("", self, tone=Tone.MUTED, mono=True, wrap=True, selectable=True)
        self._card.body.addWidget(self._icon)
        for label in (self.heading, self.subject, self.text, self.hint):
            self._card.body.addWidget(label)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.M)
        self._card.body.addLayout(self.body)
        self._buttons = QVBoxLayout()
        self._card.body.addLayout(self._buttons)
        self.column.addWidget(self._card)

    def show_words(self, heading: str, text: str = "", hint: str = "", subject: str = "") -> None:
        """Say how things stand; ``subject`` is what it is about, such as the server's address."""
        for label, words in ((self.heading, heading), (self.text, text), (self.hint, hint), (self.subject, subject)):
            label.setText(words)
            label.setVisible(bool(words))
        self.setAccessibleName(heading)
        self.setAccessibleDescription(" ".join(part for part in (text, hint) if part))
        announce(self, " ".join(part for part in (heading, text, hint) if part))

    def set_buttons(self, *buttons: Button) -> None:
        """Show what can be done now; the first button has the focus."""
        clear_layout(self._buttons)
        flow = FlowLayout(spacing=Space.S)
        for button in buttons:
            flow.addWidget(button)
        self._buttons.addLayout(flow)
        if buttons:
            self.setFocusProxy(buttons[0])


class OpeningPage(StatePage):
    """The database is being opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("database", Tone.ACCENT, parent)
        bar = QProgressBar(self)
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(_BAR_WIDTH)
        bar.setAccessibleName(tr("Opening the database"))
        self.note = PlainLabel("", self, tone=Tone.MUTED, wrap=True)
        self.body.addWidget(bar)
        self.body.addWidget(self.note)


class FailedPage(StatePage):
    """A failure with what to do, its code, and a copy of everything for a bug report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("plug-connected-x", Tone.BAD, parent)
        self._error: UserFacingError | None = None
        self._code = PlainLabel("", self, tone=Tone.MUTED, size="small", selectable=True)
        self.copy_button = Button(tr("Co&py details"), self, kind="link", action=self._on_copy)
        self.log_button = Button(tr("Open &log"), self, kind="link", action=self._on_log)
        self.body.addLayout(button_row(self._code, self.copy_button, self.log_button))

    def show_failure(self, error: UserFacingError, subject: str = "") -> None:
        """Say what failed, why, and what to do."""
        self._error = error
        # What a driver says may hold an address with a password in it.
        detail = redact(translated(error.detail)) if error.detail is not None else ""
        hint = translated(error.hint) if error.hint is not None else ""
        if isinstance(error, DatabaseUnavailable):
            hint = tr("Check that the server runs and can be reached from here, then try again.")
        self.show_words(translated(error.message), detail, hint, subject)
        self._code.setText(tr("Code: {code}", code=error.code))
        self.copy_button.set_text(tr("Co&py details"))

    def _on_log(self) -> None:
        giver = log_giver(self)
        if giver is not None:
            giver.log_wanted.emit(lines_until())

    def _on_copy(self) -> None:
        if self._error is not None:
            QGuiApplication.clipboard().setText(redact(error_report(self._error)))
            self.copy_button.set_text(tr("Copied"))
            announce(self, tr("Copied"))


def step_lines(steps: tuple[str, ...], parent: QWidget) -> QWidget:
    """Return the steps of an upgrade as a numbered list in words."""
    widget = QWidget(parent)
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.XS)
    for step in steps:
        label = PlainLabel(step_words(step), widget, mono=True)
        label.setAlignment(Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label)
    return widget


def step_words(revision: str) -> str:
    """Return a revision such as ``0002_domains`` as people read it: "0002  domains"."""
    number, _, name = revision.partition("_")
    return f"{number}  {name.replace('_', ' ')}" if name else revision
