"""The details of the selected alias: where its mail ends, who forwards to it, and what its domain does otherwise."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import aliases_controller
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.aliases import AliasDetails, AliasRow, MatchKind
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.views.alias_words import active_pill
from smtpy_desktop.views.rules_card import RulesCard
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, Notice, clear_layout
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_READ_AFTER_MILLISECONDS = 60


class AliasDetailsView(QObject):
    """Fills ``head``, ``body`` and ``foot`` of a details pane.

    ``edit_wanted``, ``postmaster_wanted(str)``: the dialogs are wanted; ``active_wanted(bool)`` and ``delete_wanted``:
    of all that are selected; ``domain_wanted(DomainId)``: its domain is to be seen; ``simulate_wanted(str)`` and
    ``test_wanted(str)``: mail to it is to be tried out.
    """

    edit_wanted = Signal()
    postmaster_wanted = Signal(str)
    active_wanted = Signal(bool)
    delete_wanted = Signal()
    domain_wanted = Signal(int)
    simulate_wanted = Signal(str)
    test_wanted = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: AliasId | None = None
        self._details: AliasDetails | None = None
        self._read_soon = single_shot(self, self._read, _READ_AFTER_MILLISECONDS)
        self.head, self.body, self.foot = QWidget(parent), QWidget(parent), QWidget(parent)
        self._build()
        self.show_nothing(has_rows=False)

    @property
    def is_about_to_read(self) -> bool:
        """Whether the details of what is selected are still to be read."""
        return self._read_soon.isActive() or self.rules.is_about_to_read

    def show_alias(self, row: AliasRow) -> None:
        """Show what is known of an alias, and a moment later what surrounds it."""
        if self._details is not None and self._details.alias == row:
            return
        self._shown = row.id
        self._read_soon.start()

    def show_selection(self, count: int) -> None:
        """Show that several aliases are selected, with what can be done with them."""
        self._clear()
        self._title.setText(tr_n("{n} alias selected", "{n} aliases selected", count))
        self._pill.hide()
        self.edit_button.hide()
        words = tr("What you do here is done with all of them.")
        self._column.addWidget(WrappedText(words, self.body, tone=Tone.MUTED))
        self._show_buttons(can_activate=True, can_deactivate=True)

    def show_nothing(self, *, has_rows: bool = True) -> None:
        """Show that nothing is selected; nothing at all where there is nothing to be selected."""
        self._clear()
        if has_rows:
            hint = tr("Select an alias to see where its mail ends.")
            self._column.addWidget(EmptyState("at", tr("Nothing selected"), hint, parent=self.body))

    def refresh(self) -> None:
        """Read what is shown again."""
        if self._shown is not None:
            self._read_soon.start()

    # Building

    def _build(self) -> None:
        self._title = PlainLabel("", self.head, size="heading", elide=Qt.TextElideMode.ElideMiddle)
        self._pill = Pill("", Tone.MUTED, self.head)
        self.edit_button = Button(tr("Change…"), self.head, kind="primary", icon="pencil", action=self.edit_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._pill)
        row.addStretch(1)
        row.addWidget(self.edit_button)
        head = QVBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(Space.S)
        head.addWidget(self._title)  # a line of its own: addresses are long
        head.addLayout(row)
        self._column, self._lower = QVBoxLayout(), QVBoxLayout()
        self.rules = RulesCard(self._context, self.body)
        self.rules.domain_wanted.connect(self.domain_wanted)
        self.rules.simulate_wanted.connect(self.simulate_wanted)
        self.rules.test_wanted.connect(self.test_wanted)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        for lines in (column, self._column, self._lower):
            lines.setSpacing(Space.S)
        column.addLayout(self._column)
        column.addWidget(self.rules)
        column.addLayout(self._lower)
        column.addStretch(1)
        activate, deactivate = partial(self.active_wanted.emit, True), partial(self.active_wanted.emit, False)
        self.activate_button = Button(tr("Activate"), self.foot, icon="player-play", action=activate)
        self.deactivate_button = Button(tr("Deactivate"), self.foot, icon="player-pause", action=deactivate)
        self.delete_button = Button(tr("Delete"), self.foot, icon="trash", action=self.delete_wanted.emit)
        foot = QHBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(Space.S)
        for button in (self.activate_button, self.deactivate_button, self.delete_button):
            foot.addWidget(button)
        foot.addStretch(1)

    def _clear(self) -> None:
        self._shown = self._details = None
        self._read_soon.stop()
        clear_layout(self._column)
        clear_layout(self._lower)
        self.rules.clear()
        self.head.hide()
        self.foot.hide()

    def _read(self) -> None:
        if self._shown is not None:
            self._context.runner.run(
                aliases_controller.alias_details(self._context.services.sessions, self._shown),
                owner=self,
                on_success=self._show,
                on_error=say_nothing,  # what is gone goes from the list, too; a lost database has its banner
                replaces="alias-details",
            )

    def _show(self, details: AliasDetails) -> None:
        alias = details.alias
        if alias.id != self._shown or details == self._details:
            return
        self._details = details
        clear_layout(self._column)
        clear_layout(self._lower)
        self._title.setText(alias.unicode_address)
        pill = active_pill(is_active=alias.is_active)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self._pill.show()
        self.edit_button.show()
        self._add_notice(details)
        self._column.addWidget(self._targets_card(details))
        if details.forwarded_from:
            self._lower.addWidget(self._from_card(details))
        self._lower.addWidget(self._domain_card(details))
        self.rules.show_owner(alias.domain_id, alias.id)
        self._show_buttons(can_activate=not alias.is_active, can_deactivate=alias.is_active)

    def _show_buttons(self, *, can_activate: bool, can_deactivate: bool) -> None:
        self.activate_button.setVisible(can_activate)
        self.deactivate_button.setVisible(can_deactivate)
        for button in (self.edit_button, self.activate_button, self.deactivate_button, self.delete_button):
            button.setDisabled(self._context.services.is_read_only)
        self.head.show()
        self.foot.show()
        follow(self.head, self.body, self.foot)

    def _add_notice(self, details: AliasDetails) -> None:
        if details.alias.note:
            self._column.addWidget(WrappedText(details.alias.note, self.body, tone=Tone.MUTED))
        if not details.destination.targets:
            words = tr("Its mail is refused")
            reason = translated(details.destination.reason)
            self._column.addWidget(Notice(words, reason, Tone.WARN, self.body))
        elif details.dead:
            words = tr_n("{n} target leads nowhere now", "{n} targets lead nowhere now", len(details.dead))
            gone = ", ".join(target.address for target in details.dead)
            advice = tr("{addresses}: add that alias again, or change the targets.", addresses=gone)
            self._column.addWidget(Notice(words, advice, Tone.WARN, self.body))

    def _targets_card(self, details: AliasDetails) -> Card:
        alias = details.alias
        card = Card(tr("Forwards to"), "", self.body)
        facts = KeyValueList(card)
        for place, target in enumerate(alias.targets, 1):
            facts.add(tr("Target {n}", n=number(place)) if len(alias.targets) > 1 else tr("Target"), target.address)
        ends = details.destination.targets
        if ends and {end.key for end in ends} != {target.key for target in alias.targets}:
            facts.add(tr("Ends at"), ", ".join(end.address for end in ends))
        facts.add(tr("Added"), exact_time(alias.created_at), copy=False)
        facts.add(tr("Updated"), exact_time(alias.updated_at), copy=False)
        card.body.addWidget(facts)
        return card

    def _from_card(self, details: AliasDetails) -> Card:
        card = Card(tr("Aliases that forward to it"), "", self.body)
        card.body.addWidget(WrappedText("\n".join(details.forwarded_from), card))
        return card

    def _domain_card(self, details: AliasDetails) -> Card:
        alias, postmaster = details.alias, details.postmaster
        card = Card(tr("Other mail"), tr("to {domain}", domain=alias.unicode_domain), self.body)
        change = Button(tr("Domain…"), card, kind="link", action=partial(self.domain_wanted.emit, alias.domain_id))
        change.setAccessibleName(tr("Open the domain {name}", name=alias.unicode_domain))
        card.add_action(change)
        facts = KeyValueList(card)
        facts.add(tr("Catch-all"), details.catch_all or tr("none: it is refused"), copy=details.catch_all is not None)
        ends = ", ".join(target.address for target in postmaster.targets) or translated(postmaster.reason)
        facts.add("postmaster", ends, copy=False)
        card.body.addWidget(facts)
        if postmaster.match.kind is MatchKind.POSTMASTER:
            words = tr(
                "Mail to postmaster has to be accepted (RFC 5321): without an alias it goes to the organization's "
                "address. Complaints come to abuse (RFC 2142)."
            )
            card.body.addWidget(PlainLabel(words, card, tone=Tone.MUTED, size="small", wrap=True))
            own = partial(self.postmaster_wanted.emit, postmaster.address)
            add = Button(tr("Add an alias for postmaster"), card, kind="link", action=own)
            add.setDisabled(self._context.services.is_read_only)
            card.body.addWidget(add)
        return card
