"""Asks where a file is, or is to be saved. Every dialog is open when it is returned, and goes by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from smtpy_desktop.views.widgets.texts import tr


def choose_new_file(parent: QWidget, suggested: str) -> QFileDialog:
    """Ask where to save; the dialog tells by ``fileSelected(str)``."""
    dialog = QFileDialog(parent, tr("Save as"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(Path(suggested).suffix.removeprefix("."))
    dialog.selectFile(suggested)
    return _opened(dialog)


def choose_file(
    parent: QWidget, title: str, take: Callable[[str], object], *patterns: str, start: str = ""
) -> QFileDialog:
    """Ask for a file that exists, and give its path to ``take``; ``start`` is where the search for it begins."""
    dialog = QFileDialog(parent, title, start, ";;".join(patterns))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(take)
    return _opened(dialog)


def choose_directory(parent: QWidget, title: str, take: Callable[[str], object], *, start: str = "") -> QFileDialog:
    """Ask for a directory, and give its path to ``take``."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(take)
    return _opened(dialog)


def _opened(dialog: QFileDialog) -> QFileDialog:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
