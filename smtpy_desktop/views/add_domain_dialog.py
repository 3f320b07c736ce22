"""Adding a domain, or several at once: what is wrong stands beside the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from smtpy_desktop.controllers import new_domains_controller
from smtpy_desktop.controllers.new_domains_controller import AddedLine
from smtpy_desktop.core.domain_name import ParsedDomain
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

_READ_AFTER_MILLISECONDS = 250
_SEVERAL_HEIGHT = 132
_MOST_LINES_SHOWN = 8


class AddDomainDialog(Dialog):
    """``added(DomainDetails)`` for one domain; ``several_added(int)`` with how many of a list could be added."""

    added = Signal(object)
    several_added = Signal(int)

    def __init__(self, context: ViewContext, parent: QWidget | None = None, *, typed: str = "") -> None:
        super().__init__(
            parent,
            tr("Add a domain"),
            tr("It gets its own DKIM key and ownership token. You then see the DNS records to publish."),
        )
        self._context = context
        self._adding: TaskHandle | None = None
        self._read_soon = single_shot(self, self._read_name, _READ_AFTER_MILLISECONDS)
        self.content.addSpacing(Space.S)
        self.form = Form(self)
        self.content.addWidget(self.form)
        self._build_names(typed)
        self._build_organizations()
        self._build_results()
        self._build_buttons()
        self._show_mode(several=False)
        self.offer_help("domains")
        self.draft = DialogDraft(self, self.form, context.memory, "add-domain", self._on_restored)
        self.name_edit.setFocus()

    # Building

    def _build_names(self, typed: str) -> None:
        self.name_edit = QLineEdit(typed, self)
        self.name_edit.setPlaceholderText("example.com")
        self.name_edit.installEventFilter(self)
        self._name = self.form.add_field(
            "name",
            tr("&Domain"),
            self.name_edit,
            tr("The part of the addresses after the “@”. Subdomains and international names are fine."),
        )
        self.notice = Notice("", "", Tone.ACCENT, self)
        self.notice.hide()
        self.form.add_widget(self.notice)
        self.names_edit = QPlainTextEdit(self)
        self.names_edit.setFixedHeight(_SEVERAL_HEIGHT)
        self.names_edit.setTabChangesFocus(True)
        self._names = self.form.add_field(
            "names", tr("&Domains"), self.names_edit, tr("One domain per line. Those that are wrong stay here.")
        )
        self.name_edit.textChanged.connect(self._on_typed)
        self.form.submitted.connect(self._on_add)

    def _build_organizations(self) -> None:
        choice = self._context.choice
        rows: Sequence[OrganizationRow] = choice.organizations
        self.organization_box: QComboBox | None = None
        if choice.chosen is None and len(rows) > 1:
            self.organization_box = QComboBox(self)
            for row in rows:
                self.organization_box.addItem(row.name, row.id)
            self.form.add_field("organization", tr("&Organization"), self.organization_box)

    def _build_results(self) -> None:
        self.results = Notice("", "", Tone.WARN, self)
        self.results.hide()
        self.content.addWidget(self.results)

    def _build_buttons(self) -> None:
        self.several_button = Button(tr("Add &several…"), self, kind="link", action=self._on_several)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.add_button = Button(tr("&Add domain"), self, kind="primary", action=self._on_add)
        self.add_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.add_button, leading=(self.several_button,))

    # One or several

    @property
    def is_for_several(self) -> bool:
        """Whether a list of names is asked for."""
        return not self._names.isHidden()

    def _show_mode(self, *, several: bool) -> None:
        self._name.setVisible(not several)
        self._names.setVisible(several)
        self.notice.setVisible(False)
        self.several_button.setVisible(not several)
        self.add_button.set_text(tr("&Add domains") if several else tr("&Add domain"))
        self.fit_height()

    def _on_restored(self) -> None:
        self._show_mode(several=bool(self.names_edit.toPlainText()))

    def _on_several(self) -> None:
        self.names_edit.setPlainText(self.name_edit.text())
        self.form.clear_errors()
        self._show_mode(several=True)
        self.names_edit.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a pasted list of names as what it is, instead of as one line."""
        if watched is self.name_edit and event.type() == QEvent.Type.KeyPress:
            pasted = QGuiApplication.clipboard().text()
            is_paste = cast("QKeyEvent", event).matches(QKeySequence.StandardKey.Paste)
            if is_paste and len(pasted.split()) > 1 and "\n" in pasted.strip():
                self._on_several()
                self.names_edit.setPlainText(pasted.strip())
                return True
        return super().eventFilter(watched, event)

    # What is typed

    def _on_typed(self) -> None:
        self.notice.hide()
        self._read_soon.start()

    def _read_name(self) -> None:
        """Tell early what a name will become; what is wrong with it is told when it is sent."""
        typed = self.name_edit.text()
        if typed.strip():
            self._context.runner.run(
                new_domains_controller.read_name(typed),
                owner=self,
                on_success=lambda parsed: self._show_notices(typed, parsed),
                on_error=say_nothing,
                replaces="add-domain-name",
            )

    def _show_notices(self, typed: str, parsed: ParsedDomain) -> None:
        if typed != self.name_edit.text() or self._name.error_text or self.is_for_several:
            return
        self.notice.setVisible(bool(parsed.notices))
        if parsed.notices:
            words = " ".join(translated(notice) for notice in parsed.notices)
            self.notice.show_words("", words, Tone.ACCENT)
        self.fit_height()

    # Adding

    def _on_add(self) -> None:
        if self._adding is not None:
            return
        self._read_soon.stop()
        self.form.clear_errors()
        self.results.hide()
        if self.is_for_several:
            self._add_several()
        else:
            self._add_one()

    def _add_one(self) -> None:
        services = self._context.services
        handle = self._context.runner.run(
            new_domains_controller.add_new_domain(
                services.sessions,
                self._organization(),
                self.name_edit.text(),
                keys=services.keys,
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._on_added,
            on_error=self._on_error,
        )
        self._set_adding(handle)

    def _add_several(self) -> None:
        lines = list(dict.fromkeys(line.strip() for line in self.names_edit.toPlainText().splitlines() if line.strip()))
        if not lines:
            self._on_error(_no_names())
            return
        services, progress = self._context.services, Progress()
        handle = self._context.runner.run(
            new_domains_controller.add_several(
                services.sessions,
                self._organization(),
                lines,
                keys=services.keys,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            ),
            owner=self,
            on_success=self._on_several_added,
            on_error=self._on_error,
            progress=progress,
            title=tr_n("Adding {n} domain", "Adding {n} domains", len(lines)),
        )
        self._set_adding(handle)

    def _organization(self) -> OrganizationId | None:
        if self.organization_box is not None:
            return OrganizationId(self.organization_box.currentData())
        return self._context.choice.chosen

    def _on_added(self, domain: DomainDetails) -> None:
        self.added.emit(domain)
        self.accept()

    def _on_several_added(self, lines: Sequence[AddedLine]) -> None:
        """Close when all are there; otherwise keep the others, each with its reason."""
        self._set_adding(None)
        done = [line.domain for line in lines if line.domain is not None]
        failed = [line for line in lines if line.error is not None]
        if done:
            self.several_added.emit(len(done))
        if not failed:
            self.accept()
            return
        self.names_edit.setPlainText("\n".join(line.typed for line in failed))
        heading = tr("{added} added, {failed} not added", added=number(len(done)), failed=number(len(failed)))
        reasons = [_reason(line) for line in failed[:_MOST_LINES_SHOWN]]
        if len(failed) > _MOST_LINES_SHOWN:
            reasons.append(tr("and {n} more", n=number(len(failed) - _MOST_LINES_SHOWN)))
        self.results.show_words(heading, "\n".join(reasons), Tone.WARN)
        self.results.show()
        self.fit_height()

    def _on_error(self, error: UserFacingError) -> bool:
        self._set_adding(None)
        self.notice.hide()
        self.form.show_error(error)
        self.fit_height()
        return True

    def _set_adding(self, handle: TaskHandle | None) -> None:
        """Keep what is typed as it is while it is being added; only the button says that something happens."""
        self._adding = handle
        self.add_button.setEnabled(handle is None)
        self.name_edit.setReadOnly(handle is not None)
        self.names_edit.setReadOnly(handle is not None)

    def reject(self) -> None:
        """Close, and stop what is still being added."""
        if self._adding is not None:
            self._adding.cancel()
        super().reject()


def _reason(line: AddedLine) -> str:
    """Return "exmaple..com: This name has an empty part." with what was probably meant."""
    if line.error is None:
        return ""
    words = tr("{name}: {reason}", name=line.typed, reason=translated(line.error.message))
    meant = line.error.suggestion if isinstance(line.error, FieldError) else None
    return tr("{words} Probably meant: {name}", words=words, name=meant) if meant else words


def _no_names() -> FieldError:
    return FieldError("names", "DOMAIN_NAMES_EMPTY", tr("Type or paste the names of the domains, one per line."))
