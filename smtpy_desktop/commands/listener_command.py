"""``smtpy-desktop listener``: takes in Stripe's events without a window, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, note, pass_invocation, run, warning
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers.services import Services


@click.command("listener")
@click.option("--port", type=click.IntRange(0, 65535), help="Another port than the setting's; 0: any that is free.")
@click.option("--wait", is_flag=True, help="Try again for as long as the port is in use.")
@pass_invocation
def listener(invocation: Invocation, port: int | None, wait: bool) -> None:
    """Take in Stripe's events until the program is told to end, and what was missed before.

    Forward them to it with: stripe listen --forward-to http://127.0.0.1:4242/webhooks/stripe
    """
    invocation.options = replace(invocation.options, service="listener")

    async def listen(services: Services) -> None:
        if not await services.stripe.webhook_secrets():
            hint = text(
                "No webhook secret is set up, so that no event can be told to be Stripe's: set one in Settings,"
                " Billing, or STRIPE_WEBHOOK_SECRET."
            )
            warning(invocation.options, hint)
        told = partial(_tell, invocation)
        listening = asyncio.ensure_future(
            invocation.listen(invocation.options, services, told, port=port, gives_up=not wait)
        )
        with _ending(listening), contextlib.suppress(asyncio.CancelledError):
            await listening

    run(invocation, listen)


def _tell(invocation: Invocation, state: ListenerState) -> None:
    """Print the line that says it is ready, and on standard error why it is not."""
    if state.phase is ListenerPhase.LISTENING and state.address is not None:
        ready = {"listening": True, "address": state.address, "webhook": f"{state.address}/webhooks/stripe"}
        click.echo(json.dumps(ready) if invocation.options.as_json else f"listening on {state.address}")
    elif state.reason is not None:
        if invocation.options.as_json:
            warning(invocation.options, state.reason)
        else:
            note(state.reason)


@contextlib.contextmanager
def _ending(work: asyncio.Future[None]) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the work within the block."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.call_soon_threadsafe(work.cancel)

    before = {name: signal.signal(name, lambda number, frame: end()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
