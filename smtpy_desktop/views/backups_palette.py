"""What the search at the top offers for backups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.settings_backups_section import BackupsSection

Act = Callable[["BackupsSection"], object]


def backups_palette(
    section: Callable[[], BackupsSection | None], show: Callable[[], object], *, is_read_only: bool, may_move: bool
) -> tuple[PaletteEntry, ...]:
    """Return the commands that may be given; ``show`` brings the settings to the section, which is made by then."""

    def on_section(act: Act) -> None:
        show()
        found = section()
        if found is not None:
            act(found)

    def entry(title: str, icon: str, act: Act, keywords: str = "") -> PaletteEntry:
        return PaletteEntry(title, partial(on_section, act), icon, tr("Action"), keywords)

    offered = [
        entry(tr("Back up now"), "backup", lambda section: section.commands.back_up(), tr("backup dump copy")),
        entry(
            tr("Back up to a file…"), "download", lambda section: section.commands.back_up_to(), tr("backup dump copy")
        ),
    ]
    if not is_read_only:
        offered.append(
            entry(tr("Restore from a file…"), "upload", lambda section: section.commands.restore_from(), tr("backup"))
        )
    if not is_read_only and may_move:
        offered.append(
            entry(tr("Move to a server…"), "server-2", lambda section: section.commands.move_to_server(), "PostgreSQL")
        )
    return tuple(offered)
