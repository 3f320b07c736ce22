"""The bridge between the window and the asyncio thread: run work there, hear the result here."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import logging
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from smtpy_desktop.errors import Cancelled, UserFacingError
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.schemas.progress import Progress

_log = logging.getLogger(__name__)
_POLL_MILLISECONDS = 100
_PROMISE_SECONDS = 5.0

OnSuccess = Callable[[Any], object]
OnError = Callable[[UserFacingError], object]
_Key = tuple[int, str]
"""Whose task it is (the owner lives as long as the task is known), and what it replaces of that owner's."""


def say_nothing(error: UserFacingError) -> bool:
    """Take a failure without a word, as ``on_error``: something else tells of it, or the next try may go well."""
    return True


class TaskHandle(QObject):
    """One running task as the Tasks panel shows it."""

    progressed = Signal()
    ended = Signal()

    def __init__(
        self, task_id: int, title: str | None, progress: Progress | None, parent: QObject | None = None
    ) -> None:
        # The runner gives no parent: a handle lives as long as somebody holds it. A parent that goes while its child
        # waits for its deferred deletion makes PySide (6.11) delete the child twice.
        super().__init__(parent)
        self.task_id = task_id
        self.title = title
        self.progress = progress
        self.is_background = False
        self.is_cancelled = False
        self.is_done = False
        self._future: concurrent.futures.Future[Any] | None = None

    def cancel(self) -> None:
        """Ask the work to stop; its result will not be delivered any more."""
        self.is_cancelled = True
        if self._future is not None:
            self._future.cancel()

    def follow(self, future: concurrent.futures.Future[Any]) -> None:
        """Remember the work that ``cancel`` is to stop."""
        self._future = future


class _Task:
    """What is needed to deliver a result, or to know that nobody wants it."""

    def __init__(
        self,
        handle: TaskHandle,
        owner: QObject,
        on_success: OnSuccess | None,
        on_error: OnError | None,
        key: str | None,
    ) -> None:
        self.handle = handle
        self.owner = owner
        self.on_success = on_success
        self.on_error = on_error
        # A page on its way out must not take the result from the one that has come in its place under the same key.
        self.key = (id(owner), key) if key is not None else None


class TaskRunner(QObject):
    """Runs coroutines on the asyncio thread and calls back on the GUI thread.

    A result is dropped when its owner is gone, when it was cancelled, or when a newer task of the same owner with the
    same ``replaces`` key has overtaken it. Failures are reported by default: ``on_error`` only overrides (return True
    from it to say that nothing more is to be shown).

    Signals: ``failed(UserFacingError)``, ``crashed(str)`` with a traceback, ``started(TaskHandle)``,
    ``finished(TaskHandle)``.
    """

    failed = Signal(object)
    crashed = Signal(str)
    started = Signal(object)
    finished = Signal(object)
    _completed = Signal(int, object)

    def __init__(self, thread: AsyncThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = thread
        self._tasks: dict[int, _Task] = {}
        self._newest: dict[_Key, int] = {}
        self._promised: set[concurrent.futures.Future[Any]] = set()
        self._has_ended = False
        self._ids = itertools.count(1)
        self._completed.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MILLISECONDS)
        self._poll.timeout.connect(self._poll_progress)

    def run(
        self,
        work: Coroutine[Any, Any, Any],
        *,
        owner: QObject,
        on_success: OnSuccess | None = None,
        on_error: OnError | None = None,
        replaces: str | None = None,
        progress: Progress | None = None,
        title: str | None = None,
        is_promised: bool = False,
        is_background: bool = False,
    ) -> TaskHandle:
        """Start a coroutine; a task with a ``title`` or a ``progress`` is shown in the Tasks panel.

        ``is_promised``: the user counts on it; ``cancel_all`` waits for it a while before. ``is_background``: nobody
        waits for it, so that the panel shows it only when it takes long.
        """
        task_id = next(self._ids)
        handle = TaskHandle(task_id, title, progress)
        handle.is_background = is_background
        if self._has_ended:  # a timer of a window that is about to go
            work.close()
            handle.is_cancelled = handle.is_done = True
            return handle
        future = self._thread.submit(work)
        handle.follow(future)
        task = self._tasks[task_id] = _Task(handle, owner, on_success, on_error, replaces)
        if task.key is not None:
            self._overtake(task.key, task_id)
        if is_promised:
            self._promised.add(future)
            future.add_done_callback(self._promised.discard)
        future.add_done_callback(lambda done: self._post(task_id, done))
        self.started.emit(handle)
        if progress is not None and not self._poll.isActive():
            self._poll.start()
        return handle

    @property
    def running(self) -> tuple[TaskHandle, ...]:
        """The handles of everything that is still under way."""
        return tuple(task.handle for task in self._tasks.values())

    def cancel_all(self) -> None:
        """Cancel everything under way when the window closes, what is promised after a few seconds; begin no more."""
        self._has_ended = True
        concurrent.futures.wait(tuple(self._promised), timeout=_PROMISE_SECONDS)
        for task in tuple(self._tasks.values()):
            task.handle.cancel()

    def _overtake(self, key: _Key, task_id: int) -> None:
        older = self._tasks.get(self._newest.get(key, 0))
        if older is not None:
            older.handle.cancel()
        self._newest[key] = task_id

    def _post(self, task_id: int, future: concurrent.futures.Future[Any]) -> None:
        """Carry the outcome over to the GUI thread (this runs on the asyncio thread)."""
        try:
            self._completed.emit(task_id, future)
        except RuntimeError:
            return  # the window is gone; nobody is waiting

    def _deliver(self, task_id: int, future: concurrent.futures.Future[Any]) -> None:
        task = self._tasks.pop(task_id)
        handle = task.handle
        handle.is_done = True
        if not self._tasks_with_progress():
            self._poll.stop()
        overtaken = task.key is not None and self._newest.get(task.key) != task_id
        if task.key is not None and not overtaken:
            del self._newest[task.key]
        try:
            wanted = not (handle.is_cancelled or overtaken) and shiboken6.isValid(task.owner)
            self._hand_over(task, future, wanted=wanted)
        finally:
            handle.ended.emit()
            self.finished.emit(handle)

    def _hand_over(self, task: _Task, future: concurrent.futures.Future[Any], *, wanted: bool) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if wanted and task.on_success is not None:
                task.on_success(future.result())
        elif isinstance(error, (Cancelled, asyncio.CancelledError)):
            return
        elif isinstance(error, UserFacingError):
            if wanted and not (task.on_error is not None and task.on_error(error)):
                self.failed.emit(error)
        else:
            _log.error("a task failed unexpectedly", exc_info=error)
            self.crashed.emit("".join(traceback.format_exception(error)))

    def _tasks_with_progress(self) -> bool:
        return any(task.handle.progress is not None for task in self._tasks.values())

    def _poll_progress(self) -> None:
        for task in tuple(self._tasks.values()):
            if task.handle.progress is not None:
                task.handle.progressed.emit()
