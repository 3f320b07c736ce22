"""The form that describes a PostgreSQL server."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from smtpy_desktop.core.connection_form import parse_server_form, server_form_errors
from smtpy_desktop.schemas.connection import ServerAddress, ServerForm, TlsMode
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.compound_editor import PasswordEditor, PathEditor
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.texts import tr, translated

_USUAL_PORT = "5432"


class ServerFields(Form):
    """Host, port, database, user, password, how the connection is protected, and whom to trust."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host, self.port = QLineEdit(self), QLineEdit(_USUAL_PORT, self)
        self.database, self.user = QLineEdit(self), QLineEdit(self)
        self.password = PasswordEditor(tr("Password"), self)
        self.password.line.returnPressed.connect(self.submitted)
        self.tls = QComboBox(self)
        self.ca_file = PathEditor(tr("CA file"), tr("Certificates (*.pem *.crt *.cer);;All files (*)"), self)
        self.ca_file.line.returnPressed.connect(self.submitted)
        self.host.setPlaceholderText("db.example.net")
        self.database.setPlaceholderText("smtpy")
        self.user.setPlaceholderText("smtpy")
        for mode in TlsMode:
            self.tls.addItem(tls_label(mode), mode)
        self._build()
        self.tls.currentIndexChanged.connect(self._show_weakness)
        self._show_weakness()
        self.setFocusProxy(self.host)

    @property
    def tls_mode(self) -> TlsMode:
        """How the connection is to be protected."""
        return TlsMode(self.tls.currentData())

    def address(self) -> ServerAddress | None:
        """Return the checked address, or None after every wrong field has been marked."""
        self.clear_errors()
        typed = self._typed()
        errors = server_form_errors(typed)
        for error in reversed(errors):  # the focus ends in the first one
            self.show_error(error)
        return None if errors else parse_server_form(typed)

    def show_address(self, address: ServerAddress) -> None:
        """Fill in a server that is known already (never its password)."""
        self.host.setText(address.host)
        self.port.setText(str(address.port))
        self.database.setText(address.database)
        self.user.setText(address.user)
        self.tls.setCurrentIndex(self.tls.findData(address.tls_mode))
        self.ca_file.set_text(address.ca_file or "")

    def _build(self) -> None:
        row = self.add_row()
        self.add_field("host", tr("&Host"), self.host, row=row)
        self.add_field("port", tr("P&ort"), self.port, row=row)
        row.setStretch(0, 3)
        row.setStretch(1, 1)
        row = self.add_row()
        self.add_field("database", tr("&Database"), self.database, row=row)
        self.add_field("user", tr("&User"), self.user, row=row)
        row.setStretch(0, 1)
        row.setStretch(1, 1)
        self.add_field("password", tr("&Password"), self.password, tr("Kept in the keyring once it has worked."))
        self.add_field("tls_mode", tr("&Encryption (TLS)"), self.tls)
        self.weakness = Notice("", "", Tone.WARN, self)
        self.add_widget(self.weakness)
        self.add_field(
            "ca_file",
            tr("CA &file (optional)"),
            self.ca_file,
            tr("Only for a server with a certificate of your own authority; otherwise the system's are trusted."),
        )

    def _show_weakness(self) -> None:
        weakness = self.tls_mode.weakness
        self.weakness.setVisible(weakness is not None)
        if weakness is not None:
            tone = Tone.BAD if self.tls_mode is TlsMode.DISABLE else Tone.WARN
            self.weakness.show_words(tr("Weaker than recommended"), translated(weakness), tone)

    def _typed(self) -> ServerForm:
        return ServerForm(
            host=self.host.text(),
            port=self.port.text(),
            database=self.database.text(),
            user=self.user.text(),
            tls_mode=self.tls_mode,
            ca_file=self.ca_file.text(),
        )


def tls_label(mode: TlsMode) -> str:
    """Return what a TLS mode is called on the screen, with libpq's name for those who know it."""
    return {
        TlsMode.VERIFY_FULL: tr("Verify certificate and host name (verify-full, recommended)"),
        TlsMode.VERIFY_CA: tr("Verify the certificate only (verify-ca)"),
        TlsMode.REQUIRE: tr("Encrypt, verify nothing (require)"),
        TlsMode.PREFER: tr("Encrypt if the server can (prefer)"),
        TlsMode.DISABLE: tr("No encryption (disable)"),
    }[mode]
