"""The settings of a domain: active, catch-all, whose it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_CHECK_BOX_INDENT = 26


class DomainSettingsDialog(Dialog):
    """``saved(str)``: the settings of the domain of that name were changed."""

    saved = Signal(str)

    def __init__(self, context: ViewContext, domain: DomainDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Domain settings"))
        self._context, self._domain = context, domain
        self.content.addWidget(WrappedText(domain.unicode_name, self, tone=Tone.MUTED))
        self.content.addSpacing(Space.S)
        self.form = Form(self)
        self.content.addWidget(self.form)
        self._build_fields()
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.save_button = Button(tr("&Save"), self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.save_button)
        self.form.submitted.connect(self._on_save)
        self.help_topic = "domains"
        self.draft = DialogDraft(self, self.form, context.memory, f"domain/{domain.id}")
        self.active_box.setFocus()

    def _build_fields(self) -> None:
        self.active_box = QCheckBox(tr("&Accept mail for this domain"), self)
        self.active_box.setChecked(self._domain.is_active)
        explanation = tr("Switched off, mail to it is refused and it is not checked in the background.")
        self.active_box.setAccessibleDescription(explanation)
        group = QWidget(self)
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.active_box)
        words = PlainLabel(explanation, group, tone=Tone.MUTED, size="small", wrap=True)
        words.setContentsMargins(_CHECK_BOX_INDENT, 0, 0, 0)
        column.addWidget(words)
        self.form.add_widget(group)
        self.catch_all_edit = QLineEdit(self._domain.catch_all or "", self)
        self.catch_all_edit.setPlaceholderText(tr("none"))
        self.form.add_field(
            "catch_all",
            tr("&Catch-all address"),
            self.catch_all_edit,
            tr("Where mail goes that no alias of the domain takes. Leave it empty to refuse such mail."),
        )
        self.organization_box = QComboBox(self)
        for row in self._context.choice.organizations:
            self.organization_box.addItem(row.name, row.id)
        if self.organization_box.findData(self._domain.organization_id) < 0:
            self.organization_box.addItem(self._domain.organization_name, self._domain.organization_id)
        self.organization_box.setCurrentIndex(self.organization_box.findData(self._domain.organization_id))
        self.form.add_field("organization", tr("&Organization"), self.organization_box)

    def _on_save(self) -> None:
        if not self.save_button.isEnabled():
            return
        self.form.clear_errors()
        self.save_button.setEnabled(False)
        services = self._context.services
        self._context.runner.run(
            domains_controller.update_domain(
                services.sessions,
                self._domain.id,
                actor=services.actor,
                publish=services.publish,
                is_active=self.active_box.isChecked(),
                catch_all=self.catch_all_edit.text(),
                organization_id=OrganizationId(self.organization_box.currentData()),
            ),
            owner=self,
            on_success=self._on_saved,
            on_error=self._on_error,
        )

    def _on_saved(self, domain: DomainDetails) -> None:
        self.saved.emit(domain.unicode_name)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        self.form.show_error(error)
        self.fit_height()
        return True
