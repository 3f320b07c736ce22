"""Scenes of the backups: none yet, one that was made, its proof, and the dialogs that restore it and move elsewhere."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QScrollArea, QWidget

from smtpy_desktop.core.backup_errors import unreadable
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.backups import Proof, TableProof
from smtpy_desktop.views.backups_proof import ProofDialog
from smtpy_desktop.views.move_dialog import MoveDialog
from smtpy_desktop.views.restore_dialog import RestoreDialog
from smtpy_desktop.views.settings_backups_section import BackupsSection
from smtpy_desktop.views.widgets.texts import tr

_SECONDS = 90.0
_FILE = "smtpy-20261122-030000-scheduled.dump"
_ROWS = (("aliases", 130), ("audit_log", 181), ("deliveries", 2546), ("domains", 14), ("messages", 2490))


def _section(stage: Stage) -> BackupsSection:
    section = stage.pages.settings.backups
    if section is None:
        raise LookupError("no backups can be made here")
    return section


def _seen(stage: Stage) -> Script:
    """Show the section as it is, once it has been read."""
    yield from stage.page("settings")
    section = _section(stage)
    yield from stage.until("the backups are read", lambda: section.seen is not None)
    area = stage.pages.settings.findChildren(QScrollArea)[0]
    area.verticalScrollBar().setValue(section.y())
    yield from stage.calm()


def _none(stage: Stage) -> Script:
    yield from _seen(stage)
    yield stage.window


def _made(stage: Stage) -> Script:
    yield from _with_backup(stage)
    yield from _seen(stage)
    yield stage.window


def _with_backup(stage: Stage) -> Script:
    yield from _seen(stage)
    section = _section(stage)
    if section.list.current is None:
        section.commands.back_up()
        yield Until("a backup is made", lambda: section.list.current is not None, _SECONDS)
        yield from stage.calm()


def _asked(stage: Stage) -> Script:
    dialog = yield from _restore_dialog(stage)
    yield dialog
    dialog.reject()


def _restore_dialog(stage: Stage) -> Generator[Until | QWidget, None, RestoreDialog]:
    yield from _with_backup(stage)
    backup = _section(stage).list.current
    dialog = _section(stage).commands.restore(backup.path if backup is not None else Path())
    yield from stage.calm()
    return dialog


def _unreadable(stage: Stage) -> Script:
    yield from _seen(stage)
    dialog = _section(stage).commands.restore(Path(__file__))
    yield from stage.calm()
    yield dialog
    dialog.reject()


def _outcome(stage: Stage, *, went_well: bool) -> Script:
    dialog = yield from _restore_dialog(stage)
    if went_well:
        dialog.show_done(
            tr("The backup is restored"), _proof(), tr("The window goes on with the restored database."), ""
        )
    else:
        dialog.show_failure(unreadable(Path("/mnt/stick/smtpy.dump"), "Input/output error"))
    yield from stage.calm()
    yield dialog
    dialog.reject()


def _proof_alone(stage: Stage, *, holds: bool) -> Script:
    yield from stage.page("settings")
    dialog = ProofDialog(stage.context.memory, _FILE, _proof(holds=holds), stage.window)
    dialog.open()
    yield from stage.calm()
    yield dialog
    dialog.reject()


def _move(stage: Stage) -> Script:
    yield from stage.page("settings")
    # The sandbox itself stays where it is; the dialog is the same.
    dialog = MoveDialog(stage.context, _section(stage).tools, stage.window)
    dialog.open()
    yield from stage.calm()
    yield dialog
    dialog.reject()


def _proof(*, holds: bool = True) -> Proof:
    tables = [TableProof(name, rows, rows, "a", "a") for name, rows in _ROWS]
    if not holds:
        tables[-1] = TableProof("messages", 2490, 2489, "a", "b")
    return Proof(tuple(tables))


BACKUPS_SCENES = (
    Sketch("settings-backups-none", "Settings: no backup yet", _none),
    Sketch("settings-backups", "Settings: backups", _made),
    Sketch("backups-restore", "Restore this backup?", _asked),
    Sketch("backups-restore-unreadable", "Restoring what is no backup", _unreadable),
    Sketch("backups-restored", "A restore that went well", partial(_outcome, went_well=True)),
    Sketch("backups-restore-failed", "A restore that failed", partial(_outcome, went_well=False)),
    Sketch("backups-proof", "A proof", partial(_proof_alone, holds=True)),
    Sketch("backups-proof-differs", "A backup that does not hold", partial(_proof_alone, holds=False)),
    Sketch("backups-move", "Move to a server", _move),
)
