"""Figure *list*: 100,000 domains, from another order or filter to the first rows painted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from sqlalchemy import event

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.sample_domains import write_domains
from benchmarks.trial_profile import trial_profile
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.database.engine import Database
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.views.domains_filters import DomainFilters
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_DOMAINS = 100_000
_ORGANIZATIONS = 200
_ROUNDS = 5
_PERCENT = 95
_FILTERS = (
    DomainFilters(statuses=frozenset({DomainStatus.FAILED})),
    DomainFilters(needs_attention=True),
    DomainFilters(active=False),
    DomainFilters(text="a1"),
    DomainFilters(text="-9999."),
    DomainFilters(text="example", statuses=frozenset({DomainStatus.PENDING})),
)

Act = Callable[[], object]


class NewRowsWatch(QObject):
    """Takes the time from an act to the end of the paint event that shows the rows it has led to."""

    def __init__(self, page: DomainsView) -> None:
        super().__init__(page)
        self.milliseconds: float | None = None
        self._begun = 0.0
        self._has_new_rows = False
        page.list.model.modelReset.connect(self._take_rows)
        page.list.table.viewport().installEventFilter(self)

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
class PageStatements:
    """The statements that read rows of the list, as they are sent, with their parameters."""

    sent: list[tuple[str, Any]] = field(default_factory=list)

    def listen_to(self, database: Database) -> None:
        """Note the statements of a database from now on."""
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:  # noqa: FBT001
        if "organization_name" in statement:
            self.sent.append((statement, parameters))


@dataclass(slots=True)
class Measured:
    """What came out, in milliseconds."""

    ours: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and tell the figure."""
    measured = Measured()
    with trial_profile() as profile, profile.connect() as bare:
        write_domains(bare, _DOMAINS, _ORGANIZATIONS)

        def script(app: WindowApp, page: DomainsView) -> Script:
            yield from _measure(app, page, bare, measured)

        run_in_window(profile, script)
    tell(_figure(measured))


def _measure(app: WindowApp, page: DomainsView, bare: psycopg.Connection, measured: Measured) -> Script:
    assert app.pages is not None
    database = app.pages.context.services.sessions
    assert isinstance(database, Database)
    statements = PageStatements()
    statements.listen_to(database)
    watch = NewRowsWatch(page)
    for number in range(_ROUNDS + 1):
        for act in [*_sorts(page), *_filters(page)]:
            statements.sent.clear()
            watch.begin(act)
            yield lambda: watch.milliseconds is not None
            yield until_calm(app)
            milliseconds, reference = watch.milliseconds, _ask_bare(bare, *statements.sent[0])
            assert milliseconds is not None
            if number > 0:  # the first round fills the database's cache
                measured.ours.append(milliseconds)
                measured.reference.append(reference)


def _sorts(page: DomainsView) -> list[Act]:
    """Return clicks on the header of every column that can be sorted by, two on each: up and down."""
    header = page.list.table.horizontalHeader()
    sections = [number for number, column in enumerate(page.list.model.columns) if column.sortable]

    def click(section: int) -> None:
        place = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    shown = [section for section in sections if not header.isSectionHidden(section)]
    return [lambda section=section: click(section) for section in shown for _ in range(2)]  # type: ignore[misc]


def _filters(page: DomainsView) -> list[Act]:
    changes = [filters for one in _FILTERS for filters in (one, DomainFilters())]
    return [lambda filters=filters: page.filters.set_filters(filters) for filters in changes]  # type: ignore[misc]


def _ask_bare(bare: psycopg.Connection, statement: str, parameters: Any) -> float:
    begun = time.perf_counter()
    bare.execute(statement.encode(), parameters).fetchall()
    return (time.perf_counter() - begun) * 1000


def _figure(measured: Measured) -> Figure:
    ours, reference = percentile(measured.ours, _PERCENT), percentile(measured.reference, _PERCENT)
    note = (
        f"{_DOMAINS:,} domains of {_ORGANIZATIONS} organizations; p{_PERCENT} over {len(measured.ours)} clicks on "
        f"headers and changes of filters, to the end of the paint event; the longest {max(measured.ours):.0f} ms"
    )
    return Figure("list", ours, reference, "ms", limit=100, bounds_ours=True, note=note)


if __name__ == "__main__":
    main()
