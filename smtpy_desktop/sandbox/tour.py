"""The scripted walk through the real window: chapters of steps, each with a picture, while the program runs.

Later work adds a chapter of its own to ``CHAPTERS``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from PySide6.QtCore import QObject, QTimer

from smtpy_desktop.sandbox.tour_appearance import APPEARANCE
from smtpy_desktop.sandbox.tour_backups import BACKUPS
from smtpy_desktop.sandbox.tour_billing import BILLING
from smtpy_desktop.sandbox.tour_first_domain import FIRST_DOMAIN
from smtpy_desktop.sandbox.tour_forwarding import FORWARDING
from smtpy_desktop.sandbox.tour_hands import TourHands, Until, Walk
from smtpy_desktop.sandbox.tour_messages import MESSAGES
from smtpy_desktop.sandbox.tour_notices import NOTICES
from smtpy_desktop.sandbox.tour_report import FAILED_PICTURE, TourStep, clear_output, picture_name, write_report
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.view_context import ViewContext

CHAPTERS: tuple[Chapter, ...] = (FIRST_DOMAIN, MESSAGES, FORWARDING, BILLING, NOTICES, BACKUPS, APPEARANCE)

_log = logging.getLogger(__name__)
_LOOK_MILLISECONDS = 20
_MOST_SECONDS = 300.0


def run_tour(
    window: MainWindow,
    context: ViewContext,
    world: SandboxWorld,
    output: str | Path,
    size: tuple[int, int],
    on_finished: Callable[[int], object],
    *,
    chapters: Sequence[Chapter] = CHAPTERS,
    tell: Callable[[str], object] = click.echo,
) -> TourWalk:
    """Start the tour in the running event loop and return at once; ``on_finished`` is given the exit status."""
    window.resize(*size)
    hands = TourHands(window, context.runner)
    walk = TourWalk(Tour(hands, world, Path(output)), chapters, Path(output), tell, window)
    context.runner.crashed.connect(walk.fail)
    walk.on_finished = on_finished
    walk.start()
    return walk


class TourWalk(QObject):
    """Runs the chapters step by step on a timer, so that the window lives while it walks."""

    def __init__(
        self, tour: Tour, chapters: Sequence[Chapter], output: Path, tell: Callable[[str], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.on_finished: Callable[[int], object] = _nothing
        self.steps: list[TourStep] = []
        self._tour = tour
        self._output = output
        self._tell = tell
        self._chapter = ""
        self._script = self._all(chapters)
        self._waiting: Until | None = None
        self._since = self._begun = self._step_begun = time.monotonic()
        self._is_looking = self._is_over = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        tour.take = self._take

    def start(self) -> None:
        """Begin."""
        clear_output(self._output)
        self._since = self._begun = self._step_begun = time.monotonic()
        self._timer.start()

    def fail(self, why: str) -> None:
        """Stop here and say why."""
        if self._is_over:
            return
        where = f"after step {len(self.steps)}" + (f" ({self.steps[-1].title})" if self.steps else "")
        self._tour.hands.picture().save(str(self._output / FAILED_PICTURE))
        self._end(f"The tour stopped {where}: {why.strip()}")

    def _all(self, chapters: Sequence[Chapter]) -> Walk:
        for chapter in chapters:
            self._chapter = chapter.title
            yield from chapter.walk(self._tour)

    def _look(self) -> None:
        """Go on when what is waited for has come; Qt may call this again while a click is still being handled."""
        if self._is_looking or self._is_over:
            return
        self._is_looking = True
        try:
            self._go_on()
        except Exception as error:  # noqa: BLE001 - whatever it is, the tour ends with a picture and a report
            _log.exception("the tour failed")
            self.fail(f"{type(error).__name__}: {error}")
        finally:
            self._is_looking = False

    def _go_on(self) -> None:
        now = time.monotonic()
        fault = self._tour.hands.fault
        if fault is not None:
            self.fail(f"the program told of a fault: {fault}")
            return
        while self._waiting is None or self._waiting.condition():
            self._waiting = next(self._script, None)
            self._since = now
            if self._waiting is None:
                self._end(None)
                return
        if now > self._since + self._waiting.seconds or now > self._begun + _MOST_SECONDS:
            self.fail(f"waited {now - self._since:.0f} s in vain until {self._waiting.what}.")

    def _take(self, title: str, sentence: str) -> None:
        number = len(self.steps) + 1
        name = picture_name(number, title)
        if not self._tour.hands.picture().save(str(self._output / name)):
            raise OSError(f"the picture {self._output / name} could not be written")
        seconds = time.monotonic() - self._step_begun
        self.steps.append(TourStep(number, self._chapter, title, sentence, name, seconds))
        self._tell(f"{number:2d}. {title} ({seconds:.1f} s)")
        self._step_begun = time.monotonic()

    def _end(self, failure: str | None) -> None:
        self._is_over = True
        self._timer.stop()
        self._script.close()
        path = write_report(self._output, self.steps, failure)
        if failure is not None:
            self._tell(failure)
        self._tell(str(path))
        self.on_finished(0 if failure is None else 1)


def _nothing(status: int) -> None:
    return
