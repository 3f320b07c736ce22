"""Which database is in use, and how the way to it is protected."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.migration import SchemaState
from smtpy_desktop.views.server_fields import tls_label
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.start_state_page import step_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.texts import tr, translated


class DatabaseSection(SettingsSection):
    """Facts and the way to another database."""

    def __init__(self, services: Services, actions: SettingsActions, parent: QWidget | None = None) -> None:
        keywords = "postgresql tls server host port connection schema migrations"
        super().__init__("database", tr("Database"), "", "database", parent, keywords=keywords)
        facts = KeyValueList(self)
        server = actions.server
        if services.is_embedded or server is None:
            facts.add(tr("In use"), tr("Built-in database") if services.is_embedded else tr("PostgreSQL server"))
        if services.is_embedded:
            facts.add(tr("Files"), actions.data_directory, mono=True)
        elif server is not None:
            self._add_server(facts, server)
        if actions.is_server_named and not services.is_embedded:
            words = tr("named by DATABASE_URL in the environment or by --database-url, for this run")
            facts.add(tr("Source"), words, copy=False)
        facts.add(tr("Schema"), _schema_words(services), copy=False)
        self.body.addWidget(facts)
        weakness = server.tls_mode.weakness if server is not None and not services.is_embedded else None
        if weakness is not None:
            self.body.addWidget(Notice(tr("Weaker than recommended"), translated(weakness), Tone.WARN, self))
        self.change_button = Button(tr("C&hange connection…"), self, action=actions.change_connection)
        self.body.addLayout(button_row(self.change_button))

    def _add_server(self, facts: KeyValueList, server: ServerAddress) -> None:
        facts.add(tr("In use"), tr("PostgreSQL server"), copy=False)
        facts.add(tr("Address"), f"{server.host}:{server.port}", mono=True)
        facts.add(tr("Database"), server.database, mono=True)
        facts.add(tr("User"), server.user, mono=True)
        facts.add(tr("Encryption"), tls_label(server.tls_mode), copy=False)
        if server.ca_file is not None:
            facts.add(tr("CA file"), server.ca_file, mono=True)


def _schema_words(services: Services) -> str:
    schema = services.schema
    found = step_words(schema.found or "")
    if schema.state is SchemaState.NEWER:
        return tr("{found}, newer than this program: open for reading only", found=found)
    return tr("{found}, up to date", found=found)
