"""One record of a domain: what is published, what should be, why, and who answered what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.dns import RecordKind, RecordReport, Verdict, WantedRecord
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.domain_words import UNKNOWN_ICON, kind_name, record_summary, verdict_icon, verdict_word
from smtpy_desktop.views.record_answers_table import RecordAnswersTable
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.wanted_record_block import WantedRecordBlock
from smtpy_desktop.views.widgets.card import Card, clear_layout
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """What a card shows: ``report`` and ``checked_at`` are None for a record that was never checked."""

    domain: str
    wanted: tuple[WantedRecord, ...]
    report: RecordReport | None
    checked_at: datetime | None

    @property
    def verdict(self) -> Verdict | None:
        """What the last check said."""
        return self.report.verdict if self.report is not None else None


class RecordCard(Card):
    """One kind of record; made once and filled again for each domain, as moving through the list has to be quick.

    ``filling_wanted(RecordCard)``: the card is open and parts of it are missing; call ``fill`` when there is time.
    """

    filling_wanted = Signal(object)

    def __init__(self, kind: RecordKind, parent: QWidget | None = None) -> None:
        super().__init__(kind_name(kind), "", parent, collapsible=True, expanded=False)
        self.kind = kind
        self._shown: ShownRecord | None = None
        self._words = QVBoxLayout()
        self._words.setSpacing(Space.S)
        self.body.addLayout(self._words)
        self._answers: RecordAnswersTable | None = None
        self._missing: list[Callable[[], None]] = []
        self._mark = IconLabel(UNKNOWN_ICON, Tone.MUTED, self)
        self._head.insertWidget(0, self._mark)
        self._copy = CopyButton("", tr("the {record} value", record=kind_name(kind)), self)
        self.add_action(self._copy)
        self.expanded_changed.connect(self._ask_to_be_filled)

    @property
    def toggle_button(self) -> QWidget:
        """What opens and closes the card by key."""
        return self if self._toggle is None else self._toggle

    def show_record(self, shown: ShownRecord, *, expanded: bool) -> None:
        """Show a record; its body is made when the card is opened."""
        if shown != self._shown:
            self._shown, self._missing = shown, self._parts(shown)
            clear_layout(self._words)
            if self._answers is not None:
                self._answers.hide()
            self._show_head(shown)
        if expanded != self.is_expanded:
            self.set_expanded(expanded)
        self._ask_to_be_filled()

    def fill(self) -> bool:
        """Make the next part of what an open card holds; return whether there is more to be made."""
        if not (self.is_expanded and self._missing):
            return False
        self._missing.pop(0)()
        return bool(self._missing)

    def _parts(self, shown: ShownRecord) -> list[Callable[[], None]]:
        """Return what makes the parts of the body, from the top."""
        parts: list[Callable[[], None]] = []
        report = shown.report
        if report is not None:
            parts.append(partial(self._build_reason, report))
        is_there = report is not None and bool(report.found) and report.verdict is Verdict.UNKNOWN
        if report is None or not (report.verdict is Verdict.OK or is_there):
            parts.append(partial(self._build_wanted, shown))
        if report is not None and report.answers and shown.checked_at is not None:
            parts.append(partial(self._show_answers, report, shown.checked_at))
        return parts

    def _ask_to_be_filled(self) -> None:
        if self.is_expanded and self._missing:
            self.filling_wanted.emit(self)

    def _show_head(self, shown: ShownRecord) -> None:
        icon, tone = verdict_icon(shown.verdict)
        self._mark.set_icon(icon, tone, name=verdict_word(shown.verdict))
        self.subtitle.setText(_subtitle(self.kind, shown))
        name = tr("{record}: {verdict}", record=kind_name(self.kind), verdict=verdict_word(shown.verdict))
        self.setAccessibleName(name)
        self._copy.set_value(_value_to_copy(shown))
        border = tone if shown.verdict in (Verdict.WRONG, Verdict.UNKNOWN) else Tone.MUTED
        if self.property("tone") != border.value:
            set_style_property(self, "tone", border.value)

    def _build_reason(self, report: RecordReport) -> None:
        self._words.addWidget(WrappedText(translated(report.reason), self))
        for warning in report.warnings:
            self._words.addLayout(self._warning_row(warning))
        if report.found:
            self._build_found(report)

    def _warning_row(self, warning: Text) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        icon = IconLabel("alert-triangle", Tone.WARN, self, name=tr("Warning"))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(WrappedText(translated(warning), self), 1)
        return row

    def _build_found(self, report: RecordReport) -> None:
        tones = {Verdict.OK: Tone.OK, Verdict.WRONG: Tone.BAD, Verdict.UNKNOWN: Tone.TEXT}
        block = CodeBlock(tr("Published"), "\n".join(report.found), self, tone=tones[report.verdict])
        self._words.addWidget(block)

    def _show_answers(self, report: RecordReport, checked_at: datetime) -> None:
        if self._answers is None:
            self._answers = RecordAnswersTable(self.kind, self)
            self.body.addWidget(self._answers)
        self._answers.show_answers(report, checked_at)
        self._answers.show()

    def _build_wanted(self, shown: ShownRecord) -> None:
        instead = shown.report is not None and bool(shown.report.found)
        caption = tr("Publish this instead") if instead else tr("Publish")
        if shown.wanted:
            remark = tr("yours, with our mechanism merged in") if shown.wanted[0].merged else ""
            self._words.addWidget(WantedRecordBlock(shown.wanted, shown.domain, caption, self, remark=remark))


def _subtitle(kind: RecordKind, shown: ShownRecord) -> str:
    report = shown.report
    if report is not None and report.verdict is Verdict.OK:
        return record_summary(kind, shown.domain, shown.wanted, report.found)
    if report is not None:
        where = tr("{type} at {host}", type=report.type, host=report.host)
        return where if report.verdict is Verdict.WRONG else tr("could not be asked · {where}", where=where)
    return tr("{type} at {host}", type=shown.wanted[0].type, host=shown.wanted[0].host) if shown.wanted else ""


def _value_to_copy(shown: ShownRecord) -> str:
    """Return what is published where that is right, otherwise what should be."""
    report = shown.report
    if report is not None and report.verdict is Verdict.OK and report.found:
        return "\n".join(report.found)
    return "\n".join(_with_priority(record) for record in shown.wanted)


def _with_priority(record: WantedRecord) -> str:
    return record.value if record.priority is None else f"{record.priority} {record.value}"
