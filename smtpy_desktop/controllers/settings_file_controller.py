"""Settings written to a file without secrets, and read back: looked at first, then all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers import retention_controller, settings_controller
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.core.settings_file import LARGEST_FILE, read_settings, write_settings
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.retention import RetentionNumbers
from smtpy_desktop.schemas.settings import SettingChange, SettingsPlan
from smtpy_desktop.schemas.text import text


async def export_settings(sessions: Sessions) -> tuple[bytes, int]:
    """Return every setting with the value that holds as JSON, and how many they are; secrets are no settings."""
    rows = await settings_controller.list_settings(sessions)
    return write_settings({row.key: row.value for row in rows}).encode(), len(rows)


async def save_settings(sessions: Sessions, path: Path, *, files: ExportFiles) -> int:
    """Write the settings to a file, whole or not at all; return how many they are."""
    content, count = await export_settings(sessions)
    await files.save(path, content)
    return count


async def read_file(path: Path, *, files: ExportFiles) -> bytes:
    """Return what is in a file that may hold settings; raise UserFacingError when it cannot be read."""
    return await files.read(path, LARGEST_FILE)


async def plan_import(sessions: Sessions, content: bytes) -> SettingsPlan:
    """Return what an import of a file would change and what it would refuse, and do nothing.

    Raises UserFacingError when the file holds no settings.
    """
    lines = read_settings(content)
    now = {row.key: row.value for row in await settings_controller.list_settings(sessions)}
    good = [line for line in lines if line.fault is None]
    changes = (SettingChange(line.line, line.key, now[line.key], _holds(line.key, line.value)) for line in good)
    changed = tuple(change for change in changes if change.before != change.after)
    refused = tuple(line for line in lines if line.fault is not None)
    after = now | {change.key: change.after for change in changed}
    return SettingsPlan(changed, len(good) - len(changed), refused, await _removed(sessions, now, after))


async def import_settings(sessions: Sessions, content: bytes, *, actor: Actor, publish: Publish) -> SettingsPlan:
    """Store the settings of a file in one transaction and return what became of them; with a refused line, none.

    Raises UserFacingError when the file holds no settings.
    """
    plan = await plan_import(sessions, content)
    if plan.changes and not plan.refused:
        await settings_controller.change_settings(sessions, _to_store(plan), actor=actor, publish=publish)
    return plan


def require_accepted(plan: SettingsPlan) -> None:
    """Raise UserFacingError when a line of the file is refused, naming the first."""
    if not plan.refused:
        return
    first = plan.refused[0]
    raise UserFacingError(
        "SETTINGS_REFUSED",
        text(
            "{refused} of {total} settings are refused; nothing was changed.",
            refused=len(plan.refused),
            total=plan.total,
        ),
        detail=text("Line {number}: {reason}", number=first.line, reason=first.fault),
        hint=text("Correct the file and import it again."),
    )


async def _removed(sessions: Sessions, now: Mapping[str, str], after: Mapping[str, str]) -> RetentionNumbers:
    """Return what goes once other settings hold, where they keep things for a shorter time."""
    rule = retention_controller.parse_rule(after)
    if not rule.is_stricter_than(retention_controller.parse_rule(now)):
        return RetentionNumbers()
    return await retention_controller.count_expired(sessions, rule)


def _holds(key: str, stored: str) -> str:
    return stored or SETTINGS[key].default


def _to_store(plan: SettingsPlan) -> Mapping[str, str]:
    """Return the values to store: a default is not stored as such, so that it follows the program's."""
    return {change.key: "" if change.after == SETTINGS[change.key].default else change.after for change in plan.changes}
