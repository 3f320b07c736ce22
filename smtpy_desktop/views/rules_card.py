"""The rules of an alias or a domain among its details, in their order and with their counters kept up to date."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import rules_controller
from smtpy_desktop.core.alias_matching import POSTMASTER
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.identifiers import AliasId, DomainId
from smtpy_desktop.schemas.rules import OwnerRules, Rule
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.rule_dialog import RuleDialog
from smtpy_desktop.views.rule_row import RuleRow
from smtpy_desktop.views.rules_actions import RulesActions
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import tr

_TOPICS = (Topic.RULES, Topic.ALIASES, Topic.MESSAGES, Topic.CONNECTION)
_PAUSE_MILLISECONDS = 1000


class RulesCard(Card):
    """``domain_wanted(DomainId)``: the domain whose rules come after is to be seen.

    ``simulate_wanted(str)``, ``test_wanted(str)``: mail to that address is to be tried out.
    """

    domain_wanted = Signal(int)
    simulate_wanted = Signal(str)
    test_wanted = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(tr("Rules"), "", parent)
        self._context = context
        self._owner: tuple[DomainId, AliasId | None] | None = None
        self._found: OwnerRules | None = None
        self._rows: dict[int, RuleRow] = {}
        self._is_stale = False
        self.commands = RulesActions(context, self)
        self._reading = CalmReading(self._read, self, _PAUSE_MILLISECONDS)
        self.add_button = Button(tr("Add rule…"), self, kind="link", icon="plus", action=self.add)
        self.add_button.setDisabled(context.services.is_read_only)
        self.try_button = Button(tr("Try…"), self, kind="link", action=self._open_try_menu)
        self.add_action(self.try_button)
        self.add_action(self.add_button)
        self._empty = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self._own, self._inherited = QVBoxLayout(), QVBoxLayout()
        for lines in (self._own, self._inherited):
            lines.setSpacing(Space.XS)
        self._after = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self.domain_button = Button(tr("Domain…"), self, kind="link", action=self._on_domain)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._own)
        line = QHBoxLayout()
        line.addWidget(self._after, 1)
        line.addWidget(self.domain_button)
        self.body.addLayout(line)
        self.body.addLayout(self._inherited)
        context.bus.changed.connect(self._on_changed)
        self.hide()

    @property
    def is_about_to_read(self) -> bool:
        """Whether something is still to be read."""
        return self._reading.is_waiting

    @property
    def rows(self) -> tuple[RuleRow, ...]:
        """The rows of the owner's own rules in their order."""
        rules = self._found.rules if self._found is not None else ()
        return tuple(self._rows[rule.id] for rule in rules)

    def show_owner(self, domain_id: DomainId, alias_id: AliasId | None = None) -> None:
        """Show the rules of a domain, or of one of its aliases."""
        owner = (domain_id, alias_id)
        if owner != self._owner:
            self._owner = owner
            self._show(None)
            self._reading.now()

    def clear(self) -> None:
        """Show nobody's rules."""
        self._owner = None
        self._show(None)

    def add(self) -> RuleDialog | None:
        """Open the dialog that adds a rule."""
        return self.commands.add(self._found.owner) if self._found is not None else None

    def build_try_menu(self) -> QMenu:
        """Return the ways of trying mail to the owner out."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._found is not None:
            owner = self._found.owner
            address = owner.name if owner.alias_id is not None else f"{POSTMASTER}@{owner.name}"
            simulate = partial(self.simulate_wanted.emit, address)
            menu.addAction(icon("route", Tone.MUTED), tr("&Simulate a message…"), simulate)
            test = menu.addAction(
                icon("mail-forward", Tone.MUTED), tr("Send a &test message…"), partial(self.test_wanted.emit, address)
            )
            test.setDisabled(self._context.services.is_read_only)
        return menu

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has changed while the card was not seen."""
        super().showEvent(event)
        if self._is_stale:
            self._reading.now()

    def _on_changed(self, change: Change) -> None:
        if change.topic not in _TOPICS or self._owner is None:
            return
        has_rules = self._found is not None and bool(self._found.rules or self._found.domain_rules)
        if change.topic is Topic.MESSAGES and not has_rules:
            return
        self._is_stale = True
        if self.isVisible():
            self._reading.soon()

    def _read(self) -> TaskHandle:
        owner = self._owner or (DomainId(0), None)
        self._is_stale = False

        def take(found: OwnerRules) -> None:
            if owner == self._owner:
                self._show(found)

        return self._context.runner.run(
            rules_controller.owner_rules(self._context.services.sessions, *owner),
            owner=self,
            on_success=take,
            on_error=say_nothing,  # what is gone goes from the list, too; a lost database has its banner
            replaces=f"rules/{id(self)}",
        )

    def _show(self, found: OwnerRules | None) -> None:
        if found is not None and found == self._found:
            return
        self._found = found
        self.setVisible(found is not None)
        rules = (*found.rules, *found.domain_rules) if found is not None else ()
        for rule_id in [kept for kept in self._rows if kept not in {rule.id for rule in rules}]:
            row = self._rows.pop(rule_id)
            row.hide()
            row.deleteLater()
        if found is None:
            return
        self.add_button.setAccessibleName(tr("Add a rule for {name}", name=found.owner.name))
        self.try_button.setAccessibleName(tr("Try mail to {name} out", name=found.owner.name))
        dead = dict(found.dead)
        for lines, own in ((self._own, found.rules), (self._inherited, found.domain_rules)):
            for place, rule in enumerate(own):
                row = self._row(rule, is_own=lines is self._own)
                if lines.indexOf(row) != place:
                    lines.insertWidget(place, row)
                row.show_rule(rule, is_first=place == 0, is_last=place == len(own) - 1, dead=dead.get(rule.id, ()))
                row.show()
        self._show_words(found)
        follow(self)

    def _show_words(self, found: OwnerRules) -> None:
        is_alias = found.owner.alias_id is not None
        self._empty.setText(
            tr("No rule: all its mail goes where the alias forwards to.")
            if is_alias
            else tr("No rule for all mail to the domain. Aliases may have rules of their own, which come first.")
        )
        self._empty.setVisible(not found.rules)
        self._after.setText(tr("Then the rules of {domain}:", domain=found.domain_name))
        self._after.setVisible(bool(found.domain_rules))
        self.domain_button.setVisible(bool(found.domain_rules))
        self.domain_button.setAccessibleName(tr("Open the domain {name}", name=found.domain_name))

    def _row(self, rule: Rule, *, is_own: bool) -> RuleRow:
        row = self._rows.get(rule.id)
        if row is None:
            row = self._rows[rule.id] = RuleRow(self, is_read_only=not is_own or self._context.services.is_read_only)
            row.edit_wanted.connect(partial(self._on_edit, row))
            row.delete_wanted.connect(partial(self._on_delete, row))
            row.move_wanted.connect(partial(self._on_move, row))
            row.active_wanted.connect(partial(self._on_active, row))
        return row

    def _on_delete(self, row: RuleRow) -> None:
        if row.rule is not None:
            self.commands.delete(row.rule)

    def _on_edit(self, row: RuleRow) -> None:
        if row.rule is not None and self._found is not None:
            self.commands.edit(self._found.owner, row.rule)

    def _on_move(self, row: RuleRow, steps: int) -> None:
        if row.rule is not None:
            self.commands.move(row.rule, steps)

    def _on_active(self, row: RuleRow, active: bool) -> None:
        if row.rule is not None:
            self.commands.set_active(row.rule, active=active)

    def _open_try_menu(self) -> None:
        self.build_try_menu().popup(self.try_button.mapToGlobal(self.try_button.rect().bottomLeft()))

    def _on_domain(self) -> None:
        if self._found is not None:
            self.domain_wanted.emit(self._found.owner.domain_id)
