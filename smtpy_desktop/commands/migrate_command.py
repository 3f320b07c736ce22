"""``smtpy-desktop migrate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.schemas.migration import SchemaReport
from smtpy_desktop.schemas.roles import GrantedRole

if TYPE_CHECKING:
    from smtpy_desktop.controllers import roles_controller
    from smtpy_desktop.controllers.services import Services
else:
    roles_controller = lazy_module("smtpy_desktop.controllers.roles_controller")


@click.command()
@click.option("--roles", is_flag=True, help="Set up the groups smtpy_admin, smtpy_reader and smtpy_forwarder, too.")
@pass_invocation
def migrate(invocation: Invocation, roles: bool) -> None:
    """Set up or upgrade the schema of the database; nothing happens when it is current.

    With --roles, make the groups that give people and forwarders the rights they need and no more, or bring them up to
    date. Put roles that sign in into them: CREATE ROLE forwarder1 LOGIN PASSWORD '…' IN ROLE smtpy_forwarder
    """

    async def schema(services: Services) -> tuple[SchemaReport, tuple[GrantedRole, ...]]:
        return services.schema, await roles_controller.set_up_roles(services.sessions) if roles else ()

    report, groups = run(invocation, schema, may_upgrade=True)
    data: dict[str, object] = {
        "state": report.state.value,
        "found": report.found,
        "wanted": report.wanted,
        "pending": list(report.pending),
    }
    if roles:
        data["roles"] = [{"name": group.name, "members": list(group.members)} for group in groups]
    lines = [f"The database is at {report.found} ({report.state})."]
    lines += [f"{group.name}: {', '.join(group.members) or 'nobody yet'}" for group in groups]
    answer(invocation, data, "\n".join(lines))
