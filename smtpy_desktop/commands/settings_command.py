"""``smtpy-desktop settings``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, note, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.new_file import NamedFile, replace_option, require_new
from smtpy_desktop.commands.text_table import text_table

if TYPE_CHECKING:
    from smtpy_desktop.controllers import settings_controller, settings_file_controller
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.schemas.settings import SettingsPlan
else:
    settings_controller = lazy_module("smtpy_desktop.controllers.settings_controller")
    settings_file_controller = lazy_module("smtpy_desktop.controllers.settings_file_controller")

_STANDARD = "-"


@click.group()
def settings() -> None:
    """Read and change the settings that the window and the forwarders share."""


@settings.command("list")
@pass_invocation
def list_settings(invocation: Invocation) -> None:
    """List every setting with its value and what it is for."""
    rows = run(invocation, lambda services: settings_controller.list_settings(services.sessions))
    data = {
        "settings": [
            {"key": row.key, "value": row.value, "default": row.default, "explanation": str(row.explanation)}
            for row in rows
        ]
    }
    answer(
        invocation, data, text_table(("Key", "Value", "For"), [(row.key, row.value, row.explanation) for row in rows])
    )


@settings.command("get")
@click.argument("key")
@pass_invocation
def get_setting(invocation: Invocation, key: str) -> None:
    """Print the value of one setting."""
    value = run(invocation, lambda services: settings_controller.get_setting(services.sessions, key))
    answer(invocation, {"key": key, "value": value}, value)


@settings.command("set")
@click.argument("key")
@click.argument("value")
@pass_invocation
def set_setting(invocation: Invocation, key: str, value: str) -> None:
    """Change one setting; an empty value restores its default."""

    async def change(services: Services) -> str:
        await settings_controller.change_settings(
            services.sessions, {key: value}, actor=services.actor, publish=services.publish
        )
        return await settings_controller.get_setting(services.sessions, key)

    holds = run(invocation, change)
    answer(invocation, {"key": key, "value": holds}, f"{key} = {holds}")


@settings.command("export")
@click.argument("file", type=NamedFile(allow_dash=True))
@replace_option
@pass_invocation
def export_settings(invocation: Invocation, file: str, replace: bool) -> None:
    """Write every setting to FILE as JSON that `import` reads, without secrets; - is standard output."""
    if file != _STANDARD:
        require_new(Path(file), replace=replace)

    async def work(services: Services) -> tuple[bytes, int]:
        if file == _STANDARD:
            return await settings_file_controller.export_settings(services.sessions)
        saved = await settings_file_controller.save_settings(services.sessions, Path(file), files=services.files)
        return b"", saved

    content, count = run(invocation, work)
    if file == _STANDARD:
        click.echo(content, nl=False)
        note(f"{count} settings")
        return
    answer(invocation, {"file": file, "settings": count}, f"Wrote {count} settings to {file}.")


@settings.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Tell what would be changed and refused, and change nothing.")
@pass_invocation
def import_settings(invocation: Invocation, file: IO[bytes], dry_run: bool) -> None:
    """Change the settings that FILE names, all or none; - is standard input."""
    content = file.read()

    async def work(services: Services) -> SettingsPlan:
        if dry_run:
            return await settings_file_controller.plan_import(services.sessions, content)
        return await settings_file_controller.import_settings(
            services.sessions, content, actor=services.actor, publish=services.publish
        )

    plan = run(invocation, work)
    written = not dry_run and not plan.refused
    answer(invocation, _plan_shape(plan, dry_run=dry_run, written=written), _plan_lines(plan, written=written))
    settings_file_controller.require_accepted(plan)


def _plan_shape(plan: SettingsPlan, *, dry_run: bool, written: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "written": written,
        "changed": [
            {"line": one.line, "key": one.key, "before": one.before, "after": one.after} for one in plan.changes
        ],
        "unchanged": plan.unchanged,
        "removed": dataclasses.asdict(plan.removed),
        "refused": [{"line": one.line, "key": one.key, "error": str(one.fault)} for one in plan.refused],
    }


def _plan_lines(plan: SettingsPlan, *, written: bool) -> str:
    lines = [f"Line {one.line}: {one.key} = {one.after} (was {one.before or 'empty'})" for one in plan.changes]
    lines += [f"Line {one.line}: refused. {one.fault}" for one in plan.refused]
    if not plan.removed.is_nothing:
        gone = f"{plan.removed.messages} messages, {plan.removed.contents} contents and {plan.removed.events} events"
        lines.append(f"Past their time by these settings, and removed within the hour: {gone}.")
    counts = f"{len(plan.changes)} {'changed' if written else 'to change'}, {plan.unchanged} as they are"
    return "\n".join([*lines, f"{counts}, {len(plan.refused)} refused."])
