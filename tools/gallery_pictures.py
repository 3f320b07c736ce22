"""Take the pictures of the gallery at one scale, in a process of its own, and paint contact sheets of them."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QWidget

from smtpy_desktop import views
from smtpy_desktop.display import prepared_display
from smtpy_desktop.sandbox.tour_hands import TourHands, Until
from smtpy_desktop.views.theme import Contrast, ThemePreference, text_font
from smtpy_desktop.views.theme_tokens import FontSize
from smtpy_desktop.views.widgets.dialog import Dialog

if TYPE_CHECKING:
    from smtpy_desktop.window_gallery import Gallery

LOOKS = {
    "light": ("light", "normal"),
    "dark": ("dark", "normal"),
    "light-contrast": ("light", "high"),
    "dark-contrast": ("dark", "high"),
}
"""Theme and contrast of each look."""

_GAP = 12
_MARGIN = 24
_SHEET_WIDTH, _SHEET_HEIGHT = 2800, 1900
_CAPTION_HEIGHT = 28
_THUMB_WIDTH = 920


def main() -> int:
    """Take the pictures that the command line asks for."""
    wanted = _arguments()
    with prepared_display(offscreen=True):
        for language in wanted.languages.split(","):
            output = wanted.output / language
            looks, only = wanted.looks.split(","), wanted.only.split(",")
            width, _, height = wanted.size.partition("x")
            failed = take_pictures(wanted.profile, output, language, looks, only, (int(width), int(height)))
            for name, reason in failed:
                print(f"{name}: {reason}", file=sys.stderr)
            if failed:
                return 1
    return 0


def take_pictures(
    profile: Path, output: Path, language: str, looks: Sequence[str], only: Sequence[str], size: tuple[int, int]
) -> list[tuple[str, str]]:
    """Open every scene whose name begins with one of ``only``, and save it in each look; return what failed and why."""
    from smtpy_desktop.sandbox.gallery import scenes
    from smtpy_desktop.window_gallery import open_gallery

    for look in looks:
        (output / look).mkdir(parents=True, exist_ok=True)
    failed = []
    seen: set[type] = set()
    with open_gallery(profile, language=language, size=size) as gallery:
        for scene in scenes(gallery):
            if not scene.name.startswith(tuple(only)):
                continue
            try:
                shown = scene.open()
                seen.add(type(shown))
                for look in looks:
                    _take(gallery, shown, look).save(str(output / look / f"{scene.name}.png"))
                scene.close()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other pictures are still wanted
                failed.append((scene.name, f"{type(error).__name__}: {error}"))
        for look in looks:
            paint_sheets(output / look, output)
    if only == [""]:
        for name in dialogs_without_scene(seen):
            print(f"No scene shows {name}; add one to smtpy_desktop/sandbox/gallery_scenes_*.py.", file=sys.stderr)
    return failed


def dialogs_without_scene(seen: Collection[type]) -> list[str]:
    """Return the kinds of dialogs that are none of these, by name."""
    for module in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        importlib.import_module(module.name)
    kinds, found = [Dialog], set[type[Dialog]]()
    while kinds:
        derived = kinds.pop().__subclasses__()
        kinds += derived
        found |= {kind for kind in derived if not kind.__subclasses__()}
    return sorted(kind.__name__ for kind in found.difference(seen))


def paint_sheets(pictures: Path, output: Path) -> None:
    """Paint all pictures of a directory side by side, with their names, on as few sheets as they need."""
    for number, cells in enumerate(_sheets(sorted(pictures.glob("*.png"))), 1):
        sheet = QPixmap(_SHEET_WIDTH, _SHEET_HEIGHT)
        sheet.fill(QColor(Qt.GlobalColor.gray))
        painter = QPainter(sheet)
        painter.setFont(text_font(FontSize.HEADING))
        for place, picture, name in cells:
            painter.drawText(place.left(), place.top() - _CAPTION_HEIGHT // 3, name)
            painter.drawPixmap(place, picture)
        painter.end()
        sheet.save(str(output / f"sheet-{pictures.name}-{number:02d}.png"))


def _take(gallery: Gallery, shown: QWidget, look: str) -> QPixmap:
    """Return the window in a look, or what is shown over it or beside it, with a margin."""
    theme, contrast = LOOKS[look]
    gallery.theme.set_preference(ThemePreference(theme))
    gallery.theme.set_contrast(Contrast(contrast))
    gallery.wait(Until("everything wears the theme", lambda: not gallery.theme.is_switching))
    picture = TourHands(gallery.window, gallery.runner).picture()
    if shown is gallery.window:
        return picture
    if not isinstance(shown, QDialog):
        return shown.grab()
    area = shown.rect().translated(gallery.window.rect().center() - shown.rect().center())
    area = area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN).intersected(gallery.window.rect())
    ratio = picture.devicePixelRatio()
    cut = picture.copy(QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio).toRect())
    cut.setDevicePixelRatio(ratio)
    return cut


def _sheets(paths: Sequence[Path]) -> Iterator[list[tuple[QRect, QPixmap, str]]]:
    """Yield the cells of each sheet: the pictures in rows from left to right, each at half its size or less."""
    cells: list[tuple[QRect, QPixmap, str]] = []
    left = top = row_height = 0
    for path in paths:
        picture = QPixmap(str(path))
        picture.setDevicePixelRatio(1)
        size = picture.size().scaled(_THUMB_WIDTH, _SHEET_HEIGHT, Qt.AspectRatioMode.KeepAspectRatio)
        size = size.boundedTo(picture.size())
        if left + size.width() > _SHEET_WIDTH:
            left, top, row_height = 0, top + row_height + _CAPTION_HEIGHT, 0
        if cells and top + size.height() + _CAPTION_HEIGHT > _SHEET_HEIGHT:
            yield cells
            cells, left, top, row_height = [], 0, 0, 0
        thumb = picture.scaled(size, mode=Qt.TransformationMode.SmoothTransformation)
        cells.append((QRect(QPoint(left, top + _CAPTION_HEIGHT), size), thumb, path.stem))
        left, row_height = left + size.width() + _GAP, max(row_height, size.height())
    if cells:
        yield cells


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("profile", type=Path)
    parser.add_argument("--languages", default="en,fr")
    parser.add_argument("--looks", default="light,dark")
    parser.add_argument("--only", default="", help="beginnings of the names of scenes")
    parser.add_argument("--size", default="1440x900")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
