"""The real window on a trial profile, led by a script that waits without holding it up."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QTimer

from benchmarks.trial_profile import TrialProfile
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp
from smtpy_desktop.window_start import WindowPlan

Script = Generator[Callable[[], bool], None, None]
"""Acts between its yields; each yield gives what has to be true before it goes on."""

_SIZE = (1440, 900)
_LOOK_MILLISECONDS = 5
_CALM_LOOKS = 60
_LONGEST_WAIT_SECONDS = 120.0


def run_in_window(trial: TrialProfile, write_script: Callable[[WindowApp, DomainsView], Script]) -> None:
    """Open the window with the page of the domains, run the script on it and close it again."""
    app = WindowApp(WindowPlan("gui", trial.profile, trial.postgres, None, {"size": _SIZE}))
    walk = _Walk(app, write_script)
    status = app.run()
    if walk.error is not None:
        raise walk.error
    if status != 0 or not walk.is_over:
        raise RuntimeError("the window was closed before the script was over")


def until_calm(app: WindowApp) -> Callable[[], bool]:
    """Return a condition: nothing has run on the asyncio thread for the last 60 looks of 5 ms."""
    calm = 0

    def is_calm() -> bool:
        nonlocal calm
        calm = 0 if app.runner.running else calm + 1
        return calm >= _CALM_LOOKS

    return is_calm


class _Walk(QObject):
    """Looks every few milliseconds whether the script may go on."""

    def __init__(self, app: WindowApp, write_script: Callable[[WindowApp, DomainsView], Script]) -> None:
        super().__init__(app)
        self.error: Exception | None = None
        self.is_over = False
        self._app = app
        self._script = self._begin(write_script)
        self._wanted = next(self._script)
        self._since = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _begin(self, write_script: Callable[[WindowApp, DomainsView], Script]) -> Script:
        yield lambda: self._app.pages is not None
        assert self._app.pages is not None
        self._app.window.show_page("domains")
        page = self._app.pages.domains
        yield lambda: page.list.model.rowCount() > 0
        yield until_calm(self._app)
        yield from write_script(self._app, page)

    def _look(self) -> None:
        try:
            if self.is_over or not self._is_there():
                return
            self._wanted, self._since = next(self._script), time.monotonic()
        except StopIteration:
            self._end()
        except Exception as error:  # noqa: BLE001 - told by run_in_window, once the window is closed
            self.error = error
            self._end()

    def _is_there(self) -> bool:
        if time.monotonic() - self._since > _LONGEST_WAIT_SECONDS:
            raise TimeoutError(f"the script waits in vain at {_place(self._script)}")
        return self._wanted()

    def _end(self) -> None:
        self.is_over = True
        self._timer.stop()
        self._app.notices.closing.end()


def _place(script: Script) -> str:
    """Return the function and line at which a script, or the one that it has handed over to, has yielded."""
    inner: Any = script
    while inner.gi_yieldfrom is not None:
        inner = inner.gi_yieldfrom
    return f"{inner.gi_code.co_qualname}, line {inner.gi_frame.f_lineno}"
