"""What the sandbox's Stripe knows, and what happens there by itself as time goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from smtpy_desktop.sandbox.stripe_checkout_book import CheckoutBook
from smtpy_desktop.sandbox.stripe_ledger import DAY
from smtpy_desktop.sandbox.stripe_shapes import Object

_HOURS_TO_COMPLETE = 23
_TRIAL_NOTICE_DAYS = 3
_RENEWED = ("active", "trialing", "past_due", "unpaid")

Due = tuple[int, str, Callable[[str], object]]
"""When something falls due, for which object, and what is done then."""


class StripeBook(CheckoutBook):
    """One account: everything is done through it, and ``followers`` hear of it."""

    def pass_time(self, days: int) -> None:
        """Put the clock ahead and let happen what falls due on the way."""
        target = self.now + days * DAY
        self._settle_until(target)
        self.ahead += max(0, target - self.now)

    def settle(self) -> None:
        """Let happen what has fallen due by now: renewals, attempts to charge, ends, checkouts that expire."""
        self._settle_until(self.now)

    def _settle_until(self, target: int) -> None:
        while due := min(self._due(), key=lambda one: one[:2], default=None):
            moment, object_id, happen = due
            if moment > target:
                return
            with self.at(max(moment, 0)):
                happen(object_id)

    def _due(self) -> Iterator[Due]:
        for item in self.objects["subscriptions"].values():
            if item["status"] in _RENEWED:
                yield item["items"]["data"][0]["current_period_end"], item["id"], self.renew
            if item["status"] == "incomplete":
                yield item["created"] + _HOURS_TO_COMPLETE * 3600, item["id"], self.expire_incomplete
            if item["status"] == "trialing" and not item.get("_is_end_told"):
                notice = item["trial_end"] - _TRIAL_NOTICE_DAYS * DAY
                yield max(notice, item["created"]), item["id"], self._tell_trial_end
        for item in self.objects["invoices"].values():
            if item["status"] == "open" and item["next_payment_attempt"] is not None:
                yield item["next_payment_attempt"], item["id"], self.try_again
        for item in self.objects["checkouts"].values():
            if item["status"] == "open":
                yield item["expires_at"], item["id"], self.expire_checkout

    def _tell_trial_end(self, subscription_id: str) -> Object:
        found = self.find("subscriptions", subscription_id)
        found["_is_end_told"] = True
        return self.emit("customer.subscription.trial_will_end", found)
