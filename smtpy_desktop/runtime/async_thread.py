"""The one asyncio thread: started and proved to run, stopped with everything in it."""

from __future__ import annotations

import asyncio
import logging
import selectors
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)
_STOP_SECONDS = 10.0


def new_selector_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that is used on every system (psycopg refuses Windows' Proactor loop)."""
    return asyncio.SelectorEventLoop(selectors.DefaultSelector())


class AsyncThread:
    """One named thread with one event loop; work is handed over from any other thread."""

    def __init__(self, name: str = "smtpy-async") -> None:
        self._name = name
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self, timeout: float = 5.0) -> None:
        """Start the thread and return once its loop really runs; raise RuntimeError when it does not."""
        if self._thread is not None:
            raise RuntimeError("the asyncio thread was started twice")
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout):
            raise RuntimeError("the asyncio thread did not start")

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; the future may be cancelled from any thread."""
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise RuntimeError("the asyncio thread is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Cancel what is still running, close the loop and wait for the thread."""
        if self._thread is None:
            return
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            _log.error("the asyncio thread did not stop within %s s", _STOP_SECONDS)
        self._thread = None

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=new_selector_loop) as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(_log_loop_error)
            self._loop = loop
            loop.call_soon(self._ready.set)
            loop.run_forever()
            # Runner.close() cancels the remaining tasks and shuts down generators and the executor.


def _log_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _log.error("unhandled in the event loop: %s", context.get("message"), exc_info=error)
