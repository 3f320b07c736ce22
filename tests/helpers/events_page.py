"""The page of the events in a window, over a real database and the sandbox's book, with hands to use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.test_event_controller import TestEventReport
from smtpy_desktop.core.stripe_events import read_event
from smtpy_desktop.database import billing_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.schemas.webhook_events import ReceivedVia, SignatureVerdict
from smtpy_desktop.views.events_actions import EventTools
from smtpy_desktop.views.events_view import EventsView
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from tests.helpers.book_api import BookAccess, BookApi
from tests.helpers.no_stripe import NoStripe
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm


@dataclass
class EventsPage:
    """``sent`` are the test events that were asked for."""

    bot: QtBot
    world: PageWorld
    window: MainWindow
    view: EventsView
    book: StripeBook
    api: BookApi
    intake: EventIntake
    sent: list[tuple[str, str]]

    @property
    def last_message(self) -> Message:
        return self.world.last_message

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        self.world.settle(self.bot, lambda: not self.view.is_calm)

    def add_customer(self, name: str) -> str:
        """Add an organization that is a customer at Stripe, and return the customer."""
        services = self.world.context.services
        customer = str(self.book.add_customer(name, "admin@example.com")["id"])

        async def add() -> None:
            made = await organizations_controller.create_organization(
                services.sessions, name, "admin@example.com", actor=services.actor, publish=services.publish
            )
            async with services.sessions.begin() as db:
                await billing_database.set_customer(db, made.id, customer, livemode=False)

        self.world.run(add())
        return customer

    def deliver(self, *events: dict[str, Any]) -> None:
        """Let events come by webhook; those that fail are brought again by the test, if it wants to."""

        async def take() -> None:
            for event in events:
                try:
                    await self.intake.take(read_event(event), via=ReceivedVia.WEBHOOK, verdict=SignatureVerdict.VALID)
                except UserFacingError:
                    continue

        self.world.run(take())
        self.settle()

    def types(self) -> list[str]:
        return [row.type for _, row in self.view.list.model.loaded_rows(0, 10_000)]

    def outcomes(self) -> list[str]:
        return [row.outcome.value for _, row in self.view.list.model.loaded_rows(0, 10_000)]

    def sees(self, text: str, within: QWidget | None = None) -> bool:
        widgets = (within or self.window).findChildren(QWidget)
        seen = (widget for widget in widgets if widget.isVisible())
        return any(text in name for one in seen for name in (one.accessibleName(), one.accessibleDescription()))

    def click(self, name: str, within: QWidget | None = None) -> None:
        buttons = (within or self.window).findChildren(QAbstractButton)
        button = next(one for one in buttons if one.isVisible() and one.accessibleName() == name)
        assert button.isEnabled(), f"{name} cannot be clicked"
        button.click()
        self.settle()


@contextmanager
def open_events_page(bot: QtBot, url: str, profile: Path, *, has_key: bool = True) -> Iterator[EventsPage]:
    """Open the page on an empty database; everything is put away afterwards."""
    book = StripeBook()
    api = BookApi(book)
    sent: list[tuple[str, str]] = []
    with page_world(url, profile, MemoryKeyring()) as world:
        services = dataclasses.replace(world.context.services, stripe=BookAccess(api) if has_key else NoStripe())
        window = MainWindow(world.context.memory)
        given = world.context
        context = ViewContext(services, given.runner, given.bus, given.choice, given.memory, given.tell)
        world.context = context

        async def send_test(address: str, event_type: str) -> TestEventReport:
            sent.append((address, event_type))
            return TestEventReport("evt_smtpytest_1", event_type, address, 200, "not ours", 3.2)

        intake = EventIntake(services.sessions, services.stripe, services.publish)
        listening = ListenerState(ListenerPhase.LISTENING, 4343, "http://127.0.0.1:4343")
        view = EventsView(context, EventTools(intake, lambda: listening, send_test))
        window.add_page("events", "Events", "webhook", view, actions=view.page_actions)
        bot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        page = EventsPage(bot, world, window, view, book, api, intake, sent)
        try:
            page.settle()
            yield page
        finally:
            window.remove_pages()
            bot.waitUntil(lambda: not shiboken6.isValid(view))
            wait_until_calm(bot, lambda: given.runner.running)
            world.run(intake.close())
