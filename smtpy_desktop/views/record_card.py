"""One record of a domain: what is published, what should be, why, and who answered what."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.dns import RecordKind, RecordReport, Verdict, WantedRecord
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.domain_words import kind_name, record_summary, verdict_icon, verdict_word
from smtpy_desktop.views.record_answers_table import RecordAnswersTable
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.wanted_record_block import WantedRecordBlock
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText


class RecordCard(Card):
    """Collapsed where everything is right; ``report`` is None for a record that was never checked."""

    def __init__(
        self,
        kind: RecordKind,
        domain: str,
        wanted: tuple[WantedRecord, ...],
        report: RecordReport | None,
        checked_at: datetime | None,
        parent: QWidget | None = None,
        *,
        expanded: bool | None = None,
    ) -> None:
        self.kind = kind
        self._domain, self._wanted, self._report = domain, wanted, report
        self._checked_at = checked_at
        verdict = report.verdict if report is not None else None
        icon, tone = verdict_icon(verdict)
        is_right = verdict is Verdict.OK
        super().__init__(
            kind_name(kind),
            self._subtitle(is_right=is_right),
            parent,
            tone=tone if verdict in (Verdict.WRONG, Verdict.UNKNOWN) else Tone.MUTED,
            icon=icon,
            icon_tone=tone,
            icon_name=verdict_word(verdict),
            collapsible=True,
            expanded=False,
        )
        self.setAccessibleName(tr("{record}: {verdict}", record=kind_name(kind), verdict=verdict_word(verdict)))
        self.add_action(CopyButton(self._value_to_copy(), tr("the {record} value", record=kind_name(kind)), self))
        self._is_built = False
        self.expanded_changed.connect(self._build_body)
        self.set_expanded(not is_right if expanded is None else expanded)

    @property
    def toggle_button(self) -> QWidget:
        """What opens and closes the card by key."""
        return self if self._toggle is None else self._toggle

    def _subtitle(self, *, is_right: bool) -> str:
        found = self._report.found if self._report is not None else ()
        if is_right:
            return record_summary(self.kind, self._domain, self._wanted, found)
        if self._report is not None:
            where = tr("{type} at {host}", type=self._report.type, host=self._report.host)
            is_known = self._report.verdict is Verdict.WRONG
            return where if is_known else tr("could not be asked · {where}", where=where)
        if self._wanted:
            return tr("{type} at {host}", type=self._wanted[0].type, host=self._wanted[0].host)
        return ""

    def _value_to_copy(self) -> str:
        """What is published where that is right, otherwise what should be."""
        report = self._report
        if report is not None and report.verdict is Verdict.OK and report.found:
            return "\n".join(report.found)
        return "\n".join(_with_priority(record) for record in self._wanted)

    def _build_body(self, expanded: bool) -> None:
        """Make what the card holds when it is opened for the first time."""
        if self._is_built or not expanded:
            return
        self._is_built = True
        report = self._report
        if report is not None:
            self._build_reason(report)
            if report.found:
                self._build_found(report)
        is_there = report is not None and bool(report.found) and report.verdict is Verdict.UNKNOWN
        if report is None or not (report.verdict is Verdict.OK or is_there):
            self._build_wanted(report)
        if report is not None and report.answers and self._checked_at is not None:
            self.body.addWidget(RecordAnswersTable(report, self._checked_at, self))

    def _build_reason(self, report: RecordReport) -> None:
        self.body.addWidget(WrappedText(translated(report.reason), self))
        for warning in report.warnings:
            self.body.addLayout(self._warning_row(warning))

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
        self.body.addWidget(block)

    def _build_wanted(self, report: RecordReport | None) -> None:
        instead = report is not None and bool(report.found) and report.verdict is Verdict.WRONG
        caption = tr("Publish this instead") if instead else tr("Publish")
        if self._wanted:
            remark = tr("yours, with our mechanism merged in") if self._wanted[0].merged else ""
            self.body.addWidget(WantedRecordBlock(self._wanted, self._domain, caption, self, remark=remark))


def _with_priority(record: WantedRecord) -> str:
    return record.value if record.priority is None else f"{record.priority} {record.value}"
