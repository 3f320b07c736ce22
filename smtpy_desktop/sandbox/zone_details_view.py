"""The pane of one sandbox zone: its records to edit, and everything that can be made to go wrong with it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox.dns_breaking import Breakage, possible_breakages
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_editing import ZoneRecord
from smtpy_desktop.sandbox.zone_record_view import ZoneRecordDialog
from smtpy_desktop.sandbox.zone_state import ZonePart, ZoneRow
from smtpy_desktop.sandbox.zone_words import (
    FAULTS,
    breakage_words,
    condition_pill,
    fault_words,
    record_columns,
    row_sentence,
)
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.views.domain_words import kind_name
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_MOST_ROWS = 14


class ZoneDetails(QWidget):
    """Shows one zone; ``changed``: something in it was changed, the list is to be read again."""

    changed = Signal()

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._world = context, world
        self._row: ZoneRow | None = None
        self._shown: tuple[str, tuple[ZoneRecord, ...]] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._build_head())
        self._sentence = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        column.addWidget(self._sentence)
        column.addLayout(self._build_actions())
        self._model = KeyedTableModel(record_columns(self._apex), fixed_reader(()), self)
        self._table = self._build_table(self._model)
        self._frame = TableFrame(self._table, self, on_surface=True)
        self._model.loaded.connect(lambda: self._frame.fit_rows(_MOST_ROWS))
        column.addWidget(self._frame)
        column.addLayout(self._build_record_actions())
        column.addStretch(1)

    @property
    def row(self) -> ZoneRow | None:
        """The zone that is shown."""
        return self._row

    def show_row(self, row: ZoneRow) -> None:
        """Show a zone, or the same one's present state."""
        self._row = row
        self._name.setText(row.unicode_name)
        pill = condition_pill(row.condition)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self._sentence.setText(row_sentence(row))
        self._answers.set_text(tr("Answers: {how}", how=fault_words(row.fault)))
        self._normal.setEnabled(row.fault != ZoneFault())
        self._break.setEnabled(any(part is not ZonePart.MISSING for part in row.parts.values()))
        for action, fault in zip(self._fault_actions, FAULTS, strict=True):
            action.setChecked(row.fault == fault)
        self._context.runner.run(
            self._world.zone_records(row.name),
            owner=self,
            on_success=self._show_records,
            replaces="sandbox-zone-records",
        )

    def add_record(self) -> None:
        """Open the dialog for a new record."""
        self._open_dialog(None)

    # Building

    def _build_head(self) -> QHBoxLayout:
        self._name = PlainLabel("", self, size="heading", elide=Qt.TextElideMode.ElideMiddle, selectable=True)
        self._pill = Pill("", Tone.MUTED, self)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._name)
        row.addWidget(self._pill)
        row.addStretch(1)
        return row

    def _build_actions(self) -> FlowLayout:
        publish = tr("&Publish the wanted records")
        self._publish = Button(publish, self, kind="primary", icon="upload", action=self._on_publish)
        self._break = MenuButton(tr("&Break one…"), self._build_break_menu(), self)
        self._fault_actions: list[QAction] = []
        self._answers = MenuButton(tr("Answers"), self._build_answers_menu(), self)
        self._normal = Button(tr("Back to &normal"), self, action=partial(self._set_fault, ZoneFault()))
        row = FlowLayout(spacing=Space.S)  # "Answers: …" may become long
        for button in (self._publish, self._break, self._answers, self._normal):
            row.addWidget(button)
        return row

    def _build_break_menu(self) -> QMenu:
        menu = QMenu(self)
        for kind in RecordKind:
            kind_menu = menu.addMenu(kind_name(kind))
            for how in possible_breakages(kind):
                kind_menu.addAction(breakage_words(how), partial(self._break_record, kind, how))
        return menu

    def _build_answers_menu(self) -> QMenu:
        menu = QMenu(self)
        for fault in FAULTS:
            action = menu.addAction(fault_words(fault), partial(self._set_fault, fault))
            action.setCheckable(True)
            self._fault_actions.append(action)
        return menu

    def _build_table(self, model: KeyedTableModel[ZoneRecord]) -> DataTable[ZoneRecord]:
        table = DataTable(model, tr("Records of the zone"), "sandbox-zone", self._context.memory, self)
        table.set_menu_builder(self._fill_menu)
        table.row_opened.connect(self._open_dialog)
        table.selection_changed.connect(self._enable_record_actions)
        bind(table, Shortcut.DELETE.keys, self._on_remove, Qt.ShortcutContext.WidgetShortcut)
        return table

    def _build_record_actions(self) -> FlowLayout:
        self._add = Button(tr("&Add record…"), self, icon="plus", action=self.add_record)
        self._change = Button(tr("&Change…"), self, icon="pencil", action=self._on_change)
        self._remove = Button(tr("Re&move"), self, icon="trash", action=self._on_remove)
        self._enable_record_actions()
        return button_row(self._add, self._change, self._remove)

    def _fill_menu(self, menu: QMenu) -> None:
        count = self._table.selected_count
        menu.addAction(tr("&Change…"), self._on_change).setEnabled(count == 1)
        menu.addAction(tr("Re&move"), self._on_remove).setEnabled(count > 0)

    # Showing

    def _apex(self) -> str:
        return self._row.name if self._row is not None else ""

    def _show_records(self, records: Sequence[ZoneRecord]) -> None:
        if self._row is None or self._shown == (self._row.name, tuple(records)):
            return  # what is selected stays selected
        self._shown = (self._row.name, tuple(records))
        self._model.set_reader(fixed_reader(records))
        self._model.reload(keep=False)
        self._table.clearSelection()
        self._enable_record_actions()

    def _enable_record_actions(self) -> None:
        count = self._table.selected_count
        self._change.setEnabled(count == 1)
        self._remove.setEnabled(count > 0)

    # Doing

    def _on_publish(self) -> None:
        if self._row is not None:
            told = tr("The wanted records of {name} are published.", name=self._row.unicode_name)
            self._run(self._world.publish_wanted(self._context.services, self._row.id), told)

    def _break_record(self, kind: RecordKind, how: Breakage) -> None:
        if self._row is not None:
            told = tr(
                "The {kind} record of {name} is broken now: {how}.",
                kind=kind_name(kind),
                name=self._row.unicode_name,
                how=breakage_words(how),
            )
            self._run(self._world.break_record(self._row.name, kind, how), told)

    def _set_fault(self, fault: ZoneFault) -> None:
        if self._row is not None:
            how = fault_words(fault)
            told = tr("The servers answer about {name} like this now: {how}.", name=self._row.unicode_name, how=how)
            self._run(self._world.set_fault(self._row.name, fault), told)

    def _on_change(self) -> None:
        selected = self._table.selected_rows()
        if len(selected) == 1:
            self._open_dialog(selected[0])

    def _open_dialog(self, record: ZoneRecord | None) -> None:
        if self._row is None:
            return
        dialog = ZoneRecordDialog(self, self._row.name, record)
        dialog.record_given.connect(partial(self._store, dialog, self._row.name, record))
        dialog.open()

    def _store(self, dialog: ZoneRecordDialog, name: str, old: ZoneRecord | None, record: ZoneRecord) -> None:
        self._context.runner.run(
            self._world.put_record(name, record, instead_of=old),
            owner=dialog,
            on_success=lambda _: self._on_stored(dialog),
            on_error=dialog.show_error,
        )

    def _on_stored(self, dialog: ZoneRecordDialog) -> None:
        dialog.accept()
        self.changed.emit()

    def _on_remove(self) -> None:
        gone = tuple(self._table.selected_rows())
        if self._row is None or not gone:
            return
        told = tr_n("{n} record removed.", "{n} records removed.", len(gone))
        self._run(self._world.remove_records(gone), told, undo=partial(self._put_back, self._row.name, gone))

    def _put_back(self, name: str, records: tuple[ZoneRecord, ...]) -> None:
        for record in records:
            self._run(self._world.put_record(name, record), "")

    def _run(self, work: Coroutine[Any, Any, None], told: str, *, undo: Any = None) -> None:
        def done(_: None) -> None:
            self.changed.emit()
            if told:
                action_text = tr("Undo") if undo is not None else ""
                self._context.tell(Message(told, Tone.OK, action_text, undo, key="sandbox-zone"))

        self._context.runner.run(work, owner=self, on_success=done, on_error=self._tell_refusal)

    def _tell_refusal(self, error: UserFacingError) -> bool:
        parts = (error.message, error.detail, error.hint)
        words = " ".join(translated(part) for part in parts if part is not None)
        self._context.tell(Message(words, Tone.WARN, key="sandbox-zone"))
        return True
