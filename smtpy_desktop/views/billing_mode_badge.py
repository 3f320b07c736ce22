"""The badge that says, wherever money is shown, whether it is real; and questions that carry it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode
from smtpy_desktop.views.billing_words import mode_pill, mode_sentence
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.profile_mark import current_profile


class ModeBadge(Pill):
    """SANDBOX, TEST, LIVE or NO KEY, with what it means in the tooltip."""

    def __init__(self, mode: StripeMode | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self.show_mode(mode or StripeMode(KeyMode.NONE))

    def show_mode(self, mode: StripeMode) -> None:
        """Show another mode."""
        cell = mode_pill(mode)
        self.set_state(cell.text, cell.tone, icon=cell.icon)
        words = mode_sentence(mode)
        self.setAccessibleDescription(words)
        set_tooltip(self, words)


def add_badge(dialog: Dialog, mode: StripeMode) -> ModeBadge:
    """Put the badge at the top of a dialog about money."""
    badge = ModeBadge(mode, dialog)
    dialog.content.insertWidget(0, badge)
    if not isinstance(dialog, ConfirmDialog):  # which says it already
        dialog.mark_profile(current_profile())
    return badge


def confirm_billing(
    parent: QWidget | None,
    mode: StripeMode,
    title: str,
    text: str,
    action: str,
    then: Callable[[], object],
    *,
    consequences: Sequence[str] = (),
    type_name: str | None = None,
    dangerous: bool = True,
) -> ConfirmDialog:
    """Ask before something about money is changed, and call ``then`` when the user agrees."""
    dialog = ConfirmDialog(
        parent, title, text, action, consequences=consequences, type_name=type_name, dangerous=dangerous
    )
    add_badge(dialog, mode)
    dialog.accepted.connect(then)
    dialog.open()
    return dialog
