"""``smtpy-desktop backup``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.backup_progress import told_progress
from smtpy_desktop.commands.backup_shapes import (
    backup_lines,
    backup_shape,
    list_lines,
    list_shape,
    proof_lines,
    proof_shape,
    texts,
)
from smtpy_desktop.commands.frame import EXIT_REFUSED, Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.new_file import NamedFile

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        backup_controller,
        backup_keeping_controller,
        backup_schedule_controller,
    )
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.schemas.backups import BackupFile, BackupState, Proof
    from smtpy_desktop.schemas.text import Text
else:
    backup_controller = lazy_module("smtpy_desktop.controllers.backup_controller")
    backup_keeping_controller = lazy_module("smtpy_desktop.controllers.backup_keeping_controller")
    backup_schedule_controller = lazy_module("smtpy_desktop.controllers.backup_schedule_controller")


@click.command()
@click.argument("file", required=False, type=NamedFile(path_type=Path))
@click.option("--list", "is_list", is_flag=True, help="Only list the backups, and why the last one failed.")
@click.option("--verify", "is_check", is_flag=True, help="Prove FILE, a backup made before, again.")
@click.option(
    "--scheduled", "by_clock", is_flag=True, help="Like the clock: remove those beyond backups.keep after it."
)
@pass_invocation
def backup(invocation: Invocation, file: Path | None, is_list: bool, is_check: bool, by_clock: bool) -> int:
    """Write a backup of the whole database to FILE, or to the directory of backups.

    It is proved at once: restored beside the database, and every table compared (backups.verify). The file is pg_dump's
    custom format and readable by its owner alone. What is under way meanwhile is not disturbed.
    """
    if is_list + is_check + by_clock > 1 or ((is_list or by_clock) and file is not None) or (is_check and file is None):
        raise click.UsageError("Give FILE, --list, --verify FILE, or --scheduled.")
    if is_list:
        found, state = run(invocation, _known)
        answer(invocation, list_shape(found, state), list_lines(found, state))
        return 0
    if is_check and file is not None:
        return _verify(invocation, file)
    made, notes = run(invocation, lambda services: _make(invocation, services, file, by_clock=by_clock))
    answer(invocation, backup_shape(made) | {"keep_also": texts(notes)}, backup_lines(made, notes))
    return 0


async def _known(services: Services) -> tuple[tuple[BackupFile, ...], BackupState]:
    found = await backup_controller.list_backups(services.backup_tools, services.sessions)
    return found, await backup_controller.last_backup(services.sessions)


async def _make(
    invocation: Invocation, services: Services, file: Path | None, *, by_clock: bool
) -> tuple[BackupFile, tuple[Text, ...]]:
    async with told_progress(invocation) as progress:
        if by_clock:
            made = await backup_schedule_controller.make_scheduled(
                services.backup_tools, services.sessions, publish=services.publish, progress=progress
            )
        else:
            made = await backup_controller.make_backup(
                services.backup_tools,
                services.sessions,
                file=file,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            )
    return made, await backup_keeping_controller.kept_apart(made, services.keys)


def _verify(invocation: Invocation, file: Path) -> int:
    async def verify(services: Services) -> Proof:
        async with told_progress(invocation) as progress:
            return await backup_controller.verify_backup(
                services.backup_tools, services.sessions, file, progress=progress
            )

    proof = run(invocation, verify)
    answer(invocation, {"path": str(file), **proof_shape(proof)}, "\n".join([proof_lines(proof), *texts(proof.notes)]))
    return 0 if proof.holds else EXIT_REFUSED
