"""The program's icon in every size and file format that desktops want, drawn from the one SVG file."""

from __future__ import annotations

import os
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw_icons(drawing: Path, target: Path) -> tuple[Path, ...]:
    """Write ``SIZE.png`` for each size, and an ``.ico`` and ``.icns`` file where Qt can; return the PNG files."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    renderer = QSvgRenderer(str(drawing))
    target.mkdir(parents=True, exist_ok=True)

    def draw(size: int) -> QImage:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        return image

    files = []
    for size in SIZES:
        files.append(target / f"{size}.png")
        draw(size).save(str(files[-1]))
    draw(256).save(str(target / "smtpy-desktop.ico"))
    draw(512).save(str(target / "smtpy-desktop.icns"))
    del application
    return tuple(files)
