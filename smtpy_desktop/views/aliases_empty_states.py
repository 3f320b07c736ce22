"""What the page of the aliases shows when there is nothing to list: why, and what to do first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.texts import tr, translated


class AliasesEmptyStates(QWidget):
    """Makes each state when it is needed for the first time."""

    add_wanted = Signal()
    paste_wanted = Signal()
    domain_wanted = Signal()
    clear_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._made: dict[str, EmptyState] = {}

    def first_alias(self, *, can_act: bool) -> EmptyState:
        """There are domains, and no alias yet."""
        if not can_act:
            return self._state("read-only", tr("No aliases"), tr("This database is open for reading only."))
        return self._state(
            "first",
            tr("Add your first alias"),
            tr(
                "An alias is an address of one of your domains, such as info@example.com, and the mailboxes that its "
                "mail is forwarded to. Have you a list already? Paste it, and see what would be added first."
            ),
            lambda: Button(tr("Add an alias"), kind="primary", icon="plus", action=self.add_wanted.emit),
            lambda: Button(tr("Paste a list…"), action=self.paste_wanted.emit),
        )

    def no_domain(self) -> EmptyState:
        """There is no domain yet."""
        return self._state(
            "no-domain",
            tr("Add a domain first"),
            tr("Aliases are addresses of your domains. Add the domain, then say where its mail goes."),
            lambda: Button(tr("Go to the domains"), kind="primary", action=self.domain_wanted.emit),
        )

    def no_match(self, advice: str) -> EmptyState:
        """The filters let nothing through; ``advice`` tells where mail to the address that was typed goes."""
        state = self._state(
            "no-match",
            tr("No alias matches"),
            "",
            lambda: Button(tr("Clear filters"), action=self.clear_wanted.emit),
            lambda: Button(tr("Add an alias"), icon="plus", action=self.add_wanted.emit),
        )
        state.text.setText(advice or tr("There are aliases, but none that all filters let through."))
        return state

    def unreachable(self, error: UserFacingError) -> EmptyState:
        """The list could not be read."""
        state = self._state(
            "unreachable", "", "", lambda: Button(tr("Try again"), icon="refresh", action=self.retry_wanted.emit)
        )
        state.title.setText(translated(error.message))
        parts = (error.detail, error.hint)
        state.text.setText(" ".join(translated(part) for part in parts if part is not None))
        return state

    def _state(self, key: str, title: str, text: str, *buttons: Callable[[], Button]) -> EmptyState:
        icons = {"unreachable": "plug-connected-x", "no-match": "filter", "no-domain": "world"}
        if key not in self._made:
            self._made[key] = EmptyState(icons.get(key, "at"), title, text, *(make() for make in buttons), parent=self)
        return self._made[key]
