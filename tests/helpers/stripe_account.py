"""A sandbox Stripe account on loopback with the real way to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.identifiers import OrganizationId

WEBHOOK_SECRET = "whsec_trial0000000000000000000000"


@dataclass
class StripeTrial:
    """The account, the way to it, and what a test adds; ``intake`` and ``organization_id`` are the test's to set."""

    stripe: SandboxStripe
    access: StripeAccessGateway
    database: Database
    webhook_secret: str = WEBHOOK_SECRET
    organization_id: OrganizationId = field(init=False)
    intake: EventIntake = field(init=False)


@asynccontextmanager
async def stripe_trial(database: Database) -> AsyncIterator[StripeTrial]:
    """Start an account for the block."""
    stripe = SandboxStripe()
    await stripe.start()
    access = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
    access.use_sandbox(stripe.base, stripe.api_key, WEBHOOK_SECRET)
    try:
        yield StripeTrial(stripe, access, database)
    finally:
        await access.close()
        await stripe.stop()
