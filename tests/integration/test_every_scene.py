"""Every page and every dialog, for everybody: names, keyboard, room for longer texts in both directions, contrast.

The program speaks the language of ``tests/helpers/pseudo_locale.py`` meanwhile, in the smallest window that is common.
``make everyone`` walks through all scenes; here those are left out that show what another one has shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from smtpy_desktop.database.engine import Database
from smtpy_desktop.sandbox.gallery import scenes
from smtpy_desktop.sandbox.gallery_stage import GalleryState, Script, Stage
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.theme import Theme
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.window_gallery import Gallery, open_gallery
from tests.helpers.audit_contrast import too_faint
from tests.helpers.audit_literal import not_literal
from tests.helpers.clusters import remove_clusters_of
from tests.helpers.hostile_data import MARK, REORDERING, fill_with_hostile_texts
from tests.helpers.pseudo_locale import speaking_pseudo
from tests.helpers.scene_walk import SceneWalk, chosen
from tests.helpers.themes import EveryTheme

SCREEN = (1280, 720)
ALL = "SMTPY_EVERY_SCENE" in os.environ
SHORT = frozenset(
    [
        "domains",
        "domain-add",
        "domain-history",
        "domain-delete",
        "overview",
        "messages",
        "message-status",
        "messages-export",
        "aliases",
        "alias-change",
        "aliases-import",
        "rule-add",
        "simulator",
        "forwarder",
        "billing-northwind",
        "billing-plans",
        "events",
        "settings-mail-identity",
        "settings-retention",
        "settings-backups",
        "sandbox-mail",
        "palette",
        "error",
        "guide",
        "notices",
        "start",
        "start-server",
    ]
)
PAGES = ("domains", "aliases", "messages", "forwarder", "billing", "events", "activity", "overview", "settings")
COLOURED = ("domains-wrong", "overview", "settings-retention", "domain-delete")


@pytest.fixture(scope="module")
def gallery(qapp: QApplication, app_theme: Theme, short_directory: Path) -> Iterator[Gallery]:
    """Give the window over the samples, in the language of longer texts."""
    directory = short_directory / "every-scene"
    directory.mkdir(mode=0o711)
    with speaking_pseudo(qapp), open_gallery(directory, size=SCREEN) as opened:
        yield opened
    remove_clusters_of(directory)


@pytest.mark.timeout(900)
def test_everything_in_every_scene_has_a_name_a_place_for_the_keyboard_and_the_room_it_takes(gallery, qapp):
    walk = SceneWalk(qapp, SCREEN)

    for scene in chosen(scenes(gallery), lambda name: ALL or name in SHORT):
        walk.visit(scene)

    assert not walk.faults, "\n".join(walk.faults)


def test_texts_and_icons_stand_out_in_every_theme(gallery):
    faults: list[str] = []
    themes = EveryTheme(gallery.theme)

    for scene in chosen(scenes(gallery), lambda name: name in COLOURED):
        top = scene.open().window()
        for name, known in themes.each():
            faults += [f"{scene.name}, {name}: {fault}" for fault in too_faint(top, known)]
        scene.close()

    assert not faults, "\n".join(faults)


def test_hostile_texts_are_shown_literally_on_every_page(gallery):
    database = gallery.samples.sessions
    assert isinstance(database, Database)
    filled = gallery.loop_thread.submit(fill_with_hostile_texts(database)).result(60)
    gallery.use(GalleryState.READ_ONLY)  # the pages anew
    stage, faults, shown = Stage(gallery), [], 0

    for page in PAGES:
        _play(gallery, stage.page(page))
        for table in [each for each in gallery.window.findChildren(DataTable) if each.isVisible()]:
            table.selectRow(0)
            _play(gallery, stage.calm())
        texts = list(stage.hands.texts())
        shown += sum(MARK in words for words in texts)
        faults += [f"{page}: {fault}" for fault in not_literal(gallery.window)]
        labels = [QLabel.text(each) for each in gallery.window.findChildren(PlainLabel) if each.isVisible()]
        faults += [f"{page}: an override reorders “{words[:60]}”" for words in labels if REORDERING in words]

    assert len(filled) > 20, filled
    assert shown > 10
    assert not faults, "\n".join(faults)


def _play(gallery: Gallery, script: Script) -> None:
    for step in script:
        assert isinstance(step, Until)
        gallery.wait(step)
