"""What is kept about a domain beside its records, each value ready to be copied."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.texts import tr


class DomainFactsCard(Card):
    """Settings and identifiers; ``settings_button`` is for the page to connect."""

    def __init__(self, domain: DomainDetails, parent: QWidget | None = None) -> None:
        super().__init__(tr("Settings"), "", parent)
        self.settings_button = Button(tr("Change…"), self, kind="link")
        self.settings_button.setAccessibleName(tr("Change the settings of {name}", name=domain.unicode_name))
        self.add_action(self.settings_button)
        facts = KeyValueList(self)
        facts.add(tr("Active"), _activity(domain), copy=False)
        catch_all = domain.catch_all
        facts.add(tr("Catch-all"), catch_all or tr("none"), copy=catch_all is not None)
        facts.add(tr("Organization"), domain.organization_name)
        if domain.name != domain.unicode_name:
            facts.add(tr("Name in the DNS"), domain.name, mono=True)
        facts.add(tr("DKIM selector"), domain.dkim_selector, mono=True)
        facts.add(tr("Ownership token"), domain.verification_token, mono=True)
        self.body.addWidget(facts)


def _activity(domain: DomainDetails) -> str:
    if domain.is_active:
        return tr("yes, mail for it is accepted")
    return tr("no, mail for it is refused")
