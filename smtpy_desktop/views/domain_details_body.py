"""The scrolling part of a domain's details: its records as cards, and its settings below."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from smtpy_desktop.controllers.domain_details_controller import DomainOverview
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.domain_facts_card import DomainFactsCard
from smtpy_desktop.views.record_card import RecordCard
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, on_click
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.texts import tr, translated


class DomainDetailsBody(QWidget):
    """Shows a ``DomainOverview``. ``settings_wanted``: those of the domain. ``identity_wanted``: the mail identity."""

    settings_wanted = Signal()
    identity_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overview: DomainOverview | None = None
        self._note: Text | None = None
        self._content: QWidget | None = None
        self.cards: dict[RecordKind, RecordCard] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_overview(self, overview: DomainOverview, note: Text | None = None) -> None:
        """Show a domain; of the same one as before, what was opened stays open and the keyboard where it was.

        ``note`` says what could not be taken into account in the records to publish.
        """
        before = self._overview
        if (overview, note) == (before, self._note):
            return
        is_same = before is not None and before.domain.id == overview.domain.id
        keeps_open = is_same and before is not None and before.report == overview.report
        opened = {kind: card.is_expanded for kind, card in self.cards.items()} if keeps_open else {}
        focused = self._focused_card() if is_same else None
        self._overview, self._note = overview, note
        self._replace_content(self._build(overview, opened))
        if focused in self.cards:
            self.cards[focused].toggle_button.setFocus()
        if not is_same:
            self._scroll_to_top()

    def clear(self) -> None:
        """Show nothing."""
        self._overview, self.cards = None, {}
        self._replace_content(None)

    def _build(self, overview: DomainOverview, opened: Mapping[RecordKind, bool]) -> QWidget:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        if not overview.has_identity:
            column.addWidget(self._identity_notice(content))
        elif overview.report is None:
            column.addWidget(_publish_notice(overview, self._note, content))
        self.cards = {}
        repeated = _repeated(overview)
        for kind in RecordKind:
            expanded = opened.get(kind, False if kind in repeated else None)
            card = _card(kind, overview, expanded, content)
            if card is not None:
                self.cards[kind] = card
                column.addWidget(card)
        facts = DomainFactsCard(overview.domain, content)
        on_click(facts.settings_button, self.settings_wanted.emit)
        column.addWidget(facts)
        column.addStretch(1)
        return content

    def _identity_notice(self, parent: QWidget) -> Notice:
        notice = Notice(
            tr("First tell who you are in the DNS"),
            tr(
                "Which records this domain has to publish follows from your mail servers, your SPF mechanism and your "
                "DMARC policy. Set them once; they hold for every domain."
            ),
            Tone.WARN,
            parent,
        )
        notice.add_actions(Button(tr("Set the mail identity…"), notice, action=self.identity_wanted.emit))
        return notice

    def _focused_card(self) -> RecordKind | None:
        focused = QApplication.focusWidget()
        if focused is None:
            return None
        return next((kind for kind, card in self.cards.items() if card.isAncestorOf(focused)), None)

    def _replace_content(self, content: QWidget | None) -> None:
        old, self._content = self._content, content
        if content is not None:
            self._column.addWidget(content)
        if old is not None:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _scroll_to_top(self) -> None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.verticalScrollBar().setValue(0)


def _publish_notice(overview: DomainOverview, note: Text | None, parent: QWidget) -> Notice:
    words = [
        tr(
            "Add these records where the DNS of {name} is kept, then press Verify. Where the provider adds the domain "
            "to a host by itself, use the short host.",
            name=overview.domain.unicode_name,
        )
    ]
    if note is not None:
        words.append(translated(note))
    return Notice(tr("Publish these records"), "\n\n".join(words), Tone.ACCENT, parent)


def _card(kind: RecordKind, overview: DomainOverview, expanded: bool | None, parent: QWidget) -> RecordCard | None:
    report, wanted = overview.report, overview.wanted(kind)
    records = report.records if report is not None else ()
    found = next((record for record in records if record.kind is kind), None)
    if found is None and not wanted:
        return None
    checked_at = report.checked_at if report is not None else None
    return RecordCard(kind, overview.domain.name, wanted, found, checked_at, parent, expanded=expanded)


def _repeated(overview: DomainOverview) -> frozenset[RecordKind]:
    """Return the records that could not be asked about for the same reason as one before them."""
    unknown = (
        [record for record in overview.report.records if record.verdict is Verdict.UNKNOWN] if overview.report else []
    )
    first = {record.code: record.kind for record in reversed(unknown)}
    return frozenset(record.kind for record in unknown if first[record.code] is not record.kind)
