"""The proof that a copy holds what the original held: a sentence, and every table behind it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.schemas.backups import Proof, TableProof
from smtpy_desktop.views.backups_words import proof_words
from smtpy_desktop.views.tables.column_kinds import count_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

_MOST_ROWS = 8
_WIDTH = 760


class ProofPanel(QWidget):
    """Says whether the copy holds, and lists the tables with the rows of each, those that differ first."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = Notice("", "", Tone.MUTED, self)
        self.model: KeyedTableModel[TableProof] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[TableProof] = DataTable(self.model, tr("Proof"), "backups-proof", store, self)
        self.table.set_compact(compact=True)
        self.frame = TableFrame(self.table, self, on_surface=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.summary)
        column.addWidget(self.frame)

    def show_proof(self, proof: Proof) -> None:
        """Show what was compared and how it came out."""
        heading, words = proof_words(proof)
        self.summary.show_words(heading, words, Tone.OK if proof.holds else Tone.BAD)
        tables = sorted(proof.tables, key=lambda table: (table.holds, table.name))
        self.model.set_reader(fixed_reader(tables))
        self.model.reload(keep=False)
        self.frame.fit_rows(_MOST_ROWS)


class ProofDialog(Dialog):
    """Shows a proof on its own, as after checking a backup once more."""

    help_topic = "backups"

    def __init__(self, store: Store, title: str, proof: Proof, parent: QWidget | None = None) -> None:
        super().__init__(parent, title)
        self.setMinimumWidth(_WIDTH)
        self.panel = ProofPanel(store, self)
        self.panel.show_proof(proof)
        self.content.addWidget(self.panel)
        self.close_button = Button(tr("Close"), self, kind="primary", action=self.accept)
        self.close_button.setDefault(True)
        self.set_buttons(self.close_button)
        self.close_button.setFocus()


def _columns() -> tuple[Column[TableProof], ...]:
    return (
        Column("table", tr("Database table"), _short_name, mono=True, required=True, stretch=True),
        count_column("before", tr("Original"), lambda row: row.rows_before, width=112, sortable=False),
        count_column("after", tr("Copy"), lambda row: row.rows_after, width=112, sortable=False),
        Column(
            "result",
            tr("Content"),
            lambda row: _result(row).text,
            width=112,
            cell=_result,
            value=lambda row: row.holds,
        ),
    )


def _short_name(row: TableProof) -> str:
    """Leave out the schema that all tables of the program usually are in."""
    return row.name.removeprefix("public.")


def _result(row: TableProof) -> PillCell:
    return PillCell(tr("the same"), Tone.OK) if row.holds else PillCell(tr("different"), Tone.BAD)
