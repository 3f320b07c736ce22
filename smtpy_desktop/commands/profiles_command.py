"""``smtpy-desktop profiles``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, warning
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind, ProfileRow, RemovedProfile

if TYPE_CHECKING:
    from smtpy_desktop.controllers import profiles_controller
else:
    profiles_controller = lazy_module("smtpy_desktop.controllers.profiles_controller")

_COLORS = click.Choice([color.value for color in ProfileColor])
_KINDS = click.Choice([kind.value for kind in ProfileKind])


@click.group()
def profiles() -> None:
    """Give installations names, such as production and test; --profile takes the name."""


@profiles.command("list")
@pass_invocation
def list_profiles(invocation: Invocation) -> None:
    """List every profile; the first is used when none is named."""
    tools = invocation.profiles()
    rows, problem = invocation.run_loop(profiles_controller.list_profiles(tools))
    if problem is not None:
        warning(invocation.options, problem)
    table = [
        (row.entry.name, row.entry.kind.value, row.entry.color.value, _remark(row), row.entry.directory) for row in rows
    ]
    headings = ("Name", "Kind", "Colour", "", "Directory")
    answer(invocation, {"profiles": [_shape(row) for row in rows]}, text_table(headings, table))


@profiles.command("add")
@click.argument("name")
@click.option("--directory", required=True, metavar="DIR", help="Where it has its things; made when it is not there.")
@click.option("--kind", type=_KINDS, default=ProfileKind.OTHER.value, help="What it is for.")
@click.option("--color", type=_COLORS, default=ProfileColor.BLUE.value, help="Its colour in the window.")
@pass_invocation
def add_profile(invocation: Invocation, name: str, directory: str, kind: str, color: str) -> None:
    """Give the installation in a directory a name."""
    tools = invocation.profiles()
    place = tools.place(directory)
    entry = ProfileEntry(name, place, ProfileColor(color), ProfileKind(kind))
    added = invocation.run_loop(profiles_controller.add_profile(tools, entry))
    answer(invocation, _entry_shape(added), f"Added {added.name} in {added.directory}.")


@profiles.command("rename")
@click.argument("name")
@click.argument("new_name")
@pass_invocation
def rename_profile(invocation: Invocation, name: str, new_name: str) -> None:
    """Give a profile another name; its directory and its secrets stay where they are."""
    tools = invocation.profiles()
    work = profiles_controller.change_profile(tools, name, new_name=new_name)
    changed = invocation.run_loop(work)
    answer(invocation, _entry_shape(changed), f"{name} is called {changed.name} now.")


@profiles.command("change")
@click.argument("name")
@click.option("--kind", type=_KINDS, help="What it is for.")
@click.option("--color", type=_COLORS, help="Its colour in the window.")
@pass_invocation
def change_profile(invocation: Invocation, name: str, kind: str | None, color: str | None) -> None:
    """Give a profile another colour or kind."""
    tools = invocation.profiles()
    work = profiles_controller.change_profile(
        tools,
        name,
        color=ProfileColor(color) if color is not None else None,
        kind=ProfileKind(kind) if kind is not None else None,
    )
    changed = invocation.run_loop(work)
    answer(invocation, _entry_shape(changed), f"{changed.name}: {changed.kind.value}, {changed.color.value}.")


@profiles.command("remove")
@click.argument("name")
@click.option("--delete-data", is_flag=True, help="Delete its database, logs, settings and secrets, too; backups stay.")
@click.option("--yes", is_flag=True, help="Agree to the deletion.")
@click.option("--type-name", metavar="NAME", help="The name, typed; asked for on standard input when it is missing.")
@pass_invocation
def remove_profile(invocation: Invocation, name: str, delete_data: bool, yes: bool, type_name: str | None) -> None:
    """Forget a profile. Its data stays, unless --delete-data, --yes and its typed name say otherwise."""
    tools = invocation.profiles()
    if not delete_data:
        removed = invocation.run_loop(profiles_controller.remove_profile(tools, name))
    else:
        if not yes:
            raise click.UsageError("--delete-data needs --yes: what is deleted does not come back")
        typed = type_name if type_name is not None else click.prompt(f"Type {name} to delete its data", err=True)
        removed = invocation.run_loop(profiles_controller.delete_profile(tools, name, typed))
    answer(invocation, _removed_shape(removed), _removed_words(removed))


def _shape(row: ProfileRow) -> dict[str, Any]:
    return _entry_shape(row.entry) | {"is_default": row.is_default, "exists": row.exists}


def _entry_shape(entry: ProfileEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "directory": str(entry.directory),
        "color": entry.color.value,
        "kind": entry.kind.value,
    }


def _removed_shape(removed: RemovedProfile) -> dict[str, Any]:
    return _entry_shape(removed.entry) | {"data_deleted": removed.is_data_deleted, "left": list(removed.left)}


def _removed_words(removed: RemovedProfile) -> str:
    name, place = removed.entry.name, removed.entry.directory
    if not removed.is_data_deleted:
        return f"Forgot {name}. Its data stays in {place}."
    if removed.left:
        return f"Deleted the data of {name}. Left in {place}: {', '.join(removed.left)}."
    return f"Deleted the data of {name}."


def _remark(row: ProfileRow) -> str:
    words = ["default"] if row.is_default else []
    return ", ".join(words if row.exists else [*words, "nothing in it yet"])
