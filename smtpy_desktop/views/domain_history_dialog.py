"""Every past check of a domain, with what was found and why the verdict was what it was."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import domain_checks_controller
from smtpy_desktop.controllers.domain_checks_controller import PastCheck
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.views.domain_words import kind_name, verdict_icon, verdict_word
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import full_time, relative_time
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_AT_ONCE = 100
_WIDTH = 860
_TABLE_HEIGHT = 280
_DETAILS_HEIGHT = 190


class DomainHistoryDialog(Dialog):
    """The newest checks first; *Show more* goes on with older ones."""

    def __init__(self, context: ViewContext, domain: DomainDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Past checks"))
        self._context, self._domain = context, domain
        self._checks: tuple[PastCheck, ...] = ()
        self.ask_for_width(_WIDTH)
        self._build_head()
        self._build_table()
        self._build_details()
        self.more_button = Button(tr("Show &more"), self, action=self._read_more)
        self.close_button = Button(tr("Close"), self, kind="primary", action=self.accept)
        self.close_button.setDefault(True)
        self.offer_help("verdicts")
        self.set_buttons(self.close_button, leading=(self.more_button,))
        self._read_anew()
        self.table.setFocus()

    def _build_head(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        name = PlainLabel(self._domain.unicode_name, self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        row.addWidget(name, 1)
        self.count = PlainLabel("", self, tone=Tone.MUTED, size="small")
        row.addWidget(self.count)
        self.kind_box = QComboBox(self)
        self.kind_box.setAccessibleName(tr("Record"))
        self.kind_box.addItem(tr("All records"), None)
        for kind in RecordKind:
            self.kind_box.addItem(kind_name(kind), kind)
        self.kind_box.currentIndexChanged.connect(self._read_anew)
        row.addWidget(self.kind_box)
        self.content.addLayout(row)

    def _build_table(self) -> None:
        self.model: KeyedTableModel[PastCheck] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[PastCheck] = DataTable(
            self.model, tr("Past checks"), "domain-history", self._context.memory, self
        )
        self.table.set_compact(compact=True)
        self.table.selection_changed.connect(self._show_selected)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self._nothing = EmptyState(
            "history",
            tr("No checks yet"),
            tr("Every verification is kept here: what was found, and when."),
            parent=self,
        )
        self.frame.setMinimumHeight(_TABLE_HEIGHT)
        self.content.addWidget(self.frame, 1)

    def _build_details(self) -> None:
        scrolled = ScrollColumn(tr("The selected check"), self)
        scrolled.setFixedHeight(_DETAILS_HEIGHT)
        self._details = QVBoxLayout()
        self._details.setSpacing(Space.S)
        scrolled.column.addLayout(self._details)
        scrolled.column.addStretch(1)
        self.content.addWidget(scrolled)

    def _read_anew(self) -> None:
        self._checks = ()
        self._read_more()

    def _read_more(self) -> None:
        kind = self.kind_box.currentData()
        self.more_button.setEnabled(False)
        self._context.runner.run(
            domain_checks_controller.history(
                self._context.services.sessions,
                self._domain.id,
                kind=RecordKind(kind) if kind else None,
                before=self._checks[-1].id if self._checks else None,
                limit=_AT_ONCE,
            ),
            owner=self,
            on_success=self._take,
            on_error=self._on_error,
            replaces="domain-history",
        )

    def _take(self, checks: Sequence[PastCheck]) -> None:
        is_first = not self._checks
        self._checks = (*self._checks, *checks)
        self.model.set_reader(fixed_reader(self._checks))
        self.model.reload(keep=not is_first)
        self.more_button.setEnabled(True)
        self.more_button.setVisible(len(checks) == _AT_ONCE)
        self.count.setText(tr_n("{n} check", "{n} checks", len(self._checks)))
        if not self._checks:
            self.frame.show_instead(self._nothing)
            clear_layout(self._details)
            return
        self.frame.show_table()
        if is_first:
            self.table.select_id(0)

    def _on_error(self, error: UserFacingError) -> bool:
        self.more_button.setEnabled(True)
        return False

    def _show_selected(self) -> None:
        check = self.table.current_row()
        clear_layout(self._details)
        if check is None:
            return
        self._details.addWidget(WrappedText(translated(check.report.reason), self))
        for warning in check.report.warnings:
            self._details.addWidget(WrappedText(translated(warning), self, tone=Tone.WARN))
        for caption, values in ((tr("Found"), check.report.found), (tr("Wanted"), check.report.wanted)):
            if values:
                self._details.addWidget(CodeBlock(caption, "\n".join(values), self))


def _columns() -> tuple[Column[PastCheck], ...]:
    return (
        Column(
            "time",
            tr("Checked"),
            lambda check: relative_time(check.checked_at),
            width=110,
            tooltip=lambda check: full_time(check.checked_at),
            value=lambda check: check.checked_at.isoformat(),
            required=True,
        ),
        Column("record", tr("Record"), lambda check: kind_name(check.report.kind), width=100),
        Column(
            "verdict",
            tr("Verdict"),
            lambda check: verdict_word(check.report.verdict),
            width=160,
            icon=lambda check: verdict_icon(check.report.verdict),
            value=lambda check: check.report.verdict.value,
        ),
        Column(
            "reason",
            tr("Reason"),
            lambda check: translated(check.report.reason),
            tooltip=lambda check: translated(check.report.reason),
            stretch=True,
        ),
        Column("code", tr("Code"), lambda check: check.report.code, width=170, mono=True, hidden=True),
    )
