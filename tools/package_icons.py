"""The program's icon in every size and file format that desktops want, drawn from the one SVG file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / "smtpy_desktop" / "resources" / "icons" / "smtpy-desktop.svg"
ICONS = ROOT / "build" / "package" / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw_icons() -> tuple[Path, ...]:
    """Write ``SIZE.png`` for each size, an ``.ico`` and an ``.icns`` file into ``ICONS``; return the PNG files."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    renderer = QSvgRenderer(str(DRAWING))
    ICONS.mkdir(parents=True, exist_ok=True)

    def draw(size: int) -> QImage:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        return image

    files = []
    for size in SIZES:
        files.append(ICONS / f"{size}.png")
        draw(size).save(str(files[-1]))
    draw(256).save(str(ICONS / "smtpy-desktop.ico"))
    draw(512).save(str(ICONS / "smtpy-desktop.icns"))
    del application
    return tuple(files)


if __name__ == "__main__":
    sys.exit(0 if draw_icons() else 1)
