"""The settings of notices: what is shown of them, and what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.notice_catalogue import CATALOGUE
from smtpy_desktop.schemas.notice_kinds import NoticeKind
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.settings_notices_section import NoticesSection


@dataclass
class Desktop:
    """A desktop with or without a tray, and how often it was asked to tell something."""

    has_tray: bool = True
    tested: list[bool] = field(default_factory=list)

    def test(self) -> bool:
        self.tested.append(self.has_tray)
        return self.has_tray

    def section(self, bot: QtBot) -> NoticesSection:
        def nothing(*arguments: object) -> None:
            return

        made = NoticesSection(
            NoticesTools(nothing, nothing, nothing, nothing, nothing, self.test, lambda: self.has_tray)
        )
        bot.addWidget(made)
        return made


def test_every_kind_has_a_box_that_is_ticked_at_first(qtbot: QtBot) -> None:
    section = Desktop().section(qtbot)

    boxes = section.form.kinds.boxes

    assert set(boxes) == set(CATALOGUE)
    assert all(box.isChecked() for box in boxes.values())
    assert section.form.changes() == {}


def test_kinds_that_are_not_ticked_are_stored_as_muted(qtbot: QtBot) -> None:
    form = Desktop().section(qtbot).form
    form.load({"notices.muted": "queue_old"})

    form.kinds.boxes[NoticeKind.BOOKS_DIFFER].click()
    form.kinds.boxes[NoticeKind.QUEUE_OLD].click()

    assert form.to_store() == {"notices.muted": "books_differ"}


def test_a_wrong_time_is_marked_at_its_field(qtbot: QtBot) -> None:
    form = Desktop().section(qtbot).form
    form.load({})
    form.field("notices.quiet_from").set_text("25:00")

    assert not form.check()
    assert form.field("notices.quiet_from").error_text.startswith("25:00 is no time of the day.")


@pytest.mark.parametrize(
    ("begin", "end", "wrong"),
    [
        ("22:00", "", "notices.quiet_to"),
        ("", "07:00", "notices.quiet_from"),
        ("22:00", "22:00", "notices.quiet_to"),
        ("22:00", "07:00", None),
        ("", "", None),
    ],
)
def test_quiet_hours_need_two_times_that_differ(qtbot: QtBot, begin: str, end: str, wrong: str | None) -> None:
    form = Desktop().section(qtbot).form
    form.load({})
    form.field("notices.quiet_from").set_text(begin)
    form.field("notices.quiet_to").set_text(end)

    assert form.check() is (wrong is None)
    assert list(form.errors) == ([wrong] if wrong is not None else [])


@pytest.mark.parametrize(("has_tray", "words"), [(True, "the icon in the tray"), (False, "has no tray")])
def test_it_is_said_whether_there_is_a_tray(qtbot: QtBot, has_tray: bool, words: str) -> None:
    section = Desktop(has_tray).section(qtbot)

    assert words in section.tray_label.text()
    assert section.test_button.isEnabled() is has_tray


def test_a_tray_that_has_gone_is_noticed_by_the_test(qtbot: QtBot) -> None:
    desktop = Desktop()
    section = desktop.section(qtbot)
    desktop.has_tray = False

    section.test_button.click()

    assert desktop.tested == [False]
    assert not section.test_button.isEnabled()


def test_the_boxes_are_found_by_their_words_and_say_how_bad_a_kind_is(qtbot: QtBot) -> None:
    section = Desktop().section(qtbot)

    assert section.search(["certificate"])
    names = [box.accessibleName() for box in section.findChildren(QCheckBox)]
    assert "A domain broke (Failure)" in names
