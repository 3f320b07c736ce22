"""Addresses that nobody should be led to, and a list of those that reach the desktop."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from smtpy_desktop.views import browser

NO_PAGES = (
    "file:///etc/passwd",
    "smb://files.example/share",
    "javascript:alert(1)",
    "data:text/html,hello",
    "mailto:somebody@example.com",
    "//stripe.com/pay",
    "https:///etc/passwd",
    "https://docs.stripe.com@elsewhere.example/",
    "https://stripe.com:secret@stripe.com/",
    "https://user@github.com/",
    "https://stripe.com\\@elsewhere.example/",
    "https://str\N{LATIN SMALL LETTER DOTLESS I}pe.com/",
    "https://\N{CYRILLIC SMALL LETTER DZE}tripe.com/",
    "https://g\N{LATIN SMALL LETTER DOTLESS I}thub.com/",
    "https://github.com\N{FRACTION SLASH}elsewhere.example/",
    "https://github.com\N{RIGHT-TO-LEFT OVERRIDE}/",
    "http://127.0.0.1@elsewhere.example/",
)
"""Nothing on the web, or a host that can be mistaken."""

PAGES_OF_OTHERS = ("https://xn--strpe-p4a.com/", "https://stripe.com.elsewhere.example/", "https://10.0.0.1/")
HOSTILE_ADDRESSES = (*NO_PAGES, *PAGES_OF_OTHERS)


def addresses_opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for a desktop with a browser, and return the list of the addresses that reach it from now on."""
    reached: list[str] = []

    def note(url: QUrl) -> bool:
        reached.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    monkeypatch.setattr(browser, "_WITHOUT_DESKTOP", ())
    return reached
