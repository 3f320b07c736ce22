"""The part of the forwarding settings that keeps the smart host's password, and tries whether it lets us in."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import smart_host_controller
from smtpy_desktop.core.forwarder_settings import SMARTHOST_KEY, SMARTHOST_TLS_KEY, SMARTHOST_USER_KEY
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.smart_host import PasswordReport, PasswordSource, SmartHostFinding
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.compound_editor import PasswordEditor
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import number, tr, translated

FIELD = "password"
_TRIED = (SMARTHOST_KEY, SMARTHOST_TLS_KEY, SMARTHOST_USER_KEY)
_MIB = 1024 * 1024


class SmartHostPanel(QWidget):
    """What is typed here and in the fields above is tried as it is; the password is kept by a button of its own."""

    def __init__(self, context: ViewContext, settings: SettingsForm) -> None:
        super().__init__(settings)
        self._context, self._settings = context, settings
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self.form = Form(self)
        self.editor = PasswordEditor(tr("Smart host's password"), self.form)
        self.editor.line.returnPressed.connect(self.try_it)
        explanation = tr(
            "Kept in this machine's keyring, never in the database. A forwarder on a server is given it by the file"
            " that SMTPY_SMARTHOST_PASSWORD_FILE names."
        )
        self.form.add_field(FIELD, tr("Smart host's password"), self.editor, explanation)
        column.addWidget(self.form)
        self.state = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        column.addWidget(self.state)
        self.try_button = Button(tr("Try &it"), self, icon="plug-connected", action=self.try_it)
        self.keep_button = Button(tr("&Keep the password"), self, icon="key", action=self.keep)
        self.forget_button = Button(tr("Forget the password…"), self, icon="trash", action=self._on_forget)
        column.addLayout(button_row(self.try_button, self.keep_button, self.forget_button))
        self.result = Notice("", "", Tone.MUTED, self)
        self.result.hide()
        column.addWidget(self.result)
        self._report: PasswordReport | None = None
        self.form.edited.connect(self._show_state)
        self._show_state()
        self.setVisible(context.services.smart_host is not None)

    def refresh(self) -> None:
        """Look again whether there is a password, and where."""
        tools = self._context.services.smart_host
        if tools is not None:
            self._context.runner.run(
                smart_host_controller.read_password(tools),
                owner=self,
                on_success=self.show_report,
                replaces="settings/smart-host-password",
            )

    def show_report(self, report: PasswordReport) -> None:
        """Show where the password lies, without it."""
        self._report = report
        self._show_state()

    def try_it(self) -> None:
        """Connect with what is typed, sign in and leave; no mail is sent, and nothing is saved."""
        services = self._context.services
        self._begin(tr("Trying…"))
        self._context.runner.run(
            smart_host_controller.try_smart_host(
                services.sessions,
                services.asker,
                services.smart_host_tools,
                values={key: self._settings.field(key).text() for key in _TRIED},
                password=self.editor.text() or None,
            ),
            owner=self,
            on_success=self._on_found,
            on_error=self._on_refused,
            replaces="settings/smart-host",
        )

    def keep(self) -> None:
        """Keep what was typed."""
        services = self._context.services
        self._begin("")
        self._context.runner.run(
            smart_host_controller.store_password(
                services.sessions,
                services.smart_host_tools,
                self.editor.text(),
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._on_kept,
            on_error=self._on_refused,
        )

    def _on_kept(self, report: PasswordReport) -> None:
        self.editor.set_text("")
        self._end()
        self.show_report(report)
        is_kept = report.source is PasswordSource.KEYRING
        words = tr("The password is kept in the keyring.") if is_kept else tr("The password is kept for this run only.")
        self._context.tell(Message(words, Tone.OK if is_kept else Tone.WARN, key="smart-host"))

    def _on_forget(self) -> None:
        confirm(
            self,
            tr("Forget the smart host's password?"),
            tr("Forwarders of this machine cannot sign in any more; their mail waits until there is one again."),
            tr("Forget the password"),
            self._forget,
        )

    def _forget(self) -> None:
        services = self._context.services
        self._context.runner.run(
            smart_host_controller.forget_password(
                services.sessions, services.smart_host_tools, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=self.show_report,
            on_error=self._on_refused,
        )

    def _on_found(self, finding: SmartHostFinding) -> None:
        self._end()
        tone = Tone.OK if finding.is_checked else Tone.WARN
        self._tell(tr("{host} lets us in", host=finding.host), "\n".join(_found_words(finding)), tone)

    def _on_refused(self, error: UserFacingError) -> bool:
        self._end()
        if isinstance(error, FieldError) and error.field in _TRIED:
            return self._settings.show_error(error)
        if isinstance(error, FieldError):
            return self.form.show_error(error)
        parts = (error.detail, error.hint)
        self._tell(
            translated(error.message), "\n".join(translated(part) for part in parts if part is not None), Tone.BAD
        )
        return True

    def _tell(self, heading: str, words: str, tone: Tone) -> None:
        self.result.show_words(heading, words, tone)
        self.result.show()
        announce(self.result, f"{heading}. {words}", urgent=tone is Tone.BAD)

    def _begin(self, words: str) -> None:
        self.form.clear_errors()
        self.result.hide()
        for button in (self.try_button, self.keep_button, self.forget_button):
            button.setEnabled(False)
        if words:
            self.try_button.set_text(words)

    def _end(self) -> None:
        self.try_button.set_text(tr("Try &it"))
        self.try_button.setEnabled(True)
        self._show_state()

    def _show_state(self) -> None:
        """Offer what can be done with the password, and say where the present one lies."""
        report, is_fixed = self._report, self._report is not None and bool(self._report.variable)
        can_keep = not is_fixed and not self._context.services.is_read_only
        self.form.setVisible(not is_fixed)
        self.keep_button.setVisible(not is_fixed)
        self.keep_button.setEnabled(can_keep and bool(self.editor.text()))
        self.forget_button.setVisible(not is_fixed and report is not None and report.source is not None)
        self.forget_button.setEnabled(can_keep)
        is_typed = not is_fixed and bool(self.editor.text())
        words = tr("What is typed is not kept yet.") if is_typed else _state_words(report) if report is not None else ""
        self.state.setText(words)
        self.state.setVisible(bool(words))


def _state_words(report: PasswordReport) -> str:
    words = {
        None: tr("No password is kept."),
        PasswordSource.ENVIRONMENT: tr("The password is in the variable {variable}.", variable=report.variable),
        PasswordSource.FILE: tr("The password is in the file that {variable} names.", variable=report.variable),
        PasswordSource.THIS_RUN: tr("The password is kept for this run only."),
        PasswordSource.KEYRING: tr("The password is kept in the keyring."),
    }[report.source]
    problem = [translated(part) for part in (report.problem, report.hint) if part is not None]
    return " ".join([words, *problem] if report.source is not None or not problem else problem)


def _found_words(finding: SmartHostFinding) -> list[str]:
    found = [tr("Encrypted: {tls}", tls=finding.tls) if finding.tls else tr("Not encrypted.")]
    if finding.certificate_name:
        found.append(tr("Certificate of {name}, by {issuer}", name=finding.certificate_name, issuer=_issuer(finding)))
    if finding.certificate_ends is not None:
        found[-1] += tr(", until {moment}", moment=exact_time(finding.certificate_ends))
    if finding.tls and not finding.is_checked:
        found.append(tr("The certificate was not checked: somebody in between could have made it."))
    if finding.signed_in_as:
        found.append(tr("Signed in as {user} ({way})", user=finding.signed_in_as, way=finding.mechanism))
    else:
        found.append(tr("Without a user name."))
    if finding.largest_message:
        found.append(tr("Takes messages of up to {size} MiB.", size=number(finding.largest_message // _MIB)))
    found.append(tr("No mail was sent."))
    return found


def _issuer(finding: SmartHostFinding) -> str:
    return finding.certificate_issuer or tr("an unknown authority")
