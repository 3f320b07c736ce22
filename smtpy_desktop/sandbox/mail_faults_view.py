"""The card of everything that can be made to go wrong at the sandbox's mail server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QMenu, QWidget

from smtpy_desktop.sandbox.mail_playing import MailSight
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_view_words import (
    DELAYS_SECONDS,
    delay_words,
    fault_words,
    possible_faults,
    verb_words,
)
from smtpy_desktop.sandbox.sample_texts import SECOND_TARGET, TARGETS
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import Card, button_row
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_FIRST_VERB = SinkVerb.CONTENT


class MailFaultsCard(Card):
    """Shows and turns the switches.

    ``fault_wanted(SinkVerb, SinkFault)``, ``delay_wanted(float)``, ``only_for_wanted(str)``, ``down_wanted(bool)``,
    ``heal_wanted``: what the person asks for.
    """

    fault_wanted = Signal(object, object)
    delay_wanted = Signal(float)
    only_for_wanted = Signal(str)
    down_wanted = Signal(bool)
    heal_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What goes wrong"), "", parent)
        self._verb, self._fault = _FIRST_VERB, SinkFault.NONE
        self._down = QCheckBox(tr("The server is &down"), self)
        self._down.clicked.connect(self.down_wanted)
        self._what = self._menu_button()
        self._where = self._menu_button()
        self._delay = self._menu_button()
        self._who = self._menu_button()
        self._heal = Button(tr("Everything wor&ks again"), self, icon="check", action=self.heal_wanted.emit)
        self._lay_out()
        self._fill_menus()
        self._show(SinkFaults(), is_down=False)

    def show_sight(self, sight: MailSight) -> None:
        """Show what is switched on."""
        verb, fault = next(iter(sight.faults.verbs.items()), (self._verb, SinkFault.NONE))
        is_other = verb is not self._verb
        self._verb, self._fault = verb, fault
        if is_other:
            self._fill_what()
        self._show(sight.faults, is_down=sight.is_down)

    def _show(self, faults: SinkFaults, *, is_down: bool) -> None:
        self._what.set_text(tr("Mail: {what}", what=fault_words(self._fault)))
        self._where.set_text(tr("Where: {where}", where=verb_words(self._verb)))
        self._delay.set_text(tr("Answers: {how}", how=delay_words(faults.delay_seconds)))
        self._who.set_text(tr("For: {who}", who=faults.only_for or tr("everybody")))
        self._down.setChecked(is_down)
        self._heal.setEnabled(is_down or faults != SinkFaults())

    def _lay_out(self) -> None:
        choices = FlowLayout(spacing=Space.S)
        for widget in (self._what, self._where, self._who, self._delay):
            choices.addWidget(widget)
        self.set_roomy()
        words = tr("How the targets' mail server answers the program's forwarder")
        self.body.addWidget(PlainLabel(words, self, tone=Tone.MUTED, size="small", wrap=True))
        self.body.addLayout(choices)
        self.body.addWidget(self._down)
        self.body.addLayout(button_row(self._heal))

    def _menu_button(self) -> MenuButton:
        return MenuButton("", QMenu(self), self)

    def _fill_menus(self) -> None:
        self._fill_what()
        for verb in SinkVerb:
            self._where.menu().addAction(verb_words(verb), partial(self._want_at, verb))
        for seconds in DELAYS_SECONDS:
            self._delay.menu().addAction(delay_words(seconds), partial(self.delay_wanted.emit, seconds))
        for who in ("", *_target_domains()):
            self._who.menu().addAction(who or tr("everybody"), partial(self.only_for_wanted.emit, who))

    def _fill_what(self) -> None:
        menu = self._what.menu()
        menu.clear()
        for fault in possible_faults(self._verb):
            menu.addAction(fault_words(fault), partial(self._want, fault))

    def _want_at(self, verb: SinkVerb) -> None:
        self._verb = verb
        self._fill_what()
        self._want(self._fault if self._fault in possible_faults(verb) else SinkFault.NONE)

    def _want(self, fault: SinkFault) -> None:
        self._fault = fault
        self.fault_wanted.emit(self._verb, fault)


def _target_domains() -> Sequence[str]:
    return sorted(target.partition("@")[2] for target in (*TARGETS, SECOND_TARGET))
