"""How the parts are doing that Stripe's events need, for the listener's /health; nothing in it is secret."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotSetUp
from smtpy_desktop.database import webhook_events_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.catch_up import CatchUpReport

_SECONDS = 3.0
Part = dict[str, Any]


class CatchUpNote:
    """Remembers how the latest catch-up with Stripe went."""

    def __init__(self) -> None:
        self._part: Part = {"state": "waiting"}

    def note(self, report: CatchUpReport | UserFacingError) -> None:
        """Remember what a catch-up came to."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if isinstance(report, CatchUpReport):
            self._part = {"state": "ok" if not report.failed else "failed", "at": at, "new_events": report.new}
        else:
            self._part = {"state": "failed", "at": at, "code": report.code}

    def part(self) -> Part:
        """Return it for /health."""
        return dict(self._part)


async def listener_health(sessions: Sessions, stripe: StripeAccess, catch_up: CatchUpNote) -> Mapping[str, Any]:
    """Return the state of each part, and of the whole: ok, degraded (events are not all taken in) or failed."""
    database, last_event = await _database(sessions)
    parts = {
        "listener": {"state": "ok"},
        "database": database,
        "stripe_key": await _key(stripe),
        "webhook_secret": await _secret(stripe),
        "last_event": last_event,
        "catch_up": catch_up.part(),
    }
    states = {str(part["state"]) for part in parts.values()}
    status = "failed" if database["state"] != "ok" else "degraded" if states & {"missing", "failed"} else "ok"
    return {"status": status, "service": "smtpy-desktop", "parts": parts}


async def _database(sessions: Sessions) -> tuple[Part, Part]:
    try:
        async with asyncio.timeout(_SECONDS), sessions.read() as db:
            newest = await webhook_events_database.newest_received(db)
    except UserFacingError as error:
        return {"state": "failed", "code": error.code}, {"state": "unknown"}
    except TimeoutError:
        return {"state": "failed", "code": "DATABASE_TIMEOUT"}, {"state": "unknown"}
    if newest is None:
        return {"state": "ok"}, {"state": "none"}
    return {"state": "ok"}, {"state": "ok", "type": newest[0], "at": newest[1].isoformat(timespec="seconds")}


async def _key(stripe: StripeAccess) -> Part:
    try:
        async with asyncio.timeout(_SECONDS):
            api = await stripe.connect()
    except StripeNotSetUp:
        return {"state": "missing"}
    except UserFacingError as error:
        return {"state": "failed", "code": error.code}
    except TimeoutError:
        return {"state": "failed", "code": "KEYRING_TIMEOUT"}
    return {"state": "ok", "mode": "live" if api.livemode else "test"}


async def _secret(stripe: StripeAccess) -> Part:
    try:
        async with asyncio.timeout(_SECONDS):
            count = len(await stripe.webhook_secrets())
    except UserFacingError as error:
        return {"state": "failed", "code": error.code}
    except TimeoutError:
        return {"state": "failed", "code": "KEYRING_TIMEOUT"}
    return {"state": "ok", "count": count} if count else {"state": "missing"}
