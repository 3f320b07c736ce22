"""The form of the settings page that says how DNS is checked."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.core.mail_identity import RESOLVERS_KEY
from smtpy_desktop.views.mail_identity_form import resolvers_explanation
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.texts import tr

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
