"""What the tour sees of billing, in the window and in the book of the sandbox's Stripe, and whether they agree."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit

from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Tour
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict
from smtpy_desktop.views.billing_view import BillingView
from smtpy_desktop.views.billing_words import AccountState, account_state, state_word
from smtpy_desktop.views.events_words import outcome_word, verdict_word, via_word
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr


class BillingSight:
    """Looks at the billing of one organization, by its name."""

    def __init__(self, tour: Tour, organization: str) -> None:
        self._tour, self._organization = tour, organization

    @property
    def view(self) -> BillingView:
        """The billing page, there once it was shown."""
        return self._tour.hands.window.findChildren(BillingView)[0]

    @property
    def picture(self) -> BillingPicture:
        """What the page shows of the organization; raise LookupError when it shows another one."""
        picture = self.view.body.picture
        if picture is None or picture.account.organization_name != self._organization:
            raise LookupError(f"the billing of {self._organization} is not shown")
        return picture

    @property
    def stripe(self) -> SandboxStripe:
        """The sandbox's Stripe."""
        return self._tour.world.stripe

    @property
    def subscription(self) -> Object:
        """The organization's subscription as Stripe has it."""
        found: Object = self.stripe.book.subscriptions_of(self.picture.account.customer_id or "")[0]
        return found

    def until_listening(self) -> Walk:
        """Wait until Stripe's events can arrive."""
        yield Until("the listener takes in events", lambda: bool(self.stripe.webhooks.addresses))

    def until_state(self, state: AccountState) -> Walk:
        """Wait until the page shows that state, in its data and in its word."""

        def is_shown() -> bool:
            picture, pill = self.view.body.picture, self.view.body.subscription.pill
            if picture is None or picture.account.organization_name != self._organization:
                return False
            return account_state(picture.account) is state and _says(pill, state_word(state))

        yield Until(f"the subscription of {self._organization} is “{state_word(state)}”", is_shown)

    def until_event(self, event_type: str, via: ReceivedVia, verdict: SignatureVerdict) -> Walk:
        """Wait until the organization's event is listed, came by that way, and is done."""
        words = {event_type, self._organization, via_word(via), verdict_word(verdict), outcome_word(EventOutcome.DONE)}
        yield Until(
            f"the event {event_type} is listed: {', '.join(sorted(words))}",
            lambda: any(words <= set(cells) for cells in self._tour.hands.cells(tr("Events"))),
        )

    def until_payload_says(self, words: str) -> Walk:
        """Wait until the payload in the details has these words."""

        def says() -> bool:
            editor = self._tour.hands.find(QPlainTextEdit, tr("Payload"))
            return editor is not None and words in editor.toPlainText()

        yield Until(f"the payload has {words}", says)

    def check(self, *, is_ending: bool) -> None:
        """Hold what the window shows against Stripe's book; raise ValueError where they differ."""
        book, shown, kept = self.stripe.book, self.picture.account.subscription, self.subscription
        if shown is None:
            raise ValueError("the window shows no subscription")
        seen = (shown.id, shown.status.value, shown.price_id, shown.cancel_at_period_end)
        item = kept["items"]["data"][0]
        there = (kept["id"], kept["status"], item["price"]["id"], kept["cancel_at_period_end"])
        if seen != there or shown.cancel_at_period_end is not is_ending:
            raise ValueError(f"the window shows {seen}, and Stripe has {there}")
        count = len(book.subscriptions_of(kept["customer"]))
        if count != 1:
            raise ValueError(f"Stripe has {count} subscriptions of one customer")

    def check_made_once(self) -> None:
        """Raise ValueError unless the change was asked for more than once, and was made once."""
        path = f"/v1/subscriptions/{self.subscription['id']}"
        asked = self.stripe.calls.count(("POST", path))
        changes = [
            event
            for event in self.stripe.book.listed_events()
            if event["type"] == "customer.subscription.updated"
            and event["data"]["object"]["id"] == self.subscription["id"]
            and "cancel_at_period_end" in event["data"].get("previous_attributes", {})
        ]
        if asked < 2 or len(changes) != 1:
            raise ValueError(f"the change was asked for {asked} times and made {len(changes)} times")


def _says(pill: Pill, word: str) -> bool:
    return pill.isVisible() and word in pill.accessibleName()
