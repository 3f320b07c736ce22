"""The pane of one customer of the sandbox's Stripe: what the customer has, and what can be played with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.sandbox.stripe_playing import ACTIONS, StripeRow, possible_actions
from smtpy_desktop.sandbox.stripe_view_words import action_words, row_pill, row_sentence
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr


class StripeDetails(QWidget):
    """Shows one customer; ``wanted(str, StripeRow)``: an action, by its name, is to be done."""

    wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: StripeRow | None = None
        self._name = PlainLabel("", self, size="heading", elide=Qt.TextElideMode.ElideMiddle, selectable=True)
        self._pill = Pill("", Tone.MUTED, self)
        self._id = PlainLabel("", self, tone=Tone.MUTED, size="small", selectable=True)
        self._sentence = PlainLabel("", self, wrap=True)
        self._buttons = {
            name: Button(action_words(name), self, action=partial(self._on_wanted, name)) for name in ACTIONS
        }
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._name)
        head.addWidget(self._pill)
        head.addStretch(1)
        actions = FlowLayout(spacing=Space.S)
        for button in self._buttons.values():
            actions.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(head)
        column.addWidget(self._id)
        column.addWidget(self._sentence)
        column.addLayout(actions)

    @property
    def row(self) -> StripeRow | None:
        """The customer that is shown."""
        return self._row

    def show_row(self, row: StripeRow) -> None:
        """Show a customer, or the same one's present state."""
        self._row = row
        self._name.setText(row.name)
        self._id.setText(row.customer_id)
        self._id.setVisible(row.name != row.customer_id)
        pill = row_pill(row)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self._sentence.setText(row_sentence(row))
        possible = possible_actions(row)
        for name, button in self._buttons.items():
            button.setVisible(name in possible)

    def _on_wanted(self, name: str) -> None:
        row = self._row
        if row is None:
            return
        if name != "delete":
            self.wanted.emit(name, row)
            return
        confirm(
            self,
            tr("Delete {name}?", name=row.name),
            tr("The customer is deleted at the sandbox's Stripe alone, and cannot be brought back."),
            tr("Delete"),
            lambda: self.wanted.emit(name, row),
            consequences=(tr("Every subscription of the customer ends at once."),),
        )
