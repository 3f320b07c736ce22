"""Figure *billing*: the billing page from opening until it is painted, while Stripe takes five seconds to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
from PySide6.QtCore import QEvent, QObject, QTimer
from sqlalchemy import event

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.sample_domains import write_domains
from benchmarks.trial_profile import trial_profile
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.controllers import billing_controller, organizations_controller, subscription_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.billing_view import BillingView
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_DOMAINS = 100
_ORGANIZATIONS = 40
_INVOICES = 24
_PERCENT = 95
_DELAY_SECONDS = 5.0
_WEBHOOK_SECRET = "whsec_" + "0" * 24


class PaintWatch(QObject):
    """Takes the time from an act to the end of the paint event that shows the subscription that was read."""

    def __init__(self, page: BillingView, begun: float) -> None:
        super().__init__(page)
        self.milliseconds: float | None = None
        self.was_before_stripe = False
        self._begun, self._is_read, self._page = begun, False, page
        page.reading.read.connect(self._take)
        page.body.subscription.plan.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._is_read and self.milliseconds is None and event.type() == QEvent.Type.Paint:
            self._is_read = False
            QTimer.singleShot(0, self._end)  # after this event, when it is painted
        return False

    def _take(self, found: object) -> None:
        self._is_read = True

    def _end(self) -> None:
        self.milliseconds = (time.perf_counter() - self._begun) * 1000
        self.was_before_stripe = self._page.reading.is_asking


@dataclass(slots=True)
class Measured:
    """What came out, in milliseconds; the first opening makes the page."""

    ours: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)
    sent: list[tuple[str, Any]] = field(default_factory=list)

    def listen_to(self, database: Database) -> None:
        """Note the statements of a database from now on."""
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:  # noqa: FBT001
        if statement.startswith("SELECT") and ("billing" in statement or "stripe" in statement):
            self.sent.append((statement, parameters))


def main() -> None:
    """Measure and tell the figure."""
    measured = Measured()
    with trial_profile() as profile, profile.connect() as bare:
        write_domains(bare, _DOMAINS, 1)  # the window opens with their page

        def script(app: WindowApp, page: DomainsView) -> Script:
            yield from _measure(app, bare, measured)

        run_in_window(profile, script)
    tell(_figure(measured))


def _measure(app: WindowApp, bare: psycopg.Connection, measured: Measured) -> Script:
    assert app.pages is not None
    stripe = SandboxStripe()
    filled = app.loop_thread.submit(_fill(app, stripe))
    yield filled.done
    stripe.faults.delay_seconds = _DELAY_SECONDS
    services = app.pages.context.services
    assert isinstance(services.sessions, Database)
    yield until_calm(app)
    measured.listen_to(services.sessions)
    for organization_id in filled.result():
        app.pages.choice.choose(organization_id)
        yield until_calm(app)
        measured.sent.clear()
        begun = time.perf_counter()
        app.window.show_page("billing")
        watch = PaintWatch(app.pages.billing, begun)
        yield lambda watch=watch: watch.milliseconds is not None  # type: ignore[misc]
        assert watch.milliseconds is not None
        if not watch.was_before_stripe:
            raise RuntimeError("the page was painted after Stripe had answered")
        measured.ours.append(watch.milliseconds)
        measured.reference.append(_ask_bare(bare, measured.sent))
        app.window.show_page("domains")
        app.runner.cancel_all()  # nobody waits for Stripe's answer
    yield until_calm(app)
    yield app.loop_thread.submit(stripe.stop()).done


async def _fill(app: WindowApp, stripe: SandboxStripe) -> list[OrganizationId]:
    """Have some organizations subscribed at a Stripe of our own, and all of that kept here."""
    assert app.pages is not None
    services = app.pages.context.services
    await stripe.start()
    app.installation.stripe.use_sandbox(stripe.base, stripe.api_key, _WEBHOOK_SECRET)
    price = stripe.book.add_price("Basic", 900, currency="eur")["id"]
    await billing_controller.read_prices(services.sessions, services.stripe, publish=services.publish)
    made = []
    for number in range(_ORGANIZATIONS):
        row = await organizations_controller.create_organization(
            services.sessions,
            f"Organization {number}",
            "admin@example.com",
            actor=services.actor,
            publish=services.publish,
        )
        customer = stripe.book.add_customer(row.name, row.email)
        stripe.book.add_card(customer["id"], brand="visa", last4="4242")
        subscription = stripe.book.subscribe(customer["id"], price)
        for _ in range(_INVOICES - 1):
            stripe.book.renew(subscription["id"])
        await billing_controller.link_customer(
            services.sessions,
            services.stripe,
            row.id,
            customer["id"],
            actor=services.actor,
            publish=services.publish,
        )
        await subscription_controller.refresh_billing(
            services.sessions, services.stripe, row.id, publish=services.publish
        )
        made.append(row.id)
    return made


def _ask_bare(bare: psycopg.Connection, statements: list[tuple[str, Any]]) -> float:
    begun = time.perf_counter()
    for statement, parameters in statements:
        bare.execute(statement.encode(), parameters).fetchall()
    return (time.perf_counter() - begun) * 1000


def _figure(measured: Measured) -> Figure:
    note = (
        f"Stripe answers after {_DELAY_SECONDS:g} s; p{_PERCENT} over {len(measured.ours)} openings of the page, each "
        f"of another organization with {_INVOICES} invoices, to the end of the paint event; the first, which makes the "
        f"page, {measured.ours[0]:.0f} ms; reference: the same statements by bare psycopg"
    )
    return Figure(
        "billing page: painted from local data before Stripe answers, p95",
        percentile(measured.ours, _PERCENT),
        percentile(measured.reference, _PERCENT),
        "ms",
        limit=100,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
