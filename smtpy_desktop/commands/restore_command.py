"""``smtpy-desktop restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.backup_progress import told_progress
from smtpy_desktop.commands.backup_shapes import backup_shape, proof_lines, proof_shape, texts
from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.new_file import NamedFile
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import backup_keeping_controller, restore_controller
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.schemas.backups import Proof, RestorePlan
    from smtpy_desktop.schemas.text import Text
else:
    backup_keeping_controller = lazy_module("smtpy_desktop.controllers.backup_keeping_controller")
    restore_controller = lazy_module("smtpy_desktop.controllers.restore_controller")


@click.command()
@click.argument("file", required=False, type=NamedFile(path_type=Path))
@click.option("--yes", is_flag=True, help="Really do it.")
@click.option("--previous", is_flag=True, help="Only list the databases that restores have replaced.")
@click.option("--back", metavar="NAME", help="Put a replaced database in its place again.")
@click.option("--drop", metavar="NAME", help="Remove a replaced database for good.")
@pass_invocation
def restore(
    invocation: Invocation, file: Path | None, yes: bool, previous: bool, back: str | None, drop: str | None
) -> None:
    """Put the backup FILE in the place of the database.

    It is restored into a new database and compared with what was backed up; only then the two change their names. Who
    is connected (windows, forwarders) is disconnected for a moment and goes on with the restored one. The database
    before is kept until --drop.
    """
    chosen = sum(option is not None for option in (file, back, drop)) + previous
    if chosen != 1:
        raise click.UsageError("Give FILE, --previous, --back NAME, or --drop NAME.")
    if file is not None:
        _restore(invocation, file, yes=yes)
    elif previous:
        _list_previous(invocation)
    elif back is not None:
        _go_back(invocation, back, yes=yes)
    elif drop is not None:
        _drop(invocation, drop, yes=yes)


def _restore(invocation: Invocation, file: Path, *, yes: bool) -> None:
    async def work(services: Services) -> tuple[RestorePlan, Proof, str, tuple[Text, ...]]:
        plan = await restore_controller.plan_restore(services.backup_tools, services.sessions, file, keys=services.keys)
        if not yes:
            raise _not_confirmed(file, plan)
        async with told_progress(invocation) as progress:
            proof = await restore_controller.restore(
                services.backup_tools,
                services.sessions,
                file,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            )
        newest, *_ = await restore_controller.previous_databases(services.backup_tools, services.sessions)
        return plan, proof, newest.name, await backup_keeping_controller.kept_apart(plan.file, services.keys)

    plan, proof, kept_as, keep = run(invocation, work)
    notes = (*proof.notes, *((plan.key_problem,) if plan.key_problem is not None else ()), *keep)
    shape = {
        "restored": True,
        "backup": backup_shape(plan.file),
        **proof_shape(proof),
        "replaced_rows": plan.current_rows,
        "kept_as": kept_as,
        "upgraded": list(plan.pending),
        "notes": texts(notes),
    }
    answer(invocation, shape, "\n".join([f"Restored {file}. {proof_lines(proof)}", *texts(notes)]))


def _list_previous(invocation: Invocation) -> None:
    found = run(
        invocation, lambda services: restore_controller.previous_databases(services.backup_tools, services.sessions)
    )
    items = [{"name": one.name, "replaced_at": time_shape(one.replaced_at), "size": one.size_bytes} for one in found]
    rows = [(one.name, time_shape(one.replaced_at) or "", f"{one.size_bytes:,}") for one in found]
    lines = text_table(("name", "replaced", "bytes"), rows) if rows else "No replaced database is kept."
    answer(invocation, {"items": items, "total": len(items)}, lines)


def _go_back(invocation: Invocation, name: str, *, yes: bool) -> None:
    _require_yes(yes, text("{name} was not put in its place again.", name=name))
    kept_as = run(
        invocation,
        lambda services: restore_controller.go_back(
            services.backup_tools, services.sessions, name, actor=services.actor, publish=services.publish
        ),
    )
    lines = f"{name} is the database in use again. The one before is kept as {kept_as}."
    answer(invocation, {"name": name, "in_use": True, "kept_as": kept_as}, lines)


def _drop(invocation: Invocation, name: str, *, yes: bool) -> None:
    _require_yes(yes, text("{name} was not removed.", name=name))
    run(
        invocation,
        lambda services: restore_controller.drop_previous(
            services.backup_tools, services.sessions, name, actor=services.actor
        ),
    )
    answer(invocation, {"name": name, "deleted": True}, f"Removed {name}.")


def _require_yes(yes: bool, what: Text) -> None:
    if not yes:
        raise UserFacingError("CONFIRMATION_NEEDED", what, hint=text("Repeat the command with --yes to do it."))


def _not_confirmed(file: Path, plan: RestorePlan) -> UserFacingError:
    lost = "" if plan.newer_rows_lost_hint is None else f" {plan.newer_rows_lost_hint}"
    key = "" if plan.key_problem is None else f" {plan.key_problem}"
    backed_up = "an unknown number of rows" if plan.file.rows is None else counted(plan.file.rows, "row")
    return UserFacingError(
        "CONFIRMATION_NEEDED",
        text("{path} was not restored.", path=str(file)),
        detail=text(
            "It was made at {made_at} and has {backed_up}; the database in use has {current}.{lost}{key}",
            made_at=time_shape(plan.file.made_at),
            backed_up=backed_up,
            current=counted(plan.current_rows, "row"),
            lost=lost,
            key=key,
        ),
        hint=text("Repeat the command with --yes to put it in the place of the database in use, which is kept."),
    )
