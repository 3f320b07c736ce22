"""The form that says how long messages, their contents and Stripe's events are kept, and what would go by it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import retention_controller
from smtpy_desktop.core.setting_keys import CONTENTS_DAYS_KEY, EVENTS_DAYS_KEY, MESSAGES_DAYS_KEY, SETTINGS
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.retention import RetentionNumbers, RetentionRule
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_forms import NUMBER_WIDTH
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MOST_DAYS = 36500


class RetentionForm(SettingsForm):
    """Three numbers of days, and a sentence on how much is past its time by them."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._saved = RetentionRule()
        self._add_days(
            MESSAGES_DAYS_KEY,
            tr("&Keep messages for … days"),
            tr("Then they are removed, with their time lines; what is still under way always stays. 0: for ever."),
        )
        self._add_days(
            CONTENTS_DAYS_KEY,
            tr("Keep conten&ts for … days"),
            tr("Of messages that are done with, from their last change on; it is needed to retry them. 0: for ever."),
        )
        self._add_days(
            EVENTS_DAYS_KEY,
            tr("Keep events of Str&ipe for … days"),
            tr("Of events that are done with; at least 31, as Stripe lists them for 30. 0: for ever."),
        )
        self.notice = Notice("", "", Tone.MUTED, self)
        self.notice.hide()
        self.add_widget(self.notice)
        self.edited.connect(self.count)

    def rule(self) -> RetentionRule:
        """Return the rule that is typed."""
        return retention_controller.parse_rule(self.values())

    def count(self) -> None:
        """Tell how much is past its time by what is typed."""
        rule = self.rule()
        self._count(rule, lambda numbers: self._show(rule, numbers), say_nothing)

    def ask_before(self, save: Callable[[], object], leave: Callable[[], object]) -> None:
        """Call ``save``, after asking the user if more would be removed; ``leave`` if it is not to be saved."""
        rule = self.rule()
        if not rule.is_stricter_than(self._saved):
            save()
            return

        def ask(numbers: RetentionNumbers) -> None:
            self._show(rule, numbers)
            if numbers.is_nothing:
                save()
            else:
                self._confirm(numbers, save, leave)

        def fail(error: UserFacingError) -> bool:
            leave()
            return False

        self._count(rule, ask, fail)

    def _add_days(self, key: str, label: str, explanation: str) -> None:
        box = NumberBox(0, _MOST_DAYS, int(SETTINGS[key].default), self)
        box.setSpecialValueText(tr("for ever"))
        box.setMaximumWidth(NUMBER_WIDTH)
        self.add_setting(key, label, box, explanation)

    def _values_loaded(self) -> None:
        self._saved = retention_controller.parse_rule(self.stored())
        self.count()

    def _count(
        self,
        rule: RetentionRule,
        on_success: Callable[[RetentionNumbers], object],
        on_error: Callable[[UserFacingError], bool],
    ) -> None:
        self._context.runner.run(
            retention_controller.count_expired(self._context.services.sessions, rule),
            owner=self,
            on_success=on_success,
            on_error=on_error,
            replaces="settings/retention",
        )

    def _show(self, rule: RetentionRule, numbers: RetentionNumbers) -> None:
        if numbers.is_nothing:
            self.notice.show_words("", tr("Nothing is past its time."), Tone.MUTED)
        elif rule == self._saved:
            words = tr("Past its time, and removed within the hour: {what}.", what=expired_words(numbers))
            self.notice.show_words("", words, Tone.MUTED)
        else:
            words = tr("Removed for good once this is saved: {what}.", what=expired_words(numbers))
            self.notice.show_words("", words, Tone.WARN)
        self.notice.show()

    def _confirm(self, numbers: RetentionNumbers, save: Callable[[], object], leave: Callable[[], object]) -> None:
        dialog = confirm(
            self,
            tr("Remove {what}?", what=expired_words(numbers)),
            tr("With these settings their time is over. They go within the hour, and nothing brings them back."),
            tr("Save and remove"),
            save,
        )
        dialog.rejected.connect(leave)


def expired_words(numbers: RetentionNumbers) -> str:
    """Return what goes: "1,234 messages, the contents of 56 others and 7 events"."""
    parts = []
    if numbers.messages or not (numbers.contents or numbers.events):
        parts.append(tr_n("{n} message", "{n} messages", numbers.messages))
    if numbers.contents and numbers.messages:
        parts.append(tr_n("the content of {n} other", "the contents of {n} others", numbers.contents))
    elif numbers.contents:
        parts.append(tr_n("the content of {n} message", "the contents of {n} messages", numbers.contents))
    if numbers.events:
        parts.append(tr_n("{n} event of Stripe", "{n} events of Stripe", numbers.events))
    *first, last = parts
    return tr("{messages} and {contents}", messages=", ".join(first), contents=last) if first else last
