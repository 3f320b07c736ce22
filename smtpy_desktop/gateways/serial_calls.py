"""Blocking calls into libraries that are not thread-safe and may never return: one at a time, each with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class CallTimedOut(Exception):
    """A call did not return in time; it may still finish later."""


class SerialCalls:
    """Runs one call at a time, each on a daemon thread of its own.

    A call that does not return keeps its thread (nothing can stop it), and as long as it is stuck further calls fail at
    once instead of piling up behind it. When it returns after all, calls work again.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._stuck = False

    def run(self, call: Callable[[], Result], *, seconds: float) -> Result:
        """Return what the call returns, raise what it raises; raise CallTimedOut after the deadline."""
        deadline = time.monotonic() + seconds
        if not self._turn.acquire(timeout=0 if self._stuck else seconds):
            raise CallTimedOut
        outcome = _Outcome(call)
        # Daemon: a keyring that never answers must not keep the program from ending.
        threading.Thread(target=self._work, args=(outcome,), name="serial-call", daemon=True).start()
        if not outcome.done.wait(deadline - time.monotonic()):
            self._stuck = True
            if not outcome.done.is_set():
                raise CallTimedOut
        return outcome.result()

    def _work(self, outcome: _Outcome[Result]) -> None:
        try:
            outcome.work()
        finally:
            self._stuck = False
            self._turn.release()
            outcome.done.set()


class _Outcome(Generic[Result]):
    """One call and what came of it."""

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self.done = threading.Event()

    def work(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:  # noqa: BLE001 (handed to the caller)
            self._error = error

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._results[0]
