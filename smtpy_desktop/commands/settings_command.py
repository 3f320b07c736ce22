"""``smtpy-desktop settings``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table

if TYPE_CHECKING:
    from smtpy_desktop.controllers import settings_controller
    from smtpy_desktop.controllers.services import Services
else:
    settings_controller = lazy_module("smtpy_desktop.controllers.settings_controller")


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
