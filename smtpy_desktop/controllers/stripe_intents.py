"""Changing something at Stripe exactly once: the call is kept before it is made, and repeated with the same key.

Stripe forgets keys after 24 hours (docs.stripe.com/api/idempotent_requests). A call that stayed open for longer is
given up, and what is true is read from Stripe anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeError, StripeKeyRefused, StripeRefused
from smtpy_desktop.database import stripe_intents_database
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.schemas.billing_account import IntentKind, IntentState, StripeIntent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.text import text

KEY_LIFETIME = timedelta(hours=23)

Call = Callable[[StripeIntent], Awaitable[Mapping[str, str]]]
"""Makes the call of an intent with its key, and returns what is to be remembered of the answer."""


async def keep_and_call(
    sessions: Sessions,
    organization_id: OrganizationId,
    kind: IntentKind,
    parameters: Mapping[str, str],
    call: Call,
    *,
    livemode: bool,
    after: int | None = None,
) -> Mapping[str, str]:
    """Make a call once; return what is remembered of its answer.

    With ``after``, the number of the latest call of the kind that was looked at, a later one that another process made
    meanwhile counts as this one.

    Raises StripeRefused when Stripe does not do it, ConflictError while another call of the kind, with other
    parameters, is open, and StripeError when nobody knows yet: then the same call may be made again.
    """
    intent = await _kept(sessions, organization_id, kind, parameters, livemode=livemode, after=after)
    return intent.result if intent.state is IntentState.DONE else await make_call(sessions, intent, call)


async def make_call(sessions: Sessions, intent: StripeIntent, call: Call) -> Mapping[str, str]:
    """Make the call of a kept intent, or make it again."""
    try:
        result = await call(intent)
    except (StripeRefused, StripeKeyRefused):  # without the right key nothing was done, and nothing is to be done later
        async with sessions.begin() as db:
            await stripe_intents_database.end_intent(db, intent.id, IntentState.REFUSED)
        raise
    except StripeError:
        raise  # it stays open: whoever comes next makes the same call
    async with sessions.begin() as db:
        await stripe_intents_database.end_intent(db, intent.id, IntentState.DONE, result)
    return result


def is_too_old(intent: StripeIntent) -> bool:
    """Tell whether Stripe may have forgotten the key, so that the call must not be made again."""
    return datetime.now(UTC) - intent.created_at > KEY_LIFETIME


async def _kept(
    sessions: Sessions,
    organization_id: OrganizationId,
    kind: IntentKind,
    parameters: Mapping[str, str],
    *,
    livemode: bool,
    after: int | None,
) -> StripeIntent:
    key = f"smtpy-{secrets.token_hex(16)}"
    async with sessions.begin() as db:
        kept = await stripe_intents_database.open_intent(db, organization_id, kind, parameters, key, livemode=livemode)
        if is_too_old(kept):
            await stripe_intents_database.end_intent(db, kept.id, IntentState.ABANDONED)
            kept = await stripe_intents_database.open_intent(
                db, organization_id, kind, parameters, key, livemode=livemode
            )
        made = await stripe_intents_database.last_done(db, organization_id, kind, livemode=livemode)
        if after is not None and made is not None and made.id > after and kept.idempotency_key == key:
            await stripe_intents_database.end_intent(db, kept.id, IntentState.ABANDONED)
            kept = made
    if dict(kept.parameters) != dict(parameters):
        raise ConflictError(
            "STRIPE_CALL_OPEN",
            text("An earlier change has not been answered by Stripe yet."),
            hint=text("Refresh the billing page, which finds out what became of it; then try again."),
        )
    return kept
