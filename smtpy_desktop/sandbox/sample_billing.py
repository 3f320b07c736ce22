"""Fills the sandbox's Stripe with prices and with customers in different states, and links them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from smtpy_desktop.controllers import billing_controller, organizations_controller
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.installation_id import organization_reference
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.stripe_errors import StripeError
from smtpy_desktop.gateways.stripe_reading import ORGANIZATION_KEY
from smtpy_desktop.sandbox.sample_catalogue import HARBOUR, LUMEN, NORTHWIND, ORGANIZATIONS
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_ledger import DAY
from smtpy_desktop.schemas.identifiers import OrganizationId

KESTREL = "Kestrel Cycles"
MEADOWBANK = "Meadowbank Choir"
BILLED_ORGANIZATIONS = {KESTREL: "accounts@kestrel-cycles.example", MEADOWBANK: "treasurer@meadowbank-choir.example"}
"""Organizations that are there for their billing; Meadowbank Choir has not subscribed yet."""

BASIC, PRO, TOKYO = "Basic", "Pro", "Basic Tokyo"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SamplePrice:
    """A price in minor units; the yen has none."""

    product: str
    amount: int
    interval: str = "month"
    currency: str = "usd"


PRICES = (
    SamplePrice(BASIC, 900),
    SamplePrice(PRO, 2900),
    SamplePrice(PRO, 29_000, interval="year"),
    SamplePrice(TOKYO, 1200, currency="jpy"),
)


@dataclass(frozen=True, slots=True)
class SampleSubscription:
    """A subscription that began some days ago; what happened since then happens when it is written."""

    organization: str
    price: SamplePrice
    days_ago: int
    card: SandboxCard | None = SandboxCard.SUCCEEDS
    trial_days: int = 0
    is_ending: bool = False


SUBSCRIPTIONS = (
    SampleSubscription(NORTHWIND, PRICES[1], days_ago=75),
    SampleSubscription(HARBOUR, PRICES[0], days_ago=33, card=SandboxCard.FAILS_LATER),
    SampleSubscription(LUMEN, PRICES[2], days_ago=5, trial_days=14),
    SampleSubscription(KESTREL, PRICES[0], days_ago=20, is_ending=True),
)
"""Active, past due, trialing, and ending with its period."""


async def fill(services: Services, book: StripeBook) -> None:
    """Write prices and subscriptions that are not there yet, and link them to their organizations.

    May be called again after it was interrupted. Raises StripeError when the program is not connected to the sandbox.
    """
    prices = {sample: _price(book, sample) for sample in PRICES}
    owners = await _organizations(services)
    for sample in SUBSCRIPTIONS:
        owner = owners.get(sample.organization)
        if owner is not None:
            reference = await organization_reference(services.sessions, owner)
            customer_id = _customer(book, sample, prices[sample.price], reference)
            await billing_controller.link_customer(
                services.sessions,
                services.stripe,
                owner,
                customer_id,
                actor=services.actor,
                publish=services.publish,
            )
    await billing_controller.read_prices(services.sessions, services.stripe, publish=services.publish)


async def refresh(services: Services) -> None:
    """Read every customer anew: the addresses of their invoices are others now."""
    api = await services.stripe.connect()
    for account in await billing_controller.list_accounts(services.sessions, services.stripe):
        if account.customer_id is not None:
            try:
                await sync_customer(services.sessions, api, account.customer_id, publish=services.publish)
            except StripeError as error:
                _log.info("the customer %s is left as it is: %s", account.customer_id, error)


async def _organizations(services: Services) -> dict[str, OrganizationId]:
    """Return the organizations by name, those made that are there for their billing alone."""
    existing = {row.name: row.id for row in await organizations_controller.list_organizations(services.sessions)}
    for name, email in BILLED_ORGANIZATIONS.items():
        if name not in existing:
            created = await organizations_controller.create_organization(
                services.sessions, name, email, actor=services.actor, publish=services.publish
            )
            existing[name] = created.id
    return existing


def _price(book: StripeBook, sample: SamplePrice) -> str:
    for known in book.newest("prices", unit_amount=sample.amount, currency=sample.currency):
        if book.product_name(known) == sample.product and known["recurring"]["interval"] == sample.interval:
            return str(known["id"])
    made = book.add_price(sample.product, sample.amount, currency=sample.currency, interval=sample.interval)
    return str(made["id"])


def _customer(book: StripeBook, sample: SampleSubscription, price_id: str, reference: str) -> str:
    """Return the organization's customer, made with its subscription and its history when there is none."""
    metadata = {ORGANIZATION_KEY: reference}
    for known in book.newest("customers"):
        if known.get("metadata") == metadata:
            return str(known["id"])
    email = (ORGANIZATIONS | BILLED_ORGANIZATIONS)[sample.organization]
    with book.at(book.now - sample.days_ago * DAY):
        customer = book.add_customer(sample.organization, email, metadata)
        if sample.card is not None:
            book.add_card(customer["id"], brand=sample.card.brand, last4=sample.card.last4)
        made = book.subscribe(customer["id"], price_id, metadata=metadata, trial_days=sample.trial_days)
    book.settle()
    if sample.is_ending:
        book.set_cancel_at_period_end(made["id"], wanted=True)
    return str(customer["id"])
