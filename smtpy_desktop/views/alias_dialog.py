"""The dialog that adds an alias or changes one."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QWidget

from smtpy_desktop.controllers import aliases_controller
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.aliases import AliasRow
from smtpy_desktop.views.domain_choice_button import OneDomain
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_CHECK_AFTER_MILLISECONDS = 600
_TARGETS_HEIGHT = 92


class AliasDialog(Dialog):
    """``saved(AliasRow)``: the alias was added or changed. A name without "@" belongs to ``domain``."""

    saved = Signal(object)

    def __init__(
        self,
        context: ViewContext,
        parent: QWidget | None = None,
        *,
        alias: AliasRow | None = None,
        domain: OneDomain | None = None,
        typed: str = "",
    ) -> None:
        title = tr("Add an alias") if alias is None else tr("Change alias")
        super().__init__(parent, title)
        self._context, self._alias, self._domain = context, alias, domain
        self._check_soon = single_shot(self, self._check, _CHECK_AFTER_MILLISECONDS)
        if alias is not None:
            self.content.addWidget(WrappedText(alias.unicode_address, self, tone=Tone.MUTED))
        self.content.addSpacing(Space.S)
        self.form = Form(self)
        self.content.addWidget(self.form)
        self._build_fields(typed)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        words = tr("&Add alias") if alias is None else tr("&Save")
        self.save_button = Button(words, self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.save_button)
        self.form.submitted.connect(self._on_save)
        self.offer_help("aliases")
        self.draft = DialogDraft(self, self.form, context.memory, f"alias/{alias.id if alias is not None else typed}")
        (self.targets_edit if alias is not None or typed else self.address_edit).setFocus()

    @property
    def is_about_to_check(self) -> bool:
        """Whether what was typed is still to be looked at."""
        return self._check_soon.isActive()

    def _build_fields(self, typed: str) -> None:
        alias = self._alias
        self.address_edit = QLineEdit(typed if alias is None else alias.unicode_address, self)
        if alias is None:
            self._build_address()
        else:
            self.address_edit.hide()
        self.targets_edit = QPlainTextEdit(self)
        self.targets_edit.setFixedHeight(_TARGETS_HEIGHT)
        self.targets_edit.setTabChangesFocus(True)
        self.form.add_field("targets", tr("&Forwards to"), self.targets_edit, tr("One address per line."))
        self.note_edit = QLineEdit("" if alias is None else alias.note, self)
        self.note_edit.setPlaceholderText(tr("none"))
        self.form.add_field("note", tr("&Note"), self.note_edit, tr("What it is for; nobody outside sees it."))
        self.active_box = QCheckBox(tr("Accept &mail for it"), self)
        self.active_box.setAccessibleDescription(tr("Switched off, its mail is refused."))
        self.active_box.setChecked(alias is None or alias.is_active)
        self.form.add_widget(self.active_box)
        if alias is not None:
            self.targets_edit.setPlainText("\n".join(target.address for target in alias.targets))
        self.address_edit.textEdited.connect(self._check_soon.start)
        self.targets_edit.textChanged.connect(self._check_soon.start)

    def _build_address(self) -> None:
        explanation = tr("An address of one of your domains.")
        if self._domain is not None:
            explanation = tr("A name alone belongs to {domain}.", domain=self._domain.unicode_name)
        self.address_edit.setPlaceholderText(f"info@{self._domain.unicode_name if self._domain else 'example.com'}")
        self.form.add_field("address", tr("&Alias"), self.address_edit, explanation)

    def _address(self) -> str:
        typed = self.address_edit.text().strip()
        if typed and "@" not in typed and self._domain is not None:
            return f"{typed}@{self._domain.name}"
        return typed

    def _check(self) -> None:
        """Tell early what would be refused; what is still empty is told when it is sent."""
        address, targets = self._address(), self.targets_edit.toPlainText()
        if not address:
            return

        def show(error: UserFacingError) -> bool:
            filled = {"address": address, "targets": targets.strip()}
            if isinstance(error, FieldError) and filled.get(error.field) and error.field in self.form.texts():
                self.form.field(error.field).show_error(error)
                self.fit_height()
            return True

        work = aliases_controller.check_alias(
            self._context.services.sessions, address, targets, is_new=self._alias is None
        )
        self._context.runner.run(work, owner=self, on_error=show, replaces="alias-check")

    def _on_save(self) -> None:
        if not self.save_button.isEnabled():
            return
        self._check_soon.stop()
        self.form.clear_errors()
        self.save_button.setEnabled(False)
        self._context.runner.run(
            self._work(), owner=self, on_success=self._on_saved, on_error=self._on_error, replaces="alias-check"
        )

    def _work(self) -> Coroutine[Any, Any, AliasRow]:
        services, targets = self._context.services, self.targets_edit.toPlainText()
        is_active, note = self.active_box.isChecked(), self.note_edit.text()
        if self._alias is None:
            return aliases_controller.create_alias(
                services.sessions,
                self._address(),
                targets,
                is_active=is_active,
                note=note,
                actor=services.actor,
                publish=services.publish,
            )
        return aliases_controller.update_alias(
            services.sessions,
            self._alias.id,
            targets=targets,
            is_active=is_active,
            note=note,
            actor=services.actor,
            publish=services.publish,
        )

    def _on_saved(self, alias: AliasRow) -> None:
        self.saved.emit(alias)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        self.form.show_error(error)
        self.fit_height()
        return True
