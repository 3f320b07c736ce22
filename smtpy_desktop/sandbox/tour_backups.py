"""The tour's chapter about backups: one is made and proved, and put back over the database in use."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog

from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.texts import tr

_SECONDS = 90.0
_DATABASE = "smtpy"


def _walk(tour: Tour) -> Walk:
    yield from _back_up(tour)
    yield from _ask_for_a_restore(tour)
    yield from _restore(tour)


BACKUPS = Chapter("Backups", _walk)


def _back_up(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Settings"))
    yield from hands.click(tr("Backups"))
    yield from hands.click(without_mnemonic(tr("&Back up now")))
    verify = without_mnemonic(tr("&Verify again"))
    yield Until("the backup is made and listed", lambda: hands.sees(verify), _SECONDS)
    yield from tour.step(
        "A backup that has been proved",
        "It was restored into a database of its own at once, and every table compared, row by row.",
    )


def _ask_for_a_restore(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(without_mnemonic(tr("&Restore…")))
    yield from hands.until_seen(tr("Replaces"))
    yield from hands.type_into(tr("Type {name} to replace this database", name=_DATABASE), _DATABASE)
    yield from tour.step(
        "What a restore replaces",
        "What is lost is said before; nothing happens until the name of the database has been typed.",
    )


def _restore(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(without_mnemonic(tr("&Restore")))
    done = tr("The backup is restored")
    yield Until("the backup is restored", lambda: hands.sees(done), _SECONDS)
    yield from tour.step(
        "Restored, with the proof",
        "The window goes on with the restored database; what was there before is kept until somebody removes it.",
    )
    yield from hands.click(tr("Close"))
    yield from hands.until_gone(QDialog, done)
    yield from hands.until_calm()
