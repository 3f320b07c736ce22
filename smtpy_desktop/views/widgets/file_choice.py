"""Asks where a file is to be saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from smtpy_desktop.views.widgets.texts import tr


def choose_new_file(parent: QWidget, suggested: str) -> QFileDialog:
    """Ask where to save; the dialog is open when this returns, and tells by ``fileSelected(str)``."""
    dialog = QFileDialog(parent, tr("Save as"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(Path(suggested).suffix.removeprefix("."))
    dialog.selectFile(suggested)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
