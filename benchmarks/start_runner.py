"""The program itself, told to say when its list of domains is painted and then to close; run by ``start_figure``.

Nothing is imported here that the program does not import anyway: the observer comes in when the window's module does.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpy_desktop.window_app import WindowApp

READY = "ready"
_WINDOW_MODULE = "smtpy_desktop.window_app"
_LOOK_MILLISECONDS = 2


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module as usual and has it observed once it has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _WINDOW_MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert isinstance(spec.loader, importlib.machinery.SourceFileLoader)
        spec.loader = _Loader(fullname, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        _observe(module.WindowApp)


def _observe(window_app: type[WindowApp]) -> None:
    run = window_app.run

    def observed_run(self: WindowApp) -> int:
        _watch(self)
        return run(self)

    window_app.run = observed_run  # type: ignore[method-assign]


def _watch(app: WindowApp) -> None:
    """Say when the rows of the domains are there and painted once more, and close the window."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class PaintWatch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, close)  # after this event, when the rows are painted
            return False

    def close() -> None:
        print(READY, flush=True)
        app.notices.closing.end()

    def look() -> None:
        if app.pages is not None and app.pages.domains.list.model.rowCount() > 0:
            timer.stop()
            viewport = app.pages.domains.list.table.viewport()
            viewport.installEventFilter(paint_watch)
            viewport.update()

    paint_watch = PaintWatch(app)
    timer = QTimer(app)
    timer.timeout.connect(look)
    timer.start(_LOOK_MILLISECONDS)


if __name__ == "__main__":
    from smtpy_desktop.__main__ import main

    sys.meta_path.insert(0, _Finder())
    sys.exit(main())
