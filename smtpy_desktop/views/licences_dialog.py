"""Everything that the program is made of, with the licence of each part and its text."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from smtpy_desktop.schemas.about import Component
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.texts import tr

_SIZE = (720, 680)


class LicencesDialog(Dialog):
    """A list of names, versions and licences, and below it the licence of the selected one."""

    def __init__(self, parent: QWidget | None, components: tuple[Component, ...]) -> None:
        words = tr("SMTPy Desktop is under the MIT licence. It uses these parts, each under its own:")
        super().__init__(parent, tr("Licences"), words)
        model: KeyedTableModel[Component] = KeyedTableModel(_columns(), fixed_reader(components), self)
        self.table: DataTable[Component] = DataTable(model, tr("Licences"), "licences", MemoryStore(), self)
        self.table.set_compact(compact=True)
        self.reading = QPlainTextEdit(self)
        self.reading.setReadOnly(True)
        self.reading.setFont(mono_font())
        self.reading.setTabChangesFocus(True)
        self.reading.setAccessibleName(tr("Text of the licence"))
        self.content.addWidget(TableFrame(self.table, self, on_surface=True), 3)
        self.content.addWidget(self.reading, 2)
        close = Button(tr("Close"), self, kind="primary", action=self.accept)
        close.setDefault(True)
        self.set_buttons(close)
        self.let_content_grow()
        self.resize(*_SIZE)
        self.table.selection_changed.connect(self._show_text)
        model.reload(keep=False)
        self.table.selectRow(0)
        self.table.setFocus()

    def _show_text(self) -> None:
        component = self.table.current_row()
        if component is None:
            self.reading.clear()
            return
        self.reading.setPlainText(component.text or tr("Its text is not part of this installation."))


def _columns() -> list[Column[Component]]:
    return [
        Column("name", tr("Part"), lambda part: part.name, width=260, required=True),
        Column("version", tr("Version"), lambda part: part.version, width=120, tone=lambda part: Tone.MUTED),
        Column("licence", tr("Licence"), lambda part: part.licence, stretch=True, tooltip=lambda part: part.licence),
    ]
