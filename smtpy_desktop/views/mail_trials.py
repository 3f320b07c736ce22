"""Trying mail out from anywhere in the window: simulated, or with a real test message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.mail_simulator_dialog import MailSimulatorDialog
    from smtpy_desktop.views.test_message_dialog import TestMessageDialog


class MailTrials(QObject):
    """Opens the dialogs, which are loaded when they are first wanted.

    ``message_wanted(MessageId)``: a message is to be seen among the messages.
    """

    message_wanted = Signal(int)

    def __init__(self, context: ViewContext, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._window = context, window

    @property
    def commands(self) -> tuple[PaletteEntry, ...]:
        """What the search at the top offers."""
        action = tr("Action")
        return (
            PaletteEntry(tr("Simulate a message…"), self.simulate, "route", action),
            PaletteEntry(tr("Send a test message…"), self.send_test, "mail-forward", action),
        )

    def simulate(self, recipient: str = "") -> MailSimulatorDialog:
        """Open the simulator, for an address where one is given."""
        from smtpy_desktop.views.mail_simulator_dialog import MailSimulatorDialog

        dialog = MailSimulatorDialog(self._context, self._window, recipient=recipient)
        dialog.open()
        return dialog

    def send_test(self, recipient: str = "") -> TestMessageDialog:
        """Open the dialog that sends a test message."""
        from smtpy_desktop.views.test_message_dialog import TestMessageDialog

        dialog = TestMessageDialog(self._context, self._window, recipient=recipient)
        dialog.message_wanted.connect(self.message_wanted)
        dialog.open()
        return dialog
