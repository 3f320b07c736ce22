"""The dialog that creates an organization or changes its name and address."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.controllers.organizations_controller import create_organization, update_organization
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.texts import tr


class OrganizationDialog(Dialog):
    """Without ``row`` it creates. ``saved(OrganizationRow)``; a failure is shown in it, and nothing typed is lost."""

    saved = Signal(object)

    def __init__(
        self, context: ViewContext, parent: QWidget | None = None, *, row: OrganizationRow | None = None
    ) -> None:
        is_new = row is None
        text = tr("A customer or department whose domains you look after together.") if is_new else ""
        super().__init__(parent, tr("New organization") if is_new else tr("Rename organization"), text)
        self._context, self._row = context, row
        self._is_saving = False
        self.form = Form(self)
        self.name, self.email = QLineEdit(self), QLineEdit(self)
        self.email.setPlaceholderText("postmaster@example.com")
        self.form.add_field("name", tr("&Name"), self.name)
        self.form.add_field("email", tr("&E-mail address"), self.email, tr("Where this organization can be reached."))
        if row is not None:
            self.name.setText(row.name)
            self.email.setText(row.email)
            self.name.selectAll()
        self.content.addWidget(self.form)
        self.save_button = Button(tr("&Create") if is_new else tr("&Save"), self, kind="primary", action=self.save)
        self.save_button.setDefault(True)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.set_buttons(self.cancel_button, self.save_button)
        key = f"organization/{row.id if row is not None else 'new'}"
        self.draft = DialogDraft(self, self.form, context.memory, key)
        self.name.setFocus()

    def save(self) -> None:
        """Store what is typed, and close when that has worked."""
        if self._is_saving:
            return
        self.form.clear_errors()
        self._set_saving(saving=True)
        services = self._context.services
        work = (
            create_organization(
                services.sessions,
                self.name.text(),
                self.email.text(),
                actor=services.actor,
                publish=services.publish,
            )
            if self._row is None
            else update_organization(
                services.sessions,
                self._row.id,
                self.name.text(),
                self.email.text(),
                actor=services.actor,
                publish=services.publish,
            )
        )
        self._context.runner.run(work, owner=self, on_success=self._on_saved, on_error=self._on_refused)

    def _on_saved(self, row: OrganizationRow) -> None:
        self.saved.emit(row)
        self.accept()

    def _on_refused(self, error: UserFacingError) -> bool:
        self._set_saving(saving=False)
        self.form.show_error(error)
        self.fit_height()
        return True

    def _set_saving(self, *, saving: bool) -> None:
        self._is_saving = saving
        self.save_button.setEnabled(not saving)
