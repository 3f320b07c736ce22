"""How backups, what becomes of them and their proofs are put into words."""

from __future__ import annotations

from pathlib import Path

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.backups import BEFORE_RESTORE, MANUAL, SCHEDULED, BackupFile, BackupState, Proof
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.relative_time import exact_time, relative_time
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

_LONGEST_NAME = 120


def file_words(path: Path) -> str:
    """Return a file's name as it can be read on one line, whatever is in it."""
    return visible_line(path.name, _LONGEST_NAME)


def kind_words(kind: str) -> str:
    """Return why a backup was made."""
    return {
        MANUAL: tr("by hand"),
        SCHEDULED: tr("by schedule"),
        BEFORE_RESTORE: tr("before a restore"),
    }.get(kind, tr("from elsewhere"))


def backup_pill(backup: BackupFile) -> PillCell:
    """Return whether a backup has been proved, as a word."""
    if backup.problem is not None:
        return PillCell(tr("Not usable"), Tone.BAD)
    if backup.verified_at is None:
        return PillCell(tr("Not verified"), Tone.WARN)
    return PillCell(tr("Verified"), Tone.OK)


def backup_state_sentence(backup: BackupFile) -> str:
    """Return what is known of a backup's worth in a sentence."""
    if backup.problem is not None:
        return translated(backup.problem)
    if backup.verified_at is None:
        return tr("It was not restored for a trial yet. Verify it to be sure.")
    return tr("Proved {time}: restored for a trial, every table the same.", time=exact_time(backup.verified_at))


def state_words(state: BackupState, found: tuple[BackupFile, ...], *, every: str) -> tuple[str, str, Tone]:
    """Return how things stand with the backups: a heading, a sentence on what comes next, and their tone."""
    after = _next_words(state, every)
    if state.problem is not None:
        heading = tr("The last backup failed {when}.", when=relative_time(state.last_at))
        good = (
            tr("The last good one was made {when}.", when=relative_time(state.good_at))
            if state.good_at is not None
            else tr("There is no good one yet.")
        )
        told = [translated(part) for part in (state.problem, state.detail, state.hint) if part is not None]
        # What is to be done may end with a command: what follows begins on a line of its own.
        return heading, f"{' '.join(told)}\n{good} {after}".rstrip(), Tone.BAD
    usable = [backup for backup in found if backup.problem is None]
    if state.good_at is None and not usable:
        return tr("There is no backup yet."), after, Tone.WARN
    when = state.good_at or max(backup.made_at for backup in usable)
    newest = max(usable, key=lambda backup: backup.made_at, default=None)
    if newest is None:
        heading = tr("The last backup was made {when}, but its file is not in this folder.", when=relative_time(when))
        return heading, after, Tone.WARN
    if newest.verified_at is None:
        return tr("The last backup was made {when}, and not verified.", when=relative_time(when)), after, Tone.WARN
    return tr("The last backup was made {when} and verified.", when=relative_time(when)), after, Tone.OK


def proof_words(proof: Proof) -> tuple[str, str]:
    """Return what a proof came to, as a heading and a sentence."""
    if proof.holds:
        tables = tr_n("{n} table", "{n} tables", len(proof.tables))
        rows = tr_n("{n} row", "{n} rows", proof.rows)
        heading = tr("Everything is there: {tables}, {rows}.", tables=tables, rows=rows)
        words = tr("The number of rows and the SHA-256 of each table are the same on both sides.")
    else:
        different = sum(not table.holds for table in proof.tables)
        heading = tr_n("{n} table differs.", "{n} tables differ.", different)
        words = tr("Do not rely on this copy. Make a new backup, and look at the disk it lies on.")
        if not different:
            heading = tr("The copy would give out numbers a second time.")
            words = f"{', '.join(proof.lagging)}. {words}"
    return heading, words


def rows_words(rows: int | None) -> str:
    """Return a number of rows, or nothing where it is not known."""
    return "" if rows is None else number(rows)


def _next_words(state: BackupState, every: str) -> str:
    if state.next_at is not None:
        return tr("The next one is made {when}.", when=relative_time(state.next_at))
    if every == "off":
        return tr("None is made by itself: choose a schedule below.")
    return ""
