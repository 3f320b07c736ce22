"""Choosing a plan: the prices as they were read last at once, then as Stripe has them now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import billing_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.billing import Price
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.views.billing_mode_badge import add_badge
from smtpy_desktop.views.billing_money import plan_name, price_words, trial_words
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr, translated

_WIDTH = 640
_MOST_ROWS = 8


class BillingPlanDialog(Dialog):
    """``chosen(Price)``: the user wants to subscribe to it. ``portal_wanted``: to change the plan that there is."""

    chosen = Signal(object)
    portal_wanted = Signal()

    def __init__(self, context: ViewContext, picture: BillingPicture, parent: QWidget | None = None) -> None:
        subscription = picture.account.subscription
        self._is_live = subscription is not None and not subscription.status.is_over
        super().__init__(parent, _title(picture), _words(is_live=self._is_live))
        self._context = context
        self._before = subscription.price_id if subscription is not None else None
        self._waited_for = picture.open_checkout_price if picture.open_checkout_url is not None else None
        self._prices: tuple[Price, ...] = ()
        self.ask_for_width(_WIDTH)
        self.badge = add_badge(self, picture.mode)
        self.model: KeyedTableModel[Price] = KeyedTableModel(self._columns(), fixed_reader(()), self)
        self.table: DataTable[Price] = DataTable(self.model, tr("Plans"), "plans", context.memory, self)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self.state = PlainLabel(tr("Reading the prices from Stripe…"), self, tone=Tone.MUTED, wrap=True)
        self.trouble = Notice("", " ", Tone.WARN, self)
        self.trouble.hide()
        for widget in (self.frame, self.state, self.trouble):
            self.content.addWidget(widget)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        go_on = tr("&Change it in the portal") if self._is_live else tr("&Go to the payment")
        self.subscribe_button = Button(go_on, self, kind="primary", action=self._on_choose)
        self.subscribe_button.setDefault(True)
        self.subscribe_button.setEnabled(False)
        self.offer_help("billing")
        self.set_buttons(self.cancel_button, self.subscribe_button)
        self.table.row_opened.connect(self._on_opened)
        self.table.selection_changed.connect(self._on_selection_changed)
        self.model.loaded.connect(self._on_loaded)
        self._show_prices(picture.prices)
        self._read()

    @property
    def prices(self) -> tuple[Price, ...]:
        """What can be chosen."""
        return self._prices

    def _columns(self) -> tuple[Column[Price], ...]:
        return (
            Column("plan", tr("Plan"), plan_name, required=True, stretch=True, tooltip=plan_name),
            Column("price", tr("Price"), price_words, width=170, align_end=True),
            Column("trial", tr("Trial"), trial_words, width=120),
            Column("mark", "", self._mark_word, width=110, cell=self._mark),
        )

    def _mark_word(self, price: Price) -> str:
        if price.id == self._before:
            return tr("Current plan") if self._is_live else tr("Plan before")
        return tr("Waited for") if price.id == self._waited_for else ""

    def _mark(self, price: Price) -> PillCell | tuple[()]:
        if price.id == self._before:
            return PillCell(self._mark_word(price), Tone.OK if self._is_live else Tone.MUTED, "star")
        return PillCell(self._mark_word(price), Tone.ACCENT, "clock") if price.id == self._waited_for else ()

    def _read(self) -> None:
        services = self._context.services
        self._context.runner.run(
            billing_controller.read_prices(services.sessions, services.stripe, publish=services.publish),
            owner=self,
            on_success=self._take,
            on_error=self._on_trouble,
        )

    def _take(self, prices: tuple[Price, ...]) -> None:
        self.state.hide()
        self._show_prices(prices)
        if not prices:
            self.state.setText(tr("There is no active price at Stripe. Add a product in the Stripe dashboard first."))
            self.state.show()
        self.fit_height()

    def _on_trouble(self, error: UserFacingError) -> bool:
        self.state.hide()
        parts = [error.detail, error.hint]
        if self._prices:
            words = tr("These prices were read before; the payment page shows the present ones.")
        else:
            words = " ".join(translated(part) for part in parts if part is not None)
        self.trouble.show_words(translated(error.message), words, Tone.WARN)
        self.trouble.show()
        self.fit_height()
        return True

    def _show_prices(self, prices: tuple[Price, ...]) -> None:
        ordered = tuple(sorted(prices, key=_order))
        if ordered == self._prices and self._prices:
            return
        self._prices = ordered
        self.frame.setVisible(bool(ordered))
        self.model.set_reader(fixed_reader(ordered))
        self.model.reload(keep=False)

    def _on_loaded(self) -> None:
        self.frame.fit_rows(_MOST_ROWS)
        marked = self._waited_for or self._before
        wanted = next((n for n, price in enumerate(self._prices) if price.id == marked), 0)
        if self._prices and not self.table.selected_count:
            self.table.selectRow(wanted)
            self.table.setFocus()
        self.fit_height()

    def _on_selection_changed(self) -> None:
        self.subscribe_button.setEnabled(len(self.table.selected_rows()) == 1)

    def _on_opened(self, price: Price) -> None:
        if self._is_live:
            self.portal_wanted.emit()
        else:
            self.chosen.emit(price)
        self.accept()

    def _on_choose(self) -> None:
        rows = self.table.selected_rows()
        if len(rows) == 1:
            self._on_opened(rows[0])


def _title(picture: BillingPicture) -> str:
    return tr("Choose a plan for {name}", name=visible_line(picture.account.organization_name, 60))


def _words(*, is_live: bool) -> str:
    if is_live:
        return tr("The plan of a subscription is changed in the customer portal, which says what it costs.")
    return tr("It is paid in the browser, on a page of Stripe's. Nothing is charged before that.")


def _order(price: Price) -> tuple[str, str, int, str]:
    return price.product_name.casefold(), price.currency, price.amount or 0, price.id
