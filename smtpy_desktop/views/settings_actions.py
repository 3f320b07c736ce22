"""What the settings page is given by the composition root besides the database."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from smtpy_desktop.schemas.about import ProgramFacts
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.secrets import SecretsReport
from smtpy_desktop.views.appearance import Appearance
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.notices_tools import NoticesTools

ReadSecrets = Callable[[], Coroutine[Any, Any, SecretsReport]]


@dataclass(frozen=True, slots=True)
class SettingsActions:
    """``server`` is None for the built-in database, whose files are in ``data_directory``.

    ``read_secrets`` says how the secrets are kept; ``move_master_key`` moves the master key from its file into the
    keyring and says it again. ``change_connection`` leads to the choice of a database, ``show_profiles`` opens the list
    of installations. ``is_server_named``: the environment or the command line names the server, for this run.
    ``is_log_detailed``: the environment asks for it.
    ``show_log`` and ``save_bundle`` open the log and the dialog that packs up what helps to find a fault.
    ``backups`` None: none can be made here. ``notices`` None: the desktop is told nothing here.
    """

    program: ProgramFacts
    server: ServerAddress | None
    data_directory: str
    logs_directory: str
    read_secrets: ReadSecrets
    move_master_key: ReadSecrets
    change_connection: Callable[[], object]
    appearance: Appearance
    show_profiles: Callable[[], object] = lambda: None
    profile_directory: str = ""
    is_server_named: bool = False
    is_log_detailed: bool = False
    backups: BackupsTools | None = None
    notices: NoticesTools | None = None
    show_log: Callable[[], object] = lambda: None
    save_bundle: Callable[[], object] = lambda: None
