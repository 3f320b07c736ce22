"""A fault of the program as the user is told about it: once per fault, and the program goes on."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.widgets.error_dialog import DetailsDialog, Redact
from smtpy_desktop.views.widgets.texts import tr


class CrashDialog(DetailsDialog):
    """Shows a traceback behind *Details* and offers its redacted copy."""

    def __init__(self, parent: QWidget | None, traceback_text: str, redact: Redact) -> None:
        super().__init__(
            parent,
            tr("Something went wrong inside the program"),
            tr(
                "The last action may not have been finished; everything else goes on. "
                "If it happens again, copy the details and report them."
            ),
            traceback_text,
            redact,
        )
        self.finish()


class CrashReporter:
    """Opens one crash dialog per kind of fault, so that a failing timer does not open a hundred."""

    def __init__(self, parent: QWidget, redact: Redact) -> None:
        self._parent = parent
        self._redact = redact
        self._seen: set[str] = set()

    def report(self, traceback_text: str) -> CrashDialog | None:
        """Show a traceback; return the dialog, or None when the same fault was shown before."""
        fault = _fault_of(traceback_text)
        if fault in self._seen:
            return None
        self._seen.add(fault)
        dialog = CrashDialog(self._parent, traceback_text, self._redact)
        dialog.open()
        return dialog


def _fault_of(traceback_text: str) -> str:
    """Return where it happened and the kind of exception, without the values in its message."""
    places = re.findall(r'File "(.+?)", line (\d+)', traceback_text)
    last_line = traceback_text.strip().rsplit("\n", 1)[-1]
    return f"{places}{last_line.split(':', 1)[0]}"
