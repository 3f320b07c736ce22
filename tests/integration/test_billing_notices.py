"""News about billing: told once, counted until read, and on the overview."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import billing_controller
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.views.billing_told import BillingTold
from smtpy_desktop.views.overview_view import OverviewView
from tests.helpers.billing_page import BillingWorld, billing_world
from tests.helpers.page_world import wait_until_calm

pytestmark = pytest.mark.usefixtures("app_theme")


@pytest.fixture
def billing(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[BillingWorld]:
    with billing_world(database_url, tmp_path / "profile") as made:
        price = made.book.add_price("Basic", 900, currency="eur")["id"]
        for name in ("Alder", "Northwind"):
            made.book.renew(made.subscribe(made.add_organization(name), price), is_paid=False)
        yield made


class Told(QObject):
    """What a window is told: messages, counts, and what was to be shown."""

    def __init__(self, billing: BillingWorld, bot: QtBot) -> None:
        super().__init__()
        self.counts: list[int] = []
        self.shown: list[BillingNotice | None] = []
        self._billing, self._bot = billing, bot
        self.told = BillingTold(billing.world.context, self.shown.append, self)
        self.told.counted.connect(self.counts.append)

    def read(self) -> None:
        """Let everything be read that is to be."""
        runner = self._billing.world.context.runner
        self.told.reading.now()
        wait_until_calm(self._bot, lambda: runner.running or self.told.reading.is_waiting)


def sync(billing: BillingWorld, *names: str) -> None:
    """Read organizations from Stripe, so that their notices are made."""
    for row in billing.world.context.choice.organizations:
        if row.name in names:
            billing.sync(row.id)


def messages(billing: BillingWorld) -> list[str]:
    return [text for text in billing.world.told.texts if "payment of" in text or "notices about" in text]


def test_a_notice_is_told_once_and_counted_until_it_is_read(qtbot: QtBot, billing: BillingWorld) -> None:
    told = Told(billing, qtbot)
    told.read()
    sync(billing, "Northwind")
    told.read()
    told.read()

    first = messages(billing)
    notices = billing.world.run(billing_controller.unseen_notices(billing.world.database, billing.access))
    billing.world.run(
        billing_controller.mark_notices_seen(
            billing.world.database, [notices[0].id], publish=billing.world.context.bus.publish
        )
    )
    told.read()

    assert len(first) == 1
    assert messages(billing) == first
    assert "Northwind: a payment of" in first[0]
    assert (told.counts[0], max(told.counts), told.counts[-1]) == (0, 1, 0)


def test_a_message_leads_to_what_it_is_about(qtbot: QtBot, billing: BillingWorld) -> None:
    told = Told(billing, qtbot)
    sync(billing, "Northwind")
    told.read()
    message = billing.world.told.calls[-1][0][0]

    message.action()  # type: ignore[attr-defined]

    assert [notice.organization_name for notice in told.shown if notice is not None] == ["Northwind"]


def test_the_next_run_does_not_tell_it_again(qtbot: QtBot, billing: BillingWorld) -> None:
    sync(billing, "Northwind")
    Told(billing, qtbot).read()
    first = messages(billing)

    Told(billing, qtbot).read()

    assert len(first) == 1
    assert messages(billing) == first


def test_the_overview_leads_to_the_organization_whose_payment_failed(qtbot: QtBot, billing: BillingWorld) -> None:
    sync(billing, "Northwind")
    view = OverviewView(billing.world.context)
    qtbot.addWidget(view)
    view.resize(1240, 800)
    view.show()
    runner = billing.world.context.runner
    wait_until_calm(qtbot, lambda: runner.running or view.is_waiting)
    buttons = view.attention.findChildren(QAbstractButton)
    button = next(one for one in buttons if "Northwind" in one.accessibleName() and one.isVisible())

    with qtbot.waitSignal(view.billing_wanted) as wanted:
        button.click()

    northwind = next(row for row in billing.world.context.choice.organizations if row.name == "Northwind")
    assert wanted.args == [northwind.id]
    view.hide()
    wait_until_calm(qtbot, lambda: runner.running)
