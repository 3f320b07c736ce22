"""Copying and saving a domain's records in the forms that providers and people take."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QIODevice, QSaveFile
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from smtpy_desktop.core.dns_report_json import report_for_people
from smtpy_desktop.core.zone_text import bind_zone, cloudflare_import, plain_table
from smtpy_desktop.schemas.dns import DnsReport, WantedRecord
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.file_choice import choose_new_file
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr

Tell = Callable[[Message], None]


class RecordForm(enum.Enum):
    """A form of all records of a domain, with the ending of its file."""

    ZONE = ".zone"
    CLOUDFLARE = ".cloudflare.txt"
    TABLE = ".txt"

    @property
    def title(self) -> str:
        """What the form is called."""
        match self:
            case RecordForm.ZONE:
                return tr("Zone file (BIND)")
            case RecordForm.CLOUDFLARE:
                return tr("Cloudflare import")
            case RecordForm.TABLE:
                return tr("Table")

    def render(self, records: Sequence[WantedRecord]) -> str:
        """Return the records in this form."""
        match self:
            case RecordForm.ZONE:
                return bind_zone(records)
            case RecordForm.CLOUDFLARE:
                return cloudflare_import(records)
            case RecordForm.TABLE:
                return plain_table(records)


def copy_menu(records: Callable[[], Sequence[WantedRecord]], tell: Tell, parent: QWidget) -> QMenu:
    """Return the menu that copies all records; they are asked for at the time of the click."""
    menu = QMenu(parent)
    menu.setAccessibleName(tr("Copy all records"))
    for form in RecordForm:
        menu.addAction(form.title, partial(_copy, form, records, tell))
    return menu


def save_menu(
    name: Callable[[], str],
    records: Callable[[], Sequence[WantedRecord]],
    report: Callable[[], DnsReport | None],
    tell: Tell,
    parent: QWidget,
) -> QMenu:
    """Return the menu that saves all records, or the report of the last check, to a file."""
    menu = QMenu(parent)
    menu.setAccessibleName(tr("Save as"))
    for form in RecordForm:
        menu.addAction(tr("{form}…", form=form.title), partial(_save, form, parent, name, records, tell))
    menu.addSeparator()
    save_report = menu.addAction(tr("Report of the last check (JSON)…"), lambda: _save_report(parent, report(), tell))
    menu.aboutToShow.connect(lambda: save_report.setEnabled(report() is not None))
    return menu


def choose_file(parent: QWidget, suggested: str, content: str, tell: Tell) -> QFileDialog:
    """Ask where to save, and write there; the dialog is open when this returns."""
    dialog = choose_new_file(parent, suggested)
    dialog.fileSelected.connect(lambda path: _write(path, content, tell))
    return dialog


def _copy(form: RecordForm, records: Callable[[], Sequence[WantedRecord]], tell: Tell) -> None:
    QGuiApplication.clipboard().setText(form.render(records()))
    tell(Message(tr("Copied all records: {form}.", form=form.title), key="copied"))


def _save(
    form: RecordForm,
    parent: QWidget,
    name: Callable[[], str],
    records: Callable[[], Sequence[WantedRecord]],
    tell: Tell,
) -> None:
    choose_file(parent, f"{name()}{form.value}", form.render(records()), tell)


def _save_report(parent: QWidget, report: DnsReport | None, tell: Tell) -> None:
    if report is not None:
        content = json.dumps(report_for_people(report), ensure_ascii=False, indent=2) + "\n"
        choose_file(parent, f"{report.name}.report.json", content, tell)


def _write(path: str, content: str, tell: Tell) -> None:
    """Write a whole file or none of it."""
    file = QSaveFile(path)
    is_written = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if is_written:
        file.write(content.encode())
        is_written = file.commit()
    if is_written:
        tell(Message(tr("Saved {path}.", path=path), key="saved"))
    else:
        reason = tr(
            "{path} could not be written: {reason}. Choose another place.", path=path, reason=file.errorString()
        )
        tell(Message(reason, Tone.BAD, key="saved"))
