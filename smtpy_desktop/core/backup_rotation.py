"""Which backups have had their time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from smtpy_desktop.schemas.backups import SCHEDULED, FoundFile


def expired(files: Iterable[FoundFile], keep: int, *, installation: str, database: str) -> tuple[Path, ...]:
    """Return which files go when ``keep`` of the backups made by the clock are kept.

    Nothing goes but what the clock has made for this installation and database, as its description says. Damaged ones
    count for nothing, and the newest undamaged one always stays.
    """
    made = [
        (found.manifest.made_at, found)
        for found in files
        if found.manifest is not None
        and found.manifest.kind == SCHEDULED
        and (found.manifest.installation, found.manifest.database) == (installation, database)
    ]
    made.sort(key=lambda entry: entry[0], reverse=True)
    good = [found for _, found in made if found.problem is None]
    kept = {found.path for found in good[: max(keep, 1)]}
    oldest_kept = min((made_at for made_at, found in made if found.path in kept), default=None)
    return tuple(
        found.path for made_at, found in made if found.path not in kept and oldest_kept and made_at < oldest_kept
    )
