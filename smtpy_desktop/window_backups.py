"""Backups of the window's database, and going on with what a restore has made. Part of the composition root."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.migrate import known_revisions
from smtpy_desktop.gateways.postgres_probe import probe
from smtpy_desktop.schemas.backups import Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text, text
from smtpy_desktop.views.backups_palette import backups_palette
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.command_palette import PaletteEntry

if TYPE_CHECKING:
    from smtpy_desktop.views.settings_backups_section import BackupsSection
    from smtpy_desktop.window_app import WindowApp


def backups_tools(app: WindowApp, services: Services) -> BackupsTools | None:
    """Return what the backups are given besides the services; None where none can be made."""
    if services.backups is None:
        return None
    tools, opening = services.backups, app.opening

    async def restore(file: Path, progress: Progress) -> Proof:
        from smtpy_desktop.controllers import restore_controller

        async with opening.resting():
            return await restore_controller.restore(
                tools,
                services.sessions,
                file,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            )

    async def move(server: ServerAddress, password: str, progress: Progress, removes_leftover: bool) -> Proof:  # noqa: FBT001
        from smtpy_desktop.controllers import move_controller

        async with opening.resting():
            return await move_controller.move_to_server(
                tools,
                services.sessions,
                server,
                password,
                actor=services.actor,
                progress=progress,
                removes_leftover=removes_leftover,
            )

    async def go_back(name: str) -> str:
        from smtpy_desktop.controllers import restore_controller

        async with opening.resting():
            return await restore_controller.go_back(
                tools, services.sessions, name, actor=services.actor, publish=services.publish
            )

    return BackupsTools(
        database=tools.database,
        kept_at=str(app.installation.postgres.data),
        server=None if services.is_embedded else opening.named_server or app.installation.config.server,
        restore=restore,
        move=move,
        go_back=go_back,
        open_again=partial(app.open_again, "backups"),
        probe=partial(probe, known_schema=known_revisions()),
        no_move=_why_no_move(services, is_sandbox=app.world is not None),
    )


def backups_commands(
    app: WindowApp,
    services: Services,
    section: Callable[[], BackupsSection | None],
    show_settings: Callable[[str], object],
) -> tuple[PaletteEntry, ...]:
    """Return what the search at the top offers; none where no backup can be made."""
    if services.backups is None:
        return ()
    return backups_palette(
        section,
        lambda: show_settings("backups"),
        is_read_only=services.is_read_only,
        may_move=_why_no_move(services, is_sandbox=app.world is not None) is None,
    )


def _why_no_move(services: Services, *, is_sandbox: bool) -> Text | None:
    if is_sandbox:
        return text("The sandbox stays in its built-in database, so that nothing real can be changed by it.")
    if not services.is_embedded:
        return text("This database is on a server already.")
    return services.read_only_reason if services.is_read_only else None
