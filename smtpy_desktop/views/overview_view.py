"""The page that says at a glance how mail is doing: figures, a chart over time, what failed and what is busy."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    billing_controller,
    domains_controller,
    message_statistics_controller,
    messages_controller,
)
from smtpy_desktop.controllers.saved_views_controller import VIEWS_CHANGED
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainSort
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.message_statistics import MessageStatistics, StatisticsPeriod
from smtpy_desktop.schemas.messages import RankedCount
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.domain_choice_button import DomainChoiceButton
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.overview_attention import OverviewAttention
from smtpy_desktop.views.overview_charts import (
    RankingCard,
    TimeCard,
    domain_search,
    reason_search,
    reason_words,
    sender_search,
    sender_words,
)
from smtpy_desktop.views.overview_date_dialog import OverviewDateDialog
from smtpy_desktop.views.overview_figures import OverviewFigures
from smtpy_desktop.views.overview_period import (
    ASKED,
    ChosenPeriod,
    PeriodChoice,
    before_words,
    choice_words,
    search_of_span,
)
from smtpy_desktop.views.report_dialog import open_report
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.moments import local_zone, zone_name
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr

QUEUE_SEARCH = "status:pending,processing"
_PAUSE_MILLISECONDS = 700
_MOST_DOMAINS = 4
_KEY = "overview/period"


class OverviewView(QWidget):
    """``search_wanted(str)``: the messages behind a figure. ``domain_wanted(DomainId)``: a domain's page.

    ``billing_wanted(OrganizationId)``: an organization's billing.
    """

    search_wanted = Signal(str)
    domain_wanted = Signal(object)
    billing_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self._chosen = ChosenPeriod(_remembered(context))
        self._statistics: MessageStatistics | None = None
        self._domains: tuple[DomainRow, ...] = ()
        self._notices: tuple[BillingNotice, ...] = ()
        self.figures = OverviewFigures(self)
        self.time = TimeCard(self, self._tell_copied)
        self.attention = OverviewAttention(self)
        told = self._tell_copied
        self.reasons = RankingCard(tr("Why mail failed"), "bad", self, told, words=reason_words, with_before=True)
        self.busiest = RankingCard(tr("Busiest domains"), "accent", self, told)
        self.senders = RankingCard(tr("Busiest senders"), "accent", self, told, words=sender_words)
        self._reading = CalmReading(self._read, self, _PAUSE_MILLISECONDS)
        self._build()
        self._connect()
        self._show_scope()

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

    def choose(self, choice: PeriodChoice, first: date | None = None, last: date | None = None) -> None:
        """Show another period; *since a date* has a first day, a range has both."""
        self._chosen = ChosenPeriod(choice, first, last)
        if choice not in ASKED:
            self._context.memory.setValue(_KEY, choice.value)
        self._show_scope()
        self.refresh()

    def ask_since(self) -> OverviewDateDialog:
        """Ask for the day that the period is to begin with."""
        return self._ask(PeriodChoice.SINCE)

    def ask_range(self) -> OverviewDateDialog:
        """Ask for the first and the last day of the period."""
        return self._ask(PeriodChoice.RANGE)

    def report(self) -> None:
        """Show a report on exactly the messages of the page."""
        zone = local_zone()
        search = messages_controller.read_search(self._search_of_page(zone), zone)
        open_report(self._context, MessageQuery(search, self._context.choice.chosen), self)

    def _ask(self, choice: PeriodChoice) -> OverviewDateDialog:
        today = datetime.now(local_zone()).date()
        first, last = self._chosen.first, self._chosen.last
        dialog = OverviewDateDialog(self, today, first, last=last, until=choice is PeriodChoice.RANGE)
        dialog.chosen.connect(partial(self.choose, choice))
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
        below.addWidget(self.attention, 4)  # its lines are sentences
        for card in (self.reasons, self.busiest, self.senders):
            below.addWidget(card, 3)
        column.addLayout(below)
        self.setFocusProxy(self.period_button)

    def _build_title(self) -> QHBoxLayout:
        self._scope = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        menu = QMenu(self)
        menu.setAccessibleName(tr("Period"))
        for choice in PeriodChoice:
            ask = {PeriodChoice.SINCE: self.ask_since, PeriodChoice.RANGE: self.ask_range}.get(choice)
            menu.addAction(choice_words(choice), ask or partial(self.choose, choice))
        self.domain_button = DomainChoiceButton(self._context, self)
        self.period_button = MenuButton("", menu, self)
        self.report_button = Button(tr("Report…"), self, icon="report-analytics", action=self.report)
        row = QHBoxLayout()  # no TitleRow: a page that scrolls would ask for its whole height
        row.setSpacing(Space.S)
        row.addWidget(PlainLabel(tr("Overview"), self, size="title"))
        row.addWidget(self._scope, 1)
        for button in (self.domain_button, self.period_button, self.report_button):
            row.addWidget(button)
        return row

    def _connect(self) -> None:
        self._context.bus.changed.connect(self._on_changed)
        self._context.choice.chosen_changed.connect(self.domain_button.forget)
        self._context.choice.changed.connect(self._on_choice_changed)
        self.figures.opened.connect(self._open)
        self.domain_button.chosen.connect(self._on_domain_chosen)
        self.figures.queue_opened.connect(self._open_queue)
        self.attention.queue_wanted.connect(self._open_queue)
        self.attention.domain_wanted.connect(self.domain_wanted)
        self.attention.billing_wanted.connect(self.billing_wanted)
        self.time.search_wanted.connect(lambda search: self.search_wanted.emit(self._within_domain(search)))
        self.reasons.opened.connect(lambda label: self._open(reason_search(label)))
        self.busiest.opened.connect(lambda label: self._open(domain_search(label)))
        self.senders.opened.connect(lambda label: self._open(sender_search(label)))

    # Reading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def _on_changed(self, change: Change) -> None:
        if change.topic is Topic.BILLING and self.isVisible():
            self._read_notices()
        if change.topic in (Topic.MESSAGES, Topic.DOMAINS, Topic.CONNECTION) and change != VIEWS_CHANGED:
            self._is_stale = True
            if self.isVisible():
                self._reading.soon()

    def _on_choice_changed(self) -> None:
        self._show_scope()
        self._is_stale = True
        if self.isVisible():
            self.refresh()

    def _on_domain_chosen(self) -> None:
        self._show_scope()
        self.refresh()

    def _read(self) -> TaskHandle:
        """Read the parts of the page at the same time; the slowest of them, the senders, delays no other."""
        self._is_stale = False
        sessions, runner, zone = self._context.services.sessions, self._context.runner, local_zone()
        chosen = self.domain_button.domain
        domain_id = chosen.id if chosen is not None else None
        organization = self._context.choice.chosen
        query = DomainQuery(organization, needs_attention=True, sort=DomainSort.NAME)
        period = self._chosen.period(datetime.now(UTC), zone)
        handle = runner.run(
            message_statistics_controller.message_statistics(
                sessions, period, organization_id=organization, domain_id=domain_id
            ),
            owner=self,
            on_success=self._take,
            on_error=lambda error: self._mark_stale(),
            replaces="overview/statistics",
        )
        runner.run(
            domains_controller.list_domains(sessions, query, Position.start(), _MOST_DOMAINS),
            owner=self,
            on_success=self._take_domains,
            on_error=say_nothing,
            replaces="overview/domains",
        )
        runner.run(
            message_statistics_controller.top_senders(
                sessions, period, organization_id=organization, domain_id=domain_id
            ),
            owner=self,
            on_success=self._take_senders,
            on_error=lambda error: self._mark_stale(),
            replaces="overview/senders",
        )
        self._read_notices()
        return handle

    def _read_notices(self) -> None:
        services = self._context.services
        self._context.runner.run(
            billing_controller.unseen_notices(services.sessions, services.stripe),
            owner=self,
            on_success=self._take_notices,
            on_error=say_nothing,
            replaces="overview/notices",
        )

    def _mark_stale(self) -> bool:
        self._is_stale = True
        return True  # the banner tells that the database is away; what was read before is still shown

    def _take_domains(self, page: Page[DomainRow]) -> None:
        self._domains = page.rows
        self._show_attention()

    def _take_notices(self, notices: tuple[BillingNotice, ...]) -> None:
        wanted = self._context.choice.chosen
        self._notices = tuple(one for one in notices if wanted in (None, one.organization_id))
        self._show_attention()

    def _take_senders(self, ranking: tuple[RankedCount, ...]) -> None:
        self.senders.show_ranking(ranking)

    def _take(self, statistics: MessageStatistics) -> None:
        self._statistics = statistics
        self.figures.show_statistics(statistics, datetime.now(UTC))
        self.time.show_statistics(statistics)
        self.reasons.show_ranking(statistics.reasons, statistics.reasons_before)
        self.busiest.show_ranking(statistics.domains)
        self._show_scope()
        self._show_attention()

    def _show_attention(self) -> None:
        queued = self._statistics.queue.count if self._statistics is not None else 0
        self.attention.show_state(self._domains, queued, self._notices)

    # Showing

    def _show_scope(self) -> None:
        """Say what the figures are compared with, in which zone's days, and whose messages they are if not all."""
        chosen = self._context.choice.chosen_row
        parts = [visible_line(chosen.name)] if chosen is not None else []
        against = before_words(self._chosen.period(datetime.now(UTC), local_zone()))
        before = self._statistics.before if self._statistics is not None else None
        if against:
            parts.append(tr("nothing before to compare with") if before is not None and not before.total else against)
        parts.append(tr("days in {zone}", zone=zone_name()))
        self._scope.setText(" · ".join(parts))
        self.period_button.set_text(self._chosen.words)
        self.busiest.setVisible(self.domain_button.domain is None)

    def _open(self, terms: str) -> None:
        self.search_wanted.emit(self._search_of_page(local_zone(), terms))

    def _open_queue(self) -> None:
        self.search_wanted.emit(self._within_domain(QUEUE_SEARCH))

    def _search_of_page(self, zone: tzinfo, terms: str = "") -> str:
        """Return the search for the messages that are counted, narrowed down by more terms."""
        period = self._shown_period(zone)
        return self._within_domain(" ".join(filter(None, (terms, search_of_span(period.since, period.until, zone)))))

    def _shown_period(self, zone: tzinfo) -> StatisticsPeriod:
        """Return the period whose figures are seen, which ends with yesterday when midnight has just passed."""
        shown = self._statistics.period if self._statistics is not None else None
        return shown if shown is not None and shown.zone == zone else self._chosen.period(datetime.now(UTC), zone)

    def _within_domain(self, search: str) -> str:
        domain = self.domain_button.domain
        return search if domain is None else f"{domain_search(domain.name)} {search}".strip()

    def _tell_copied(self) -> None:
        self._context.tell(Message(tr("Copied the chart as a picture."), key="copied"))


def _remembered(context: ViewContext) -> PeriodChoice:
    value = str(context.memory.value(_KEY, PeriodChoice.MONTH.value))
    known = [choice.value for choice in PeriodChoice if choice not in ASKED]
    return PeriodChoice(value) if value in known else PeriodChoice.MONTH
