"""From an act on the page of the messages to the end of the paint event that shows what it has led to."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from PySide6.QtCore import QEvent, QObject, QTimer
from sqlalchemy import event

from benchmarks.messages_trial import messages_page
from benchmarks.window_trial import Script, until_calm
from smtpy_desktop.database.engine import Database
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.window_app import WindowApp

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done on the page; what only prepares the next step is not measured."""

    name: str
    act: Act
    is_measured: bool = True


@dataclass(slots=True)
class Painted:
    """What came out, in milliseconds, by the steps' names."""

    ours: dict[str, list[float]] = field(default_factory=dict)
    reference: dict[str, list[float]] = field(default_factory=dict)

    @property
    def all_ours(self) -> list[float]:
        """Every time that was taken."""
        return [each for times in self.ours.values() for each in times]

    @property
    def all_reference(self) -> list[float]:
        """Every time that the reference took."""
        return [each for times in self.reference.values() for each in times]

    @property
    def slowest(self) -> str:
        """The step that took longest, and how long."""
        name = max(self.ours, key=lambda each: max(self.ours[each]))
        return f"{max(self.ours[name]):.0f} ms, {name}"


class RowsWatch(QObject):
    """Takes the time until rows that were read anew are painted."""

    def __init__(self, table: DataTable[Any]) -> None:
        super().__init__(table)
        self.milliseconds: float | None = None
        self._begun = 0.0
        self._has_new_rows = False
        table.model().modelReset.connect(self._take_rows)
        table.viewport().installEventFilter(self)

    def begin(self, act: Act) -> None:
        """Act, and take the time from now on."""
        self.milliseconds, self._has_new_rows = None, False
        self._begun = time.perf_counter()
        act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._has_new_rows and event.type() == QEvent.Type.Paint:
            self._has_new_rows = False
            QTimer.singleShot(0, self._end)  # after this event, when the rows are painted
        return False

    def _take_rows(self) -> None:
        self._has_new_rows = True

    def _end(self) -> None:
        self.milliseconds = (time.perf_counter() - self._begun) * 1000


@dataclass(slots=True)
class Questions:
    """All that the page asks the database, by connection, in the order in which it was asked."""

    asked: list[tuple[Any, str, Any]] = field(default_factory=list)

    def listen_to(self, database: Database) -> None:
        """Note the statements of a database from now on."""
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._note)

    def of_first_page(self) -> list[tuple[str, Any]]:
        """Return what was asked to read the first page, up to the statement that read its rows."""
        last = next(number for number, (_, statement, _) in enumerate(self.asked) if _reads_rows(statement))
        connection = self.asked[last][0]
        return [(statement, values) for whose, statement, values in self.asked[: last + 1] if whose is connection]

    def _note(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:  # noqa: FBT001
        self.asked.append((connection, statement, parameters))


def measure_steps(app: WindowApp, bare: psycopg.Connection, steps: list[Step], painted: Painted) -> Script:
    """Do the steps one after the other, each when nothing runs any more, and each time ask the same by bare psycopg."""
    assert app.pages is not None
    database = app.pages.context.services.sessions
    assert isinstance(database, Database)
    questions = Questions()
    questions.listen_to(database)
    watch = RowsWatch(messages_page(app).list.table)
    for step in steps:
        yield until_calm(app)
        questions.asked.clear()
        watch.begin(step.act)
        yield lambda: watch.milliseconds is not None
        milliseconds = watch.milliseconds
        yield until_calm(app)
        assert milliseconds is not None
        if step.is_measured:
            painted.ours.setdefault(step.name, []).append(milliseconds)
            painted.reference.setdefault(step.name, []).append(_ask_bare(bare, questions.of_first_page()))


def _reads_rows(statement: str) -> bool:
    return statement.startswith(("SELECT", "WITH")) and "has_attachments" in statement and "domain_name" in statement


def _ask_bare(bare: psycopg.Connection, questions: list[tuple[str, Any]]) -> float:
    begun = time.perf_counter()
    with suppress(psycopg.errors.QueryCanceled), bare.transaction():  # a walk that is given up took its time as well
        for statement, values in questions:
            answer = bare.execute(statement.encode(), values)
            if answer.description is not None:
                answer.fetchall()
    return (time.perf_counter() - begun) * 1000
