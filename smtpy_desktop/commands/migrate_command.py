"""``smtpy-desktop migrate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.schemas.migration import SchemaReport

if TYPE_CHECKING:
    from smtpy_desktop.controllers.services import Services


@click.command()
@pass_invocation
def migrate(invocation: Invocation) -> None:
    """Set up or upgrade the schema of the database; nothing happens when it is current."""

    async def schema(services: Services) -> SchemaReport:
        return services.schema

    report = run(invocation, schema, may_upgrade=True)
    data = {
        "state": report.state.value,
        "found": report.found,
        "wanted": report.wanted,
        "pending": list(report.pending),
    }
    answer(invocation, data, f"The database is at {report.found} ({report.state}).")
