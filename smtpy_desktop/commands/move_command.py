"""``smtpy-desktop move-to-server``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.backup_progress import told_progress
from smtpy_desktop.commands.backup_shapes import proof_lines, proof_shape, texts
from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import move_controller
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.core import connection_url
    from smtpy_desktop.schemas.backups import MovePlan, Proof
else:
    move_controller = lazy_module("smtpy_desktop.controllers.move_controller")
    connection_url = lazy_module("smtpy_desktop.core.connection_url")

_PASSWORD_VARIABLE = "SMTPY_DATABASE_PASSWORD"  # noqa: S105 - the name of a variable


@click.command("move-to-server")
@click.argument("url")
@click.option("--yes", is_flag=True, help="Really do it.")
@pass_invocation
def move_to_server(invocation: Invocation, url: str, yes: bool) -> None:
    """Move from the built-in database to the empty database of a PostgreSQL server, and go on there.

    URL is like postgresql://user@db.example.net/smtpy; the password comes from SMTPY_DATABASE_PASSWORD, or is asked
    for. Everything is copied and compared; only then the profile opens the server's database. The built-in one is kept.
    The unfinished copy that a killed move has left there is removed first.
    """
    parsed = connection_url.parse_connection_url(url)
    password = parsed.password or os.environ.get(_PASSWORD_VARIABLE) or _asked()

    async def move(services: Services) -> tuple[MovePlan, Proof]:
        if not services.is_embedded:
            raise ConflictError(
                "MOVE_NOT_EMBEDDED",
                text("This profile's database is on a server already."),
                hint=text("Make a backup of it and restore that on the other server."),
            )
        tools = services.backup_tools
        plan = await move_controller.plan_move(tools, services.sessions, parsed.address, password)
        if not yes and not plan.obstacles:
            raise _not_confirmed(plan)
        async with told_progress(invocation) as progress:
            proof = await move_controller.move_to_server(
                tools,
                services.sessions,
                parsed.address,
                password,
                actor=services.actor,
                progress=progress,
                removes_leftover=True,
            )
        return plan, proof

    plan, proof = run(invocation, move)
    shape = {
        "moved": True,
        "server": str(plan.server),
        **proof_shape(proof),
        "removed_leftover_of": time_shape(plan.leftover),
    }
    answer(invocation, shape, "\n".join([f"Moved to {plan.server}. {proof_lines(proof)}", *texts(proof.notes)]))


def _asked() -> str:
    """Ask for the password where somebody is there to answer; none is a password, too (peer, trust)."""
    return (
        click.prompt("Password", hide_input=True, default="", show_default=False, err=True)
        if sys.stdin.isatty()
        else ""
    )


def _not_confirmed(plan: MovePlan) -> UserFacingError:
    rows, server = counted(plan.rows, "row"), str(plan.server)
    if plan.leftover is not None:
        detail = text(
            "{rows} would be copied to {server}. What a move of {begun_at} has left there, which was broken off, would"
            " be removed first: it is this database's own copy, and nothing was changed in it since.",
            rows=rows,
            server=server,
            begun_at=time_shape(plan.leftover),
        )
    else:
        detail = text("{rows} would be copied to {server}.", rows=rows, server=server)
    return UserFacingError(
        "CONFIRMATION_NEEDED",
        text("Nothing was moved."),
        detail=detail,
        hint=text("Repeat the command with --yes to move there and open that database from now on."),
    )
