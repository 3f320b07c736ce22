"""What every name server and every resolver answered about one record, side by side."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.dns import RecordKind, RecordReport, ServerAnswer, Verdict
from smtpy_desktop.views.domain_words import answer_words, kind_name, state_sentence, verdict_icon
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.label import text_width
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.texts import tr

_MOST_ROWS = 12
_SERVER_WIDTHS = (120, 190)


class RecordAnswersTable(TableFrame):
    """Asked, answer, time to live; the name servers first, as the report has them. Made once, filled again."""

    def __init__(self, kind: RecordKind, parent: QWidget | None = None) -> None:
        self._report: RecordReport | None = None
        self._checked_at: datetime | None = None
        self._model: KeyedTableModel[ServerAnswer] = KeyedTableModel(self._columns(), fixed_reader(()))
        name = tr("Answers about {record}", record=kind_name(kind))
        # Its columns fit its own names, so there is nothing to be remembered.
        self.table: DataTable[ServerAnswer] = DataTable(self._model, name, "answers", MemoryStore())
        self._model.setParent(self.table)
        super().__init__(self.table, parent, on_surface=True)
        self.table.set_compact(compact=True)

    def show_answers(self, report: RecordReport, checked_at: datetime) -> None:
        """Show who answered what when the record was checked."""
        self._report, self._checked_at = report, checked_at
        self._model.set_reader(fixed_reader(report.answers))
        self._model.reload(keep=False)
        self.table.horizontalHeader().resizeSection(0, _server_width(report))
        self.fit_rows(_MOST_ROWS)

    def _columns(self) -> tuple[Column[ServerAnswer], ...]:
        return (
            Column(
                "asked",
                tr("Asked"),
                lambda row: row.answer.server,
                icon=lambda row: verdict_icon(row.verdict),
                tooltip=_who,
                required=True,
            ),
            Column(
                "answer",
                tr("Answer"),
                self._words,
                tooltip=lambda row: _evidence(row, self._words(row)),
                value=lambda row: list(row.answer.values) or row.answer.state.value,
                tone=lambda row: Tone.MUTED if row.verdict is Verdict.UNKNOWN else Tone.TEXT,
                stretch=True,
            ),
            Column(
                "ttl",
                tr("TTL"),
                lambda row: "" if row.answer.ttl is None else tr("{seconds} s", seconds=row.answer.ttl),
                width=66,
                value=lambda row: row.answer.ttl,
                tooltip=self._kept_until,
                align_end=True,
            ),
        )

    def _words(self, row: ServerAnswer) -> str:
        return answer_words(row.answer, self._report.found if self._report is not None else ())

    def _kept_until(self, row: ServerAnswer) -> str:
        if row.answer.ttl is None or self._checked_at is None:
            return ""
        moment = self._checked_at + timedelta(seconds=row.answer.ttl)
        return tr("Caches may keep this answer until {time}", time=exact_time(moment))


def _server_width(report: RecordReport) -> int:
    """Return the width that the longest name needs, within bounds."""
    room = Metric.CELL_PADDING + Metric.ICON + Space.S + Space.M
    needed = max(text_width(text_font(), one.answer.server) for one in report.answers) + room
    return max(_SERVER_WIDTHS[0], min(needed, _SERVER_WIDTHS[1]))


def _who(row: ServerAnswer) -> str:
    kind = tr("Name server of the zone") if row.answer.authoritative else tr("Resolver")
    return f"{row.answer.server}\n{kind}"


def _evidence(row: ServerAnswer, words: str) -> str:
    lines = [words, state_sentence(row.answer.state), *row.answer.values]
    lines += [tr("by way of the alias {name}", name=name) for name in row.answer.chain]
    if row.answer.milliseconds:
        lines.append(tr("answered after {n} ms", n=row.answer.milliseconds))
    return "\n".join(line for line in dict.fromkeys(lines) if line)
