"""How far a backup, a restore or a move has come, in hundredths of the whole."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.schemas.backups import BackupPhase
from smtpy_desktop.schemas.progress import Progress

WHOLE = 100


class BackupSteps:
    """Advances a ``Progress`` phase by phase; ``shares`` are the hundredths that each phase takes, in order."""

    def __init__(self, progress: Progress | None, shares: Mapping[BackupPhase, int]) -> None:
        self._progress = progress if progress is not None else Progress()
        self._progress.total, self._progress.is_share = WHOLE, True
        self._shares = shares
        self._from, self._share = 0, 0

    def begin(self, phase: BackupPhase) -> None:
        """Go on to a phase."""
        before = 0
        for known, share in self._shares.items():
            if known is phase:
                self._share = share
                break
            before += share
        else:
            self._share = 0
        self._from = max(before, self._from)
        self._progress.done = self._from
        self._progress.note = phase.note

    def reach(self, done: int, total: int) -> None:
        """Tell how much of the phase is done."""
        if total > 0:
            self._progress.done = self._from + self._share * min(done, total) // total

    def end(self) -> None:
        """Tell that all is done."""
        self._progress.done = WHOLE
