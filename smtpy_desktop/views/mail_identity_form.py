"""The form that says who we are in the DNS: what every domain's records are made from."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from smtpy_desktop.core.mail_identity import (
    DMARC_KEY,
    MX_KEY,
    RESOLVERS_KEY,
    SENDING_ADDRESSES_KEY,
    SPF_KEY,
    parse_mx,
    parse_sending_addresses,
)
from smtpy_desktop.core.sender_addresses import mechanisms_for
from smtpy_desktop.core.setting_keys import normalise_setting
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.mail_identity import MailExchanger, MailIdentity
from smtpy_desktop.views.dmarc_editor import DmarcEditor
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.widgets.texts import tr

_MX_HEIGHT = 60


class MailIdentityForm(SettingsForm):
    """Mail servers, sending addresses, SPF, DMARC and, where they are not asked for elsewhere, the resolvers.

    Who names only the sending addresses gets the SPF mechanisms made from them.
    """

    def __init__(self, parent: QWidget | None = None, *, with_resolvers: bool = False, resettable: bool = True) -> None:
        super().__init__(parent, resettable=resettable)
        self.mx = QPlainTextEdit(self)
        self.mx.setTabChangesFocus(True)
        self.mx.setFixedHeight(_MX_HEIGHT)
        self.mx.setProperty("mono", True)
        self.mx.setPlaceholderText("10 mx1.example.net\n20 mx2.example.net")
        self.addresses, self.spf, self.resolvers = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        for line in (self.addresses, self.spf, self.resolvers):
            line.setProperty("mono", True)
        self.addresses.setPlaceholderText("192.0.2.25, 2001:db8::25")
        self.dmarc = DmarcEditor(self)
        self._build(with_resolvers=with_resolvers)
        self.setFocusProxy(self.mx)
        self.edited.connect(self._show_made_mechanisms)
        self._show_made_mechanisms()

    def to_store(self) -> dict[str, str]:
        """Return the changed values, with the SPF mechanisms that follow from new sending addresses."""
        changed = self.changes()
        if SENDING_ADDRESSES_KEY in changed and not self.spf.text().strip():
            changed[SPF_KEY] = self._made_mechanisms()
        return changed

    def identity(self) -> MailIdentity:
        """Return what is typed as far as it is right; what is wrong or missing is empty."""
        return MailIdentity(
            mx=self._exchangers(),
            spf=self._right(SPF_KEY) or self._made_mechanisms(),
            sending_addresses=self._addresses(),
            dmarc=self._right(DMARC_KEY),
        )

    def _build(self, *, with_resolvers: bool) -> None:
        self.add_setting(
            MX_KEY,
            tr("&Mail servers (MX)"),
            self.mx,
            tr("The servers that take mail for your domains, one per line: priority, then name. The lowest is first."),
        )
        self.add_setting(
            SENDING_ADDRESSES_KEY,
            tr("S&ending addresses"),
            self.addresses,
            tr("The public IP addresses that forwarded mail leaves from. SPF records are tested with each of them."),
        )
        self.add_setting(
            SPF_KEY,
            tr("&SPF mechanism"),
            self.spf,
            tr("What allows these addresses in a domain's SPF record, such as include:spf.example.net."),
        )
        self.add_setting(
            DMARC_KEY,
            tr("&DMARC policy"),
            self.dmarc,
            tr("What receivers are to do with mail in a domain's name that fails SPF and DKIM (RFC 9989)."),
        )
        if with_resolvers:
            self.add_setting(RESOLVERS_KEY, tr("&Resolvers"), self.resolvers, resolvers_explanation())
        else:
            self.resolvers.hide()

    def _show_made_mechanisms(self) -> None:
        made = self._made_mechanisms()
        example = "include:spf.example.net"
        self.spf.setPlaceholderText(tr("{mechanisms} (from the addresses)", mechanisms=made) if made else example)

    def _made_mechanisms(self) -> str:
        return mechanisms_for(self._addresses())

    def _addresses(self) -> tuple[str, ...]:
        try:
            return parse_sending_addresses(self.addresses.text())
        except FieldError:
            return ()

    def _exchangers(self) -> tuple[MailExchanger, ...]:
        try:
            return parse_mx(self.mx.toPlainText())
        except FieldError:
            return ()

    def _right(self, key: str) -> str:
        try:
            return normalise_setting(key, self.field(key).text())
        except FieldError:
            return ""


def resolvers_explanation() -> str:
    """Return what resolvers are for and how they are written."""
    return tr(
        "DNS servers that are asked beside each domain's own name servers: two or more, as address or address:port."
    )
