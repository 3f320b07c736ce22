"""What the search at the top offers for billing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.billing_view import BillingView

Act = Callable[["BillingView"], object]


def billing_palette(view: Callable[[], BillingView]) -> tuple[PaletteEntry, ...]:
    """Return the commands; ``view`` gives the page, which is made when it is first needed."""

    def on_page(act: Act) -> None:
        page = view()
        page.page_wanted.emit()
        act(page)

    def entry(title: str, icon: str, act: Act) -> PaletteEntry:
        return PaletteEntry(title, partial(on_page, act), icon, tr("Action"))

    return (
        entry(tr("Choose a plan"), "credit-card", lambda page: page.choose_plan()),
        entry(tr("Open the customer portal"), "external-link", lambda page: page.open_portal()),
        entry(tr("Refresh the billing from Stripe"), "refresh", lambda page: page.refresh()),
    )
