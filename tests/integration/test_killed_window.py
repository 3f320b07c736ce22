"""A window that is killed finds its place and what was typed into it again at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

TYPING = """
import sys
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form

app = QApplication([])
store = QSettings(sys.argv[1], QSettings.Format.IniFormat)
window = MainWindow(store)
window.show()
dialog = Dialog(window, "Typing")
form = Form(dialog)
dialog.content.addWidget(form)
line = QLineEdit(dialog)
form.add_field("line", "Line", line)
draft = DialogDraft(dialog, form, store, "typing")
dialog.open()
"""
FIRST = """
window.resize(900, 707)
QTest.keyClicks(line, "typed, not saved")


def tell_when_written():
    file = Path(sys.argv[1])
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    if "typed, not saved" in written and "geometry" in written:
        print("kept", flush=True)


look = QTimer()
look.timeout.connect(tell_when_written)
look.start(20)
app.exec()
"""
SECOND = """
print(window.width(), window.height(), line.text(), sep="|")
"""


def start(script: str, file: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen(
        [sys.executable, "-c", TYPING + script, str(file)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_place_and_typed_text_survive_sigkill(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    with start(FIRST, file) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "kept"
        first.send_signal(signal.SIGKILL)

    with start(SECOND, file) as second:
        output, _ = second.communicate(timeout=30)

    assert output.strip() == "900|707|typed, not saved"
