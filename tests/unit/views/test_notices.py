"""The bell, its list and the tray: what they show, by keyboard too, and where they lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QStyle, QStyleOptionButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.notice_kinds import NoticeKind, Severity
from smtpy_desktop.schemas.notices import Notice, NoticeAction, NoticeBoard
from smtpy_desktop.schemas.text import Text, text
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.notices_bell import NoticesBell
from smtpy_desktop.views.notices_panel import NoticesPanel
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.notices_words import told_words
from smtpy_desktop.views.tray_icon import TrayIcon
from smtpy_desktop.views.tray_pictures import tray_picture
from smtpy_desktop.views.widgets.remembered import MemoryStore

NOW = datetime.now(UTC)
HOSTILE = "<img src=x onerror=1><b>a</b>&amp;\u202etxt.\n" + "x" * 3000


def notice(kind: NoticeKind, severity: Severity, words: str = "{kind} happened.") -> Notice:
    action = NoticeAction("domains", 5, text("Show the domain"))
    return Notice(kind, "", Text(words, {"kind": kind.value}), text("Do this."), NOW, severity, action)


BAD = notice(NoticeKind.DOMAIN_BROKEN, Severity.BAD)
WARNING = notice(NoticeKind.QUEUE_OLD, Severity.WARNING)
INFO = notice(NoticeKind.DATABASE_READ_ONLY, Severity.INFO)
BOARD = NoticeBoard((BAD, WARNING), (replace(INFO, snoozed_until=NOW + timedelta(hours=1)),), (INFO,))


class Calls:
    """Remembers what the list asks for."""

    def __init__(self) -> None:
        self.made: list[tuple[object, ...]] = []
        self.has_tray = True
        self.tools = NoticesTools(
            show=self._note("show"),
            snooze=self._note("snooze"),
            mute=self._note("mute"),
            pause=self._note("pause"),
            show_settings=self._note("settings"),
            test=lambda: self.has_tray,
            has_tray=lambda: self.has_tray,
        )

    def _note(self, name: str) -> Callable[..., object]:
        return lambda *arguments: self.made.append((name, *arguments))


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def window(qtbot: QtBot, store: MemoryStore) -> MainWindow:
    made = MainWindow(store)
    qtbot.addWidget(made)
    made.add_page("domains", "Domains", "world", QWidget())
    made.resize(1280, 720)
    with qtbot.waitActive(made):
        made.show()
    return made


@pytest.fixture
def bell(window: MainWindow) -> NoticesBell:
    made = NoticesBell(window.top_bar)
    window.top_bar.add_button(made)
    made.show()
    return made


@pytest.fixture
def panel(window: MainWindow, bell: NoticesBell, calls: Calls) -> NoticesPanel:
    made = NoticesPanel(calls.tools, window)
    made.show_board(BOARD)
    made.open_below(bell)
    return made


def labels(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_the_bell_counts_what_is_neither_put_off_nor_muted(bell: NoticesBell) -> None:
    bell.show_board(BOARD)

    assert bell.count_text == "2"
    assert bell.accessibleName() == "Notices: 2"
    assert "domain_broken happened." in bell.accessibleDescription()
    assert "Failure" in bell.accessibleDescription()


def test_the_bell_is_a_bell_alone_where_all_is_well(bell: NoticesBell) -> None:
    bell.show_board(BOARD)
    wide = bell.sizeHint().width()

    bell.show_board(NoticeBoard())

    assert bell.count_text == ""
    assert bell.sizeHint().width() < wide


def test_more_than_the_pill_holds_is_told_as_more(bell: NoticesBell) -> None:
    bell.show_board(NoticeBoard((BAD,) * 100))

    assert bell.count_text == "99+"


def test_the_list_lies_below_the_bell_within_the_window(
    panel: NoticesPanel, bell: NoticesBell, window: MainWindow
) -> None:
    assert window.rect().contains(panel.geometry())
    assert panel.y() >= bell.mapTo(window, QPoint(0, bell.height())).y()


def test_the_list_has_everything_worst_first(panel: NoticesPanel) -> None:
    assert [line.notice for line in panel.lines] == [BAD, WARNING, BOARD.snoozed[0]]
    assert "Snoozed: 1" in labels(panel)
    assert [line.accessibleName() for line in panel.lines[:2]] == [
        "Failure: domain_broken happened.",
        "Warning: queue_old happened.",
    ]


def test_links_stand_in_line_with_the_texts_above_them(panel: NoticesPanel, qtbot: QtBot) -> None:
    def left_of_words(button: QPushButton) -> int:
        option = QStyleOptionButton()
        option.initFrom(button)
        inside = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
        return button.mapTo(panel, inside.topLeft()).x()

    qtbot.waitUntil(lambda: all(line.main_button.isVisible() for line in panel.lines))

    for line in panel.lines[: len(BOARD.notices)]:
        above = next(label for label in line.findChildren(QLabel) if label.text() == "Do this.")
        assert left_of_words(line.main_button) == above.mapTo(panel, above.contentsRect().topLeft()).x()
    muted = next(each for each in panel.findChildren(QPushButton) if "muted" in each.text())
    heading = next(label for label in panel.findChildren(QLabel) if label.text() == "Notices")
    assert left_of_words(muted) == heading.mapTo(panel, heading.contentsRect().topLeft()).x()


def test_keys_go_from_notice_to_notice_and_round(panel: NoticesPanel, qtbot: QtBot) -> None:
    places = []

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(QApplication.focusWidget(), key)
        places.append([line.main_button.hasFocus() for line in panel.lines].index(True))

    assert places == [1, 2, 0, 2]


def test_return_leads_to_what_it_is_about_and_closes_the_list(panel: NoticesPanel, calls: Calls, qtbot: QtBot) -> None:
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    assert calls.made == [("show", BAD.action)]
    assert not panel.isVisible()


@pytest.mark.parametrize("is_asked_at_the_bell", [True, False])
def test_esc_closes_the_list_and_gives_the_keyboard_back(
    panel: NoticesPanel, bell: NoticesBell, window: MainWindow, qtbot: QtBot, is_asked_at_the_bell: bool
) -> None:
    panel.close_panel()
    before = bell if is_asked_at_the_bell else window.top_bar.search
    before.setFocus()

    panel.open_below(bell)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)

    assert not panel.isVisible()
    assert before.hasFocus()


def test_the_keyboard_goes_to_the_bell_where_what_had_it_has_gone(
    panel: NoticesPanel, bell: NoticesBell, window: MainWindow, qtbot: QtBot
) -> None:
    panel.close_panel()
    gone = QPushButton("gone", window)
    gone.show()
    gone.setFocus()

    panel.open_below(bell)
    shiboken6.delete(gone)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)

    assert bell.hasFocus()


def test_a_click_elsewhere_closes_the_list(panel: NoticesPanel, window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.sidebar, Qt.MouseButton.LeftButton)

    assert not panel.isVisible()


def test_the_keyboard_stays_at_its_notice_when_others_come(panel: NoticesPanel, qtbot: QtBot) -> None:
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)

    panel.show_board(NoticeBoard((replace(BAD, key="another"), BAD, WARNING)))

    assert panel.lines[2].main_button.hasFocus()


def test_a_notice_is_snoozed_muted_and_told_again(panel: NoticesPanel, calls: Calls) -> None:
    menu = panel.lines[0].later_menu()
    actions = [action for action in menu.actions() if not action.isSeparator()]
    before = datetime.now(UTC)

    for action in (actions[0], actions[-1]):
        action.trigger()
    panel.lines[2].later_button.click()

    hour, mute, again = calls.made
    assert hour[:2] == ("snooze", BAD.id)
    assert isinstance(hour[2], datetime)
    assert before + timedelta(minutes=59) < hour[2] <= datetime.now(UTC) + timedelta(minutes=60)
    assert mute == ("mute", BAD.kind)
    assert again == ("snooze", INFO.id, None)


def test_tomorrow_morning_is_eight_o_clock_of_the_next_day(panel: NoticesPanel, calls: Calls) -> None:
    panel.lines[0].later_menu().actions()[1].trigger()

    ((_, _, until),) = calls.made
    assert isinstance(until, datetime)
    assert (until.astimezone().hour, until.astimezone().minute) == (8, 0)
    assert until.astimezone().date() == datetime.now(UTC).astimezone().date() + timedelta(days=1)


def test_the_pause_can_be_ended_only_while_there_is_one(panel: NoticesPanel, calls: Calls) -> None:
    without = len(panel.pause_menu().actions())
    panel.show_board(replace(BOARD, silent_until=NOW + timedelta(hours=1), is_paused=True))

    menu = panel.pause_menu()
    menu.actions()[-1].trigger()

    assert len(menu.actions()) > without
    assert calls.made == [("pause", None)]


def test_an_empty_list_says_that_all_is_well(panel: NoticesPanel, qtbot: QtBot) -> None:
    panel.show_board(NoticeBoard())

    qtbot.waitUntil(lambda: "Nothing: all is well." in labels(panel))
    assert panel.lines == []


def test_a_list_that_was_told_nothing_yet_is_not_blank(window: MainWindow, calls: Calls) -> None:
    panel = NoticesPanel(calls.tools, window)

    assert "Nothing: all is well." in labels(panel)


def test_hostile_words_are_shown_literally_everywhere(panel: NoticesPanel, bell: NoticesBell, calls: Calls) -> None:
    board = NoticeBoard((replace(BAD, message=Text("{name}", {"name": HOSTILE})),))
    tray = TrayIcon("SMTPy Desktop", calls.tools, bell)

    panel.show_board(board)
    bell.show_board(board)
    tray.show_board(board)

    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in panel.findChildren(QLabel))
    assert "<img" not in bell.toolTip()
    assert len(tray.tooltip) <= 127
    assert "<" not in tray.tooltip
    assert panel.width() <= 440
    assert not QToolTip.isVisible()


def test_desktop_notices_hold_no_markup_and_are_short() -> None:
    hostile = replace(BAD, message=Text("{name}", {"name": HOSTILE}), hint=Text("{name}", {"name": HOSTILE}))

    for told in (told_words((hostile,)), told_words((hostile,) * 30)):
        assert "<" not in "".join(told)
        assert "\u202e" not in "".join(told)
        assert len("".join(told)) < 1500
        assert told[1].count("\n") <= 5


@pytest.mark.parametrize("size", [16, 22, 64])
def test_the_tray_pictures_differ_in_shape(qapp: QApplication, size: int) -> None:
    pictures = [tray_picture(severity, size).toImage() for severity in (None, *Severity)]
    pictures.append(tray_picture(None, size, is_paused=True).toImage())

    grey = [picture.convertToFormat(picture.Format.Format_Grayscale8) for picture in pictures]

    assert all(one != other for place, one in enumerate(grey) for other in grey[:place])


def test_the_tray_says_how_it_is_and_has_a_menu(calls: Calls, bell: NoticesBell, qtbot: QtBot) -> None:
    tray = TrayIcon("SMTPy Desktop · Test", calls.tools, bell)
    tray.show_board(BOARD)

    words = [action.text() for action in tray.menu.actions() if action.isVisible() and not action.isSeparator()]

    assert tray.tooltip.splitlines()[:2] == [
        "SMTPy Desktop · Test",
        "Failure: 2 notices, the worst: domain_broken happened.",
    ]
    assert words == [
        "Open SMTPy Desktop · Test",
        "Show 2 notices",
        "Pause notices for an &hour",
        "Pause notices until &tomorrow morning",
        "&Quit",
    ]


def test_a_click_on_a_desktop_notice_leads_to_what_it_is_about(calls: Calls, bell: NoticesBell, qtbot: QtBot) -> None:
    tray = TrayIcon("SMTPy Desktop", calls.tools, bell)
    tray.tell((BAD,))

    with qtbot.waitSignal(tray.place_wanted) as wanted:
        tray.icon.messageClicked.emit()

    assert wanted.args == [BAD.action]


def test_a_click_on_several_at_once_leads_to_the_list(calls: Calls, bell: NoticesBell, qtbot: QtBot) -> None:
    tray = TrayIcon("SMTPy Desktop", calls.tools, bell)
    tray.tell((BAD, WARNING))

    with qtbot.waitSignal(tray.list_wanted):
        tray.icon.messageClicked.emit()


def test_menus_of_the_list_have_names(panel: NoticesPanel) -> None:
    menus: list[QMenu] = [panel.pause_menu(), panel.lines[0].later_menu()]

    assert all(menu.accessibleName() for menu in menus)
