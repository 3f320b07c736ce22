"""Opening a page in the user's browser, as far as there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

OpenAddress = Callable[[str], bool]
"""Opens an address and returns whether that has worked."""

_WITHOUT_DESKTOP = ("offscreen", "minimal", "linuxfb", "vnc")


def open_in_browser(address: str) -> bool:
    """Open an address, which the caller has judged; return False where there is no desktop or no browser."""
    if QGuiApplication.platformName() in _WITHOUT_DESKTOP:
        return False
    return QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))
