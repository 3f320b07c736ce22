"""``smtpy-desktop billing``: an organization's customer and subscription at Stripe."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.billing_events_command import drift, events, sync
from smtpy_desktop.commands.billing_frame import BillingInvocation, pass_billing
from smtpy_desktop.commands.billing_shapes import (
    amount_words,
    billing_shape,
    interval_words,
    lines_of,
    price_shape,
)
from smtpy_desktop.commands.frame import Invocation, answer, run
from smtpy_desktop.commands.json_shapes import page_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.billing import CheckoutSession
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingPicture
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.paging import NumberedPage

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        billing_controller,
        checkout_controller,
        message_statistics_controller,
        stripe_settings_controller,
        subscription_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    billing_controller = lazy_module("smtpy_desktop.controllers.billing_controller")
    message_statistics_controller = lazy_module("smtpy_desktop.controllers.message_statistics_controller")
    stripe_settings_controller = lazy_module("smtpy_desktop.controllers.stripe_settings_controller")
    checkout_controller = lazy_module("smtpy_desktop.controllers.checkout_controller")
    subscription_controller = lazy_module("smtpy_desktop.controllers.subscription_controller")


@click.group()
@click.option("--organization", metavar="NAME", help="Whose billing it is; needed when there are several.")
@click.pass_context
def billing(context: click.Context, organization: str | None) -> None:
    """Look after subscriptions at Stripe.

    The key comes from the keyring, or from STRIPE_API_KEY.
    """
    program = context.find_object(Invocation)
    if program is not None:
        context.obj = BillingInvocation(program, organization)


@billing.command("organization")
@pass_billing
def show_organization(billing: BillingInvocation) -> None:
    """Show an organization's customer and subscription, and how much it uses this month."""

    async def read(services: Services, row: OrganizationRow) -> tuple[BillingAccount, OrganizationRow, int]:
        picture = await billing_controller.billing_picture(services.sessions, services.stripe, row.id)
        month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        totals = await message_statistics_controller.message_totals(
            services.sessions, organization_id=row.id, since=month
        )
        return picture.account, row, totals.total

    account, row, messages = billing.run_for_one(read)
    shape = billing_shape(account, row.domains, messages, datetime.now(UTC))
    shape["billing_email"] = shape["billing_email"] or row.email
    subscription = account.subscription
    state = f"\nsubscription: {subscription.status} ({subscription.id})" if subscription is not None else ""
    answer(billing.program, shape, lines_of(shape) + state)


@billing.command("link")
@click.argument("customer")
@pass_billing
def link(billing: BillingInvocation, customer: str) -> None:
    """Make a customer that exists at Stripe (cus_…) the organization's."""

    async def change(services: Services, row: OrganizationRow) -> BillingPicture:
        return await billing_controller.link_customer(
            services.sessions, services.stripe, row.id, customer, actor=services.actor, publish=services.publish
        )

    _answer_customer(billing, billing.run_for_one(change))


@billing.command("unlink")
@pass_billing
def unlink(billing: BillingInvocation) -> None:
    """Forget the organization's customer here; at Stripe nothing is changed."""

    async def change(services: Services, row: OrganizationRow) -> BillingPicture:
        return await billing_controller.unlink_customer(
            services.sessions, services.stripe, row.id, actor=services.actor, publish=services.publish
        )

    _answer_customer(billing, billing.run_for_one(change))


@billing.command("subscription")
@click.option("--refresh", is_flag=True, help="Ask Stripe first.")
@pass_billing
def show_subscription(billing: BillingInvocation, refresh: bool) -> None:
    """Show the organization's subscription as it is kept here."""

    async def read(services: Services, row: OrganizationRow) -> BillingPicture:
        if refresh:
            return await subscription_controller.refresh_billing(
                services.sessions, services.stripe, row.id, publish=services.publish
            )
        return await billing_controller.billing_picture(services.sessions, services.stripe, row.id)

    billing.answer_subscription(billing.run_for_one(read))


@billing.command("prices")
@pass_billing
def prices(billing: BillingInvocation) -> None:
    """List what can be subscribed to, as Stripe has it now."""
    rows = run(
        billing.program,
        lambda services: billing_controller.read_prices(services.sessions, services.stripe, publish=services.publish),
    )
    cells = [(row.id, row.product_name, row.nickname, amount_words(row), interval_words(row)) for row in rows]
    table = text_table(("Price", "Product", "Name", "Amount", "Due"), cells)
    page = NumberedPage(rows, len(rows), 1, max(len(rows), 1))
    answer(billing.program, page_shape(page, price_shape), table if rows else "There is no price at Stripe yet.")


@billing.command("checkout")
@click.argument("price")
@pass_billing
def checkout(billing: BillingInvocation, price: str) -> None:
    """Begin a checkout of a price (price_…) and print the address at which it is paid."""

    async def begin(services: Services, row: OrganizationRow) -> CheckoutSession:
        urls = await stripe_settings_controller.return_urls(services.sessions, services.stripe_setup)
        return await checkout_controller.subscribe(
            services.sessions,
            services.stripe,
            row.id,
            price,
            urls=urls,
            actor=services.actor,
            publish=services.publish,
        )

    session = billing.run_for_one(begin)
    shape = {"url": session.url, "session_id": session.id, "customer_id": session.customer_id}
    answer(billing.program, shape, session.url or session.id)


@billing.command("portal")
@pass_billing
def portal(billing: BillingInvocation) -> None:
    """Print the address of Stripe's customer portal for the organization; it is good for a few minutes."""

    async def begin(services: Services, row: OrganizationRow) -> str:
        urls = await stripe_settings_controller.return_urls(services.sessions, services.stripe_setup)
        return await subscription_controller.open_portal(services.sessions, services.stripe, row.id, urls=urls)

    url = billing.run_for_one(begin)
    answer(billing.program, {"url": url}, url)


@billing.command("cancel")
@click.option("--now", "at_once", is_flag=True, help="End it at once instead of with the period that is paid for.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Do not ask, at a terminal, before ending it at once.")
@pass_billing
def cancel(billing: BillingInvocation, at_once: bool, is_confirmed: bool) -> None:
    """End the subscription with the period that is paid for, or at once."""
    if at_once and not is_confirmed and sys.stdin.isatty() and not billing.program.options.as_json:
        click.confirm("This ends the subscription for good and at once. End it?", abort=True, err=True)

    async def change(services: Services, row: OrganizationRow) -> BillingPicture:
        return await subscription_controller.cancel_subscription(
            services.sessions,
            services.stripe,
            row.id,
            at_once=at_once,
            actor=services.actor,
            publish=services.publish,
        )

    billing.answer_subscription(billing.run_for_one(change))


@billing.command("resume")
@pass_billing
def resume(billing: BillingInvocation) -> None:
    """Let a subscription go on that is to end or is paused."""

    async def change(services: Services, row: OrganizationRow) -> BillingPicture:
        return await subscription_controller.resume_subscription(
            services.sessions, services.stripe, row.id, actor=services.actor, publish=services.publish
        )

    billing.answer_subscription(billing.run_for_one(change))


for _command in (events, sync, drift):
    billing.add_command(_command)


def _answer_customer(billing: BillingInvocation, picture: BillingPicture) -> None:
    account = picture.account
    shape = {"organization_id": account.organization_id, "stripe_customer_id": account.customer_id}
    linked = f"is the customer {account.customer_id} at Stripe." if account.customer_id else "is no customer now."
    answer(billing.program, shape, f"{account.organization_name} {linked}")
