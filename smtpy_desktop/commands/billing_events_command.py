"""``smtpy-desktop billing events, sync, drift``: following Stripe, and holding what is kept here against it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.billing_frame import BillingInvocation, pass_billing
from smtpy_desktop.commands.billing_shapes import drift_shape, event_details_shape, event_shape, lines_of
from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import answer, run
from smtpy_desktop.commands.json_shapes import page_shape, time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.billing_account import AccountDrift
from smtpy_desktop.schemas.catch_up import CatchUpReport
from smtpy_desktop.schemas.paging import NumberedPage
from smtpy_desktop.schemas.webhook_events import EventQuery, WebhookEventDetails, WebhookEventRow

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        billing_drift_controller,
        event_intake,
        organizations_controller,
        stripe_catch_up_controller,
        stripe_events_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    billing_drift_controller = lazy_module("smtpy_desktop.controllers.billing_drift_controller")
    event_intake = lazy_module("smtpy_desktop.controllers.event_intake")
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")
    stripe_catch_up_controller = lazy_module("smtpy_desktop.controllers.stripe_catch_up_controller")
    stripe_events_controller = lazy_module("smtpy_desktop.controllers.stripe_events_controller")


@click.command("events")
@click.option("--replay", metavar="ID", help="Work on this event (evt_…) again.")
@click.option("--search", default="", metavar="TEXT", help="Only events whose ids or type hold this text.")
@click.option("--page", default=1, show_default=True)
@click.option("--page-size", default=20, show_default=True)
@pass_billing
def events(billing: BillingInvocation, replay: str | None, search: str, page: int, page_size: int) -> None:
    """List the events of Stripe that came in, the newest first."""
    if replay is not None:
        _replay(billing, replay)
        return

    async def read(services: Services) -> NumberedPage[WebhookEventRow]:
        owner = None
        if billing.organization is not None:
            owner = (await organizations_controller.find_organization(services.sessions, billing.organization)).id
        query = EventQuery(search=search, organization_id=owner)
        return await stripe_events_controller.numbered_page(services.sessions, query, page, page_size)

    found = run(billing.program, read)
    headings = ("Received", "Event", "Type", "Via", "Signature", "Attempts", "Outcome")
    cells = [
        (time_shape(row.received_at), row.id, row.type, row.received_via, row.verdict, row.attempts, row.outcome)
        for row in found.items
    ]
    footer = f"\n\nPage {found.page} of {found.total_pages}, {counted(found.total, 'event')}"
    table = text_table(headings, cells) + (footer if found.total > len(cells) else "")
    answer(billing.program, page_shape(found, event_shape), table if found.total else "No event found.")


@click.command("sync")
@pass_billing
def sync(billing: BillingInvocation) -> None:
    """Take in the events that were missed, and read all customers and prices from Stripe anew."""

    async def catch_up(services: Services) -> CatchUpReport:
        intake = event_intake.EventIntake(services.sessions, services.stripe, services.publish)
        try:
            return await stripe_catch_up_controller.catch_up(
                services.sessions, services.stripe, intake, publish=services.publish, is_full=True
            )
        finally:
            await intake.close()

    report = run(billing.program, catch_up)
    words = (
        f"{counted(report.read, 'event')} read, {report.new} of them new, {report.worked_on} worked on, "
        f"{report.failed} failed. {counted(report.customers, 'customer')} read anew."
    )
    answer(billing.program, asdict(report), words)


@click.command("drift")
@click.option("--apply", "is_applied", is_flag=True, help="Take over what Stripe says.")
@pass_billing
def drift(billing: BillingInvocation, is_applied: bool) -> None:
    """Hold what is kept here against Stripe, field by field."""

    async def compare(services: Services) -> tuple[AccountDrift, ...]:
        owner = None
        if billing.organization is not None:
            owner = (await organizations_controller.find_organization(services.sessions, billing.organization)).id
        found = await billing_drift_controller.find_drift(services.sessions, services.stripe, publish=services.publish)
        found = tuple(each for each in found if owner in (None, each.organization_id))
        if is_applied and found:
            await billing_drift_controller.apply_truth(
                services.sessions,
                services.stripe,
                [each.organization_id for each in found],
                actor=services.actor,
                publish=services.publish,
            )
        return found

    found = run(billing.program, compare)
    shape = {"items": [drift_shape(each) for each in found], "total": len(found), "applied": is_applied and bool(found)}
    answer(billing.program, shape, _drift_lines(found, is_applied=is_applied))


def _replay(billing: BillingInvocation, event_id: str) -> None:
    async def replay(services: Services) -> WebhookEventDetails:
        intake = event_intake.EventIntake(services.sessions, services.stripe, services.publish)
        try:
            return await stripe_events_controller.replay_event(
                services.sessions,
                services.stripe,
                intake,
                event_id,
                actor=services.actor,
                publish=services.publish,
            )
        finally:
            await intake.close()

    shape = event_details_shape(run(billing.program, replay))
    answer(billing.program, shape, lines_of(shape))


def _drift_lines(found: tuple[AccountDrift, ...], *, is_applied: bool) -> str:
    if not found:
        return "Everything agrees with Stripe."
    rows = [
        (each.organization_name, field.name, field.local or "-", field.stripe or "-")
        for each in found
        for field in each.fields
    ]
    rest = "Stripe's truth was taken over." if is_applied else "Take Stripe's truth over with: billing drift --apply"
    return text_table(("Organization", "Field", "Here", "At Stripe"), rows) + f"\n\n{rest}"
