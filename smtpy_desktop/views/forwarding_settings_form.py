"""The form that says how forwarders take mail in and hand it on."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.core.forwarder_settings import (
    ARC_KEY,
    HEED_DMARC_KEY,
    LARGEST_LIMIT,
    LISTEN_KEY,
    MAX_SIZE_KEY,
    PER_CLIENT_KEY,
    PER_DESTINATION_KEY,
    RETRY_DAYS_KEY,
    SMARTHOST_KEY,
    SMARTHOST_TLS_KEY,
    SMARTHOST_USER_KEY,
    TLS_REQUIRED_KEY,
    TRUSTED_KEY,
)
from smtpy_desktop.core.mail_identity import HOSTNAME_KEY
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.schemas.smart_host import SmartHostTls
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_smart_host import SmartHostPanel
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.setting_boxes import ChoiceBox, SizeBox, YesNoBox
from smtpy_desktop.views.widgets.texts import tr, translated

_NUMBER_WIDTH = 140


class ForwardingForm(SettingsForm):
    """The settings of all forwarders: the way in, what is asked of mail, and the way out.

    ``smart_host`` keeps the password that goes with them, which is no setting, and tries what is typed.
    """

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _add_lines(
            self,
            (HOSTNAME_KEY, tr("Host &name"), "mx1.example.net"),
            (LISTEN_KEY, tr("&Listen at"), "0.0.0.0:25, [::]:25"),
            (TRUSTED_KEY, tr("&Trusted servers in front"), "127.0.0.1, ::1"),
        )
        _add(self, MAX_SIZE_KEY, tr("Largest &message"), SizeBox(LARGEST_LIMIT, self), _largest_words())
        _add_number(self, PER_CLIENT_KEY, tr("Messages per client and minute"), 0, 1_000_000)
        _add(self, HEED_DMARC_KEY, tr("&DMARC"), YesNoBox(tr("Refuse what the author's domain asks to refuse"), self))
        self.smart_host = self._add_smart_host(context)
        _add(self, ARC_KEY, tr("&ARC"), YesNoBox(tr("Seal forwarded mail"), self))
        _add_lines(self, (TLS_REQUIRED_KEY, tr("TLS &required for"), "bank.example, example.org"))
        _add_number(self, PER_DESTINATION_KEY, tr("Connections per destination"), 1, 1000)
        _add_number(self, RETRY_DAYS_KEY, tr("Tr&y to deliver for … days"), 1, 30)

    def _add_smart_host(self, context: ViewContext) -> SmartHostPanel:
        _add_lines(self, (SMARTHOST_KEY, tr("Smart h&ost"), "relay.example.net:587"))
        titles = {
            SmartHostTls.OPPORTUNISTIC.value: tr("STARTTLS where it is offered"),
            SmartHostTls.REQUIRED.value: tr("STARTTLS with a valid certificate"),
            SmartHostTls.IMPLICIT.value: tr("TLS from the first byte on (port 465)"),
        }
        words = tr("As its provider says. With a user name, the certificate is checked in any case.")
        _add(self, SMARTHOST_TLS_KEY, tr("Smart host's encryption"), ChoiceBox(titles, self), words)
        _add_lines(self, (SMARTHOST_USER_KEY, tr("Smart host's user name"), tr("none: without signing in")))
        panel = SmartHostPanel(context, self)
        self.add_widget(panel)
        return panel


def _add_lines(form: SettingsForm, *lines: tuple[str, str, str]) -> None:
    for key, label, placeholder in lines:
        line = QLineEdit(form)
        line.setProperty("mono", True)
        line.setPlaceholderText(placeholder)
        _add(form, key, label, line)


def _add_number(form: SettingsForm, key: str, label: str, lowest: int, highest: int) -> None:
    box = NumberBox(lowest, highest, int(SETTINGS[key].default), form)
    box.setMaximumWidth(_NUMBER_WIDTH)
    if lowest == 0:
        box.setSpecialValueText(tr("no limit"))
    _add(form, key, label, box)


def _add(form: SettingsForm, key: str, label: str, editor: QWidget, words: str = "") -> None:
    field = form.add_setting(key, label, editor, words or translated(SETTINGS[key].explanation))
    if isinstance(editor, CompoundEditor):
        field.set_text(SETTINGS[key].default)  # what such an editor shows at first is no change


def _largest_words() -> str:
    return tr("A longer one is refused before it is sent, as far as its sender tells its size (RFC 1870).")
