"""The page that says at a glance how mail is doing: figures, a chart over time, what failed and what is busy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import domains_controller, message_statistics_controller
from smtpy_desktop.controllers.saved_views_controller import VIEWS_CHANGED
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainSort
from smtpy_desktop.schemas.message_statistics import MessageStatistics
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.message_words import date_words
from smtpy_desktop.views.overview_attention import OverviewAttention
from smtpy_desktop.views.overview_charts import RankingCard, TimeCard, reason_search
from smtpy_desktop.views.overview_date_dialog import OverviewDateDialog
from smtpy_desktop.views.overview_figures import OverviewFigures
from smtpy_desktop.views.overview_period import (
    PeriodChoice,
    before_words,
    choice_words,
    period_of,
    search_of_span,
)
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import MenuButton
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr

QUEUE_SEARCH = "status:pending,processing"
_PAUSE_MILLISECONDS = 700
_MOST_DOMAINS = 4
_KEY = "overview/period"


class OverviewView(QWidget):
    """``search_wanted(str)``: the messages behind a figure. ``domain_wanted(DomainId)``: a domain's page."""

    search_wanted = Signal(str)
    domain_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self._since: date | None = None
        self._choice = _remembered(context)
        self._statistics: MessageStatistics | None = None
        self._domains: tuple[DomainRow, ...] = ()
        self.figures = OverviewFigures(self)
        self.time = TimeCard(self, self._tell_copied)
        self.attention = OverviewAttention(self)
        self.reasons = RankingCard(tr("Why mail failed"), "bad", self, self._tell_copied)
        self.busiest = RankingCard(tr("Busiest domains"), "accent", self, self._tell_copied)
        self._reading = CalmReading(self._read, self, _PAUSE_MILLISECONDS)
        self._build()
        self._connect()
        self._show_period()

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh)

    @property
    def is_waiting(self) -> bool:
        """Whether a reading is still to come."""
        return self._reading.is_waiting

    @property
    def statistics(self) -> MessageStatistics | None:
        """What is shown."""
        return self._statistics

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._reading.now()

    def choose(self, choice: PeriodChoice, since: date | None = None) -> None:
        """Show another period."""
        self._choice, self._since = choice, since
        if choice is not PeriodChoice.SINCE:
            self._context.memory.setValue(_KEY, choice.value)
        self._show_period()
        self.refresh()

    def ask_since(self) -> OverviewDateDialog:
        """Ask for the day that the period is to begin with."""
        dialog = OverviewDateDialog(self)
        dialog.chosen.connect(lambda day: self.choose(PeriodChoice.SINCE, day))
        dialog.open()
        return dialog

    # Building

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scrolled = ScrollColumn(tr("Overview"), self)
        outer.addWidget(scrolled)
        column = scrolled.column
        column.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(self._build_title())
        column.addWidget(self.figures)
        column.addWidget(self.time, 1)
        below = QHBoxLayout()
        below.setSpacing(Space.M)
        for card in (self.attention, self.reasons, self.busiest):
            below.addWidget(card, 1)
        column.addLayout(below)
        self.setFocusProxy(self.period_button)

    def _build_title(self) -> QHBoxLayout:
        self._scope = PlainLabel("", self, tone=Tone.MUTED)
        menu = QMenu(self)
        menu.setAccessibleName(tr("Period"))
        for choice in PeriodChoice:
            act = self.ask_since if choice is PeriodChoice.SINCE else partial(self.choose, choice)
            menu.addAction(choice_words(choice), act)
        self.period_button = MenuButton("", menu, self)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(PlainLabel(tr("Overview"), self, size="title"))
        row.addWidget(self._scope, 1)
        row.addWidget(self.period_button)
        return row

    def _connect(self) -> None:
        self._context.bus.changed.connect(self._on_changed)
        self._context.choice.changed.connect(self._on_choice_changed)
        self.figures.opened.connect(self._open)
        self.figures.queue_opened.connect(partial(self.search_wanted.emit, QUEUE_SEARCH))
        self.attention.queue_wanted.connect(partial(self.search_wanted.emit, QUEUE_SEARCH))
        self.attention.domain_wanted.connect(self.domain_wanted)
        self.time.search_wanted.connect(self.search_wanted)
        self.reasons.opened.connect(lambda label: self._open(reason_search(label)))
        self.busiest.opened.connect(lambda label: self._open(f'domain:"{label}"'))

    # Reading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def _on_changed(self, change: Change) -> None:
        if change.topic in (Topic.MESSAGES, Topic.DOMAINS, Topic.CONNECTION) and change != VIEWS_CHANGED:
            self._is_stale = True
            if self.isVisible():
                self._reading.soon()

    def _on_choice_changed(self) -> None:
        self._show_period()
        self._is_stale = True
        if self.isVisible():
            self.refresh()

    def _read(self) -> TaskHandle:
        self._is_stale = False
        sessions, runner = self._context.services.sessions, self._context.runner
        organization = self._context.choice.chosen
        query = DomainQuery(organization, needs_attention=True, sort=DomainSort.NAME)
        runner.run(
            domains_controller.list_domains(sessions, query, Position.start(), _MOST_DOMAINS),
            owner=self,
            on_success=self._take_domains,
            on_error=lambda error: True,
            replaces="overview/domains",
        )
        period = period_of(self._choice, datetime.now(UTC), self._since)
        return runner.run(
            message_statistics_controller.message_statistics(sessions, period, organization_id=organization),
            owner=self,
            on_success=self._take,
            on_error=lambda error: self._mark_stale(),
            replaces="overview/statistics",
        )

    def _mark_stale(self) -> bool:
        self._is_stale = True
        return True  # the banner tells that the database is away; what was read before is still shown

    def _take_domains(self, page: Page[DomainRow]) -> None:
        self._domains = page.rows
        self._show_attention()

    def _take(self, statistics: MessageStatistics) -> None:
        self._statistics = statistics
        self.figures.show_statistics(statistics, before_words(self._choice))
        self.time.show_statistics(statistics)
        self.reasons.show_reasons(statistics.reasons)
        self.busiest.show_ranking(statistics.domains)
        self._show_attention()

    def _show_attention(self) -> None:
        queued = self._statistics.in_queue if self._statistics is not None else 0
        self.attention.show_state(self._domains, queued)

    # Showing

    def _show_period(self) -> None:
        chosen = self._context.choice.chosen_row
        self._scope.setText(chosen.name if chosen is not None else tr("all domains"))
        words = choice_words(self._choice)
        if self._choice is PeriodChoice.SINCE and self._since is not None:
            day = datetime(self._since.year, self._since.month, self._since.day, tzinfo=UTC)
            words = tr("Since {day}", day=date_words(day))
        self.period_button.set_text(words)

    def _open(self, terms: str) -> None:
        period = period_of(self._choice, datetime.now(UTC), self._since)
        span = search_of_span(period.since, period.until)
        self.search_wanted.emit(" ".join(part for part in (terms, span) if part))

    def _tell_copied(self) -> None:
        self._context.tell(Message(tr("Copied the chart as a picture."), key="copied"))


def _remembered(context: ViewContext) -> PeriodChoice:
    value = str(context.memory.value(_KEY, PeriodChoice.MONTH.value))
    known = [choice.value for choice in PeriodChoice if choice is not PeriodChoice.SINCE]
    return PeriodChoice(value) if value in known else PeriodChoice.MONTH
