"""What the page of the aliases shows when there is nothing to list: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Signal

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr


class AliasesEmptyStates(EmptyStates):
    """Makes each state when it is needed for the first time."""

    add_wanted = Signal()
    paste_wanted = Signal()
    domain_wanted = Signal()

    def first_alias(self, *, can_act: bool) -> EmptyState:
        """There are domains, and no alias yet."""
        if not can_act:
            return self.state("read-only", "at", tr("No aliases"), tr("This database is open for reading only."))
        return self.state(
            "first",
            "at",
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
        return self.state(
            "no-domain",
            "world",
            tr("Add a domain first"),
            tr("Aliases are addresses of your domains. Add the domain, then say where its mail goes."),
            lambda: Button(tr("Go to the domains"), kind="primary", action=self.domain_wanted.emit),
        )

    def no_match(self, advice: str) -> EmptyState:
        """The filters let nothing through; ``advice`` tells where mail to the address that was typed goes."""
        state = self.state(
            "no-match",
            "filter",
            tr("No alias matches"),
            "",
            self.clear_button,
            lambda: Button(tr("Add an alias"), icon="plus", action=self.add_wanted.emit),
        )
        state.text.setText(advice or tr("There are aliases, but none that all filters let through."))
        return state
