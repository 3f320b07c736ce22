"""The forms of the settings page that are made of plain fields: DNS checks, and how mail leaves."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.core.mail_identity import HOSTNAME_KEY, RESOLVERS_KEY
from smtpy_desktop.core.setting_keys import SETTINGS, SMARTHOST_KEY
from smtpy_desktop.views.mail_identity_form import resolvers_explanation
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.texts import tr, translated

NUMBER_WIDTH = 140
_RECHECK_KEY, _HISTORY_KEY = "dns.recheck_minutes", "dns.history_days"


def dns_form(parent: QWidget) -> SettingsForm:
    """Return the form that says whom to ask in the DNS, and how often."""
    form = SettingsForm(parent)
    resolvers = QLineEdit(form)
    resolvers.setProperty("mono", True)
    form.add_setting(RESOLVERS_KEY, tr("&Resolvers"), resolvers, resolvers_explanation())
    recheck = NumberBox(0, 10080, 60, form)
    history = NumberBox(1, 3650, 180, form)
    for box in (recheck, history):
        box.setMaximumWidth(NUMBER_WIDTH)
    form.add_setting(
        _RECHECK_KEY,
        tr("Check &verified domains every … minutes"),
        recheck,
        tr("In the background; 0 switches it off. A single wrong answer never changes a domain's status."),
    )
    form.add_setting(
        _HISTORY_KEY,
        tr("Keep past &checks for … days"),
        history,
        tr("Older ones are removed; the newest check of each record always stays."),
    )
    return form


def forwarding_form(parent: QWidget) -> SettingsForm:
    """Return the form that says under which name and over which server mail leaves."""
    form = SettingsForm(parent)
    hostname, smarthost = QLineEdit(form), QLineEdit(form)
    hostname.setPlaceholderText("mx1.example.net")
    smarthost.setPlaceholderText("relay.example.net:587")
    labels = {HOSTNAME_KEY: tr("Host &name"), SMARTHOST_KEY: tr("Smart h&ost")}
    for key, line in ((HOSTNAME_KEY, hostname), (SMARTHOST_KEY, smarthost)):
        line.setProperty("mono", True)
        form.add_setting(key, labels[key], line, translated(SETTINGS[key].explanation))
    return form
