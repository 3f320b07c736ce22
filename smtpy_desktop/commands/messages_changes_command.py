"""``smtpy-desktop messages status``, ``retry`` and ``delete``: of single messages, or of all that a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_bulk import BulkChoice, BulkWords, bulk_options, refuse_both, run_bulk
from smtpy_desktop.commands.message_choice import MessageNumber
from smtpy_desktop.commands.message_shapes import message_shape
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_bulk import BulkResult, MessageSelection
from smtpy_desktop.schemas.messages import MessageDetails, MessageStatus
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import message_details_controller, messages_bulk_controller
    from smtpy_desktop.controllers.messages_bulk_controller import BulkProgress
    from smtpy_desktop.controllers.services import Services
else:
    message_details_controller = lazy_module("smtpy_desktop.controllers.message_details_controller")
    messages_bulk_controller = lazy_module("smtpy_desktop.controllers.messages_bulk_controller")

_NUMBER: Any = MessageNumber()
_STATUS = click.Choice([status.value for status in MessageStatus])


@click.command("status")
@bulk_options
@click.argument("words", nargs=-1, required=True, metavar="[ID] STATUS")
@click.option("--forwarded-to", metavar="ADDRESS", help="Where the messages went.")
@click.option("--yes", is_flag=True, help="Really change everything that the search finds.")
@pass_invocation
def update_status(
    invocation: Invocation, words: tuple[str, ...], forwarded_to: str | None, yes: bool, choice: BulkChoice
) -> None:
    """Give a message, or with --query all that a search finds, another status."""
    *ids, name = words
    status: MessageStatus = MessageStatus(_STATUS.convert(name, None, None))
    if len(ids) > 1:
        raise click.UsageError("Give one number and a status, or a search such as --query and a status.")
    refuse_both(tuple(ids), choice, "a number")
    if ids:
        _update_one(invocation, MessageId(int(_NUMBER.convert(ids[0], None, None))), status, forwarded_to)
        return

    async def update(services: Services, selection: MessageSelection, progress: BulkProgress) -> BulkResult:
        return await messages_bulk_controller.update_selected(
            services.sessions,
            selection,
            status,
            forwarded_to,
            actor=services.actor,
            publish=services.publish,
            progress=progress,
        )

    would = f"their status would become {status}"
    run_bulk(invocation, choice, update, BulkWords("updated", "Updated", would), confirmed=yes)


@click.command("retry")
@bulk_options
@click.argument("message_id", type=_NUMBER, required=False)
@pass_invocation
def retry_messages(invocation: Invocation, message_id: int | None, choice: BulkChoice) -> None:
    """Try what is not delivered of a message, or with --query of all that a search finds, again, now."""
    refuse_both(() if message_id is None else (message_id,), choice, "a number")
    if message_id is not None:
        _retry_one(invocation, MessageId(message_id))
        return

    async def retry(services: Services, selection: MessageSelection, progress: BulkProgress) -> BulkResult:
        return await messages_bulk_controller.retry_selected(
            services.sessions, selection, actor=services.actor, publish=services.publish, progress=progress
        )

    words = BulkWords("retried", "Retried", "what is not delivered of them would be tried again")
    run_bulk(invocation, choice, retry, words, confirmed=True)


@click.command("delete")
@bulk_options
@click.argument("message_ids", type=_NUMBER, nargs=-1, metavar="[ID…]")
@click.option("--yes", is_flag=True, help="Really delete them; there is no way back.")
@pass_invocation
def delete_messages(invocation: Invocation, message_ids: tuple[int, ...], yes: bool, choice: BulkChoice) -> None:
    """Delete messages, or with --query all that a search finds, for good."""
    refuse_both(message_ids, choice, "numbers")
    if message_ids:
        _delete_some(invocation, tuple(MessageId(one) for one in dict.fromkeys(message_ids)), confirmed=yes)
        return

    async def delete(services: Services, selection: MessageSelection, progress: BulkProgress) -> BulkResult:
        return await messages_bulk_controller.delete_selected(
            services.sessions, selection, actor=services.actor, publish=services.publish, progress=progress
        )

    words = BulkWords("deleted", "Deleted", "they would be deleted for good")
    run_bulk(invocation, choice, delete, words, confirmed=yes)


def _update_one(invocation: Invocation, message_id: MessageId, status: MessageStatus, forwarded_to: str | None) -> None:
    async def update(services: Services) -> MessageDetails:
        return await message_details_controller.update_status(
            services.sessions, message_id, status, forwarded_to, actor=services.actor, publish=services.publish
        )

    message = run(invocation, update)
    answer(invocation, message_shape(message), f"Message {message.id} is {message.status} now.")


def _retry_one(invocation: Invocation, message_id: MessageId) -> None:
    async def retry(services: Services) -> MessageDetails:
        await message_details_controller.get_message(services.sessions, message_id)
        due = await message_details_controller.retry_now(
            services.sessions, [message_id], actor=services.actor, publish=services.publish
        )
        if not due:
            raise UserFacingError(
                "NOTHING_TO_RETRY",
                text("Message {id} has nothing to be tried again.", id=message_id),
                detail=text("Every delivery of it is done, or its source is not kept any more."),
            )
        return await message_details_controller.get_message(services.sessions, message_id)

    answer(invocation, message_shape(run(invocation, retry)), f"Message {message_id} is tried again.")


def _delete_some(invocation: Invocation, wanted: tuple[MessageId, ...], *, confirmed: bool) -> None:
    async def delete(services: Services) -> tuple[MessageId, ...]:
        if not confirmed:
            raise UserFacingError(
                "CONFIRMATION_NEEDED",
                text("Nothing was deleted."),
                detail=text("{messages} would be deleted for good.", messages=counted(len(wanted), "message")),
                hint=text("Repeat the command with --yes."),
            )
        gone = await message_details_controller.delete_messages(
            services.sessions, wanted, actor=services.actor, publish=services.publish
        )
        if not gone:
            raise NotFoundError(
                "MESSAGE_NOT_FOUND",
                text("There is no message with the number {ids}.", ids=", ".join(map(str, wanted))),
                hint=text("It may have been deleted, or its time to be kept is over."),
            )
        return gone

    gone = run(invocation, delete)
    missing = [one for one in wanted if one not in set(gone)]
    lines = f"Deleted {counted(len(gone), 'message')}." + (
        f" Not there: {', '.join(map(str, missing))}." if missing else ""
    )
    answer(invocation, {"deleted": len(gone), "ids": list(gone), "missing": missing}, lines)
