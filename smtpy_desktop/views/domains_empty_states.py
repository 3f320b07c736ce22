"""What the page of the domains shows when there is nothing to list: why, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from smtpy_desktop.views.mail_identity_words import is_begun, missing_parts, missing_title
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr


class DomainsEmptyStates(EmptyStates):
    """Makes each state when it is needed for the first time."""

    add_wanted = Signal()
    identity_wanted = Signal()

    def first_domain(self, *, missing: Sequence[str], can_act: bool) -> EmptyState:
        """Nothing is there yet; ``missing`` are the settings of the mail identity that have to be made first."""
        if not can_act:
            return self.state("read-only", "world", tr("No domains"), tr("This database is open for reading only."))
        if not missing:
            return self.state(
                "first",
                "world",
                tr("Add your first domain"),
                tr(
                    "You then see exactly which DNS records to publish. Publish them, press Verify, and each record "
                    "tells whether it is right, and if not, how to mend it."
                ),
                lambda: Button(tr("Add a domain"), kind="primary", icon="plus", action=self.add_wanted.emit),
            )
        state = self.state(
            "identity",
            "mail",
            "",
            "",
            lambda: Button(tr("Set the mail identity…"), kind="primary", action=self.identity_wanted.emit),
            lambda: Button(tr("Add a domain"), icon="plus", action=self.add_wanted.emit),
        )
        state.set_title(missing_title(missing))
        state.text.setText(_identity_words(missing))
        return state

    def no_match(self) -> EmptyState:
        """The filters let nothing through."""
        return self.state(
            "no-match",
            "filter",
            tr("No domain matches"),
            tr("There are domains, but none that all filters let through."),
            self.clear_button,
        )


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
