"""The ground that the books of the sandbox's Stripe stand on: objects by kind, events, and a clock to put ahead.

Every change is an event as Stripe would send it; whoever follows the book delivers them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from smtpy_desktop.sandbox import stripe_shapes
from smtpy_desktop.sandbox.stripe_shapes import Object

DAY = 86_400
EVENT_DAYS = 30
"""How long Stripe lists events (docs.stripe.com/api/events)."""

_NAMES = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "payment_methods": "PaymentMethod",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "checkouts": "checkout.session",
    "portals": "billing_portal.session",
}


class StripeBookError(Exception):
    """A refusal in Stripe's terms (docs.stripe.com/api/errors)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.kind = status, code, param, kind


class StripeLedger:
    """All objects of one account, in order of creation; amounts in minor units, times in whole seconds.

    ``followers`` hear every event at once. ``webhooks`` is to how many addresses an event goes.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._moment: int | None = None
        self.ahead = 0
        self.base = "http://127.0.0.1"
        self.objects: dict[str, dict[str, Object]] = {kind: {} for kind in _NAMES}
        self.events: list[Object] = []
        self.followers: list[Callable[[Object], None]] = []
        self.request_key: str | None = None
        self.webhooks = 0

    @property
    def now(self) -> int:
        """The book's time, which can be put ahead."""
        return self._moment if self._moment is not None else int(self._clock()) + self.ahead

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Let what happens in the block happen at another time."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def find(self, kind: str, object_id: str) -> Object:
        """Return an object; raise StripeBookError when there is none."""
        found = self.objects[kind].get(object_id)
        if found is None:
            raise StripeBookError(
                f"No such {_NAMES[kind]}: '{object_id}'", status=404, code="resource_missing", param="id"
            )
        return found

    def emit(self, event_type: str, about: Object, previous: Object | None = None) -> Object:
        """Write an event with a snapshot of its object and tell those who follow the book."""
        made = stripe_shapes.event(
            event_type, about, self.now, request_key=self.request_key, previous=previous, webhooks=self.webhooks
        )
        self.events.append(made)
        for follower in self.followers:
            follower(made)
        return made

    def listed_events(self) -> list[Object]:
        """Return the events that Stripe still lists, newest first."""
        oldest = self.now - EVENT_DAYS * DAY
        return [item for item in reversed(self.events) if item["created"] >= oldest]

    def move_to(self, base: str) -> None:
        """Stand at another address from now on; hosted pages that were handed out are found there."""
        old, self.base = self.base, base
        if old == base:
            return
        for kind, names in (
            ("invoices", ("hosted_invoice_url", "invoice_pdf")),
            ("checkouts", ("url",)),
            ("portals", ("url",)),
        ):
            for item in self.objects[kind].values():
                for name in names:
                    if item[name] is not None:
                        item[name] = item[name].replace(old, base, 1)

    def dump(self) -> Object:
        """Return everything as JSON can hold it; events that Stripe does not list any more are left out."""
        events = self.listed_events()[::-1]
        return {"ahead": self.ahead, "base": self.base, "objects": self.objects, "events": events}

    def load(self, content: Object) -> None:
        """Take over what ``dump`` gave; raise ValueError, TypeError or KeyError for anything else."""
        objects: dict[str, dict[str, Object]] = {kind: dict(content["objects"][kind]) for kind in _NAMES}
        ids = {item["id"]: item["created"] for kind in objects.values() for item in kind.values() if "created" in item}
        if not all(isinstance(moment, int) for moment in ids.values()):
            raise ValueError("times are whole seconds")
        events: list[Object] = [dict(item) for item in content["events"]]
        if not all(isinstance(item["id"], str) and isinstance(item["created"], int) for item in events):
            raise ValueError("events have an id and a time")
        self.ahead, self.base = int(content["ahead"]), str(content["base"])
        self.objects, self.events = objects, events

    def keep(self, kind: str, made: Object) -> Object:
        """Put an object into the book."""
        self.objects[kind][made["id"]] = made
        return made

    def newest(self, kind: str, **wanted: Any) -> list[Object]:
        """Return the objects of a kind whose fields have these values, newest first."""
        found = [
            item
            for item in self.objects[kind].values()
            if all(item.get(name) == value for name, value in wanted.items())
        ]
        return found[::-1]
