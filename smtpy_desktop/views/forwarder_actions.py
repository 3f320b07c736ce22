"""What can be done with the queue: hold, release, retry, give up; asked first where it cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from smtpy_desktop.controllers import queue_controller
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice, QueuePreview, QueueResult
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

TYPE_ABOVE = 10_000
"""Deliveries from which on a word has to be typed before they are given up."""
_KEY = "queue"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """What an action is about, and how people call it: "gmail.com", "3 destinations", "2 messages"."""

    choice: QueueChoice
    name: str


def destinations_target(destinations: Sequence[str]) -> QueueTarget:
    """Return everything that waits for some destinations."""
    few = ", ".join(destinations) if len(destinations) <= _MOST_NAMED else ""
    name = few or tr_n("{n} destination", "{n} destinations", len(destinations))
    return QueueTarget(QueueChoice(destinations=tuple(destinations)), name)


def everything_target() -> QueueTarget:
    """Return everything that waits."""
    return QueueTarget(QueueChoice(), tr("all destinations"))


class ForwarderActions(QObject):
    """``done``: something in the queue was changed."""

    done = Signal()

    def __init__(self, context: ViewContext, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._page = context, page

    def run(self, action: QueueAction, target: QueueTarget) -> None:
        """Do something with what waits, or ask before where it is final."""
        services = self._context.services
        if services.is_read_only:
            return
        if action is not QueueAction.GIVE_UP:
            self._start(action, target)
            return
        self._context.runner.run(
            queue_controller.preview(services.sessions, target.choice, action),
            owner=self,
            on_success=partial(self._ask_to_give_up, target),
            replaces="forwarder/preview",
        )

    def _ask_to_give_up(self, target: QueueTarget, preview: QueuePreview) -> None:
        if not preview.deliveries:
            self._tell(tr("Nothing of this waits any more."), Tone.ACCENT)
            return
        count = preview.deliveries
        title = tr_n("Give up {n} delivery to {name}?", "Give up {n} deliveries to {name}?", count, name=target.name)
        consequences = [
            tr_n(
                "{n} message fails, unless it is still on its way to another target.",
                "{n} messages fail, unless they are still on their way to other targets.",
                preview.messages,
            ),
            tr("Retry on the page of the messages brings them back as long as their source is kept."),
        ]
        if preview.sending:
            consequences.append(
                tr_n(
                    "{n} more is being sent at this moment and is not interrupted.",
                    "{n} more are being sent at this moment and are not interrupted.",
                    preview.sending,
                )
            )
        dialog = ConfirmDialog(
            self._page,
            title,
            tr("They are not tried any more."),
            tr_n("Give up {n} delivery", "Give up {n} deliveries", count),
            consequences=consequences,
            type_name=tr("give up") if count >= TYPE_ABOVE else None,
        )
        tell = QCheckBox(tr("&Tell the senders, where that is safe"), dialog)
        tell.setChecked(True)
        set_tooltip(tell, tr("A report goes to those whose address was not forged; never for bounces and lists"))
        dialog.content.addSpacing(Space.S)
        dialog.content.addWidget(tell)
        dialog.accepted.connect(
            lambda: self._start(QueueAction.GIVE_UP, target, tells_senders=tell.isChecked()),
        )
        dialog.open()

    def _start(self, action: QueueAction, target: QueueTarget, *, tells_senders: bool = True) -> None:
        services, progress = self._context.services, Progress()
        handle = self._context.runner.run(
            queue_controller.change_queue(
                services.sessions,
                target.choice,
                action,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
                tells_senders=tells_senders,
            ),
            owner=self,
            on_success=partial(self._tell_done, action, target),
            progress=progress,
            title=_title(action, target),
            is_background=True,
        )
        handle.ended.connect(self.done)

    def _tell_done(self, action: QueueAction, target: QueueTarget, result: QueueResult) -> None:
        if not result.deliveries:
            self._tell(_nothing(action, target), Tone.ACCENT)
            return
        undo: dict[QueueAction, QueueAction] = {QueueAction.HOLD: QueueAction.RELEASE}
        back = undo.get(action)
        take_back: Callable[[], object] | None = partial(self._start, back, target) if back is not None else None
        self._tell(_done(action, target, result), Tone.OK, tr("Undo") if take_back else "", take_back)

    def _tell(self, words: str, tone: Tone, button: str = "", action: Callable[[], object] | None = None) -> None:
        self._context.tell(Message(words, tone, action_text=button, action=action, key=_KEY))


def _title(action: QueueAction, target: QueueTarget) -> str:
    return {
        QueueAction.HOLD: tr("Holding {name}", name=target.name),
        QueueAction.RELEASE: tr("Releasing {name}", name=target.name),
        QueueAction.RETRY: tr("Making {name} due now", name=target.name),
        QueueAction.GIVE_UP: tr("Giving up {name}", name=target.name),
    }[action]


def _nothing(action: QueueAction, target: QueueTarget) -> str:
    if action is QueueAction.RETRY:
        return tr("Everything for {name} is due already, held, or being sent.", name=target.name)
    if action is QueueAction.RELEASE:
        return tr("Nothing of {name} is held.", name=target.name)
    return tr("Nothing of {name} waits any more.", name=target.name)


def _done(action: QueueAction, target: QueueTarget, result: QueueResult) -> str:
    n, name = result.deliveries, target.name
    if action is QueueAction.HOLD:
        return tr_n("{n} delivery to {name} is held.", "{n} deliveries to {name} are held.", n, name=name)
    if action is QueueAction.RELEASE:
        return tr_n("{n} delivery to {name} is released.", "{n} deliveries to {name} are released.", n, name=name)
    if action is QueueAction.RETRY:
        return tr_n("{n} delivery to {name} is due now.", "{n} deliveries to {name} are due now.", n, name=name)
    words = tr_n("{n} delivery to {name} was given up.", "{n} deliveries to {name} were given up.", n, name=name)
    if not result.told:
        return words
    return f"{words} {tr_n('{n} sender is told.', '{n} senders are told.', result.told)}"
