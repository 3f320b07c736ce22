"""What the settings page needs of the rest of the window. Part of the composition root."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop import __version__
from smtpy_desktop.controllers.secrets_controller import move_master_key, read_secrets
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.controllers.settings_controller import change_settings
from smtpy_desktop.core.setting_keys import LISTENER_PORT_KEY
from smtpy_desktop.logs import wants_details
from smtpy_desktop.schemas.about import ProgramFacts
from smtpy_desktop.views.command_palette import DeliverEntries, SearchProvider
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.window_backups import backups_tools

if TYPE_CHECKING:
    from smtpy_desktop.views.settings_section import SettingItem
    from smtpy_desktop.views.settings_view import SettingsView
    from smtpy_desktop.window_app import WindowApp


def settings_actions(app: WindowApp, services: Services) -> SettingsActions:
    """Return what the settings page is given besides the database."""
    installation = app.installation
    profile = installation.profile
    sessions, keyring, keys = services.sessions, installation.keyring, installation.master_keys
    named = app.opening.named_server
    return SettingsActions(
        program=_program_facts(),
        server=None if services.is_embedded else named or installation.config.server,
        data_directory=str(profile.postgres),
        logs_directory=str(profile.logs),
        read_secrets=partial(read_secrets, sessions, keyring, keys),
        move_master_key=partial(move_master_key, sessions, keyring, keys, keys),
        change_connection=app.change_connection,
        appearance=app.appearance,
        show_profiles=app.profiles.show,
        profile_directory=str(profile.directory),
        is_server_named=named is not None,
        is_log_detailed=wants_details(os.environ),
        backups=backups_tools(app, services),
        notices=app.notices.tools,
        show_log=app.support.show_log,
        save_bundle=app.support.save_bundle,
    )


async def move_listener(services: Services, port: int) -> None:
    """Let the webhook listener listen at another port from now on."""
    values = {LISTENER_PORT_KEY: str(port)}
    await change_settings(services.sessions, values, actor=services.actor, publish=services.publish)


def _program_facts() -> ProgramFacts:
    """Return what the program is; what it takes to tell is loaded with the page of the settings."""
    from smtpy_desktop.gateways.installed_parts import installed_parts
    from smtpy_desktop.gateways.machine_facts import commit
    from smtpy_desktop.gateways.stripe_gateway import API_VERSION

    return ProgramFacts(__version__, commit(), API_VERSION, installed_parts)


def settings_provider(page: Callable[[], SettingsView], show: Callable[[SettingItem], object]) -> SearchProvider:
    """Return the search that finds settings; the page is made when the first letter is typed."""

    def search(text: str, deliver: DeliverEntries) -> None:
        from smtpy_desktop.views.settings_palette import SettingsPalette

        SettingsPalette(page, show).search(text, deliver)

    return search
