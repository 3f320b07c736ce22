"""The gallery: its scenes open and close in any order, and tell when the program is at fault."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from smtpy_desktop.sandbox.gallery import SKETCHES, scenes
from smtpy_desktop.sandbox.gallery_stage import GalleryState, Scene, Script, Sketch, Stage, stage_scene
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import ThemePreference
from smtpy_desktop.views.theme_dress import style_sheet_of
from smtpy_desktop.views.theme_tokens import current_colors
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.window_gallery import Gallery


def _named(gallery: Gallery, name: str) -> Scene:
    return next(scene for scene in scenes(gallery) if scene.name == name)


def _open_dialogs() -> list[QDialog]:
    return [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]


def test_every_scene_has_a_name_of_its_own():
    names = [sketch.name for sketch in SKETCHES]

    assert len(set(names)) == len(names)


def test_a_scene_of_a_page_shows_the_window_and_puts_the_search_back(gallery):
    scene = _named(gallery, "messages-failed")
    page = gallery.shown_pages.messages

    shown = scene.open()
    searched, count = page.bar.text, page.list.model.rowCount()
    scene.close()

    assert isinstance(shown, MainWindow)
    assert (searched, page.bar.text) == ("status:failed", "")
    assert 0 < count < page.list.model.rowCount()


def test_a_scene_of_a_dialog_gives_the_dialog_and_closes_it(gallery):
    scene = _named(gallery, "domain-delete")

    shown = scene.open()
    opened = _open_dialogs()
    scene.close()

    assert opened == [shown]
    assert _open_dialogs() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("domains-empty", "Add a domain"),
        ("domains-broken", "The database cannot be reached."),
        ("domains-read-only", "Read-only."),
    ],
)
def test_a_page_is_shown_over_other_databases_and_the_samples_come_back(gallery, name, said):
    scene = _named(gallery, name)

    scene.open()
    seen = list(Stage(gallery).hands.texts())
    scene.close()
    gallery.use(GalleryState.FILLED)

    assert any(said in text for text in seen), seen
    assert gallery.shown_pages.context.services is gallery.samples
    assert not gallery.window.banner.isVisible()


@pytest.mark.parametrize("page", ["messages", "overview", "settings", "domains"])
def test_after_a_switch_everything_that_is_seen_wears_the_theme(gallery, page):
    _named(gallery, {"settings": "settings-dns"}.get(page, page)).open()

    old = {}
    for preference in (ThemePreference.DARK, ThemePreference.LIGHT):
        gallery.theme.set_preference(preference)
        gallery.wait(Until("everything is dressed", lambda: not gallery.theme.is_switching))
        old[preference] = [
            widget for widget in _styled(gallery) if _sheet_of(widget) != style_sheet_of(current_colors())
        ]

    assert old == {ThemePreference.DARK: [], ThemePreference.LIGHT: []}


def _styled(gallery: Gallery) -> list[QWidget]:
    return [
        widget
        for widget in gallery.window.findChildren(QWidget)
        if widget.isVisible() and isinstance(widget, (QLabel, QAbstractButton, QLineEdit, QScrollBar, QComboBox))
    ]


def _sheet_of(widget: QWidget) -> str:
    above: QWidget | None = widget
    while above is not None and not above.styleSheet():
        above = above.parentWidget()
    return above.styleSheet() if above is not None else _application().styleSheet()


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def test_a_scene_that_fails_tells_why_and_leaves_the_window_to_the_next_one(gallery):
    def script(stage: Stage) -> Script:
        yield from stage.page("domains")
        stage.window.show_shortcuts()
        yield Until("pigs fly", lambda: False, 0.1)

    failing = stage_scene(Sketch("failing", "Failing", script), Stage(gallery))

    with pytest.raises(TimeoutError, match="until pigs fly"):
        failing.open()

    assert _open_dialogs() == []
    assert _named(gallery, "shortcuts").open().windowTitle() == tr("Keyboard shortcuts")
    _named(gallery, "shortcuts").close()


def test_a_fault_of_the_program_is_raised_where_it_is_waited_for(gallery):
    gallery.runner.crashed.emit("Traceback: a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        gallery.wait(Until("nothing", lambda: True))
