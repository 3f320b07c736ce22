"""``smtpy-desktop messages report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_choice import chosen_query, message_options

if TYPE_CHECKING:
    from smtpy_desktop.controllers import message_report_controller
    from smtpy_desktop.controllers.services import Services
else:
    message_report_controller = lazy_module("smtpy_desktop.controllers.message_report_controller")


@click.command("report")
@message_options
@click.option("--output", required=True, metavar="FILE.pdf", help="The file to write; one that exists is replaced.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@pass_invocation
def write_report(invocation: Invocation, /, output: str, paper: str, **chosen: Any) -> None:
    """Write a PDF report on the messages of a search, or all."""

    async def write(services: Services) -> dict[str, Any]:
        query = await chosen_query(services, **chosen)
        report = await message_report_controller.message_report(services.sessions, query, chosen["zone"])
        content, pages = invocation.print_report(invocation.options, report, chosen["organization"] or "", paper)
        size = await services.files.save(Path(output), content)
        return {
            "path": output,
            "format": "pdf",
            "messages": report.total,
            "pages": pages,
            "size_bytes": size,
            "query": report.query,
            "time_zone": report.zone,
            "made_at": report.made_at.isoformat(timespec="seconds"),
        }

    shape = run(invocation, write)
    pages = f"{shape['pages']} pages, {shape['size_bytes']} bytes"
    answer(invocation, shape, f"Reported on {shape['messages']} messages in {shape['path']} ({pages}).")
