"""The dialog that adds a rule or changes one: conditions, what is done, and the whole of it as a sentence."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.controllers import rules_controller
from smtpy_desktop.core.rule_values import SENDING_ACTIONS, parse_conditions
from smtpy_desktop.core.rule_words import action_sentence
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.rules import Rule, RuleAction, RuleCondition, RuleDraft, RuleOwner
from smtpy_desktop.views.rule_condition_row import RuleConditions
from smtpy_desktop.views.rule_words import action_choices
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_CHECK_AFTER_MILLISECONDS = 600
_TARGETS_HEIGHT = 68
_WIDTH = 600


class RuleDialog(Dialog):
    """``saved(Rule)``: the rule was added or changed."""

    saved = Signal(object)

    def __init__(
        self, context: ViewContext, owner: RuleOwner, parent: QWidget | None = None, *, rule: Rule | None = None
    ) -> None:
        super().__init__(parent, tr("Add a rule") if rule is None else tr("Change rule"))
        self._context, self._owner, self._rule = context, owner, rule
        self._check_soon = single_shot(self, self._check, _CHECK_AFTER_MILLISECONDS)
        words = tr("For mail to {name}. The first rule that is met decides.", name=owner.name)
        self.content.addWidget(WrappedText(words, self, tone=Tone.MUTED))
        self.content.addSpacing(Space.S)
        self.form = Form(self)
        self.content.addWidget(self.form)
        self._build_fields(rule)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        caption = tr("&Add rule") if rule is None else tr("&Save")
        self.save_button = Button(caption, self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.save_button)
        self._connect()
        self._on_action()
        self.ask_for_width(_WIDTH)
        self.offer_help("rules")
        key = f"rule/{owner.name}/{rule.id if rule is not None else 'new'}"
        self.kept = DialogDraft(self, self.form, context.memory, key, self._on_action, more=self.conditions)
        (self.conditions.rows[0].value_edit if self.conditions.rows else self.action_box).setFocus()

    @property
    def is_about_to_check(self) -> bool:
        """Whether what was typed is still to be looked at."""
        return self._check_soon.isActive()

    @property
    def draft(self) -> RuleDraft:
        """The rule as it is typed."""
        action = RuleAction(self.action_box.currentData())
        return RuleDraft(
            self.conditions.typed,
            action,
            self.targets_edit.toPlainText() if action in SENDING_ACTIONS else "",
            self.name_edit.text(),
            self.active_box.isChecked(),
        )

    def _build_fields(self, rule: Rule | None) -> None:
        self.conditions = RuleConditions(self)
        self.form.add_widget(self.conditions)
        self.action_box = QComboBox(self)
        for action, words in action_choices():
            self.action_box.addItem(words, action.value)
        self.form.add_field("action", tr("&Then"), self.action_box)
        self.targets_edit = QPlainTextEdit(self)
        self.targets_edit.setFixedHeight(_TARGETS_HEIGHT)
        self.targets_edit.setTabChangesFocus(True)
        self.form.add_field("targets", tr("T&o"), self.targets_edit, tr("One address per line."))
        self.name_edit = QLineEdit(self)
        self.name_edit.setPlaceholderText(tr("none"))
        self.form.add_field("name", tr("&Name"), self.name_edit)
        self.active_box = QCheckBox(tr("&Use this rule"), self)
        self.active_box.setChecked(rule is None or rule.is_active)
        self.form.add_widget(self.active_box)
        holder = QVBoxLayout()
        self.sentence = Notice("", "", Tone.ACCENT, self)
        holder.addWidget(self.sentence)
        self.content.addSpacing(Space.S)
        self.content.addLayout(holder)
        if rule is None:
            self.conditions.add()
            return
        self.conditions.show_conditions(rule.conditions)
        self.action_box.setCurrentIndex(self.action_box.findData(rule.action.value))
        self.targets_edit.setPlainText("\n".join(target.address for target in rule.targets))
        self.name_edit.setText(rule.name)

    def _connect(self) -> None:
        self.conditions.edited.connect(self._on_edited)
        self.conditions.resized.connect(self.fit_height)
        self.conditions.submitted.connect(self._on_save)
        self.action_box.currentIndexChanged.connect(self._on_action)
        self.targets_edit.textChanged.connect(self._on_edited)
        self.form.submitted.connect(self._on_save)

    def _on_action(self) -> None:
        self.form.field("targets").setVisible(self.draft.action in SENDING_ACTIONS)
        self._on_edited()
        if self.isVisible():
            self.fit_height()

    def _on_edited(self) -> None:
        self._show_sentence()
        self._check_soon.start()

    def _show_sentence(self) -> None:
        """Say what the rule does as far as it can be understood already."""
        draft, understood = self.draft, list[RuleCondition]()
        for typed in draft.conditions:
            try:
                understood += parse_conditions([typed])
            except FieldError:
                continue
        targets = ", ".join(self.targets_edit.toPlainText().split())
        is_whole = len(understood) == len(draft.conditions)
        words = translated(action_sentence(tuple(understood), draft.action, targets))
        if not is_whole and not understood:
            words = tr("Fill the condition in to see what the rule does.")
        self.sentence.show_words("", words, Tone.ACCENT if is_whole else Tone.MUTED)
        self.sentence.setAccessibleName(words)

    def _check(self) -> None:
        """Tell early what would be refused; what is still empty is told when it is sent."""
        draft = self.draft
        if not self.conditions.is_filled or (draft.action in SENDING_ACTIONS and not str(draft.targets).strip()):
            return

        def show(error: UserFacingError) -> bool:
            if isinstance(error, FieldError):
                focused = self.focusWidget()
                if not self.conditions.show_error(error):
                    self.form.show_error(error)
                if focused is not None:
                    focused.setFocus()  # whoever is typing goes on typing
                self.fit_height()
            return True

        work = rules_controller.check_rule(self._context.services.sessions, self._owner, draft)
        self._context.runner.run(work, owner=self, on_error=show, replaces="rule-check")

    def _on_save(self) -> None:
        if not self.save_button.isEnabled():
            return
        self._check_soon.stop()
        self.form.clear_errors()
        self.conditions.clear_errors()
        self.save_button.setEnabled(False)
        self._context.runner.run(
            self._work(), owner=self, on_success=self._on_saved, on_error=self._on_error, replaces="rule-check"
        )

    def _work(self) -> Coroutine[Any, Any, Rule]:
        services = self._context.services
        if self._rule is None:
            return rules_controller.add_rule(
                services.sessions, self._owner, self.draft, actor=services.actor, publish=services.publish
            )
        return rules_controller.update_rule(
            services.sessions, self._rule.id, self.draft, actor=services.actor, publish=services.publish
        )

    def _on_saved(self, rule: Rule) -> None:
        self.saved.emit(rule)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        if not (isinstance(error, FieldError) and self.conditions.show_error(error)):
            self.form.show_error(error)
        self.fit_height()
        return True
