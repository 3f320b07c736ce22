"""What the page of the events shows when there is nothing to list: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Signal

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr

FORWARD_COMMAND = "stripe listen --forward-to localhost:{port}/webhooks/stripe"
"""How Stripe's own command line brings events to this machine (docs.stripe.com/stripe-cli/use-cli)."""


class EventsEmptyStates(EmptyStates):
    """Makes each state when it is needed for the first time."""

    settings_wanted = Signal()
    catch_up_wanted = Signal()
    copy_wanted = Signal()

    def no_key(self) -> EmptyState:
        """There is no key to ask Stripe with."""
        return self.state(
            "no-key",
            "key",
            tr("Stripe is not set up"),
            tr(
                "Enter the secret key of your Stripe account. From then on every event of your customers is listed "
                "here: how it came, whether it is genuine, and what became of it."
            ),
            lambda: Button(tr("Set up Stripe…"), kind="primary", action=self.settings_wanted.emit),
        )

    def no_event(self, port: int) -> EmptyState:
        """There is a key, and no event came."""
        state = self.state(
            "no-event",
            "webhook",
            tr("No event yet"),
            "",
            lambda: Button(tr("Catch up now"), kind="primary", icon="refresh", action=self.catch_up_wanted.emit),
            lambda: Button(tr("Copy command"), icon="copy", action=self.copy_wanted.emit),
        )
        state.text.setText(
            tr(
                "Missed events are read from Stripe every few minutes. To have them at once, let Stripe's command line "
                "pass them on: {command}",
                command=FORWARD_COMMAND.format(port=port),
            )
        )
        return state

    def no_match(self) -> EmptyState:
        """The filters let nothing through."""
        return self.state(
            "no-match",
            "filter",
            tr("No event matches"),
            tr("There are events, but none that all filters let through."),
            self.clear_button,
        )

    def nothing_refused(self) -> EmptyState:
        """No delivery was refused."""
        return self.state(
            "nothing-refused",
            "shield-check",
            tr("Nothing was refused"),
            tr("Requests to the webhook that Stripe did not sign are listed here, without their content."),
            lambda: Button(tr("Show events"), action=self.clear_wanted.emit),
        )
