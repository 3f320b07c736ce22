"""What is kept about a domain beside its records, each value ready to be copied."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.texts import tr


class DomainFactsCard(Card):
    """Settings and identifiers; ``settings_button`` and ``aliases_button`` are for the page to connect."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Settings"), "", parent)
        self.aliases_button = Button(tr("Aliases"), self, kind="link")
        self.add_action(self.aliases_button)
        self.settings_button = Button(tr("Change…"), self, kind="link")
        self.add_action(self.settings_button)
        self._facts = KeyValueList(self)
        for name in (tr("Active"), tr("Catch-all")):
            self._facts.add(name, "", copy=False)
        for name in (tr("Organization"), tr("Name in the DNS")):
            self._facts.add(name, "")
        for name in (tr("DKIM selector"), tr("Ownership token")):
            self._facts.add(name, "", mono=True)
        self.body.addWidget(self._facts)

    def show_domain(self, domain: DomainDetails) -> None:
        """Show the facts of a domain."""
        self.settings_button.setAccessibleName(tr("Change the settings of {name}", name=domain.unicode_name))
        self.aliases_button.setAccessibleName(tr("Show the aliases of {name}", name=domain.unicode_name))
        active = tr("yes, mail for it is accepted") if domain.is_active else tr("no, mail for it is refused")
        for name, value in {
            tr("Active"): active,
            tr("Catch-all"): domain.catch_all or tr("none"),
            tr("Organization"): domain.organization_name,
            tr("Name in the DNS"): domain.name,
            tr("DKIM selector"): domain.dkim_selector,
            tr("Ownership token"): domain.verification_token,
        }.items():
            self._facts.set_value(name, value)
