"""Every page and every dialog, for everybody: names, keyboard, room for longer texts in both directions, contrast.

The program speaks the language of ``tests/helpers/pseudo_locale.py`` meanwhile, in the smallest window that is common.
``make everyone`` walks through all scenes; here those are left out that show what another one has shown.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from smtpy_desktop.database.engine import Database
from smtpy_desktop.sandbox.gallery import scenes
from smtpy_desktop.sandbox.gallery_stage import GalleryState, Script, Stage
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.theme import Theme
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.window_gallery import Gallery, open_gallery
from tests.helpers.audit_contrast import too_faint
from tests.helpers.audit_literal import not_literal
from tests.helpers.audit_room import too_large
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
HOSTILE_DIALOGS = ("message-status", "alias-change", "rule-change")
COLOURED = ("domains-wrong", "overview", "settings-retention", "domain-delete")


@pytest.fixture(scope="module")
def gallery(qapp: QApplication, app_theme: Theme, short_directory: Path) -> Iterator[Gallery]:
    """Give the window over the samples, in the language of longer texts."""
    directory = Path(tempfile.mkdtemp(dir=short_directory, prefix="every-scene-"))
    directory.chmod(0o711)
    with speaking_pseudo(qapp), open_gallery(directory, size=SCREEN) as opened:
        yield opened
    remove_clusters_of(directory)


@pytest.fixture(scope="module")
def filled(gallery: Gallery) -> list[str]:
    """Fill the samples with hostile texts for good, show the pages anew, and give the columns that took one."""
    database = gallery.samples.sessions
    assert isinstance(database, Database)
    columns = gallery.loop_thread.submit(fill_with_hostile_texts(database)).result(60)
    gallery.use(GalleryState.READ_ONLY)
    return columns


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


def test_hostile_texts_are_shown_literally_on_every_page(gallery, filled):
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


def test_hostile_texts_are_shown_literally_in_dialogs(gallery, filled):
    faults = []

    for scene in chosen(scenes(gallery), lambda name: name in HOSTILE_DIALOGS):
        top = scene.open().window()
        faults += [f"{scene.name}: {fault}" for fault in _faults_of(top)]
        if not any(MARK in words for words in _shown_in(top)):
            faults.append(f"{scene.name} shows nothing of it")
        scene.close()

    assert not faults, "\n".join(faults)


def test_an_organization_of_any_name_is_shown_literally_where_it_is_renamed(gallery, filled):
    gallery.use(GalleryState.FILLED)
    stage = Stage(gallery)
    _play(gallery, stage.page("domains"))
    choice = stage.context.choice
    choice.choose(choice.organizations[0].id)
    _play(gallery, stage.calm())

    dialog = stage.pages.organizations.rename()
    _play(gallery, stage.calm())

    assert dialog is not None
    shown, faults = _shown_in(dialog), [*_faults_of(dialog), *_faults_of(gallery.window)]
    dialog.reject()
    assert "organizations.name" in filled
    assert any("<table><tr><td>t</td></tr></table>" in words for words in shown), shown
    assert not [fault for fault in faults if "does not fit" in fault], faults
    assert not [fault for fault in faults if "markup" in fault or "reorders" in fault], faults


def test_a_file_of_any_name_is_shown_literally_where_it_is_to_be_restored(gallery, tmp_path):
    file = tmp_path / f"{MARK}<img src=a><b> &amp; {REORDERING}dump"
    file.write_bytes(b"no backup")
    stage = Stage(gallery)
    _play(gallery, stage.page("settings"))
    section = gallery.shown_pages.settings.backups
    assert section is not None

    dialog = section.commands.restore(file)
    _play(gallery, stage.calm())

    shown, faults = _shown_in(dialog), list(_faults_of(dialog))
    dialog.reject()
    assert any("<img src=a><b> &amp; ⟨U+202E⟩dump" in words for words in shown), shown
    assert not faults, "\n".join(faults)


def _shown_in(top: QWidget) -> list[str]:
    """Return what stands in the labels, fields and texts of a window, as it is painted."""
    labels = [QLabel.text(each) for each in top.findChildren(PlainLabel)]
    fields = [each.text() for each in top.findChildren(QLineEdit)]
    return labels + fields + [each.text() for each in top.findChildren(MonoText)]


def _faults_of(top: QWidget) -> Iterator[str]:
    yield from not_literal(top)
    yield from too_large(top, *SCREEN)
    for words in [top.windowTitle(), *(QLabel.text(each) for each in top.findChildren(PlainLabel))]:
        if REORDERING in words:
            yield f"an override reorders “{words[:60]}”"


def _play(gallery: Gallery, script: Script) -> None:
    for step in script:
        assert isinstance(step, Until)
        gallery.wait(step)
