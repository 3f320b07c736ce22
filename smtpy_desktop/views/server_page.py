"""The page on which a PostgreSQL server is described, tested and chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.views.connection_test_panel import ConnectionTestPanel
from smtpy_desktop.views.server_fields import ServerFields
from smtpy_desktop.views.server_trial import ServerTrial
from smtpy_desktop.views.start_actions import StartActions
from smtpy_desktop.views.start_frame import StartFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, button_row
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 1080
_TEST_WIDTH = 400


class ServerPage(StartFrame):
    """``connect_wanted(ServerAddress, password)``: everything typed is well-formed. ``stop_wanted``: stop connecting.

    ``back_wanted``: another choice. A test saves nothing and can be stopped.
    """

    connect_wanted = Signal(object, str)
    stop_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, actions: StartActions, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH, parent)
        self.setAccessibleName(tr("PostgreSQL server"))
        self._is_connecting = False
        self.fields = ServerFields(self)
        self.panel = ConnectionTestPanel(self)
        self._trial = ServerTrial(self.fields, self.panel, actions.probe, runner, self)
        self._build()
        self._trial.changed.connect(self._show_busy)
        self.fields.submitted.connect(self.connect_server)
        self.setFocusProxy(self.fields)
        self._show_busy()

    @property
    def is_testing(self) -> bool:
        """Whether a test is under way."""
        return self._trial.is_running

    def start_test(self) -> None:
        """Try the typed server out, step by step."""
        self._trial.start()

    def stop_test(self) -> None:
        """Stop a test that is under way; its connections end with it."""
        self._trial.stop()

    def connect_server(self) -> None:
        """Ask for the typed server to be used, unless something is under way or has to be corrected."""
        address = self.fields.address()
        if address is None or self._is_connecting:
            return
        self.stop_test()
        self.connect_wanted.emit(address, self.fields.password.text())

    def show_connecting(self, *, connecting: bool) -> None:
        """Show that the server is being opened, or no longer."""
        self._is_connecting = connecting
        self._show_busy()

    def show_error(self, error: UserFacingError) -> None:
        """Show why the server could not be opened."""
        self.show_connecting(connecting=False)
        self.fields.show_error(error)
        self.ensureWidgetVisible(self.fields)

    def show_address(self, address: ServerAddress) -> None:
        """Fill in a server that is known already."""
        self.fields.show_address(address)
        self.panel.reset()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        self.back_button = Button(tr("&Back"), self, kind="ghost", icon="chevron-left", action=self._on_back)
        head.addWidget(self.back_button)
        head.addWidget(PlainLabel(tr("Connect to a PostgreSQL server"), self, size="title"), 1)
        self.column.addLayout(head)
        columns = QHBoxLayout()
        columns.setSpacing(Space.L)
        form = Card(parent=self)
        form.setAccessibleName(tr("Server"))
        form.body.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        form.body.addWidget(self.fields)
        form.body.addSpacing(Space.S)
        self.connect_button = Button(tr("&Connect"), self, kind="primary", action=self.connect_server)
        self.test_button = Button(tr("&Test connection"), self, icon="plug-connected", action=self.start_test)
        self.cancel_button = Button(tr("Cancel"), self, icon="x", action=self._on_cancel)
        self._state = PlainLabel("", self, tone=Tone.MUTED)
        form.body.addLayout(button_row(self.connect_button, self.test_button, self.cancel_button, self._state))
        form.body.addStretch(1)
        columns.addWidget(form, 1)
        self.panel.setFixedWidth(_TEST_WIDTH)
        columns.addWidget(self.panel, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(columns)

    def _show_busy(self) -> None:
        busy = self.is_testing or self._is_connecting
        self.cancel_button.setVisible(busy)
        self.test_button.setVisible(not busy)
        self.connect_button.setEnabled(not self._is_connecting)
        self._state.setText(tr("Connecting…") if self._is_connecting else tr("Testing…") if self.is_testing else "")

    def _on_cancel(self) -> None:
        if self._is_connecting:
            self.stop_wanted.emit()
        self.stop_test()

    def _on_back(self) -> None:
        self.stop_test()
        self.back_wanted.emit()
