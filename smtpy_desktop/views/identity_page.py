"""The second step of a first run: who we are in the DNS; it can be skipped and done later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.mail_identity import DMARC_KEY, RESOLVERS_KEY, build_dmarc
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.views.mail_identity_form import MailIdentityForm
from smtpy_desktop.views.records_preview import RecordsPreview
from smtpy_desktop.views.start_frame import StartFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, button_row
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 1080
_PREVIEW_WIDTH = 400


class IdentityPage(StartFrame):
    """``finished(Services)``: saved, or skipped for now."""

    finished = Signal(object)

    def __init__(self, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH, parent)
        self.setAccessibleName(tr("Your mail servers"))
        self._runner = runner
        self._services: Services | None = None
        self.form = MailIdentityForm(self, with_resolvers=True, resettable=False)
        self.preview = RecordsPreview(self)
        self._build()
        self.form.edited.connect(self._show_preview)
        self.form.submitted.connect(self._on_save)
        self.setFocusProxy(self.form)

    def ask(self, services: Services) -> None:
        """Begin with what a good beginning is."""
        self._services = services
        self.form.load({RESOLVERS_KEY: SETTINGS[RESOLVERS_KEY].default})
        self.form.field(DMARC_KEY).set_text(build_dmarc("none"))
        self._show_preview()

    def _build(self) -> None:
        self.column.addWidget(PlainLabel(tr("Your mail servers"), self, size="title"))
        words = tr("Every domain's records are made from this. You can change it at any time under Settings.")
        self.column.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        self.column.addSpacing(Space.XS)
        columns = QHBoxLayout()
        columns.setSpacing(Space.L)
        card = Card(parent=self)
        card.setAccessibleName(tr("Mail identity"))
        card.body.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        card.body.addWidget(self.form)
        card.body.addSpacing(Space.S)
        self.save_button = Button(tr("&Save and continue"), self, kind="primary", action=self._on_save)
        self.skip_button = Button(tr("S&kip for now"), self, kind="ghost", action=self._on_skip)
        card.body.addLayout(button_row(self.save_button, self.skip_button))
        columns.addWidget(card, 1)
        self.preview.setFixedWidth(_PREVIEW_WIDTH)
        columns.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(columns)

    def _show_preview(self) -> None:
        self.preview.show_identity(self.form.identity())

    def _on_save(self) -> None:
        services = self._services
        if services is None or not self.save_button.isEnabled() or not self.form.check():
            return
        self.save_button.setEnabled(False)
        self._runner.run(
            settings_controller.change_settings(
                services.sessions, self.form.to_store(), actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=lambda stored: self._on_saved(),
            on_error=self._on_refused,
        )

    def _on_saved(self) -> None:
        self.save_button.setEnabled(True)
        self._on_skip()

    def _on_refused(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        return self.form.show_error(error)

    def _on_skip(self) -> None:
        if self._services is not None:
            self.finished.emit(self._services)
