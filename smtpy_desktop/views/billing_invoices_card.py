"""An organization's latest invoices, with the ways to Stripe's pages of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.core.money import major_units
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing import Invoice
from smtpy_desktop.views.billing_money import money
from smtpy_desktop.views.billing_notice_words import invoice_pill
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

_MOST_ROWS = 8


class BillingInvoicesCard(Card):
    """``page_wanted(str)``: an invoice's page or PDF is to be opened."""

    page_wanted = Signal(str)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(tr("Invoices"), "", parent)
        self.set_roomy()
        self._invoices: tuple[Invoice, ...] = ()
        self.model: KeyedTableModel[Invoice] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[Invoice] = DataTable(self.model, tr("Invoices"), "invoices", store, self)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self.none_yet = PlainLabel(tr("No invoices yet."), self, tone=Tone.MUTED)
        self.open_button = Button(tr("Open"), self, icon="external-link", action=self._on_open)
        self.pdf_button = Button(tr("PDF"), self, icon="file-text", action=self._on_pdf)
        self.copy_button = Button(tr("Copy address"), self, icon="copy", action=self._on_copy)
        for button in (self.open_button, self.pdf_button, self.copy_button):
            self.add_action(button)
        self.body.addWidget(self.none_yet)
        self.body.addWidget(self.frame)
        self.table.row_opened.connect(lambda invoice: self._open(invoice.hosted_url))
        self.table.selection_changed.connect(self._show_buttons)
        self.table.set_menu_builder(self._build_menu)
        self.model.loaded.connect(self._on_loaded)
        self.show_invoices((), force=True)

    @property
    def current(self) -> Invoice | None:
        """The selected invoice."""
        rows = self.table.selected_rows()
        return rows[0] if rows else None

    def show_invoices(self, invoices: Sequence[Invoice], *, force: bool = False) -> None:
        """Show these, newest first."""
        if tuple(invoices) == self._invoices and not force:
            return
        self._invoices = tuple(invoices)
        self.none_yet.setVisible(not invoices)
        self.frame.setVisible(bool(invoices))
        self.model.set_reader(fixed_reader(invoices))
        self.model.reload(keep=False)

    def _on_loaded(self) -> None:
        self.frame.fit_rows(_MOST_ROWS)
        if self._invoices and not self.table.selected_count:
            self.table.selectRow(0)
        self._show_buttons()

    def _show_buttons(self) -> None:
        invoice = self.current
        has_invoices = bool(self._invoices)
        for button, url in (
            (self.open_button, invoice.hosted_url if invoice is not None else None),
            (self.pdf_button, invoice.pdf_url if invoice is not None else None),
            (self.copy_button, invoice.hosted_url if invoice is not None else None),
        ):
            button.setVisible(has_invoices)
            button.setEnabled(url is not None)
            button.setAccessibleDescription(_name(invoice) if invoice is not None else "")

    def _build_menu(self, menu: QMenu) -> None:
        for button, action in (
            (self.open_button, self._on_open),
            (self.pdf_button, self._on_pdf),
            (self.copy_button, self._on_copy),
        ):
            menu.addAction(button.text(), action).setEnabled(button.isEnabled())

    def _open(self, url: str | None) -> None:
        if url is not None:
            self.page_wanted.emit(url)

    def _on_open(self) -> None:
        self._open(self.current.hosted_url if self.current is not None else None)

    def _on_pdf(self) -> None:
        self._open(self.current.pdf_url if self.current is not None else None)

    def _on_copy(self) -> None:
        if self.current is not None and self.current.hosted_url is not None:
            QGuiApplication.clipboard().setText(self.current.hosted_url)


def _columns() -> tuple[Column[Invoice], ...]:
    return (
        Column("number", tr("Number"), _name, required=True, stretch=True, value=lambda row: row.number or row.id),
        Column(
            "date",
            tr("Date"),
            lambda row: date_of(row.created_at),
            width=120,
            tooltip=lambda row: full_time(row.created_at),
            value=lambda row: row.created_at.isoformat(),
        ),
        Column(
            "amount",
            tr("Amount"),
            lambda row: money(row.amount_due, row.currency),
            width=130,
            align_end=True,
            value=lambda row: str(major_units(row.amount_due, row.currency)),
        ),
        Column(
            "status",
            tr("Status"),
            lambda row: invoice_pill(row).text,
            width=172,
            cell=invoice_pill,
            value=lambda row: row.status,
        ),
        Column("due", tr("Next attempt"), _next_attempt, width=150),
    )


def _name(invoice: Invoice) -> str:
    return visible_line(invoice.number or invoice.id, 60)


def _next_attempt(invoice: Invoice) -> str:
    return date_of(invoice.next_attempt_at) if invoice.next_attempt_at is not None and invoice.status == "open" else ""
