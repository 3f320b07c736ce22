"""``smtpy-desktop organizations``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import organization_shape, page_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.paging import NumberedPage

if TYPE_CHECKING:
    from smtpy_desktop.controllers import organizations_controller
    from smtpy_desktop.controllers.services import Services
else:
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")


@click.group()
def organizations() -> None:
    """List and add organizations."""


@organizations.command("list")
@pass_invocation
def list_organizations(invocation: Invocation) -> None:
    """List all organizations with the number of their domains."""
    rows = run(invocation, lambda services: organizations_controller.list_organizations(services.sessions))
    page = NumberedPage(rows, len(rows), 1, max(len(rows), 1))
    table = text_table(
        ("ID", "Name", "E-mail", "Domains"), [(row.id, row.name, row.email, row.domains) for row in rows]
    )
    answer(invocation, page_shape(page, organization_shape), table if rows else "No organization yet.")


@organizations.command("add")
@click.argument("name")
@click.argument("email")
@pass_invocation
def add_organization(invocation: Invocation, name: str, email: str) -> None:
    """Add an organization."""
    row = run(
        invocation,
        lambda services: organizations_controller.create_organization(
            services.sessions, name, email, actor=services.actor, publish=services.publish
        ),
    )
    answer(invocation, organization_shape(row), f"Added the organization {row.name}.")


@organizations.command("rename")
@click.argument("name")
@click.argument("new_name")
@click.option("--email", help="Change the e-mail address, too.")
@pass_invocation
def rename_organization(invocation: Invocation, name: str, new_name: str, email: str | None) -> None:
    """Rename an organization."""

    async def rename(services: Services) -> OrganizationRow:
        found = await organizations_controller.find_organization(services.sessions, name)
        return await organizations_controller.update_organization(
            services.sessions, found.id, new_name, email or found.email, actor=services.actor, publish=services.publish
        )

    row = run(invocation, rename)
    answer(invocation, organization_shape(row), f"The organization is called {row.name} now.")
