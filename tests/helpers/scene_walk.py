"""One walk over the scenes of the gallery: every check of every window, each scene opened once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from smtpy_desktop.sandbox.gallery_stage import Scene
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.tab_order import in_reading_order
from tests.helpers.audit_focus import catches_tab, keyboard_faults, stops_of, unseen_focus
from tests.helpers.audit_literal import not_literal
from tests.helpers.audit_names import unnamed
from tests.helpers.audit_room import cut_off, overlapping, too_large


@dataclass
class SceneWalk:
    """What was found; ``screen`` is the size that everything has to fit on."""

    app: QApplication
    screen: tuple[int, int]
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    _focused: set[tuple[object, ...]] = field(default_factory=set)
    _tabbed: set[str] = field(default_factory=set)

    def visit(self, scene: Scene) -> None:
        """Open a scene, look at everything in both directions of reading, and close it."""
        widget = scene.open()
        top = widget.window()
        self.seen[scene.name] += 1
        self._note(scene, "names", unnamed(top))
        self._note(scene, "markup", not_literal(top))
        self._note(scene, "room", cut_off(top))
        self._note(scene, "overlap", overlapping(top))
        self._note(scene, "details", blank_panes(top))
        if isinstance(top, QDialog):
            self._note(scene, "size", too_large(top, *self.screen))
        self._look_at_keyboard(scene, top)
        with reading(self.app, Qt.LayoutDirection.RightToLeft):
            self._note(scene, "room from right to left", cut_off(top))
            self._note(scene, "overlap from right to left", overlapping(top))
        scene.close()

    def _look_at_keyboard(self, scene: Scene, top: QWidget) -> None:
        """Press Tab through every dialog, and once through every page; elsewhere ask where it would stop."""
        page = scene.name.partition("-")[0]
        if isinstance(top, QDialog) or page not in self._tabbed:
            self._tabbed.add(page)
            stops = stops_of(top)
        else:
            stops = [
                stop for stop in in_reading_order(top, only_seen=True) if stop.isEnabled() and not stop.focusProxy()
            ]
        self._note(scene, "keyboard", keyboard_faults(top, stops))
        self._note(scene, "keyboard", catches_tab(top))
        self._note(scene, "focus", unseen_focus(stops, self._focused))

    def _note(self, scene: Scene, what: str, faults: Iterable[str]) -> None:
        for fault in faults:
            line = f"{what}: {fault}"
            if not any(known.endswith(line) for known in self.faults):
                self.faults.append(f"{scene.name}, {line}")


def blank_panes(top: QWidget) -> Iterator[str]:
    """Yield every page whose details pane shows nothing at all."""
    for page in top.findChildren(SplitPage):
        if page.isVisible() and page.details_shown and page.blank_hint.is_blank and not page.blank_hint.is_shown:
            yield f"{type(page.parentWidget()).__name__} has a blank pane"


@contextmanager
def reading(app: QApplication, direction: Qt.LayoutDirection) -> Iterator[None]:
    """Let the program read in a direction meanwhile."""
    app.setLayoutDirection(direction)
    app.processEvents()
    try:
        yield
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        app.processEvents()


def chosen(scenes: Iterable[Scene], is_wanted: Callable[[str], bool]) -> list[Scene]:
    """Return the scenes whose names are wanted."""
    return [scene for scene in scenes if is_wanted(scene.name)]
