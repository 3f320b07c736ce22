"""What narrows the log down: words, level, whose log, and the moment that somebody came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.log_lines import LogLevel, LogQuery
from smtpy_desktop.views.log_words import level_word, moment_words, source_word
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip
from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTHS = (200, 340)
_FIRST_SOURCES = ("window", "command", "forwarder", "database")


class LogFilterBar(QWidget):
    """``changed``: other lines are wanted. ``left``: Return was pressed in the box."""

    changed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._query = LogQuery()
        tooltip = tr("Every word has to stand in the line ({keys})", keys=key_text(Shortcut.FIND.keys))
        self.box = FilterBox(tr("Filter the log"), tooltip, _BOX_WIDTHS, self)
        self.box.applied.connect(lambda text: self._take(replace(self._query, text=text)))
        self.box.left.connect(self.left)
        self.level_chip = ChoiceChip(
            tr("Level"), _level_titles(), lambda level: self._take(replace(self._query, level=level)), self
        )
        self.source_chip = self._source_chip(_FIRST_SOURCES)
        self._sources: tuple[str, ...] = _FIRST_SOURCES
        self.time_chip = Chip("", self, closable=True, action=self._on_time_removed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.S)
        for widget in (self.box, self.level_chip, self.source_chip, self.time_chip):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self.setFocusProxy(self.box)
        self._show()

    @property
    def query(self) -> LogQuery:
        """What is wanted now."""
        return replace(self._query, text=self._query.text.replace("\0", "").strip())

    @property
    def is_applied(self) -> bool:
        """Whether anything is left out."""
        return self.query != LogQuery()

    def set_query(self, query: LogQuery) -> None:
        """Want other lines."""
        self.box.settle()
        self._take(query)

    def clear(self) -> None:
        """Want all lines."""
        self.set_query(LogQuery())

    def set_sources(self, sources: Iterable[str]) -> None:
        """Offer these logs as well as the usual ones."""
        wanted = tuple(dict.fromkeys((*_FIRST_SOURCES, *sources)))
        if wanted == self._sources:
            return
        self._sources = wanted
        old, self.source_chip = self.source_chip, self._source_chip(wanted)
        self._row.replaceWidget(old, self.source_chip)
        old.deleteLater()
        self._show()

    def _source_chip(self, sources: Iterable[str]) -> ChoiceChip[str]:
        titles = {"": tr("All logs"), **{source: source_word(source) for source in sources}}
        return ChoiceChip(tr("Log"), titles, lambda source: self._take(replace(self._query, source=source)), self)

    def _take(self, query: LogQuery) -> None:
        changed = query != self._query
        self._query = query
        self._show()
        if changed:
            self.changed.emit()

    def _on_time_removed(self) -> None:
        self._take(replace(self._query, since=None, until=None))

    def _show(self) -> None:
        query = self._query
        self.box.show_text(query.text)
        is_leveled = query.level > LogLevel.DEBUG
        label = _at_least(query.level)
        self.level_chip.show_choice(query.level, label, is_applied=is_leveled)
        self.source_chip.show_choice(
            query.source,
            source_word(query.source) if query.source else tr("All logs"),
            is_applied=bool(query.source),
        )
        self.time_chip.set_label(_span_words(query.since, query.until))
        self.time_chip.setVisible(query.since is not None or query.until is not None)


def around(moment: datetime, seconds: float = 30) -> tuple[datetime, datetime]:
    """Return the span of time that belongs to a moment."""
    margin = timedelta(seconds=seconds)
    return moment - margin, moment + margin


def _level_titles() -> dict[LogLevel, str]:
    return {level: _at_least(level) for level in LogLevel}


def _at_least(level: LogLevel) -> str:
    if level in (LogLevel.DEBUG, LogLevel.CRITICAL):
        return tr("All levels") if level is LogLevel.DEBUG else level_word(level)
    return tr("{level} and worse", level=level_word(level))


def _span_words(since: datetime | None, until: datetime | None) -> str:
    return tr("{since} to {until}", since=moment_words(since), until=moment_words(until))
