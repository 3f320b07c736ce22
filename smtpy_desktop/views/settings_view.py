"""The settings page: everything that can be set, found by search, saved all or none."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.core.folded_text import folded
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.settings import SettingRow
from smtpy_desktop.views.forwarding_settings_form import ForwardingForm
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.mail_identity_form import MailIdentityForm
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.records_preview import RecordsPreview
from smtpy_desktop.views.retention_form import RetentionForm
from smtpy_desktop.views.settings_about_section import AboutSection
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_appearance_section import AppearanceSection
from smtpy_desktop.views.settings_backups_section import BackupsSection
from smtpy_desktop.views.settings_billing_section import BillingSection
from smtpy_desktop.views.settings_database_section import DatabaseSection
from smtpy_desktop.views.settings_draft import SettingsDraft
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_forms import dns_form
from smtpy_desktop.views.settings_navigation import SettingsNavigation
from smtpy_desktop.views.settings_notices_section import NoticesSection
from smtpy_desktop.views.settings_profile_section import ProfileSection
from smtpy_desktop.views.settings_questions_section import QuestionsSection
from smtpy_desktop.views.settings_secrets_section import SecretsSection
from smtpy_desktop.views.settings_section import SettingItem, SettingsSection, take_keyboard
from smtpy_desktop.views.settings_transfer_section import TransferSection
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, translated

MAIL_IDENTITY = "mail-identity"

_SEARCH_WIDTH = 260
_CONTENT_WIDTH = 980
_NAVIGATION_WIDTH = 196
_SETTLE_MILLISECONDS = 1000
_PREVIEW_WIDTH = 288


class SettingsView(QWidget):
    """What was typed stays until it is saved or discarded, also while another page is seen or the database is away.

    ``line_changed(str)``: the bottom line.
    """

    line_changed = Signal(str)

    def __init__(self, context: ViewContext, actions: SettingsActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._appearance = context, actions.appearance
        self._is_loaded = self._is_saving = False
        self._width_of_both = 0
        self._wanted: SettingsSection | SettingItem | None = None
        self.identity_form = MailIdentityForm(self)
        self.dns_form = dns_form(self)
        self.forwarding_form = ForwardingForm(context, self)
        self.retention_form = RetentionForm(context, self)
        self.billing = BillingSection(context, self)
        self.backups = BackupsSection(context, actions.backups, self) if actions.backups is not None else None
        self.notices = NoticesSection(actions.notices, self) if actions.notices is not None else None
        self.forms: tuple[SettingsForm, ...] = (
            self.identity_form,
            self.dns_form,
            self.forwarding_form,
            self.retention_form,
            self.billing.port_form,
            *([self.backups.form] if self.backups is not None else []),
            *([self.notices.form] if self.notices is not None else []),
        )
        self.draft = SettingsDraft(self.forms, context.memory)
        self.preview = RecordsPreview(self)
        self.secrets = SecretsSection(context.runner, actions, self)
        self.about = AboutSection(context, actions, self)
        self.appearance = AppearanceSection(actions.appearance, self)
        self.appearance.restart_wanted.connect(self._on_restart_wanted)
        self.database = DatabaseSection(context.services, actions, self)
        self.profile = ProfileSection(actions, self)
        self.questions = QuestionsSection(context.memory, self)
        self.sections = (
            self._identity_section(),
            self._section("dns", tr("DNS checks"), tr("whom to ask, and how often"), "world-check", self.dns_form),
            self._section(
                "forwarding", tr("Forwarding"), tr("how mail comes in and leaves"), "mail-forward", self.forwarding_form
            ),
            self._section("retention", tr("Retention"), tr("how long messages are kept"), "clock", self.retention_form),
            self.billing,
            self.database,
            *([self.backups] if self.backups is not None else []),
            *([self.notices] if self.notices is not None else []),
            self.secrets,
            self.appearance,
            self.profile,
            self.questions,
            TransferSection(context, self),
            self.about,
        )
        self._build()
        for form in self.forms:
            form.edited.connect(self._show_changes)
            form.submitted.connect(self.save)
        context.bus.changed.connect(self._on_changed)
        self._show_changes()
        self.refresh()

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, find=self.search.setFocus, back=self.search.clear)

    @property
    def has_changes(self) -> bool:
        """Whether something was typed that is not saved."""
        return any(form.changes() for form in self.forms)

    def show_section(self, section_id: str) -> None:
        """Scroll to a part of the page and give it the keyboard."""
        self.search.clear()
        section = next(each for each in self.sections if each.section_id == section_id)
        if section_id == MAIL_IDENTITY:
            self.identity_form.setFocus()
        elif section is self.billing:
            self.billing.take_focus()
        elif self.backups is not None and section is self.backups:
            self.backups.take_focus()
        self._go_to(section)

    @property
    def items(self) -> tuple[SettingItem, ...]:
        """Everything that can be jumped to, section by section."""
        return tuple(item for section in self.sections for item in section.items)

    def show_item(self, item: SettingItem) -> None:
        """Scroll to a setting and give it the keyboard."""
        if not item.title:
            self.show_section(item.section_id)
            return
        self.search.clear()
        self._go_to(item)
        take_keyboard(item.widget)

    def refresh(self) -> None:
        """Read everything again; what was typed stays."""
        self._context.runner.run(
            settings_controller.list_settings(self._context.services.sessions),
            owner=self,
            on_success=self._on_read,
            on_error=lambda error: self._is_loaded,  # the banner tells it; a first reading has nothing else to show
            replaces="settings/read",
        )
        if self.isVisible():
            self._refresh_sections()

    def save(self) -> None:
        """Store everything that was changed, all or none of it."""
        if self._is_saving or not self.save_button.isEnabled():
            return
        # All are checked, so that every wrong field is marked; the first one has the focus in the end.
        checks = [form.check() for form in reversed(self.forms)]
        if not all(checks):
            return
        self._set_saving(saving=True)
        self.retention_form.ask_before(self._store, lambda: self._set_saving(saving=False))

    def _store(self) -> None:
        services = self._context.services
        values = {name: value for form in self.forms for name, value in form.to_store().items()}
        self._context.runner.run(
            settings_controller.change_settings(
                services.sessions, values, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=self._on_saved,
            on_error=self._on_refused,
        )

    def discard(self) -> None:
        """Show what is stored again."""
        for form in self.forms:
            form.discard()
        self._show_changes()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh_sections()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_preview()

    def _show_preview(self) -> None:
        """Show the preview beside the form where there is room for both, and something of the form is seen."""
        if not self.preview.isHidden():
            self._width_of_both = self.sections[0].minimumSizeHint().width()
        has_room = self._scroll.viewport().width() >= self._width_of_both
        shown = any(not self.identity_form.field(key).isHidden() for key in _PREVIEWED)
        self.preview.setVisible(has_room and shown)

    def _refresh_sections(self) -> None:
        """Look again at what lies outside the database."""
        for section in (self.secrets, self.billing, self.profile, self.questions, self.about):
            section.refresh()
        self.forwarding_form.smart_host.refresh()
        for optional in (self.backups, self.notices):
            if optional is not None:
                optional.refresh()

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._head())
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        self.navigation = SettingsNavigation(self.sections, self)
        self.navigation.setFixedWidth(_NAVIGATION_WIDTH)
        self.navigation.chosen.connect(self.show_section)
        row.addWidget(self.navigation, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._content(), 1)
        column.addLayout(row, 1)
        self.setFocusProxy(self.search)

    def _head(self) -> QHBoxLayout:
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search the settings"))
        self.search.setAccessibleName(tr("Search the settings"))
        self.search.addAction(icon("search", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(_SEARCH_WIDTH)
        self.search.textChanged.connect(self._on_search)
        self.state = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        self.discard_button = Button(tr("&Discard"), self, action=self.discard)
        self.save_button = Button(tr("&Save changes"), self, kind="primary", action=self.save)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(PlainLabel(tr("Settings"), self, size="title"))
        row.addSpacing(Space.M)
        row.addWidget(self.search)
        row.addStretch(1)
        for widget in (self.state, self.discard_button, self.save_button):
            row.addWidget(widget)
        return row

    def _content(self) -> QScrollArea:
        self._content_box = content = QWidget(self)
        content.setObjectName("scrollContent")
        content.setMaximumWidth(_CONTENT_WIDTH)
        cards = QVBoxLayout(content)
        cards.setContentsMargins(0, 0, Space.S, Space.PAGE)
        cards.setSpacing(Space.M)
        for section in self.sections:
            cards.addWidget(section)
        self._nothing = EmptyState("search", tr("No setting found"), tr("Try another word."), parent=self)
        self._nothing.hide()
        cards.addWidget(self._nothing)
        cards.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(content)
        self._scroll.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._stay)
        return self._scroll

    def _identity_section(self) -> SettingsSection:
        words = tr("what every domain's records are made from")
        section = SettingsSection(MAIL_IDENTITY, tr("Mail identity"), words, "mail", self)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        section.add_form(self.identity_form)
        section.body.removeWidget(self.identity_form)
        row.addWidget(self.identity_form, 1, Qt.AlignmentFlag.AlignTop)
        self.preview.setFixedWidth(_PREVIEW_WIDTH)
        row.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        section.body.addLayout(row)
        return section

    def _section(self, section_id: str, title: str, words: str, icon_name: str, form: SettingsForm) -> SettingsSection:
        section = SettingsSection(section_id, title, words, icon_name, self)
        section.add_form(form)
        return section

    # Reading and saving

    def _on_read(self, rows: tuple[SettingRow, ...]) -> None:
        is_first, self._is_loaded = not self._is_loaded, True
        values = {row.key: row.value for row in rows}
        for form in self.forms:
            form.load(values)
        told = self.draft.restore() if is_first else None
        if told is not None:
            self._context.tell(told)
        self._show_changes()

    def _on_saved(self, stored: dict[str, str]) -> None:
        self._set_saving(saving=False)
        for form in self.forms:
            form.take_stored(stored)
        self._show_changes()
        self._context.tell(Message(tr("The settings are saved."), key="settings"))

    def _on_refused(self, error: UserFacingError) -> bool:
        self._set_saving(saving=False)
        if not isinstance(error, FieldError):
            return False  # told by the message bar; what was typed stays
        form = next((form for form in self.forms if error.field in form.keys), self.identity_form)
        return form.show_error(error)

    def _on_changed(self, change: Change) -> None:
        if change.topic is Topic.SETTINGS:
            self.refresh()

    def _on_restart_wanted(self) -> None:
        """Open the window anew; what is typed and not saved would be lost by it."""
        restart = self._appearance.restart_wanted.emit
        if not self.has_changes:
            restart()
            return
        title, text = tr("Restart without saving?"), tr("What was changed in the settings and not saved is lost.")
        confirm(self, title, text, tr("Restart"), restart)

    def _set_saving(self, *, saving: bool) -> None:
        self._is_saving = saving
        self._show_changes()

    def _show_changes(self) -> None:
        self.preview.show_identity(self.identity_form.identity())
        if self._is_loaded:
            self.draft.keep()
        changed = self.has_changes
        read_only = self._context.services.is_read_only
        self.save_button.setEnabled(changed and self._is_loaded and not self._is_saving and not read_only)
        self.discard_button.setEnabled(changed and not self._is_saving)
        if read_only:
            why = self._context.services.read_only_reason
            self.state.setText(translated(why) if why is not None else tr("This database is open for reading only."))
        else:
            self.state.setText(tr("Saving…") if self._is_saving else tr("Unsaved changes") if changed else "")
        self.line_changed.emit(self.state.text())

    # Searching and scrolling

    def _on_search(self, text: str) -> None:
        words = folded(text).split()
        found = [section for section in self.sections if section.search(words)]
        self._show_preview()
        self._nothing.setVisible(not found)
        self.navigation.show_sections([section.section_id for section in found])
        self._scroll.verticalScrollBar().setValue(0)
        if found:
            self.navigation.show_current(found[0].section_id)

    def _go_to(self, wanted: SettingsSection | SettingItem) -> None:
        # Where it is, is known once it has been laid out, and again when what is above it has been read.
        self._wanted = wanted
        QTimer.singleShot(0, self, self._stay)
        QTimer.singleShot(_SETTLE_MILLISECONDS, self, self._let_go)

    def _stay(self) -> None:
        """Keep what was asked for in its place while what is above it grows; a setting has its neighbours around it."""
        if self._wanted is None:
            return
        top = self._wanted.y() if isinstance(self._wanted, SettingsSection) else self._place_of(self._wanted)
        self._scroll.verticalScrollBar().setValue(top)
        self.navigation.show_current(self._wanted.section_id)

    def _let_go(self) -> None:
        self._wanted = None

    def _place_of(self, item: SettingItem) -> int:
        top = item.widget.mapTo(self._content_box, QPoint(0, 0)).y()
        return top - self._scroll.viewport().height() // 3

    def _on_scrolled(self, position: int) -> None:
        shown = [section for section in self.sections if not section.isHidden()]
        if not shown:
            return
        at_end = position >= self._scroll.verticalScrollBar().maximum()
        passed = [each for each in shown if each.y() <= position + Space.XXL]
        self.navigation.show_current((shown if at_end or not passed else passed)[-1 if passed else 0].section_id)


_PREVIEWED = ("mail.mx", "mail.sending_addresses", "mail.spf", "mail.dmarc")
