"""Scenes of billing, of what is asked before money moves, and of Stripe's events."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over, page_scene
from smtpy_desktop.sandbox.sample_billing import KESTREL, MEADOWBANK
from smtpy_desktop.sandbox.sample_catalogue import HARBOUR, LUMEN, NORTHWIND
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.views.billing_actions import BillingActions
from smtpy_desktop.views.events_filters import EventFilters

Ask = Callable[[BillingActions, BillingPicture], object]


def _of(stage: Stage, organization: str) -> Script:
    """Show the billing of one organization."""
    choice = stage.context.choice
    choice.choose(next(row.id for row in choice.organizations if row.name == organization))
    yield from stage.page("billing")

    def is_shown() -> bool:
        picture = stage.pages.billing.body.picture
        return picture is not None and picture.account.organization_name == organization

    yield Until(f"the billing of {organization} is shown", is_shown)
    yield from stage.calm()


def _account(stage: Stage, organization: str) -> Script:
    yield from _of(stage, organization)
    yield stage.window
    stage.context.choice.choose(None)


def _asked(stage: Stage, organization: str, ask: Ask) -> Script:
    yield from _of(stage, organization)
    picture = stage.pages.billing.body.picture
    if picture is not None:
        ask(stage.pages.billing.commands, picture)
    yield (yield from stage.dialog())
    stage.context.choice.choose(None)


def _show_address(commands: BillingActions, picture: BillingPicture) -> None:
    commands.open_page(picture.mode, "Stripe", "https://example.com/elsewhere")


def _event(stage: Stage, row: int) -> Script:
    yield from stage.page("events")
    page = stage.pages.events
    yield Until("events are listed", lambda: page.list.model.rowCount() > row)
    page.list.table.selectRow(row)
    page.split.show_details(True)
    yield from stage.calm()
    yield stage.window
    page.list.table.clearSelection()


def _filtered(stage: Stage, filters: EventFilters) -> Script:
    yield from stage.page("events")
    page = stage.pages.events
    page.filters.set_filters(filters)
    yield from stage.calm()
    yield stage.window
    page.filters.clear()


BILLING_SCENES = (
    Sketch("billing", "Billing of all organizations", page_scene("billing")),
    *(
        Sketch(f"billing-{name}", f"Billing of {organization}", partial(_account, organization=organization))
        for name, organization in {
            "northwind": NORTHWIND,
            "harbour": HARBOUR,
            "lumen": LUMEN,
            "kestrel": KESTREL,
            "nothing-yet": MEADOWBANK,
        }.items()
    ),
    Sketch(
        "billing-plans",
        "Choose a plan",
        partial(_asked, organization=MEADOWBANK, ask=lambda commands, picture: commands.choose_plan(picture)),
    ),
    Sketch(
        "billing-link",
        "Link a customer",
        partial(_asked, organization=MEADOWBANK, ask=lambda commands, picture: commands.link(picture)),
    ),
    Sketch(
        "billing-unlink",
        "Unlink a customer?",
        partial(_asked, organization=NORTHWIND, ask=lambda commands, picture: commands.ask_unlink(picture)),
    ),
    Sketch(
        "billing-cancel",
        "End a subscription with its period?",
        partial(_asked, organization=NORTHWIND, ask=lambda commands, picture: commands.ask_cancel(picture, False)),
    ),
    Sketch(
        "billing-cancel-now",
        "End a subscription now?",
        partial(_asked, organization=NORTHWIND, ask=lambda commands, picture: commands.ask_cancel(picture, True)),
    ),
    Sketch(
        "billing-address", "An address that is not opened", partial(_asked, organization=NORTHWIND, ask=_show_address)
    ),
    Sketch("events", "Stripe's events", partial(_event, row=0)),
    Sketch("events-refused", "Refused deliveries", partial(_filtered, filters=EventFilters(refused=True))),
    Sketch("events-no-match", "No event matches", partial(_filtered, filters=EventFilters(text="evt_none"))),
    Sketch(
        "billing-drift",
        "Compare with Stripe",
        dialog_over("events", lambda stage: stage.pages.events.commands.compare()),
    ),
)
