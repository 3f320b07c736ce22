"""The billing of all organizations in one table, sorted here as it is all in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing import Price
from smtpy_desktop.schemas.billing_account import BillingAccount
from smtpy_desktop.views.billing_money import plan_name, price_words
from smtpy_desktop.views.billing_words import AccountState, account_state, ends_at, state_pill, step_of, step_word
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

_FAR = datetime.max.replace(tzinfo=UTC)
_NAME = "organization"

SortKey = Callable[[BillingAccount], tuple[object, ...]]


class BillingAccountsList(QWidget):
    """``account_opened(BillingAccount)``: Return or a double click. ``sorted``: another order was asked for."""

    account_opened = Signal(object)
    sorted = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accounts: tuple[BillingAccount, ...] = ()
        self._sort, self._descending = _NAME, False
        self.model: KeyedTableModel[BillingAccount] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[BillingAccount] = DataTable(self.model, tr("Billing"), "billing", store, self)
        self.frame = TableFrame(self.table, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self._restore_sort()
        self.setFocusProxy(self.table)
        self.table.row_opened.connect(self.account_opened)
        self.table.set_menu_builder(self._build_menu)
        self.model.sort_requested.connect(self._on_sort)
        self.model.loaded.connect(self._on_loaded)

    @property
    def accounts(self) -> tuple[BillingAccount, ...]:
        """What is listed, in its order."""
        return self._accounts

    def show_accounts(self, accounts: Sequence[BillingAccount]) -> None:
        """List these; selection and scroll position stay with their rows."""
        ordered = self._ordered(accounts)
        if ordered != self._accounts or not self.model.rowCount():
            self._accounts = ordered
            self._reload(keep=True)

    def _ordered(self, accounts: Sequence[BillingAccount]) -> tuple[BillingAccount, ...]:
        key = _SORT_KEYS[self._sort]
        return tuple(sorted(accounts, key=key, reverse=self._descending))

    def _reload(self, *, keep: bool) -> None:
        self.model.set_reader(fixed_reader(self._accounts, lambda account: account.organization_id))
        self.model.reload(keep=keep)

    def _restore_sort(self) -> None:
        remembered = self.table.memory.remembered_sort()
        if remembered is not None and remembered[0] in _SORT_KEYS:
            self._sort, self._descending = remembered
        self.table.show_sort(self._sort, descending=self._descending)

    def _on_sort(self, column: str, descending: bool) -> None:
        self._sort, self._descending = column, descending
        self._accounts = self._ordered(self._accounts)
        self._reload(keep=False)
        self.sorted.emit()

    def _on_loaded(self) -> None:
        if self._accounts and not self.table.selected_count:
            self.table.selectRow(0)

    def _build_menu(self, menu: QMenu) -> None:
        rows = self.table.selected_rows()
        if len(rows) == 1:
            menu.addAction(tr("Open"), lambda: self.account_opened.emit(rows[0]))


def _columns() -> tuple[Column[BillingAccount], ...]:
    return (
        Column(
            _NAME,
            tr("Organization"),
            lambda row: visible_line(row.organization_name),
            sortable=True,
            required=True,
            stretch=True,
            value=lambda row: row.organization_name,
        ),
        Column("plan", tr("Plan"), _plan, width=170, sortable=True, tooltip=_plan),
        Column("price", tr("Price"), _price, width=150, sortable=True, align_end=True),
        Column(
            "status",
            tr("Status"),
            lambda row: state_pill(account_state(row)).text,
            width=172,
            sortable=True,
            cell=lambda row: state_pill(account_state(row)),
            pills=tuple(map(state_pill, AccountState)),
            value=lambda row: account_state(row).value,
        ),
        Column(
            "period_end",
            tr("Period ends"),
            lambda row: date_of(end) if (end := _end(row)) is not None else "",
            width=120,
            sortable=True,
            tooltip=lambda row: full_time(end) if (end := _end(row)) is not None else "",
            value=lambda row: end.isoformat() if (end := _end(row)) is not None else None,
        ),
        Column("step", tr("Next step"), _step, width=220, sortable=True, tooltip=_step),
        Column("customer", tr("Customer id"), lambda row: row.customer_id or "", width=190, mono=True, hidden=True),
        time_column("read", tr("Read from Stripe"), lambda row: row.synced_at, width=130, hidden=True),
    )


def _known_price(row: BillingAccount) -> Price | None:
    return row.subscription.price if row.subscription is not None else None


def _plan(row: BillingAccount) -> str:
    price = _known_price(row)
    return plan_name(price) if price is not None else ""


def _price(row: BillingAccount) -> str:
    price = _known_price(row)
    return price_words(price, row.subscription.quantity) if price is not None and row.subscription is not None else ""


def _step(row: BillingAccount) -> str:
    return step_word(step_of(row))


def _end(row: BillingAccount) -> datetime | None:
    subscription = row.subscription
    if subscription is None or subscription.status.is_over:
        return None
    return ends_at(subscription) or subscription.current_period_end


def _by_amount(row: BillingAccount) -> tuple[object, ...]:
    price = _known_price(row)
    return ("", 0, *_by_name(row)) if price is None else (price.currency, price.amount or 0, *_by_name(row))


def _by_name(row: BillingAccount) -> tuple[str, int]:
    return row.organization_name.casefold(), row.organization_id


_SORT_KEYS: dict[str, SortKey] = {
    _NAME: _by_name,
    "plan": lambda row: (_plan(row).casefold(), *_by_name(row)),
    "price": _by_amount,
    "status": lambda row: (state_pill(account_state(row)).text, *_by_name(row)),
    "period_end": lambda row: (_end(row) or _FAR, *_by_name(row)),
    "step": lambda row: (_step(row), *_by_name(row)),
}
