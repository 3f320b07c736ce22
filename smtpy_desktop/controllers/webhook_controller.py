"""One request to the webhook: whether it is genuine, what became of it, and what Stripe is answered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_events import TEST_EVENT_PREFIX, parse_event
from smtpy_desktop.core.stripe_signature import judge_signature
from smtpy_desktop.database import refused_deliveries_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict

_SECRETS_SECONDS = 1.0
_WORDS = {EventOutcome.DONE: "done", EventOutcome.NOT_OURS: "not ours"}


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the sender is told: an HTTP status and a line of text that says nothing secret."""

    status: int
    text: str


class WebhookReceiver:
    """Answers requests to the webhook; belongs to one event loop."""

    def __init__(self, sessions: Sessions, stripe: StripeAccess, intake: EventIntake, publish: Publish) -> None:
        self._sessions, self._stripe, self._intake, self._publish = sessions, stripe, intake, publish
        self._secrets: tuple[str, ...] = ()
        self._read_at = float("-inf")

    async def receive(self, body: bytes, signature: str | None, *, now: datetime | None = None) -> WebhookAnswer:
        """Take in a request: 2xx only for an event that is done with, is repeated, or is not ours.

        4xx is for what is not Stripe's (400), 5xx for what Stripe is to send again (docs.stripe.com/webhooks).
        """
        try:
            verdict = await self._judge(body, signature, now or datetime.now(UTC))
        except UserFacingError as error:
            return WebhookAnswer(503, f"{error.code}: try again later")
        if verdict is SignatureVerdict.NO_SECRET:
            return WebhookAnswer(503, "no webhook secret is set up")
        if not verdict.is_genuine:
            await self._refuse(body, verdict)
            return WebhookAnswer(400, f"signature: {verdict.value}")
        try:
            event = parse_event(body)
        except UserFacingError as error:
            return WebhookAnswer(400, f"{error.code}: {error.message}")
        try:
            via = ReceivedVia.TEST if event.id.startswith(TEST_EVENT_PREFIX) else ReceivedVia.WEBHOOK
            taken = await self._intake.take(event, via=via, verdict=verdict)
        except UserFacingError as error:
            return WebhookAnswer(503, f"{error.code}: try again later")
        return WebhookAnswer(200, "repeated" if taken.is_repeated else _WORDS.get(taken.outcome, "done"))

    async def _judge(self, body: bytes, signature: str | None, now: datetime) -> SignatureVerdict:
        """Judge by the secrets that were read within the last second, and by those of now before anything is refused.

        Reading them asks the keyring, which takes longer than everything else; hundreds of events may come a second.
        """
        if time.monotonic() - self._read_at < _SECRETS_SECONDS:
            verdict = judge_signature(body, signature, self._secrets, now)
            if verdict.is_genuine:
                return verdict
        self._secrets = await self._stripe.webhook_secrets()
        self._read_at = time.monotonic()
        return judge_signature(body, signature, self._secrets, now)

    async def _refuse(self, body: bytes, verdict: SignatureVerdict) -> None:
        """Note what was refused; the request may be anybody's, so that little of it is kept."""
        claimed_id = claimed_type = ""
        try:
            claimed = parse_event(body)
            claimed_id, claimed_type = claimed.id, claimed.type
        except UserFacingError:
            pass
        try:
            async with self._sessions.begin() as db:
                await refused_deliveries_database.add(db, verdict, claimed_type, claimed_id, len(body))
        except UserFacingError:
            return  # without a database it is refused all the same
        self._publish(Change(Topic.EVENTS))
