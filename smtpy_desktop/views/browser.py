"""Opening a page in the user's browser, as far as there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

OpenAddress = Callable[[str], bool]
"""Opens an address and returns whether that has worked."""

_WITHOUT_DESKTOP = ("offscreen", "minimal", "linuxfb", "vnc")


def open_in_browser(address: str) -> bool:
    """Open an address, which the caller has judged; return False where there is no desktop or no browser.

    What is no web page, or names its host so that it can be mistaken, is never handed to the desktop.
    """
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if QGuiApplication.platformName() in _WITHOUT_DESKTOP or not _is_plain_web(address, url):
        return False
    return QDesktopServices.openUrl(url)


def _is_plain_web(address: str, url: QUrl) -> bool:
    has_host = url.isValid() and url.scheme() in ("https", "http") and bool(url.host())
    return has_host and not url.userInfo() and address.isascii() and address.isprintable()
