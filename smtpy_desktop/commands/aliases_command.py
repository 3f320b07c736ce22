"""``smtpy-desktop aliases``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.alias_shapes import alias_shape, destination_shape
from smtpy_desktop.commands.aliases_lists_command import export_aliases, import_aliases
from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import page_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow, Destination
from smtpy_desktop.schemas.paging import NumberedPage
from smtpy_desktop.schemas.rules import DeletedAliases

if TYPE_CHECKING:
    from smtpy_desktop.controllers import aliases_controller, domains_controller
    from smtpy_desktop.controllers.services import Services
else:
    aliases_controller = lazy_module("smtpy_desktop.controllers.aliases_controller")
    domains_controller = lazy_module("smtpy_desktop.controllers.domains_controller")


@click.group()
def aliases() -> None:
    """Say where mail to the addresses of your domains goes."""


aliases.add_command(import_aliases)
aliases.add_command(export_aliases)


@aliases.command("list")
@click.argument("domain", required=False)
@click.option("--search", default="", metavar="TEXT", help="Only where address, targets or note hold this text.")
@click.option("--active/--inactive", "active", default=None, help="Only aliases that are switched on, or off.")
@click.option("--page", default=1, show_default=True)
@click.option("--page-size", default=20, show_default=True)
@pass_invocation
def list_aliases(
    invocation: Invocation, domain: str | None, search: str, active: bool | None, page: int, page_size: int
) -> None:
    """List the aliases of a domain (or of all) by address, a page at a time."""

    async def read(services: Services) -> NumberedPage[AliasRow]:
        domain_id = None
        if domain is not None:
            domain_id = (await domains_controller.find_domain(services.sessions, domain)).id
        query = AliasQuery(domain_id=domain_id, text=search, active=active)
        return await aliases_controller.numbered_page(services.sessions, query, page, page_size)

    found = run(invocation, read)
    table = text_table(("Alias", "Forwards to", "Active", "Note"), [_table_row(row) for row in found.items])
    more = f"\n\nPage {found.page} of {found.total_pages}, {found.total} aliases"
    lines = table + (more if found.total > len(found.items) else "")
    answer(invocation, page_shape(found, alias_shape), lines if found.total else "No alias found.")


@aliases.command("add")
@click.argument("address")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET…")
@click.option("--inactive", is_flag=True, help="Refuse its mail for now.")
@click.option("--note", default="", metavar="TEXT", help="What it is for.")
@pass_invocation
def add_alias(invocation: Invocation, address: str, targets: tuple[str, ...], inactive: bool, note: str) -> None:
    """Forward mail to ADDRESS to one TARGET or several."""

    async def add(services: Services) -> AliasRow:
        return await aliases_controller.create_alias(
            services.sessions,
            address,
            targets,
            is_active=not inactive,
            note=note,
            actor=services.actor,
            publish=services.publish,
        )

    row = run(invocation, add)
    answer(invocation, alias_shape(row), f"Added {row.unicode_address}, forwarded to {_targets(row)}.")


@aliases.command("update")
@click.argument("address")
@click.argument("targets", nargs=-1, metavar="[TARGET…]")
@click.option("--target", "more_targets", multiple=True, metavar="TARGET", help="The same as TARGET; may be repeated.")
@click.option("--active/--inactive", "is_active", default=None, help="Forward its mail, or refuse it.")
@click.option("--note", metavar="TEXT", help="What it is for; empty: none.")
@pass_invocation
def update_alias(
    invocation: Invocation,
    address: str,
    targets: tuple[str, ...],
    more_targets: tuple[str, ...],
    is_active: bool | None,
    note: str | None,
) -> None:
    """Change an alias; targets that are given take the place of all that it has."""
    wanted = (*targets, *more_targets)
    if not wanted and is_active is None and note is None:
        raise click.UsageError("Say what to change: its targets, --active, --inactive or --note.")

    async def update(services: Services) -> AliasRow:
        row = await aliases_controller.get_alias(services.sessions, address)
        return await aliases_controller.update_alias(
            services.sessions,
            row.id,
            targets=wanted or None,
            is_active=is_active,
            note=note,
            actor=services.actor,
            publish=services.publish,
        )

    row = run(invocation, update)
    answer(invocation, alias_shape(row), f"Changed {row.unicode_address}.")


@aliases.command("delete")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS…")
@click.option("--yes", is_flag=True, expose_value=False, help="Taken for the sake of scripts; nothing is asked.")
@pass_invocation
def delete_aliases(invocation: Invocation, addresses: tuple[str, ...]) -> None:
    """Delete aliases; what they were is printed."""

    async def delete(services: Services) -> DeletedAliases:
        ids = [(await aliases_controller.get_alias(services.sessions, address)).id for address in addresses]
        return await aliases_controller.delete_aliases(
            services.sessions, ids, actor=services.actor, publish=services.publish
        )

    gone = run(invocation, delete).rows
    data = {"deleted": len(gone), "aliases": [alias_shape(row) for row in gone]}
    lines = [f"Deleted {row.unicode_address}, which was forwarded to {_targets(row)}." for row in gone]
    answer(invocation, data, "\n".join(lines or [f"Deleted {counted(0, 'alias')}."]))


@aliases.command("find")
@click.argument("address")
@pass_invocation
def find_route(invocation: Invocation, address: str) -> None:
    """Tell where mail to ADDRESS goes: by its alias, that before a +tag, or the domain's catch-all."""

    async def find(services: Services) -> Destination:
        return await aliases_controller.find_route(services.sessions, address)

    found = run(invocation, find)
    ends = "\n".join(f"  {target.address}" for target in found.targets)
    answer(invocation, destination_shape(found), f"{found.address}: {found.reason}\n{ends}")


def _targets(row: AliasRow) -> str:
    return ", ".join(target.address for target in row.targets)


def _table_row(row: AliasRow) -> tuple[object, ...]:
    return row.unicode_address, _targets(row), "yes" if row.is_active else "no", row.note or None
