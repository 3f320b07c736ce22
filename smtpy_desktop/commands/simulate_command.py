"""``smtpy-desktop forwarder simulate`` and ``test``: trying mail out, without and with sending it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, BinaryIO

import click

from smtpy_desktop.commands.frame import EXIT_REFUSED, Invocation, answer, note, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.simulation_shapes import (
    message_lines,
    sent_shape,
    simulation_lines,
    simulation_shape,
)
from smtpy_desktop.core.mail_source import MOST_BYTES
from smtpy_desktop.schemas.mail_simulation import Simulation, TrialEnvelope
from smtpy_desktop.schemas.messages import MessageDetails
from smtpy_desktop.schemas.test_message import SentTestMessage

if TYPE_CHECKING:
    from smtpy_desktop.controllers import mail_simulator_controller, test_message_controller
    from smtpy_desktop.controllers.services import Services
else:
    mail_simulator_controller = lazy_module("smtpy_desktop.controllers.mail_simulator_controller")
    test_message_controller = lazy_module("smtpy_desktop.controllers.test_message_controller")

_LOOK_EVERY_SECONDS = 0.5


@click.command("simulate")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--from", "sender", metavar="ADDRESS", help="The envelope's sender; empty: <>. Default: as the file tells."
)
@click.option("--to", "recipients", multiple=True, metavar="ADDRESS", help="Whom it is for; may be repeated.")
@click.option("--client", metavar="IP", help="The address of the server that hands it over.")
@click.option("--helo", metavar="NAME", help="What that server calls itself.")
@click.option("--dialogue", is_flag=True, help="Show the whole session, too.")
@pass_invocation
def simulate(
    invocation: Invocation,
    file: BinaryIO,
    sender: str | None,
    recipients: tuple[str, ...],
    client: str | None,
    helo: str | None,
    dialogue: bool,
) -> None:
    """Tell what would become of the message in FILE (.eml, - for standard input); nothing is sent or written."""
    content = file.read(MOST_BYTES + 1)

    async def work(services: Services) -> Simulation:
        found = await mail_simulator_controller.read_envelope(content)
        envelope = TrialEnvelope(
            found.sender if sender is None else sender,
            recipients or found.recipients,
            found.client_address if client is None else client,
            found.helo if helo is None else helo,
        )
        return await mail_simulator_controller.simulate(
            services.sessions, content, envelope, keys=services.keys, tools=services.mail_tools
        )

    told = run(invocation, work)
    answer(invocation, simulation_shape(told), simulation_lines(told, with_dialogue=dialogue))


@click.command("test")
@click.argument("alias")
@click.option(
    "--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to follow it; 0: not at all."
)
@pass_invocation
def send_test(invocation: Invocation, alias: str, wait: float) -> int:
    """Send a test message to ALIAS through the real chain and follow it until it is delivered or has failed."""

    async def work(services: Services) -> tuple[SentTestMessage, tuple[MessageDetails, ...]]:
        sent = await test_message_controller.send_test_message(
            services.sessions, alias, keys=services.keys, tools=services.mail_tools, publish=services.publish
        )
        for one in sent.notes:
            note(one)
        return sent, await _followed(services, sent, wait) if sent.is_accepted else ()

    sent, messages = run(invocation, work)
    answer(invocation, sent_shape(sent, messages), message_lines(sent, messages))
    is_delivered = bool(messages) and all(message.status == "delivered" for message in messages)
    return 0 if is_delivered or (sent.is_accepted and wait <= 0) else EXIT_REFUSED


async def _followed(services: Services, sent: SentTestMessage, seconds: float) -> tuple[MessageDetails, ...]:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        messages = await test_message_controller.follow(services.sessions, sent)
        if test_message_controller.is_over(messages) or loop.time() >= end:
            return messages
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
