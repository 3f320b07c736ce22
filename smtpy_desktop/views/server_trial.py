"""Trying out the server that is typed into a form, with its steps on a panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from smtpy_desktop.controllers.connection_test_controller import Probe, run_connection_test
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.result_stream import ResultStream
from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.views.connection_test_panel import ConnectionTestPanel
from smtpy_desktop.views.server_fields import ServerFields


class ServerTrial(QObject):
    """``changed``: a test has begun or ended. It saves nothing, and typing something else stops it."""

    changed = Signal()

    def __init__(
        self, fields: ServerFields, panel: ConnectionTestPanel, probe: Probe, runner: TaskRunner, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._fields, self._panel = fields, panel
        self._probe, self._runner = probe, runner
        self._handle: TaskHandle | None = None
        self._stream = ResultStream(self)
        self._stream.arrived.connect(panel.show_result)
        fields.edited.connect(self._on_edited)

    @property
    def is_running(self) -> bool:
        """Whether a test is under way."""
        return self._handle is not None

    def start(self) -> None:
        """Try the typed server out, step by step, unless something has to be corrected first."""
        address = self._fields.address()
        if address is None:
            return
        self.stop()
        self._panel.begin()
        password = self._fields.password.text()
        self._handle = self._runner.run(
            run_connection_test(self._probe, address, password, tell=self._stream.begin()),
            owner=self,
            on_success=self._on_tested,
            on_error=self._on_failed,
        )
        self.changed.emit()

    def stop(self) -> None:
        """Stop a test that is under way; its connections end with it."""
        if self._handle is None:
            return
        self._handle.cancel()
        self._end()
        self._panel.stop()

    def _end(self) -> None:
        self._handle = None
        self._stream.end()
        self.changed.emit()

    def _on_tested(self, usable: bool) -> None:
        # The last results were posted before this one, and arrive in that order.
        self._end()
        self._panel.finish()

    def _on_failed(self, error: UserFacingError) -> bool:
        self._end()
        self._panel.reset()
        return self._fields.show_error(error)

    def _on_edited(self) -> None:
        self.stop()
        self._panel.reset()
