"""A fault of the program as the user is told about it: once per fault, and the program goes on."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import PurePath

from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.error_dialog import DetailsDialog, Redact
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_log = logging.getLogger(__name__)


class CrashDialog(DetailsDialog):
    """Shows a traceback behind *Details* and offers its redacted copy."""

    def __init__(self, parent: QWidget | None, traceback_text: str, redact: Redact) -> None:
        self.code = fault_code(traceback_text)
        super().__init__(
            parent,
            tr("Something went wrong inside the program"),
            tr(
                "The last action may not have been finished; everything else goes on. "
                "If it happens again, copy the details and report them."
            ),
            f"{self.code}\n\n{traceback_text}",
            redact,
        )
        code = tr("Code: {code}", code=self.code)
        self.content.addWidget(PlainLabel(code, self, tone=Tone.MUTED, size="small", selectable=True))
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
        # The traceback is in the log already, where it was caught; this says by which code the user knows it.
        _log.info("a fault of the program was shown: %s", fault_code(traceback_text))
        dialog = CrashDialog(self._parent, traceback_text, self._redact)
        dialog.open()
        return dialog


def fault_code(traceback_text: str) -> str:
    """Return a code that is the same for the same fault, at every run and on every machine with this version."""
    places = [(PurePath(path.replace("\\", "/")).name, line) for path, line in _places(traceback_text)]
    kind = _last_line(traceback_text).partition(":")[0]
    return f"CRASH-{hashlib.sha256(repr((places, kind)).encode()).hexdigest()[:8].upper()}"


def _fault_of(traceback_text: str) -> str:
    """Return where it happened and the kind of exception, without the values in its message."""
    return f"{_places(traceback_text)}{_last_line(traceback_text).partition(':')[0]}"


def _places(traceback_text: str) -> list[tuple[str, str]]:
    return re.findall(r'File "(.+?)", line (\d+)', traceback_text)


def _last_line(traceback_text: str) -> str:
    return traceback_text.strip().rpartition("\n")[2]
