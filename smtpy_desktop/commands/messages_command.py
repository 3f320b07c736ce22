"""``smtpy-desktop messages``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import page_shape, time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_choice import MessageNumber, chosen_query, message_options
from smtpy_desktop.commands.message_shapes import message_row_shape, message_shape
from smtpy_desktop.commands.message_statistics_command import show_statistics
from smtpy_desktop.commands.messages_changes_command import delete_messages, retry_messages, update_status
from smtpy_desktop.commands.messages_report_command import write_report
from smtpy_desktop.commands.retention_command import remove_expired
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_export import (
    DEFAULT_COLUMNS,
    ExportColumn,
    ExportFormat,
    ExportOptions,
    ExportResult,
)
from smtpy_desktop.schemas.message_search import MessageQuery, Search, SearchKey, Term, Thread
from smtpy_desktop.schemas.messages import MessageDetails, MessageRow
from smtpy_desktop.schemas.paging import NumberedPage, Page, Position

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        message_details_controller,
        message_export_controller,
        messages_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    message_details_controller = lazy_module("smtpy_desktop.controllers.message_details_controller")
    message_export_controller = lazy_module("smtpy_desktop.controllers.message_export_controller")
    messages_controller = lazy_module("smtpy_desktop.controllers.messages_controller")

_HEADINGS = ("Id", "Time", "Status", "From", "To", "Subject")
_LONGEST_SUBJECT = 60
_MOST_OF_A_THREAD = 1000


@click.group()
def messages() -> None:
    """Find, understand, change and export messages."""


for _change in (show_statistics, update_status, retry_messages, delete_messages, remove_expired, write_report):
    messages.add_command(_change)


@messages.command("list")
@message_options
@click.option("--page", default=1, show_default=True)
@click.option("--page-size", default=20, show_default=True)
@pass_invocation
def list_messages(invocation: Invocation, /, page: int, page_size: int, **chosen: Any) -> None:
    """List messages, newest first, a page at a time."""

    async def read(services: Services) -> NumberedPage[MessageRow]:
        query = await chosen_query(services, **chosen)
        return await messages_controller.numbered_page(services.sessions, query, page, page_size)

    found = run(invocation, read)
    footer = f"\n\nPage {found.page} of {found.total_pages}, {counted(found.total, 'message')}"
    lines = _table(found.items) + (footer if found.total > len(found.items) else "")
    answer(invocation, page_shape(found, message_row_shape), lines if found.total else "No message found.")


@messages.command("recent")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000))
@pass_invocation
def recent_messages(invocation: Invocation, limit: int) -> None:
    """Show the newest messages."""
    _answer_rows(invocation, MessageQuery(), limit)


@messages.command("thread")
@click.argument("thread_id")
@pass_invocation
def show_thread(invocation: Invocation, thread_id: str) -> None:
    """Show the messages of a thread, oldest first."""
    term = Term(SearchKey.THREAD, thread_id, Thread(thread_id.strip().strip("<>")), is_quoted=True)
    _answer_rows(invocation, MessageQuery(Search(((term,),)), descending=False), _MOST_OF_A_THREAD)


@messages.command("show")
@click.argument("message_id", type=MessageNumber())
@pass_invocation
def show_message(invocation: Invocation, message_id: int) -> None:
    """Show everything that is kept about a message."""

    async def read(services: Services) -> MessageDetails:
        return await message_details_controller.get_message(services.sessions, MessageId(message_id))

    answer_message(invocation, run(invocation, read))


@messages.command("export")
@message_options
@click.option(
    "--format", "form", type=click.Choice([form.value for form in ExportFormat]), help="Default: as --output ends."
)
@click.option("--output", required=True, metavar="FILE", help="The file to write; one that exists is replaced.")
@click.option("--columns", metavar="NAME,…", help=f"Of: {', '.join(ExportColumn)}.")
@click.option("--formulas/--no-formulas", default=False, help="Leave texts in CSV that spreadsheets take for formulas.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N of their order.")
@click.option("--about/--no-about", default=None, help="Write query, zone, count and time into the file (CSV: off).")
@pass_invocation
def export_messages(
    invocation: Invocation,
    /,
    form: str | None,
    output: str,
    columns: str | None,
    formulas: bool,
    limit: int | None,
    about: bool | None,
    **chosen: Any,
) -> None:
    """Export exactly the messages of a search, or all."""
    options = ExportOptions(
        _format(form, output), _columns(columns), chosen["zone"], defuse=not formulas, describe=about, limit=limit
    )

    async def export(services: Services) -> ExportResult:
        query = await chosen_query(services, **chosen)
        return await message_export_controller.export_messages(
            services.sessions, query, Path(output), options, files=services.files
        )

    result = run(invocation, export)
    shape = {
        "path": result.path,
        "format": result.format.value,
        "messages": result.messages,
        "size_bytes": result.size_bytes,
        "query": result.description.query,
        "organization": result.description.organization,
        "limit": result.description.limit,
        "time_zone": result.description.zone,
        "made_at": result.description.made_at.isoformat(timespec="seconds"),
    }
    answer(
        invocation,
        shape,
        f"Exported {counted(result.messages, 'message')} to {result.path} ({result.size_bytes} bytes).",
    )


def answer_message(invocation: Invocation, message: MessageDetails) -> None:
    """Print a message with its deliveries."""
    shape = message_shape(message)
    kept = {name: value for name, value in shape.items() if not isinstance(value, (list, dict))}
    lines = [f"{name.replace('_', ' ')}: {'-' if value is None else _line(str(value))}" for name, value in kept.items()]
    for delivery in message.deliveries:
        lines.append(f"\nto {_line(delivery.target)}: {delivery.state}")
        for attempt in delivery.attempts:
            said = f"{attempt.outcome} {attempt.code or ''} {attempt.reply}"
            lines.append(f"  {time_shape(attempt.at)} {_line(attempt.host)} {_line(said)}")
    answer(invocation, shape, "\n".join(lines))


def _answer_rows(invocation: Invocation, query: MessageQuery, limit: int) -> None:
    async def read(services: Services) -> Page[MessageRow]:
        return await messages_controller.list_messages(services.sessions, query, Position.start(), limit)

    rows = run(invocation, read).rows
    shape = {"items": [message_row_shape(row) for row in rows], "total": len(rows)}
    answer(invocation, shape, _table(rows) if rows else "No message found.")


def _table(rows: tuple[MessageRow, ...]) -> str:
    cells = [
        (row.id, time_shape(row.created_at), row.status, row.sender_email, row.recipient_email, _short(row.subject))
        for row in rows
    ]
    return text_table(_HEADINGS, cells)


def _short(subject: str) -> str:
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 1]}…"


def _line(value: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in value)


def _format(form: str | None, output: str) -> ExportFormat:
    if form is not None:
        return ExportFormat(form)
    ending = Path(output).suffix.lower().removeprefix(".")
    if ending == "pdf":
        raise click.UsageError("A PDF is a report: use messages report --output FILE.pdf.")
    try:
        return ExportFormat(ending)
    except ValueError as error:
        raise click.UsageError("Say which format to write: --format csv, xlsx or jsonl.") from error


def _columns(names: str | None) -> tuple[ExportColumn, ...]:
    if names is None:
        return DEFAULT_COLUMNS
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in set(ExportColumn)]
    if unknown or not wanted:
        raise click.BadParameter(
            f"there is no column {', '.join(unknown) or names!r}; there are {', '.join(ExportColumn)}",
            param_hint="--columns",
        )
    return tuple(ExportColumn(name) for name in dict.fromkeys(wanted))
