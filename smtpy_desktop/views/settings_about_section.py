"""What the program is: versions for a bug report, licences, and where its logs are."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import about_controller
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.about import Component
from smtpy_desktop.views.licences_dialog import LicencesDialog
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_SHOWN = {
    "Python": "Python",
    "PySide6_Essentials": "Qt for Python (PySide6)",
    about_controller.SERVER: "PostgreSQL",
    "psycopg": "psycopg",
    "SQLAlchemy": "SQLAlchemy",
    "stripe": "Stripe for Python",
}


class AboutSection(SettingsSection):
    """Reads the versions once it is asked to."""

    def __init__(self, context: ViewContext, actions: SettingsActions, parent: QWidget | None = None) -> None:
        keywords = "version licence license logs log files python qt support bug report"
        super().__init__("about", tr("About"), "", "info-circle", parent, keywords=keywords)
        self._context, self._actions = context, actions
        self._runner: TaskRunner = context.runner
        self._components: tuple[Component, ...] = ()
        self._program = actions.program
        self.body.addWidget(PlainLabel(f"SMTPy Desktop {self._program.version}", self, size="heading"))
        licence = tr("Free software under the MIT licence, made of the parts below.")
        self.body.addWidget(PlainLabel(licence, self, wrap=True))
        self.versions = KeyValueList(self)
        self.body.addWidget(self.versions)
        places = KeyValueList(self)
        places.add(tr("Logs"), actions.logs_directory, mono=True)
        if actions.is_log_detailed:
            places.add(tr("Detail"), tr("everything is written, since DEBUG is set in the environment"), copy=False)
        self.body.addWidget(places)
        self.copy_button = Button(tr("Co&py for a bug report"), self, icon="copy", action=self._on_copy)
        self.licences_button = Button(tr("L&icences…"), self, icon="file-text", action=self.show_licences)
        self.licences_button.setEnabled(False)  # until it is known what there is to list
        self.log_button = Button(tr("Show the lo&g"), self, icon="list", action=actions.show_log)
        self.bundle_button = Button(tr("Save a support &bundle…"), self, icon="download", action=actions.save_bundle)
        self.body.addLayout(button_row(self.copy_button, self.licences_button))
        self.body.addLayout(button_row(self.log_button, self.bundle_button))

    def refresh(self) -> None:
        """Read the versions."""
        work = about_controller.list_components(self._context.services.sessions, self._program)
        self._runner.run(work, owner=self, on_success=self.show_components, replaces="settings/about")

    def show_components(self, components: tuple[Component, ...]) -> None:
        """Show the versions that matter most; the licences dialog lists everything."""
        self._components = components
        self.licences_button.setEnabled(True)
        self.versions.clear()
        if self._program.commit:
            self.versions.add(tr("Made from"), self._program.commit, mono=True)
        versions = {component.name: component.version for component in components}
        self.versions.add("Qt", qVersion() or "", copy=False)
        for name, title in _SHOWN.items():
            self.versions.add(title, versions.get(name) or tr("unknown"), copy=False)
        self.versions.add(tr("Stripe's API"), self._program.stripe_api or tr("unknown"), copy=False)

    def report(self) -> str:
        """Return everything a bug report needs, in English."""
        commit = f" ({self._program.commit})" if self._program.commit else ""
        lines = [f"SMTPy Desktop {self._program.version}{commit}"]
        lines += [f"Qt {qVersion()} ({QGuiApplication.platformName()})", f"Stripe API {self._program.stripe_api}"]
        lines += [f"{_SHOWN.get(each.name, each.name)} {each.version}" for each in self._components if each.version]
        return "\n".join([*lines, platform.platform()])

    def show_licences(self) -> LicencesDialog:
        """Open the list of everything that is used, with its licence."""
        dialog = LicencesDialog(self.window(), self._components)
        dialog.open()
        return dialog

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.copy_button.set_text(tr("Copied"))
        announce(self, tr("Copied"))
