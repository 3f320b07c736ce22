"""Deleting a domain: says what goes with it, and lets nobody do it who has not typed the name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.domains import DeletionImpact, DomainDetails
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.profile_mark import current_profile
from smtpy_desktop.views.widgets.texts import tr, tr_n
from smtpy_desktop.views.widgets.wrapped_text import WrappedText


class DeleteDomainDialog(Dialog):
    """``deleted(str)``: the domain of that name is gone."""

    deleted = Signal(str)

    def __init__(self, context: ViewContext, domain: DomainDetails, parent: QWidget | None = None) -> None:
        super().__init__(
            parent,
            tr("Delete this domain?"),
            tr("Mail to it is refused from then on. This cannot be taken back."),
            Tone.BAD,
        )
        self._context, self._domain = context, domain
        self.content.insertWidget(1, WrappedText(domain.unicode_name, self, is_strong=True))
        self.mark_profile(current_profile())
        self.impact = WrappedText(tr("Counting what goes with it…"), self, tone=Tone.MUTED)
        self.content.addWidget(self.impact)
        self.content.addSpacing(Space.S)
        self.form = Form(self)
        self.name_edit = QLineEdit(self)
        self.name_edit.textChanged.connect(self._on_typed)
        self.form.add_field(
            "confirmed_name", tr("Type {name} to delete it", name=menu_text(domain.name)), self.name_edit
        )
        self.form.submitted.connect(self._on_delete)
        self.content.addWidget(self.form)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.delete_button = Button(tr("&Delete domain"), self, kind="danger", action=self._on_delete)
        self.delete_button.setEnabled(False)
        self.cancel_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.delete_button)
        self.name_edit.setFocus()
        self._count()

    def _count(self) -> None:
        work = domains_controller.deletion_impact(self._context.services.sessions, self._domain.id)
        self._context.runner.run(work, owner=self, on_success=self._show_impact, on_error=self._on_error)

    def _show_impact(self, impact: DeletionImpact) -> None:
        aliases = tr_n("{n} alias", "{n} aliases", impact.aliases)
        messages = tr_n("{n} message", "{n} messages", impact.messages)
        if impact.aliases or impact.messages:
            self.impact.set_text(
                tr(
                    "With it go {aliases} and {messages}, its DKIM key and its history.",
                    aliases=aliases,
                    messages=messages,
                )
            )
        else:
            self.impact.set_text(tr("It has no aliases and no messages. Its DKIM key and its history go with it."))
        self.fit_height()

    def _on_typed(self, typed: str) -> None:
        matches = typed.strip().rstrip(".").lower() in (self._domain.name, self._domain.unicode_name)
        self.delete_button.setEnabled(matches)

    def _on_delete(self) -> None:
        if not self.delete_button.isEnabled():
            return
        self.form.clear_errors()
        self.delete_button.setEnabled(False)
        services = self._context.services
        self._context.runner.run(
            domains_controller.delete_domain(
                services.sessions,
                self._domain.id,
                confirmed_name=self.name_edit.text(),
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=lambda impact: self._on_deleted(),
            on_error=self._on_error,
        )

    def _on_deleted(self) -> None:
        self.deleted.emit(self._domain.unicode_name)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self.form.show_error(error)
        self._on_typed(self.name_edit.text())
        self.fit_height()
        return True
