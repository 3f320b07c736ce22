"""How far a long piece of work has come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from smtpy_desktop.schemas.text import Text


@dataclass(slots=True)
class Progress:
    """A counter that the work advances on its own thread and that the window polls; never pushed.

    ``total`` is None while it is unknown; ``is_share`` says that what is counted are parts of the whole and no things.
    Plain attribute writes are atomic in CPython, so no lock is needed.
    """

    total: int | None = None
    done: int = 0
    note: Text | None = None
    started_at: float = field(default_factory=time.monotonic)
    is_share: bool = False

    @property
    def rate(self) -> float:
        """Items per second since the start."""
        elapsed = time.monotonic() - self.started_at
        return self.done / elapsed if elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at the present rate; None while that cannot be said."""
        if self.total is None or not self.done:
            return None
        return (self.total - self.done) / self.rate if self.rate else None
