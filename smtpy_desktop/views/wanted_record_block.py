"""What to publish at one host: type, time to live, priority and value, each ready to be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.dns import WantedRecord
from smtpy_desktop.views.domain_words import kind_name, short_host
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.texts import tr

_NAME_WIDTH = 62


class WantedRecordBlock(QFrame):
    """Records of one host and type. ``domain`` is what providers add to a host; ``remark`` stands by the caption."""

    def __init__(
        self,
        records: Sequence[WantedRecord],
        domain: str,
        caption: str,
        parent: QWidget | None = None,
        *,
        remark: str = "",
    ) -> None:
        super().__init__(parent)
        self._record = record = records[0]
        self._what = kind_name(record.kind)
        self.setObjectName("codeBlock")
        self.setAccessibleName(tr("{caption}: {record}", caption=caption, record=self._what))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S + 1, Space.XS + 2, Space.XS, Space.XS)
        column.setSpacing(2)
        column.addLayout(self._build_head(caption, remark))
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.S)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self._build_host(domain)
        self._build_facts()
        for each in records:
            self._build_value(each)

    def _build_head(self, caption: str, remark: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(PlainLabel(caption.upper(), self, tone=Tone.MUTED, size="caption"))
        elided = PlainLabel(remark, self, tone=Tone.MUTED, size="caption", elide=Qt.TextElideMode.ElideRight)
        row.addWidget(elided, 1)
        return row

    def _build_host(self, domain: str) -> None:
        self._add(tr("Host"), self._record.host, tr("the {record} host", record=self._what))
        short = short_host(self._record.host, domain)
        if short != self._record.host:
            self._add(tr("Short host"), short, tr("the {record} host without the domain", record=self._what))

    def _build_facts(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        self._add_fact(row, self._record.type, tr("the {record} type", record=self._what))
        row.addSpacing(Space.M)
        row.addWidget(PlainLabel(tr("TTL"), self, tone=Tone.MUTED, size="small"))
        self._add_fact(row, str(self._record.ttl), tr("the {record} time to live", record=self._what))
        row.addStretch(1)
        line = self._grid.rowCount()
        self._grid.addWidget(self._name_label(tr("Type")), line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(row, line, 1, 1, 2)

    def _build_value(self, record: WantedRecord) -> None:
        what = tr("the {record} value", record=self._what)
        if record.priority is None:
            self._add(tr("Value"), record.value, what, tone=Tone.OK)
            return
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        self._add_fact(row, str(record.priority), tr("the {record} priority", record=self._what))
        row.addSpacing(Space.M)
        row.addWidget(PlainLabel(tr("Value"), self, tone=Tone.MUTED, size="small"))
        row.addLayout(self._text(tr("Value"), record.value, Tone.OK), 1)
        line = self._grid.rowCount()
        self._grid.addWidget(self._name_label(tr("Priority")), line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(row, line, 1)
        self._grid.addWidget(CopyButton(record.value, what, self), line, 2)

    def _add_fact(self, row: QHBoxLayout, value: str, what: str) -> None:
        row.addWidget(PlainLabel(value, self, mono=True))
        row.addWidget(CopyButton(value, what, self))

    def _add(self, name: str, value: str, what: str, *, tone: Tone = Tone.TEXT) -> None:
        line = self._grid.rowCount()
        self._grid.addWidget(self._name_label(name), line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(self._text(name, value, tone), line, 1)
        self._grid.addWidget(CopyButton(value, what, self), line, 2, Qt.AlignmentFlag.AlignTop)

    def _text(self, name: str, value: str, tone: Tone) -> QVBoxLayout:
        """Return a value whose first line stands beside the middle of its copy button, however many lines follow."""
        text = MonoText(value, tr("{name} of {record}", name=name, record=self._what), self, tone=tone)
        holder = QVBoxLayout()
        inset = (Metric.ICON_BUTTON - text.fontMetrics().height()) // 2
        holder.setContentsMargins(0, inset, 0, inset)
        holder.addWidget(text)
        return holder

    def _name_label(self, name: str) -> PlainLabel:
        label = PlainLabel(name, self, tone=Tone.MUTED, size="small")
        label.setFixedHeight(Metric.ICON_BUTTON)
        return label
