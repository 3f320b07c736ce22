"""The list of events: what is asked for, the table, and which events are meant by an action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import stripe_events_controller
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.webhook_events import EventQuery, WebhookEventRow
from smtpy_desktop.views.events_columns import event_columns
from smtpy_desktop.views.tables.keyed_list import SHAPE_STEP, KeyedList
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

TakeNumbers = Callable[[tuple[int, ...]], object]


class EventsList(KeyedList[WebhookEventRow]):
    """Events come newest first, in no other order."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(context, event_columns(), tr("Events"), "events", parent)
        self._query = EventQuery(organization_id=context.choice.chosen)

    @property
    def query(self) -> EventQuery:
        """What is asked for now."""
        return self._query

    def show_query(self, query: EventQuery) -> None:
        """List other events, from the top."""
        self._query = query
        self.model.reload(keep=False)

    def with_selected_numbers(self, take: TakeNumbers) -> None:
        """Call ``take`` with the selected events, at once or after asking for those that are not in memory."""
        rows = self.table.selected_rows()
        if len(rows) == self.table.selected_count:
            take(tuple(row.number for row in rows))
            return
        work = stripe_events_controller.list_numbers(self._context.services.sessions, self._query)
        pick = self.picker()
        self._context.runner.run(work, owner=self, on_success=lambda numbers: take(pick(numbers)))

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[WebhookEventRow]) -> None:
        work = stripe_events_controller.list_events(self._context.services.sessions, self._query, position, limit)
        self.read(work, deliver, f"page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = stripe_events_controller.list_shape(self._context.services.sessions, self._query, SHAPE_STEP)
        self.read(work, deliver, "shape")
