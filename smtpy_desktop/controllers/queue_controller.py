"""Holding, releasing, retrying and giving up what waits in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings
from smtpy_desktop.controllers.giving_up import settle_given_up
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.controllers.unbroken_work import finished
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.database import audit_database, delivery_wakes_database, queue_changes_database, queue_database
from smtpy_desktop.database.queue_changes_database import QueueStep
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice, QueuePreview, QueueResult

_BATCH = 1000
_LONGEST_NAME = 200
_ACTIONS: Mapping[QueueAction, str] = {
    QueueAction.HOLD: "queue.held",
    QueueAction.RELEASE: "queue.released",
    QueueAction.RETRY: "queue.retried",
    QueueAction.GIVE_UP: "queue.given_up",
}
_WAKING = (QueueAction.RELEASE, QueueAction.RETRY)


async def preview(sessions: Sessions, choice: QueueChoice, action: QueueAction) -> QueuePreview:
    """Return how much an action would reach now."""
    async with sessions.read() as db:
        return await queue_changes_database.preview(db, _normal(choice), action)


async def change_queue(
    sessions: Sessions,
    choice: QueueChoice,
    action: QueueAction,
    *,
    actor: Actor,
    publish: Publish,
    progress: Progress | None = None,
    tells_senders: bool = True,
) -> QueueResult:
    """Hold, release, retry or give up what waits of a choice; return how much that was.

    It is done in short transactions, each of them whole, with one line in the audit log that is true at every commit.
    What is being sent now is left alone, and what arrives meanwhile is not reached. Forwarders hear at once of what is
    due. ``progress.done`` is what is done also when it is stopped in the middle. ``tells_senders``: those whose mail is
    given up get a report, where that is no backscatter.
    """
    settings = await load_forwarder_settings(sessions)
    progress = progress if progress is not None else Progress()
    work = _Work(sessions, _normal(choice), action, actor, publish, progress, settings, tells_senders)
    return await work.run()


@dataclass(slots=True)
class _Work:
    """One action on its way."""

    sessions: Sessions
    choice: QueueChoice
    action: QueueAction
    actor: Actor
    publish: Publish
    progress: Progress
    settings: ForwarderSettings
    tells_senders: bool
    result: QueueResult = field(default_factory=QueueResult)
    line: int | None = None

    async def run(self) -> QueueResult:
        async with self.sessions.read() as db:
            newest = await queue_changes_database.newest_delivery(db)
            expected = await queue_changes_database.preview(db, self.choice, self.action)
        self.progress.total = expected.deliveries
        while not (await finished(asyncio.ensure_future(self._batch(newest)))).is_last:
            pass
        self.progress.total = self.progress.done
        return self.result

    async def _batch(self, newest: int) -> QueueStep:
        async with self.sessions.begin() as db:
            step = await queue_changes_database.act(db, self.choice, self.action, newest=newest, most=_BATCH)
            if not step.deliveries:
                return step
            told = 0
            if self.action is QueueAction.GIVE_UP:
                told = await settle_given_up(
                    db,
                    step.deliveries,
                    step.messages,
                    actor=self.actor,
                    settings=self.settings,
                    now=await queue_database.database_time(db),
                    tells_senders=self.tells_senders,
                )
            result = QueueResult(
                self.result.deliveries + len(step.deliveries),
                self.result.messages + len(step.messages),
                self.result.told + told,
            )
            line = await audit_database.record_part(db, self.actor, self._entry(result), self.line)
            if self.action in _WAKING or told:
                await delivery_wakes_database.wake_deliveries(db)
        self.line, self.result = line, result
        self.progress.done = result.deliveries
        self.publish(Change(Topic.MESSAGES, frozenset(step.messages)))
        return step

    def _entry(self, result: QueueResult) -> AuditEntry:
        changes = {"deliveries": result.deliveries, "messages": result.messages}
        if self.action is QueueAction.GIVE_UP:
            changes["senders_told"] = result.told
        return AuditEntry(_ACTIONS[self.action], "queue", None, choice_name(self.choice), changes=changes)


def choice_name(choice: QueueChoice) -> str:
    """Return what the audit log calls a choice: its destinations or its messages' numbers; ``*`` for everything."""
    names = [f"#{number}" for number in choice.message_ids] if choice.message_ids is not None else []
    names.extend(choice.destinations or ())
    return visible_line(", ".join(names), _LONGEST_NAME) or "*"


def _normal(choice: QueueChoice) -> QueueChoice:
    if choice.destinations is None:
        return choice
    return replace(choice, destinations=tuple(one.strip().lower() for one in choice.destinations))
