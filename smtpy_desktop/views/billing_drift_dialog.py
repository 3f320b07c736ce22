"""What is kept of every organization's billing held against Stripe, field by field, and mended at a click."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from smtpy_desktop.controllers import billing_drift_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.billing_account import AccountDrift, DriftField
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.billing_drift_words import MISSING_CUSTOMER, field_words, local_words, stripe_words
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

_WIDTH = 860
_TABLE_HEIGHT = 300


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One field of one organization."""

    account: AccountDrift
    field: DriftField


class BillingDriftDialog(Dialog):
    """Compares when it is made, and again after each change; only what is kept here is ever changed."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Compare with Stripe"), _explanation())
        self._context = context
        self._handle: TaskHandle | None = None
        self._progress = Progress()
        self._is_applying = False
        self.drifts: tuple[AccountDrift, ...] = ()
        self.ask_for_width(_WIDTH)
        self._build_table()
        self._build_progress()
        self._build_buttons()
        self.let_content_grow()
        self.finished.connect(self.stop)
        self.compare()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self._handle is not None

    def compare(self) -> None:
        """Ask Stripe about every organization that is a customer."""
        services, progress = self._context.services, Progress()
        work = billing_drift_controller.find_drift(
            services.sessions, services.stripe, publish=services.publish, progress=progress
        )
        self._is_applying = False
        self._frame_state(self._state_comparing)
        self._begin(
            self._context.runner.run(
                work,
                owner=self,
                on_success=self._take,
                on_error=self._on_error,
                progress=progress,
                replaces="billing/drift",
            ),
            progress,
        )

    def apply(self, organization_ids: Collection[OrganizationId]) -> None:
        """Take over what Stripe says of these organizations, and compare again."""
        services, progress = self._context.services, Progress()
        work = billing_drift_controller.apply_truth(
            services.sessions,
            services.stripe,
            organization_ids,
            actor=services.actor,
            publish=services.publish,
            progress=progress,
        )
        self._is_applying = True
        self._begin(
            self._context.runner.run(
                work,
                owner=self,
                on_success=lambda count: self.compare(),
                on_error=self._on_error,
                progress=progress,
                replaces="billing/drift",
            ),
            progress,
        )

    def stop(self) -> None:
        """Give up what is under way; what was applied until then stays."""
        if self._handle is not None:
            self._handle.cancel()
            self._end()
            self._frame_state(self._state_stopped)

    # Building

    def _build_table(self) -> None:
        self.model: KeyedTableModel[DriftRow] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[DriftRow] = DataTable(
            self.model, tr("Differences"), "billing-drift", self._context.memory, self
        )
        self.table.set_compact(compact=True)
        self.table.selection_changed.connect(self._show_buttons)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self.frame.setMinimumHeight(_TABLE_HEIGHT)
        self._state_comparing = EmptyState(
            "refresh", tr("Comparing…"), tr("Stripe is asked about each customer."), parent=self
        )
        self._state_agreed = EmptyState("circle-check", tr("Everything agrees with Stripe"), "", parent=self)
        self._state_nobody = EmptyState(
            "credit-card",
            tr("Nothing to compare"),
            tr("No organization is a customer at Stripe yet. Subscribe one, or link it, on the Billing page."),
            parent=self,
        )
        self._state_stopped = EmptyState(
            "player-pause", tr("Stopped"), tr("Compare again to see what differs now."), parent=self
        )
        self._state_failed = EmptyState("cloud-off", "", "", parent=self)
        for state in (
            self._state_comparing,
            self._state_agreed,
            self._state_nobody,
            self._state_stopped,
            self._state_failed,
        ):
            state.hide()  # until the frame takes it in
        self.content.addWidget(self.frame, 1)

    def _build_progress(self) -> None:
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.line = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        self.cancel_button = Button(tr("&Stop"), self, kind="link", action=self.stop)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.line, 1)
        row.addWidget(self.cancel_button)
        self.line.setMinimumHeight(self.cancel_button.sizeHint().height())  # nothing moves when the button comes
        self.content.addWidget(self.bar)
        self.content.addLayout(row)

    def _build_buttons(self) -> None:
        self.again_button = Button(tr("Compare &again"), self, icon="refresh", action=self.compare)
        self.selected_button = Button(tr("Apply for &selected"), self, action=self._apply_selected)
        self.all_button = Button(tr("Apply &Stripe's truth to all"), self, kind="primary", action=self._apply_all)
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.offer_help("billing")
        self.set_buttons(self.close_button, self.selected_button, self.all_button, leading=(self.again_button,))

    # What happens

    def _begin(self, handle: TaskHandle, progress: Progress) -> None:
        self._handle, self._progress = handle, progress
        handle.progressed.connect(self._show_progress)
        self._show_progress()
        self._show_buttons()

    def _end(self) -> None:
        self._handle = None
        self._show_progress()
        self._show_buttons()

    def _take(self, drifts: tuple[AccountDrift, ...]) -> None:
        self.drifts = drifts
        rows = [DriftRow(drift, field) for drift in drifts for field in drift.fields]
        self.model.set_reader(fixed_reader(rows))
        self.model.reload(keep=False)
        compared = self._progress.total or 0
        self._end()
        self.line.setText(self._outcome_words(compared, len(rows)))
        if rows:
            self.frame.show_table()
            self.table.select_id(0)
            self.table.setFocus()
        elif compared:
            words = tr_n("{n} organization was compared.", "{n} organizations were compared.", compared)
            self._state_agreed.text.setText(words)
            self._frame_state(self._state_agreed)
        else:
            self._frame_state(self._state_nobody)
        announce(self, self.line.text() or self._state_nobody.title.text())

    def _outcome_words(self, compared: int, differences: int) -> str:
        if not compared:
            return ""
        if not differences:
            return tr("Everything agrees with Stripe.")
        words = tr_n(
            "{n} difference in {organizations} of {compared} organizations.",
            "{n} differences in {organizations} of {compared} organizations.",
            differences,
            organizations=number(len(self.drifts)),
            compared=number(compared),
        )
        if any(_is_missing(drift) for drift in self.drifts):
            words = f"{words} {tr('Unlink customers that are not at Stripe on the Billing page.')}"
        return words

    def _on_error(self, error: UserFacingError) -> bool:
        self._end()
        parts = (error.detail, error.hint)
        self._state_failed.set_title(translated(error.message))
        self._state_failed.text.setText(" ".join(translated(part) for part in parts if part is not None))
        self._frame_state(self._state_failed)
        announce(self, translated(error.message), urgent=True)
        return True

    def _apply_selected(self) -> None:
        self.apply(self._selected_ids())

    def _apply_all(self) -> None:
        self.apply([drift.organization_id for drift in self.drifts if not _is_missing(drift)])

    def _selected_ids(self) -> list[OrganizationId]:
        wanted = {row.account.organization_id for row in self.table.selected_rows() if not _is_missing(row.account)}
        return [drift.organization_id for drift in self.drifts if drift.organization_id in wanted]

    def _frame_state(self, state: EmptyState) -> None:
        self.frame.show_instead(state)
        self.drifts = () if state is not self._state_agreed else self.drifts
        self._show_buttons()

    def _show_progress(self) -> None:
        progress = self._progress
        self.bar.setVisible(self.is_busy)
        self.cancel_button.setVisible(self.is_busy)
        if not self.is_busy:
            self.line.setText("")
            return
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)
        if progress.total:
            done, total = number(progress.done), number(progress.total)
            if self._is_applying:
                self.line.setText(tr("Applied {done} of {total}", done=done, total=total))
            else:
                self.line.setText(tr("Compared {done} of {total}", done=done, total=total))

    def _show_buttons(self) -> None:
        can_write = not self._context.services.is_read_only and not self.is_busy
        self.again_button.setEnabled(not self.is_busy)
        self.all_button.setEnabled(can_write and any(not _is_missing(drift) for drift in self.drifts))
        self.selected_button.setEnabled(can_write and bool(self.drifts) and bool(self._selected_ids()))


def _is_missing(drift: AccountDrift) -> bool:
    """Whether Stripe does not know the customer, so that there is nothing to take over."""
    return any(field.name == MISSING_CUSTOMER for field in drift.fields)


def _explanation() -> str:
    return tr("What is kept here is held against Stripe. Applying changes only what is kept here, never Stripe.")


def _columns() -> tuple[Column[DriftRow], ...]:
    return (
        Column(
            "organization",
            tr("Organization"),
            lambda row: row.account.organization_name,
            width=190,
            tooltip=lambda row: row.account.customer_id,
            required=True,
        ),
        Column("field", tr("Field"), lambda row: field_words(row.field), width=180, value=lambda row: row.field.name),
        Column(
            "here",
            tr("Here"),
            lambda row: local_words(row.field),
            width=200,
            tooltip=lambda row: local_words(row.field),
            value=lambda row: row.field.local,
            tone=lambda row: Tone.MUTED,
        ),
        Column(
            "stripe",
            tr("At Stripe"),
            lambda row: stripe_words(row.field),
            tooltip=lambda row: stripe_words(row.field),
            value=lambda row: row.field.stripe,
            stretch=True,
        ),
        Column("customer", tr("Customer"), lambda row: row.account.customer_id, width=180, mono=True, hidden=True),
    )
