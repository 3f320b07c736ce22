"""``smtpy-desktop listener`` as a process of its own, and what is sent to it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smtpy_desktop.changes import Topic
from smtpy_desktop.controllers import (
    checkout_controller,
    organizations_controller,
    stripe_events_controller,
)
from smtpy_desktop.controllers.test_event_controller import send_test_event
from smtpy_desktop.database import stripe_intents_database
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.gateways.event_poster import HttpEventPoster
from smtpy_desktop.listening import StripeListening
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.billing_account import IntentKind, IntentState
from smtpy_desktop.schemas.listener_state import ListenerPhase
from smtpy_desktop.schemas.stripe_settings import ReturnUrls
from tests.helpers.command_line import PROGRAM, run_process
from tests.helpers.raw_http import exchange, request
from tests.helpers.stripe_account import stripe_trial

SECRET = "whsec_trial0000000000000000000000"


@pytest.fixture
def place(database_url: str, short_directory: Path) -> list[str]:
    return ["--profile", str(short_directory / "listener-command"), "--database-url", database_url]


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "STRIPE_WEBHOOK_SECRET": SECRET}
    process = subprocess.Popen(
        [PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_cleanly_when_told(place: list[str], name: signal.Signals) -> None:
    with started([*place, "listener", "--port", "0"]) as process:
        ready = process.stdout.readline()
        address = ready.removeprefix("listening on ").strip()
        answer = asyncio.run(exchange(address, request(address, "GET", "/health")))

        process.send_signal(name)
        process.wait(timeout=4)

        assert answer.status == 200
        assert json.loads(answer.body)["parts"]["webhook_secret"] == {"state": "ok", "count": 1}
        assert SECRET.encode() not in answer.body
        assert (process.returncode, process.stdout.read(), process.stderr.read()) == (0, "", "")


def test_a_port_in_use_is_refused_or_waited_for(place: list[str]) -> None:
    with started([*place, "--json", "listener", "--port", "0"]) as first:
        ready = json.loads(first.stdout.readline())
        port = ready["address"].rpartition(":")[2]

        refused = run_process(
            [*place, "--json", "listener", "--port", port], environment={"STRIPE_WEBHOOK_SECRET": SECRET}
        )
        with started([*place, "listener", "--port", port, "--wait"]) as second:
            told = second.stderr.readline()
            first.terminate()
            ready_then = second.stdout.readline()

        assert ready["webhook"].endswith("/webhooks/stripe")
        assert (refused.status, refused.failure["code"]) == (1, "PORT_IN_USE")
        assert "another program of this profile" in refused.failure["error"]
        assert port in told
        assert ready_then == f"listening on http://127.0.0.1:{port}\n"


def test_help_and_the_window_load_no_web_server() -> None:
    code = (
        "import sys; import smtpy_desktop.app, smtpy_desktop.window_app, smtpy_desktop.commands.listener_command;"
        "print([name for name in ('aiohttp', 'stripe') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "[]\n"


class Running:
    """The listening of one database and Stripe, for one test."""

    def __init__(self, listening: StripeListening, states: list, ready: asyncio.Event) -> None:
        self.listening, self.states, self.ready = listening, states, ready
        self.heard = asyncio.Event()

    @property
    def address(self) -> str:
        return self.states[-1].address


class GivenServices:
    """Stands for Services, of which listening needs these alone."""

    def __init__(self, sessions, stripe, publish) -> None:
        self.sessions, self.stripe, self.publish = sessions, stripe, publish


@pytest.fixture
async def running(database, changes):
    async with stripe_trial(database) as trial:
        states: list = []
        ready = asyncio.Event()

        def tell(state) -> None:
            states.append(state)
            if state.phase is ListenerPhase.LISTENING:
                ready.set()

        def publish(change) -> None:
            changes.append(change)
            made.heard.set()

        services = GivenServices(database, trial.access, publish)
        listening = StripeListening(services, on_state=tell, port=0)  # type: ignore[arg-type]
        made = Running(listening, states, ready)
        work = asyncio.ensure_future(listening.run())
        await asyncio.wait_for(ready.wait(), 10)
        made.trial = trial  # type: ignore[attr-defined]
        yield made
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert states[-1].phase is ListenerPhase.OFF


async def test_a_test_event_is_answered_and_recorded_as_one(running, database) -> None:
    report = await send_test_event(running.trial.access, HttpEventPoster(), running.address)

    listed = await stripe_events_controller.event_details(database, report.event_id)
    assert (report.status, report.answer, report.is_taken) == (200, "not ours", True)
    assert report.milliseconds > 0
    assert listed.row.received_via.value == "test"


async def test_a_test_event_without_a_listener_or_of_another_type_is_told(running) -> None:
    with pytest.raises(UserFacingError, match="does not answer"):
        await send_test_event(running.trial.access, HttpEventPoster(), "http://127.0.0.1:9")
    with pytest.raises(FieldError):
        await send_test_event(running.trial.access, HttpEventPoster(), running.address, event_type="charge.succeeded")


async def test_who_comes_back_from_a_checkout_is_known_without_any_webhook(running, database, changes) -> None:
    actor = Actor("tester", "test")
    book = running.trial.stripe.book
    organization = await organizations_controller.create_organization(
        database, "Example", "admin@example.com", actor=actor, publish=changes.append
    )
    price = book.add_price("Basic", 900)
    urls = ReturnUrls(f"{running.address}/billing/success", f"{running.address}/billing/cancel", running.address)
    session = await checkout_controller.subscribe(
        database, running.trial.access, organization.id, price["id"], urls=urls, actor=actor, publish=changes.append
    )
    book.complete_checkout(session.id)
    changes.clear()

    await exchange(running.address, request(running.address, "GET", "/billing/success"))

    async with asyncio.timeout(10):
        while not any(change.topic is Topic.BILLING and organization.id in change.ids for change in changes):
            running.heard.clear()
            await running.heard.wait()
    async with database.read() as db:
        last = await stripe_intents_database.last_done(db, organization.id, IntentKind.CHECKOUT, livemode=False)
    assert last.state is IntentState.DONE
