"""What can be done with rules: add, change, order, switch and delete; each with its undo."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import rules_controller
from smtpy_desktop.schemas.rules import Rule, RuleOwner
from smtpy_desktop.views.rule_dialog import RuleDialog
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import confirm_in_production
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr


class RulesActions(QObject):
    """Carries out what a list of rules is asked for."""

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window

    def add(self, owner: RuleOwner) -> RuleDialog:
        """Open the dialog that adds a rule."""
        dialog = RuleDialog(self._context, owner, self._window)
        words = tr("The rule for {name} was added.", name=owner.name)
        dialog.saved.connect(lambda rule: self._tell(words))
        dialog.open()
        return dialog

    def edit(self, owner: RuleOwner, rule: Rule) -> RuleDialog:
        """Open the dialog that changes a rule."""
        dialog = RuleDialog(self._context, owner, self._window, rule=rule)
        words = tr("The rule for {name} was saved.", name=owner.name)
        dialog.saved.connect(lambda rule: self._tell(words))
        dialog.open()
        return dialog

    def move(self, rule: Rule, steps: int) -> None:
        """Move a rule down among those of its owner, or up."""
        services = self._context.services
        if not services.is_read_only:
            self._context.runner.run(
                rules_controller.move_rule(
                    services.sessions,
                    rule.id,
                    rule.position - 1 + steps,
                    actor=services.actor,
                    publish=services.publish,
                ),
                owner=self,
            )

    def set_active(self, rule: Rule, *, active: bool, tells: bool = True) -> None:
        """Let a rule be heeded, or not."""
        services = self._context.services
        if services.is_read_only:
            return
        words = (
            tr("Rule {n} is heeded now.", n=number(rule.position))
            if active
            else tr("Rule {n} is switched off.", n=number(rule.position))
        )

        def undo() -> None:
            self.set_active(rule, active=not active, tells=False)

        message = Message(words, action_text=tr("Undo") if tells else "", action=undo if tells else None, key="rule")
        self._context.runner.run(
            rules_controller.set_active(
                services.sessions, rule.id, active=active, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=lambda _: self._context.tell(message),
        )

    def delete(self, rule: Rule) -> None:
        """Delete a rule; undo brings it back to its place with what it had counted."""
        if not self._context.services.is_read_only:
            confirm_in_production(
                self._window,
                tr("Delete rule {n}?", n=number(rule.position)),
                tr("Mail is treated without it from now on."),
                tr("Delete"),
                lambda: self._delete(rule),
            )

    def _delete(self, rule: Rule) -> None:
        services = self._context.services
        self._context.runner.run(
            rules_controller.delete_rules(services.sessions, [rule.id], actor=services.actor, publish=services.publish),
            owner=self,
            on_success=self._tell_deleted,
        )

    def _tell_deleted(self, gone: tuple[Rule, ...]) -> None:
        if gone:
            message = Message(
                tr("The rule was deleted."), action_text=tr("Undo"), action=lambda: self._restore(gone), key="rule"
            )
            self._context.tell(message)

    def _restore(self, gone: tuple[Rule, ...]) -> None:
        services = self._context.services
        self._context.runner.run(
            rules_controller.restore_rules(services.sessions, gone, actor=services.actor, publish=services.publish),
            owner=self,
            on_success=lambda ids: self._tell(tr("The rule is back.")),
        )

    def _tell(self, words: str) -> None:
        self._context.tell(Message(words, key="rule"))
