"""What can be done with events: work on them again, catch up with Stripe, compare with it; each told how it went."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import stripe_catch_up_controller, stripe_events_controller
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.stripe_events_controller import ReplayReport
from smtpy_desktop.controllers.test_event_controller import TestEventReport
from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.catch_up import CatchUpReport
from smtpy_desktop.schemas.listener_state import ListenerState
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.billing_drift_dialog import BillingDriftDialog
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated


@dataclass(frozen=True, slots=True)
class EventTools:
    """What the page needs besides the services: who works on events, the listener, and a way to bring it an event.

    ``send_test(address, type)`` starts nothing by itself; it returns what is to be run.
    """

    intake: EventIntake
    listener: Callable[[], ListenerState]
    send_test: Callable[[str, str], Coroutine[Any, Any, TestEventReport]]


class EventsActions(QObject):
    """``catching_up(bool)``: a catch-up begins or ends. ``failed_wanted``: the user wants to see what failed.

    ``event_wanted(str)``: the user wants to see the event with this id.
    """

    catching_up = Signal(bool)
    failed_wanted = Signal()
    event_wanted = Signal(str)

    def __init__(self, context: ViewContext, tools: EventTools, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._tools, self._page = context, tools, parent

    def replay(self, numbers: Sequence[int]) -> None:
        """Work on events again, in the Tasks panel."""
        services, progress = self._context.services, Progress(total=len(numbers))
        if not numbers or services.is_read_only:
            return
        self._context.runner.run(
            stripe_events_controller.replay_events(
                services.sessions,
                services.stripe,
                self._tools.intake,
                numbers,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            ),
            owner=self,
            on_success=self._tell_replayed,
            progress=progress,
            title=tr_n("Replaying {n} event", "Replaying {n} events", len(numbers)),
        )

    def catch_up(self) -> None:
        """Read what was missed from Stripe, in the Tasks panel."""
        services, progress = self._context.services, Progress()
        handle = self._context.runner.run(
            stripe_catch_up_controller.catch_up(
                services.sessions, services.stripe, self._tools.intake, publish=services.publish, progress=progress
            ),
            owner=self,
            on_success=self._tell_caught_up,
            progress=progress,
            title=tr("Catching up with Stripe"),
            replaces="events/catch-up",
        )
        self._follow(handle)

    def compare(self) -> BillingDriftDialog:
        """Open the comparison of what is kept here with Stripe."""
        dialog = BillingDriftDialog(self._context, self._page)
        dialog.open()
        return dialog

    def send_test(self, event_type: str) -> None:
        """Sign an event here and bring it to the own listener, as Stripe would."""
        address = self._tools.listener().address
        if address is None:
            words = tr("The webhook listener does not listen, so that no test event can reach it.")
            self._tell(Message(words, Tone.WARN, key="test-event"))
            return
        self._context.runner.run(
            self._tools.send_test(address, event_type),
            owner=self,
            on_success=self._tell_sent,
            title=tr("Sending a test event"),
            replaces="events/test",
        )

    def _follow(self, handle: TaskHandle) -> None:
        self.catching_up.emit(True)
        handle.ended.connect(lambda: self.catching_up.emit(False))

    def _tell_replayed(self, report: ReplayReport) -> None:
        if report.failed:
            words = tr_n("{n} event failed again.", "{n} events failed again.", report.failed)
            if report.error is not None:
                parts = (report.error.message, report.error.hint)
                words = " ".join([words, *(translated(part) for part in parts if part is not None)])
            self._tell(Message(words, Tone.BAD, key="replay"))
        elif report.done:
            done = tr_n("{n} event was replayed.", "{n} events were replayed.", report.done)
            self._tell(Message(f"{done} {tr('Its customer is in step with Stripe.')}", key="replay"))
        else:
            words = tr_n("{n} event is not ours.", "{n} events are not ours.", report.not_ours)
            self._tell(Message(f"{words} {tr('Nothing was changed.')}", Tone.MUTED, key="replay"))

    def _tell_caught_up(self, report: CatchUpReport) -> None:
        new = tr_n("{n} new event.", "{n} new events.", report.new) if report.new else tr("No event was missed.")
        words = [tr("Caught up with Stripe."), new]
        if report.is_full:
            words.append(
                tr_n("{n} customer was read anew.", "{n} customers were read anew.", report.customers)
                if report.customers
                else tr("No organization is a customer yet.")
            )
        if not report.failed:
            self._tell(Message(" ".join(words), key="catch-up"))
            return
        words.append(tr("{n} of them failed and will be tried again.", n=number(report.failed)))
        self._tell(
            Message(" ".join(words), Tone.WARN, action_text=tr("Show"), action=self.failed_wanted.emit, key="catch-up")
        )

    def _tell_sent(self, report: TestEventReport) -> None:
        time = number(max(1, round(report.milliseconds)))
        if report.is_taken:
            words, tone = tr("The listener took the test event in {n} ms. Signature and secret fit.", n=time), Tone.OK
        else:
            answer = visible_text(report.answer)
            words, tone = (
                tr("The listener refused the test event with {status}: {answer}", status=report.status, answer=answer),
                Tone.BAD,
            )
        show = tr("Show") if report.is_taken else ""
        action = (lambda: self.event_wanted.emit(report.event_id)) if report.is_taken else None
        self._tell(Message(words, tone, action_text=show, action=action, key="test-event"))

    def _tell(self, message: Message) -> None:
        self._context.tell(message)
