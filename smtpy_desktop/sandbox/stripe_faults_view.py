"""The card of everything that can be made to go wrong at the sandbox's Stripe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QMenu, QWidget

from smtpy_desktop.sandbox.stripe_faults import CallFault, StripeFaults
from smtpy_desktop.sandbox.stripe_view_words import DELAYS_SECONDS, call_fault_words, delay_words, webhook_fault_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import Card, button_row
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr


class StripeFaultsCard(Card):
    """Shows and turns the switches; ``wanted(dict)``: these fields of StripeFaults; ``heal_wanted``: none of them."""

    wanted = Signal(object)
    heal_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What goes wrong"), "", parent)
        self._actions: dict[tuple[str, object], QAction] = {}
        self._calls = self._menu_button("call_fault", [(fault, call_fault_words(fault)) for fault in CallFault])
        delays = [(seconds, delay_words(seconds)) for seconds in DELAYS_SECONDS]
        self._delay = self._menu_button("delay_seconds", delays)
        self._webhook_delay = self._menu_button("webhook_delay_seconds", delays)
        self._only_changes = self._box(tr("Only calls that c&hange something"), "only_changes")
        self._boxes = {name: self._box(words, name) for name, words in webhook_fault_words().items()}
        self._heal = Button(tr("Everything wor&ks again"), self, icon="check", action=self.heal_wanted.emit)
        self._lay_out()
        self.show_faults(StripeFaults())

    def show_faults(self, faults: StripeFaults) -> None:
        """Show what is switched on."""
        self._calls.set_text(tr("Calls {how}", how=call_fault_words(faults.call_fault)))
        self._delay.set_text(tr("Answers: {how}", how=delay_words(faults.delay_seconds)))
        self._webhook_delay.set_text(tr("Webhooks: {how}", how=delay_words(faults.webhook_delay_seconds)))
        for (name, value), action in self._actions.items():
            action.setChecked(getattr(faults, name) == value)
        for name, box in (*self._boxes.items(), ("only_changes", self._only_changes)):
            box.setChecked(bool(getattr(faults, name)))
        self._heal.setEnabled(faults != StripeFaults())

    def _lay_out(self) -> None:
        calls = FlowLayout(spacing=Space.S)
        for widget in (self._calls, self._delay):
            calls.addWidget(widget)
        self.set_roomy()
        self.body.addWidget(PlainLabel(tr("Calls of the program"), self, tone=Tone.MUTED, size="small"))
        self.body.addLayout(calls)
        self.body.addWidget(self._only_changes)
        self.body.addWidget(PlainLabel(tr("Webhooks to the program"), self, tone=Tone.MUTED, size="small"))
        self.body.addLayout(button_row(self._webhook_delay))
        for box in self._boxes.values():
            self.body.addWidget(box)
        self.body.addLayout(button_row(self._heal))

    def _menu_button(self, field: str, choices: Sequence[tuple[object, str]]) -> MenuButton:
        menu = QMenu(self)
        for value, words in choices:
            action = menu.addAction(words, partial(self._want, field, value))
            action.setCheckable(True)
            self._actions[field, value] = action
        return MenuButton("", menu, self)

    def _box(self, words: str, field: str) -> QCheckBox:
        box = QCheckBox(words, self)
        box.clicked.connect(lambda is_on: self._want(field, is_on))
        return box

    def _want(self, field: str, value: object) -> None:
        self.wanted.emit({field: value})
