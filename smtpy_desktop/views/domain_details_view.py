"""The details of the selected domain: read, shown, kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import domain_details_controller, domain_records_controller
from smtpy_desktop.controllers.domain_details_controller import DomainOverview
from smtpy_desktop.controllers.domain_records_controller import RecordsToPublish
from smtpy_desktop.core.domain_state import patience_words
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.dns import DnsReport, WantedRecord
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.domain_details_body import DomainDetailsBody
from smtpy_desktop.views.domain_words import result_sentence, status_pill
from smtpy_desktop.views.mail_identity_words import why_not_verified
from smtpy_desktop.views.record_exports import copy_menu, save_menu
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import exact_time, relative_time
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_READ_AFTER_MILLISECONDS = 60
_CLOCK_MILLISECONDS = 30_000


@dataclass(frozen=True, slots=True)
class _Published:
    """What was found out about a domain that was never checked."""

    plain: DomainOverview
    found: RecordsToPublish


class DomainDetailsView(QObject):
    """Fills the three parts of a details pane: ``head``, ``body`` and ``foot``.

    ``verify_wanted``, ``settings_wanted``, ``history_wanted``, ``aliases_wanted``: of what is shown;
    ``selection_verify_wanted`` and ``selection_active_wanted(bool)``: of all that are selected; ``identity_wanted``:
    the settings of the mail identity; ``simulate_wanted(str)``, ``test_wanted(str)``: mail to an address is to be tried
    out. ``another_shown``: it is about another domain than before; ``gone(DomainId)``: what was to be shown does not
    exist any more.
    """

    verify_wanted = Signal()
    another_shown = Signal()
    settings_wanted = Signal()
    history_wanted = Signal()
    aliases_wanted = Signal()
    selection_verify_wanted = Signal()
    selection_active_wanted = Signal(bool)
    identity_wanted = Signal()
    simulate_wanted = Signal(str)
    test_wanted = Signal(str)
    gone = Signal(int)

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: DomainId | None = None
        self._overview: DomainOverview | None = None
        self._published: _Published | None = None
        self._verifying: set[DomainId] = set()
        self._read_soon = single_shot(self, self._read, _READ_AFTER_MILLISECONDS)
        self.head, self.foot = QWidget(parent), QWidget(parent)
        self.body = QWidget(parent)
        self._build_head()
        self._build_body()
        self._build_foot()
        self.cards.another_shown.connect(self.another_shown)
        self.cards.settings_wanted.connect(self.settings_wanted)
        self.cards.aliases_wanted.connect(self.aliases_wanted)
        self.cards.identity_wanted.connect(self.identity_wanted)
        self.cards.rules.simulate_wanted.connect(self.simulate_wanted)
        self.cards.rules.test_wanted.connect(self.test_wanted)
        clock = QTimer(self)
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self._show_sentence)
        clock.start()
        self.show_nothing()

    # What is shown

    @property
    def domain_id(self) -> DomainId | None:
        """The domain that is shown or about to be."""
        return self._shown

    @property
    def overview(self) -> DomainOverview | None:
        """What is known of it, once it was read."""
        return self._overview

    def show_domain(self, domain_id: DomainId) -> None:
        """Show a domain a moment later, so that moving through the list stays quick."""
        if domain_id != self._shown:
            self._shown = domain_id
            self._read_soon.start()

    def show_selection(self, count: int) -> None:
        """Show that several domains are selected, with what can be done with them."""
        self._forget()
        self._several.set_title(tr_n("{n} domain selected", "{n} domains selected", count))
        self._show_parts(self._several)

    def show_nothing(self, *, has_domains: bool = True) -> None:
        """Show that no domain is selected; nothing at all where there is none to be selected."""
        self._forget()
        self._show_parts(self._empty)
        self._empty.setVisible(has_domains)

    def refresh(self) -> None:
        """Read what is shown again."""
        if self._shown is not None:
            self._read()

    def show_report(self, report: DnsReport) -> None:
        """Show a report as soon as it is there, if it is about what is shown."""
        if self._overview is not None and report.domain_id == self._shown == self._overview.domain.id:
            self._show(replace(self._overview, report=report))
            self.refresh()  # the state of the domain, and what to publish, follow from the report

    def set_verifying(self, domain_ids: Sequence[DomainId], *, running: bool) -> None:
        """Show on the button that a domain is being verified."""
        if running:
            self._verifying.update(domain_ids)
        else:
            self._verifying.difference_update(domain_ids)
        self._show_button()

    # Building

    def _build_head(self) -> None:
        self._name = PlainLabel("", self.head, size="heading", elide=Qt.TextElideMode.ElideRight)
        self._pill = Pill("", Tone.MUTED, self.head)
        self.verify_button = Button(tr("Verify"), self.head, kind="primary", icon="refresh", action=self._on_verify)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._name)
        row.addWidget(self._pill)
        row.addStretch(1)
        row.addWidget(self.verify_button)
        self._sentence = WrappedText("", self.head, tone=Tone.MUTED)
        self._patience = WrappedText("", self.head, tone=Tone.WARN)
        column = QVBoxLayout(self.head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(self._sentence)
        column.addWidget(self._patience)

    def _build_body(self) -> None:
        self.cards = DomainDetailsBody(self._context, self.body)
        title, text = tr("No domain selected"), tr("Select a domain to see its records and how they were found.")
        self._empty = EmptyState("world", title, text, parent=self.body)
        self._several = EmptyState(
            "list",
            "",
            tr("What you do here is done with all of them."),
            Button(tr("Verify them"), icon="refresh", action=self.selection_verify_wanted.emit),
            Button(tr("Activate"), icon="player-play", action=partial(self.selection_active_wanted.emit, True)),
            Button(tr("Deactivate"), icon="player-pause", action=partial(self.selection_active_wanted.emit, False)),
            parent=self.body,
        )
        self._several.setDisabled(self._context.services.is_read_only)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.cards)
        column.addWidget(self._empty, 1)
        column.addWidget(self._several, 1)

    def _build_foot(self) -> None:
        tell = self._context.tell
        self.copy_button = MenuButton(
            tr("Copy all records"), copy_menu(self.records, tell, self.foot), self.foot, icon="copy"
        )
        self.save_button = MenuButton(
            tr("Save as"), save_menu(self._file_name, self.records, self._report, tell, self.foot), self.foot
        )
        self.history_button = Button(tr("History"), self.foot, kind="link", action=self.history_wanted.emit)
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.copy_button)
        row.addWidget(self.save_button)
        row.addStretch(1)
        row.addWidget(self.history_button)

    def records(self) -> tuple[WantedRecord, ...]:
        """Return every record that the shown domain has to publish."""
        return self._overview.records if self._overview is not None else ()

    def _file_name(self) -> str:
        return self._overview.domain.name if self._overview is not None else ""

    def _report(self) -> DnsReport | None:
        return self._overview.report if self._overview is not None else None

    # Reading

    def _forget(self) -> None:
        self._read_soon.stop()
        self._shown = self._overview = None

    def _read(self) -> None:
        if self._shown is None:
            return
        work = domain_details_controller.domain_overview(self._context.services.sessions, self._shown)
        self._context.runner.run(
            work, owner=self, on_success=self._take, on_error=self._on_error, replaces="domain-details"
        )

    def _on_error(self, error: UserFacingError) -> bool:
        if isinstance(error, NotFoundError) and self._shown is not None:
            self.gone.emit(self._shown)
        return True  # what was shown stays; a lost database has its banner

    def _take(self, overview: DomainOverview) -> None:
        """Show what was read; ask for an SPF record that a domain may have before it was ever checked."""
        if overview.report is not None or not overview.has_identity:
            self._show(overview)
        elif self._published is not None and self._published.plain == overview:
            self._show(replace(overview, records=self._published.found.records), self._published.found.note)
        else:
            self._show(overview)
            self._look_for_spf(overview)

    def _show(self, overview: DomainOverview, note: Text | None = None) -> None:
        if overview.domain.id != self._shown:
            return
        self._overview = overview
        domain = overview.domain
        self._name.setText(domain.unicode_name)
        pill = status_pill(domain.status)
        self._pill.set_state(pill.text, pill.tone)
        self._show_sentence()
        self._show_patience()
        self._show_button()
        self.cards.show_overview(overview, note)
        for button in (self.copy_button, self.save_button):
            button.setEnabled(bool(overview.records))
        self._show_parts(self.cards)

    def _look_for_spf(self, overview: DomainOverview) -> None:
        """Ask whether the domain has an SPF record already: ours is then to be merged into it."""

        def take(found: RecordsToPublish) -> None:
            if overview.domain.id == self._shown and (self._overview is None or self._overview.report is None):
                self._published = _Published(overview, found)
                self._show(replace(overview, records=found.records), found.note)

        services = self._context.services
        work = domain_records_controller.records_to_publish(services.sessions, overview.domain.id, asker=services.asker)
        self._context.runner.run(work, owner=self, on_success=take, on_error=say_nothing, replaces="domain-spf")

    def _show_parts(self, shown: QWidget) -> None:
        parts: tuple[QWidget, ...] = (self.cards, self._empty, self._several)
        for part in parts:
            part.setVisible(part is shown)
        self.head.setVisible(shown is self.cards)
        self.foot.setVisible(shown is self.cards)
        if shown is not self.cards:
            self.cards.clear()

    def _on_verify(self) -> None:
        if self._shown not in self._verifying:
            self.verify_wanted.emit()

    def _show_sentence(self) -> None:
        if self._overview is not None:
            self._sentence.set_text(_sentence(self._overview))
            set_tooltip(self._sentence, _moments(self._overview))

    def _show_patience(self) -> None:
        """Say why a domain is verified although a record of it is wrong."""
        report = self._report()
        words = patience_words(report.wrong_in_a_row) if report is not None else None
        self._patience.set_text(translated(words) if words is not None else "")
        self._patience.setVisible(words is not None)

    def _show_button(self) -> None:
        running = self._shown in self._verifying
        self.verify_button.set_text(tr("Verifying…") if running else tr("Verify"))
        missing = self._overview.missing if self._overview is not None else ()
        set_tooltip(self.verify_button, why_not_verified(missing) if missing else "")
        # It stays enabled while it runs: the keyboard would jump to another button otherwise.
        can = self._overview is not None and not missing and not self._context.services.is_read_only
        self.verify_button.setEnabled(can)


def _sentence(overview: DomainOverview) -> str:
    """Return "4 of 5 records are right. Added 2 Sep 2025 · checked 4 h ago by 2 name servers and 2 resolvers"."""
    added = tr("Added {when}", when=relative_time(overview.domain.created_at))
    report = overview.report
    if report is None:
        return tr("Never checked. {added}", added=added)
    asked = [one.answer for record in report.records for one in record.answers]
    servers = len({answer.server for answer in asked if answer.authoritative})
    resolvers = len({answer.server for answer in asked if not answer.authoritative})
    checked = tr(
        "checked {when} by {servers} and {resolvers}",
        when=relative_time(report.checked_at),
        servers=tr_n("{n} name server", "{n} name servers", servers),
        resolvers=tr_n("{n} resolver", "{n} resolvers", resolvers),
    )
    return f"{result_sentence(report)} {added} · {checked}"


def _moments(overview: DomainOverview) -> str:
    lines = [tr("Added {when}", when=exact_time(overview.domain.created_at))]
    if overview.report is not None:
        lines.append(tr("Checked {when}", when=exact_time(overview.report.checked_at)))
    return "\n".join(lines)
