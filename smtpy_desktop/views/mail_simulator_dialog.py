"""The simulator: a message and an envelope on one side, what would become of them on the other; nothing is sent."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.controllers import mail_simulator_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.mail_simulation import Simulation, TrialEnvelope
from smtpy_desktop.views.mail_source_editor import TEMPLATE, MailSourceEditor
from smtpy_desktop.views.simulation_result import SimulationResult
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.file_choice import choose_file
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.texts import tr

_SIZE = (1080, 640)
_FORM_WIDTH = 400
_SOURCE_HEIGHT = 120


class MailSimulatorDialog(Dialog):
    """``test_wanted(str)``: a test message to that address is to be sent for real."""

    test_wanted = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None, *, recipient: str = "") -> None:
        super().__init__(parent, tr("Simulate a message"))
        self._context = context
        self._running: TaskHandle | None = None
        self._filled: tuple[str, ...] = ("",) * 4
        self.setAcceptDrops(True)
        self.form = Form(self)
        self.outcome = SimulationResult(self)
        self._build(recipient)
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.simulate_button = Button(tr("&Simulate"), self, kind="primary", icon="route", action=self.simulate)
        self.simulate_button.setDefault(True)
        self.set_buttons(self.close_button, self.simulate_button)
        self.let_content_grow()
        self.resize(*_SIZE)
        self.form.submitted.connect(self.simulate)
        self.source.dropped.connect(self.read_file)
        self.offer_help("trying")
        self.draft = DialogDraft(self, self.form, context.memory, f"simulate/{recipient}")
        (self.source if recipient else self.recipient_edit).setFocus()

    @property
    def is_busy(self) -> bool:
        """Whether a file is being read or a message tried out."""
        return self._running is not None and not self._running.is_done

    @property
    def envelope(self) -> TrialEnvelope:
        """The envelope as it is typed."""
        recipients = tuple(word for word in self.recipient_edit.text().replace(",", " ").split() if word)
        return TrialEnvelope(
            self.sender_edit.text().strip(), recipients, self.client_edit.text().strip(), self.helo_edit.text().strip()
        )

    def choose_file(self) -> QFileDialog:
        """Ask for a file with a message."""
        patterns = (tr("Messages (*.eml *.txt)"), tr("All files (*)"))
        return choose_file(self, tr("Choose a message"), self.read_file, *patterns)

    def read_file(self, path: str) -> None:
        """Take the message in a file, fill the envelope in as it tells, and try it out."""
        self.form.clear_errors()
        self._running = self._context.runner.run(
            mail_simulator_controller.read_mail_file(Path(path), files=self._context.services.files),
            owner=self,
            on_success=self._take_file,
            on_error=self._on_error,
            replaces="simulator",
        )

    def simulate(self) -> None:
        """Try the message out with this envelope."""
        self.form.clear_errors()
        self.outcome.show_hint(tr("Trying it out…"))
        services = self._context.services
        self._running = self._context.runner.run(
            mail_simulator_controller.simulate(
                services.sessions,
                self.source.content,
                self.envelope,
                keys=services.keys,
                tools=services.mail_tools,
            ),
            owner=self,
            on_success=self._show,
            on_error=self._on_error,
            replaces="simulator",
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.read_file(paths[0])

    def _build(self, recipient: str) -> None:
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addWidget(self.form)
        self.form.setFixedWidth(_FORM_WIDTH)
        self._build_envelope(recipient)
        self.source = MailSourceEditor(self)
        self.source.setMinimumHeight(_SOURCE_HEIGHT)
        field = self.form.add_field("source", tr("&Message"), self.source)
        field.add_action(Button(tr("Type…"), self, kind="link", action=self._type))
        field.add_action(Button(tr("&Choose a file…"), self, kind="link", action=self.choose_file))
        holder = QHBoxLayout()
        holder.setSpacing(Space.XL)
        holder.addLayout(left)
        holder.addWidget(self.outcome, 1)
        self.content.addSpacing(Space.S)
        self.content.addLayout(holder, 1)

    def _build_envelope(self, recipient: str) -> None:
        self.recipient_edit = QLineEdit(recipient, self)
        self.recipient_edit.setPlaceholderText("info@example.com")
        self.form.add_field("recipients", tr("&To (in the envelope)"), self.recipient_edit)
        self.sender_edit = QLineEdit(self)
        self.sender_edit.setPlaceholderText(tr("empty: a report, <>"))
        self.form.add_field("sender", tr("&From (in the envelope)"), self.sender_edit)
        row = self.form.add_row()
        self.client_edit, self.helo_edit = QLineEdit(self), QLineEdit(self)
        self.client_edit.setPlaceholderText("192.0.2.1")
        self.helo_edit.setPlaceholderText("mx.example.org")
        self.form.add_field("client", tr("Server's &address"), self.client_edit, row=row)
        self.form.add_field("helo", tr("Server's &name"), self.helo_edit, row=row)
        row.setStretch(0, 1)
        row.setStretch(1, 1)

    def _type(self) -> None:
        """Give header lines to be filled in."""
        if not self.source.has_content or self.source.is_shortened:
            self.source.clear_source()
            self.source.setPlainText(TEMPLATE)
        self.source.setFocus()

    def _take_file(self, content: bytes) -> None:
        self.source.show_file(content)
        self._running = self._context.runner.run(
            mail_simulator_controller.read_envelope(content),
            owner=self,
            on_success=self._take_envelope,
            on_error=self._on_error,
            replaces="simulator",
        )

    def _take_envelope(self, found: TrialEnvelope) -> None:
        """Fill in what the message tells; what was typed stays, what an earlier file told does not."""
        told = (", ".join(found.recipients), found.sender, found.client_address, found.helo)
        edits = (self.recipient_edit, self.sender_edit, self.client_edit, self.helo_edit)
        for edit, before, now in zip(edits, self._filled, told, strict=True):
            if edit.text().strip() in ("", before):
                edit.setText(now)
        self._filled = told
        self.simulate()

    def _show(self, told: Simulation) -> None:
        self.outcome.show_simulation(told)

    def _on_error(self, error: UserFacingError) -> bool:
        self.outcome.show_hint(tr("Nothing was tried out yet."))
        self.form.show_error(error)
        return True
