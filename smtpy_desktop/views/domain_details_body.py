"""The scrolling part of a domain's details: its records as cards, and its settings below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers.domain_details_controller import DomainOverview
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.domain_facts_card import DomainFactsCard
from smtpy_desktop.views.mail_identity_words import is_begun, missing_parts, missing_title
from smtpy_desktop.views.record_card import RecordCard, ShownRecord
from smtpy_desktop.views.rules_card import RulesCard
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, on_click
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import tr, translated


class DomainDetailsBody(QWidget):
    """Shows a ``DomainOverview``. ``settings_wanted``, ``aliases_wanted``: those of the domain.

    ``identity_wanted``: the mail identity. ``another_shown``: it is about another domain than before.
    """

    another_shown = Signal()
    settings_wanted = Signal()
    aliases_wanted = Signal()
    identity_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overview: DomainOverview | None = None
        self._note: Text | None = None
        self._to_fill: list[RecordCard] = []
        # One card after the other, so that typing and painting go on between them.
        self._fill_soon = single_shot(self, self._fill_next)
        self._notice = Notice("", "", Tone.ACCENT, self)
        self._identity_button = Button(tr("Set the mail identity…"), self._notice, action=self.identity_wanted.emit)
        self._notice.add_actions(self._identity_button)
        self.cards = {kind: RecordCard(kind, self) for kind in RecordKind}
        self._facts = DomainFactsCard(self)
        self.rules = RulesCard(context, self)
        self._facts.settings_button.setHidden(context.services.is_read_only)
        on_click(self._facts.settings_button, self.settings_wanted.emit)
        on_click(self._facts.aliases_button, self.aliases_wanted.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for widget in (self._notice, *self.cards.values(), self._facts, self.rules):
            column.addWidget(widget)
        column.addStretch(1)
        for card in self.cards.values():
            card.filling_wanted.connect(self._fill_later)

    def show_overview(self, overview: DomainOverview, note: Text | None = None) -> None:
        """Show a domain; of the same one as before, what was opened stays open.

        ``note`` says what could not be taken into account in the records to publish.
        """
        before = self._overview
        if (overview, note) == (before, self._note):
            return
        self._overview, self._note = overview, note
        self._show_notice(overview, note)
        is_same = before is not None and before.domain.id == overview.domain.id
        keeps_open = is_same and before is not None and before.report == overview.report
        repeated = _repeated(overview)
        for kind, card in self.cards.items():
            shown = _shown(kind, overview)
            card.setVisible(shown is not None)
            if shown is not None:
                opens = shown.verdict is not Verdict.OK and kind not in repeated
                card.show_record(shown, expanded=card.is_expanded if keeps_open else opens)
        self._facts.show_domain(overview.domain)
        self.rules.show_owner(overview.domain.id)
        if not is_same:
            self.another_shown.emit()

    def clear(self) -> None:
        """Forget what was shown, so that nothing of it stays open."""
        self._overview = None
        self.rules.clear()

    def _show_notice(self, overview: DomainOverview, note: Text | None) -> None:
        self._notice.setVisible(not overview.has_identity or overview.report is None)
        self._identity_button.setVisible(not overview.has_identity)
        if not overview.has_identity:
            self._notice.show_words(missing_title(overview.missing), _identity_words(overview), Tone.WARN)
        elif overview.report is None:
            self._notice.show_words(tr("Publish these records"), _publish_words(overview, note), Tone.ACCENT)

    def _fill_later(self, card: RecordCard) -> None:
        if card not in self._to_fill:
            self._to_fill.append(card)
        self._fill_soon.start()

    def _fill_next(self) -> None:
        if self._to_fill and not self._to_fill[0].fill():
            follow(self._to_fill.pop(0))
        if self._to_fill:
            self._fill_soon.start()


def _shown(kind: RecordKind, overview: DomainOverview) -> ShownRecord | None:
    """Return what there is to show about a kind of record; None when nothing was asked and nothing is wanted."""
    report, wanted = overview.report, overview.wanted(kind)
    records = report.records if report is not None else ()
    found = next((record for record in records if record.kind is kind), None)
    if found is None and not wanted:
        return None
    return ShownRecord(overview.domain.name, wanted, found, report.checked_at if report is not None else None)


def _identity_words(overview: DomainOverview) -> str:
    if is_begun(overview.missing):
        return tr(
            "Still missing: {parts}. Which records this domain has to publish follows from it. Set it once; it holds "
            "for every domain.",
            parts=missing_parts(overview.missing),
        )
    return tr(
        "Which records this domain has to publish follows from your mail servers, your SPF mechanism and "
        "your DMARC policy. Set them once; they hold for every domain."
    )


def _publish_words(overview: DomainOverview, note: Text | None) -> str:
    words = tr(
        "Add these records where the DNS of {name} is kept, then press Verify. Where the provider adds the domain "
        "to a host by itself, use the short host.",
        name=overview.domain.unicode_name,
    )
    return f"{words}\n\n{translated(note)}" if note is not None else words


def _repeated(overview: DomainOverview) -> frozenset[RecordKind]:
    """Return the records that could not be asked about for the same reason as one before them."""
    unknown = (
        [record for record in overview.report.records if record.verdict is Verdict.UNKNOWN] if overview.report else []
    )
    first = {record.code: record.kind for record in reversed(unknown)}
    return frozenset(record.kind for record in unknown if first[record.code] is not record.kind)
