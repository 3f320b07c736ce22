"""What the page of the domains shows when there is nothing to list: why, and what to do first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.mail_identity_words import is_begun, missing_parts, missing_title
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.texts import tr, translated


class DomainsEmptyStates(QWidget):
    """Makes each state when it is needed for the first time."""

    add_wanted = Signal()
    identity_wanted = Signal()
    clear_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._made: dict[str, EmptyState] = {}

    def first_domain(self, *, missing: Sequence[str], can_act: bool) -> EmptyState:
        """Nothing is there yet; ``missing`` are the settings of the mail identity that have to be made first."""
        if not can_act:
            return self._state("read-only", "world", tr("No domains"), tr("This database is open for reading only."))
        if not missing:
            return self._state(
                "first",
                "world",
                tr("Add your first domain"),
                tr(
                    "You then see exactly which DNS records to publish. Publish them, press Verify, and each record "
                    "tells whether it is right, and if not, how to mend it."
                ),
                lambda: Button(tr("Add a domain"), kind="primary", icon="plus", action=self.add_wanted.emit),
            )
        state = self._state(
            "identity",
            "mail",
            "",
            "",
            lambda: Button(tr("Set the mail identity…"), kind="primary", action=self.identity_wanted.emit),
            lambda: Button(tr("Add a domain"), icon="plus", action=self.add_wanted.emit),
        )
        state.title.setText(missing_title(missing))
        state.text.setText(_identity_words(missing))
        return state

    def no_match(self) -> EmptyState:
        """The filters let nothing through."""
        return self._state(
            "no-match",
            "filter",
            tr("No domain matches"),
            tr("There are domains, but none that all filters let through."),
            lambda: Button(tr("Clear filters"), action=self.clear_wanted.emit),
        )

    def unreachable(self, error: UserFacingError) -> EmptyState:
        """The list could not be read."""
        state = self._state(
            "unreachable",
            "plug-connected-x",
            "",
            "",
            lambda: Button(tr("Try again"), icon="refresh", action=self.retry_wanted.emit),
        )
        state.title.setText(translated(error.message))
        parts = (error.detail, error.hint)
        state.text.setText(" ".join(translated(part) for part in parts if part is not None))
        return state

    def _state(self, key: str, icon: str, title: str, text: str, *buttons: Callable[[], Button]) -> EmptyState:
        if key not in self._made:
            self._made[key] = EmptyState(icon, title, text, *(make() for make in buttons), parent=self)
        return self._made[key]


def _identity_words(missing: Sequence[str]) -> str:
    if is_begun(missing):
        return tr(
            "Still missing: {parts}. Which records a domain has to publish follows from it. Set it once, then add "
            "your first domain.",
            parts=missing_parts(missing),
        )
    return tr(
        "Which records a domain has to publish follows from your mail servers, your SPF mechanism and your "
        "DMARC policy. Set them once, then add your first domain."
    )
