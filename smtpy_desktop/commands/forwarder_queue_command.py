"""``smtpy-desktop forwarder status``, ``queue``, ``hold``, ``release``, ``retry``, ``give-up`` and ``books``."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.forwarder_lines import books_lines, status_lines
from smtpy_desktop.commands.forwarder_shapes import (
    books_shape,
    delivery_shape,
    flow_shape,
    process_shape,
    queue_line_shape,
    totals_shape,
)
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_choice import MessageNumber
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.books import Books
from smtpy_desktop.schemas.forwarder import ForwarderState
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.queue import (
    ForwarderPicture,
    QueueAction,
    QueueChoice,
    QueuePreview,
    QueueResult,
    QueueSnapshot,
    WaitingDelivery,
)
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import forwarder_controller, queue_controller
    from smtpy_desktop.controllers.services import Services
else:
    forwarder_controller = lazy_module("smtpy_desktop.controllers.forwarder_controller")
    queue_controller = lazy_module("smtpy_desktop.controllers.queue_controller")

_DONE = {
    QueueAction.HOLD: "Held",
    QueueAction.RELEASE: "Released",
    QueueAction.RETRY: "Trying again now:",
    QueueAction.GIVE_UP: "Gave up",
}
_WOULD = {
    QueueAction.HOLD: "be held",
    QueueAction.RELEASE: "be released",
    QueueAction.RETRY: "be tried again now",
    QueueAction.GIVE_UP: "be given up: it is not tried any more, and its messages fail",
}
Command = TypeVar("Command", bound=Callable[..., Any])


def choosing_options(command: Command) -> Command:
    """Give a command the options that choose deliveries, as one parameter ``choice``."""

    def gathered(
        *arguments: Any, destinations: tuple[str, ...], messages: tuple[int, ...], everything: bool, **given: Any
    ) -> Any:
        if everything == bool(destinations or messages):
            raise click.UsageError("Say which deliveries are meant: --destination, --message or --all.")
        numbers = tuple(MessageId(one) for one in messages)
        choice = QueueChoice(tuple(destinations) or None, numbers or None)
        return command(*arguments, choice=choice, **given)

    update_wrapper(gathered, command)
    options = (
        click.option("--destination", "destinations", multiple=True, metavar="DOMAIN", help="What goes there."),
        click.option("--message", "messages", multiple=True, type=MessageNumber(), help="A message by its number."),
        click.option("--all", "everything", is_flag=True, help="Everything that waits."),
        click.option("--dry-run", is_flag=True, help="Only say how much it would be."),
    )
    wrapped: Any = gathered
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


@click.command("status")
@pass_invocation
def show_status(invocation: Invocation) -> None:
    """Show which forwarders were seen, what waits, and what came and went in the last hour."""

    async def read(services: Services) -> ForwarderPicture:
        return await forwarder_controller.picture(services.sessions)

    picture = run(invocation, read)
    running = [one for one in picture.processes if one.state is ForwarderState.RUNNING]
    shape = {
        "running": len(running),
        "hosts": len({one.host for one in running}),
        "processes": [process_shape(one) for one in picture.processes],
        "queue": totals_shape(picture.queue),
        "last_hour": flow_shape(picture.minutes),
    }
    answer(invocation, shape, status_lines(picture))


@click.command("queue")
@click.option("--destination", metavar="DOMAIN", help="The deliveries to one destination, one by one.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@pass_invocation
def show_queue(invocation: Invocation, destination: str | None, limit: int) -> None:
    """Show what waits by destination, the busiest first, or the deliveries to one of them."""
    if destination is not None:
        _show_deliveries(invocation, destination, limit)
        return

    async def read(services: Services) -> QueueSnapshot:
        return await forwarder_controller.queue(services.sessions)

    snapshot = run(invocation, read)
    lines = snapshot.lines[:limit]
    shape = {**totals_shape(snapshot), "items": [queue_line_shape(line) for line in lines]}
    headings = ("Destination", "Waiting", "Sending", "Held", "Oldest", "Next attempt", "Last reply")
    rows = [
        (
            line.destination,
            line.waiting,
            line.sending,
            line.held,
            time_shape(line.oldest_at),
            time_shape(line.next_attempt_at),
            line.last_reply[:60] or None,
        )
        for line in lines
    ]
    footer = f"\n\n{len(lines)} of {counted(snapshot.destinations, 'destination')}."
    table = text_table(headings, rows) + (footer if snapshot.destinations > len(lines) else "")
    answer(invocation, shape, table if lines else "Nothing waits to be delivered.")


@click.command("hold")
@choosing_options
@pass_invocation
def hold(invocation: Invocation, choice: QueueChoice, dry_run: bool) -> None:
    """Let deliveries wait until they are released; what is being sent now is not interrupted."""
    _act(invocation, choice, QueueAction.HOLD, dry_run=dry_run)


@click.command("release")
@choosing_options
@pass_invocation
def release(invocation: Invocation, choice: QueueChoice, dry_run: bool) -> None:
    """Send held deliveries now."""
    _act(invocation, choice, QueueAction.RELEASE, dry_run=dry_run)


@click.command("retry")
@choosing_options
@pass_invocation
def retry(invocation: Invocation, choice: QueueChoice, dry_run: bool) -> None:
    """Try deliveries again now that wait for their next attempt; held ones stay held.

    Messages that have failed already are tried again by: smtpy-desktop messages retry
    """
    _act(invocation, choice, QueueAction.RETRY, dry_run=dry_run)


@click.command("give-up")
@choosing_options
@click.option("--silent", is_flag=True, help="Do not tell the senders.")
@click.option("--yes", is_flag=True, help="Really give up.")
@pass_invocation
def give_up(invocation: Invocation, choice: QueueChoice, dry_run: bool, silent: bool, yes: bool) -> None:
    """Try deliveries no more, held ones included; messages of which nothing else is under way fail.

    Senders get a report where that is safe: not for bounces, lists, or mail whose sender may be forged.
    """
    _act(invocation, choice, QueueAction.GIVE_UP, dry_run=dry_run, confirmed=yes, tells_senders=not silent)


@click.command("books")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 366), help="How far back.")
@click.option("--check", is_flag=True, help="Exit with 1 when there is a difference.")
@pass_invocation
def show_books(invocation: Invocation, hours: int, check: bool) -> None:
    """Show for each hour (UTC) that everything accepted is somewhere, and the messages that are not."""

    async def read(services: Services) -> Books:
        return await forwarder_controller.books(services.sessions, hours)

    found = run(invocation, read)
    answer(invocation, books_shape(found), books_lines(found))
    if check and found.difference:
        raise UserFacingError(
            "BOOKS_DIFFER",
            text("{messages} not accounted for.", messages=counted(found.difference, "accepted message")),
            hint=text("Look at each of them with: smtpy-desktop messages show NUMBER"),
        )


def _act(
    invocation: Invocation,
    choice: QueueChoice,
    action: QueueAction,
    *,
    dry_run: bool,
    confirmed: bool = True,
    tells_senders: bool = True,
) -> None:
    async def work(services: Services) -> QueuePreview | QueueResult:
        expected = await queue_controller.preview(services.sessions, choice, action)
        if dry_run:
            return expected
        if not confirmed and expected.deliveries:
            raise UserFacingError(
                "CONFIRMATION_NEEDED",
                text("Nothing was changed."),
                detail=text("{deliveries} would {action}.", deliveries=_amount(expected), action=_WOULD[action]),
                hint=text("Repeat the command with --yes."),
            )
        return await queue_controller.change_queue(
            services.sessions,
            choice,
            action,
            actor=services.actor,
            publish=services.publish,
            tells_senders=tells_senders,
        )

    done = run(invocation, work)
    shape = {
        "action": action.value,
        "deliveries": done.deliveries,
        "messages": done.messages,
        "senders_told": done.told if isinstance(done, QueueResult) else 0,
        "dry_run": dry_run,
    }
    answer(invocation, shape, _sentence(action, done))


def _sentence(action: QueueAction, done: QueuePreview | QueueResult) -> str:
    if not done.deliveries:
        return "There is nothing of this in the queue."
    if isinstance(done, QueuePreview):
        return f"{_amount(done)} would {_WOULD[action]}."
    return f"{_DONE[action]} {_amount(done)}."


def _amount(amount: QueuePreview | QueueResult) -> str:
    deliveries = counted(amount.deliveries, "delivery") if amount.deliveries == 1 else f"{amount.deliveries} deliveries"
    return f"{deliveries} of {counted(amount.messages, 'message')}"


def _show_deliveries(invocation: Invocation, destination: str, limit: int) -> None:
    async def read(services: Services) -> tuple[WaitingDelivery, ...]:
        return await forwarder_controller.destination_deliveries(services.sessions, destination, limit)

    found = run(invocation, read)
    headings = ("Message", "State", "Target", "Attempts", "Next attempt", "Last reply")
    rows = [
        (
            one.message_id,
            "held" if one.held_at is not None else one.state.value,
            one.target,
            one.attempts,
            time_shape(one.next_attempt_at),
            one.last_reply[:60] or None,
        )
        for one in found
    ]
    shape = {"destination": destination, "items": [delivery_shape(one) for one in found]}
    answer(invocation, shape, text_table(headings, rows) if rows else f"Nothing waits for {destination}.")
