"""What is handed to the desktop to be opened: pages of those who are known, and nothing else, whatever is asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.guide_text import Guide
from smtpy_desktop.core.stripe_pages import may_be_opened
from smtpy_desktop.views.browser import open_in_browser
from smtpy_desktop.views.help_window import HelpWindow
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.opened_addresses import HOSTILE_ADDRESSES, NO_PAGES, addresses_opened

_KNOWN = "https://docs.stripe.com/webhooks"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return addresses_opened(monkeypatch)


def test_the_desktop_is_given_pages_of_the_web_alone(opened: list[str]) -> None:
    outcomes = [open_in_browser(address) for address in (*NO_PAGES, _KNOWN)]

    assert outcomes == [False] * len(NO_PAGES) + [True]
    assert opened == [_KNOWN]


@pytest.mark.parametrize("is_sandbox", [True, False])
def test_no_hostile_address_is_taken_for_one_of_stripes(is_sandbox: bool) -> None:
    assert not [each for each in HOSTILE_ADDRESSES if may_be_opened(each, is_sandbox=is_sandbox)]


def test_a_link_in_the_guide_is_followed_to_those_who_are_known_alone(
    qtbot: QtBot, store: MemoryStore, opened: list[str]
) -> None:
    links = [*HOSTILE_ADDRESSES, _KNOWN]
    lines = "\n\n".join(f"[link {number}](<{address}>)" for number, address in enumerate(links))
    window = HelpWindow(store, guide=Guide({"user-guide": f"# Links\n\n## Links\n\n{lines}\n"}))
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    window.text.setFocus()
    followed = []

    for _ in links:
        qtbot.keyClick(window.text, Qt.Key.Key_Tab)
        if window.text.hasFocus():
            followed.append(window.text.textCursor().selectedText())
            qtbot.keyClick(window.text, Qt.Key.Key_Return)

    assert followed == [f"link {number}" for number in range(len(links))]
    assert opened == [_KNOWN]
    assert window.text.document().toPlainText().startswith("Links")
