"""Days, times and numbers as the language of the window writes them, in the zone that is wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.appearance import Appearance, Look
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets import moments
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import RelativeTimeLabel, exact_time, full_time
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.texts import number

AFTERNOON = datetime(2026, 11, 15, 15, 4, 5, 678000, tzinfo=UTC)
DAY = date(2026, 11, 15)
NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this machine be in Tokyo, nine hours ahead and without a summer time."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def locale(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


@pytest.fixture(autouse=True)
def zone_as_before(qapp: QApplication) -> Iterator[None]:
    yield
    moments.set_utc(wanted=False)


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        (
            "en_US",
            [
                "Nov 16, 2026",
                "Nov 16",
                "Nov 16 12:04 AM",
                "Nov 16, 2026 12:04 AM",
                "Nov 16, 2026 12:04:05 AM JST",
                "Nov 15, 2026 3:04:05 PM UTC",
            ],
        ),
        (
            "fr_FR",
            [
                "16 nov. 2026",
                "16 nov.",
                "16 nov. 00:04",
                "16 nov. 2026 00:04",
                "16 nov. 2026 00:04:05 JST",
                "15 nov. 2026 15:04:05 UTC",
            ],
        ),
    ],
    indirect=["locale"],
)
def test_a_moment_is_written_as_the_language_does(tokyo: None, locale: str, written: list[str]) -> None:
    day = moments.here(AFTERNOON).date()

    assert [
        moments.date_of(AFTERNOON),
        moments.write_day(day),
        moments.day_and_time_of(AFTERNOON).replace(NARROW, " "),
        moments.date_and_time_of(AFTERNOON).replace(NARROW, " "),
        *full_time(AFTERNOON).replace(NARROW, " ").splitlines(),
    ] == written


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en_US", ("Sunday, November 15, 2026", "November 2026", "Nov 26", "M/d/yyyy", "1,234,567")),
        ("fr_FR", ("dimanche 15 novembre 2026", "novembre 2026", "nov. 26", "dd/MM/yyyy", "1 234 567")),
    ],
    indirect=["locale"],
)
def test_days_months_and_numbers_are_written_as_the_language_does(locale: str, written: tuple[str, ...]) -> None:
    assert (
        moments.write_long_date(DAY),
        moments.write_month(DAY),
        moments.write_month(DAY, short=True),
        moments.typed_date_format(),
        number(1234567).replace(NARROW, " "),
    ) == written


@pytest.mark.parametrize(
    ("locale", "written"), [("en_US", "3:04:05.678 PM"), ("fr_FR", "15:04:05,678")], indirect=["locale"]
)
def test_milliseconds_follow_the_seconds(locale: str, written: str) -> None:
    assert moments.write_time(AFTERNOON, milliseconds=True).replace(NARROW, " ") == written


@pytest.mark.parametrize("locale", ["en_US", "fr_FR"], indirect=True)
def test_in_utc_every_moment_says_utc_wherever_the_machine_is(tokyo: None, locale: str) -> None:
    moments.set_utc(wanted=True)

    assert exact_time(AFTERNOON).endswith(" UTC")
    assert full_time(AFTERNOON) == exact_time(AFTERNOON)
    assert moments.here(AFTERNOON).date() == DAY
    assert (moments.zone_name(), moments.local_zone()) == ("UTC", ZoneInfo("UTC"))
    assert moments.here_qt(AFTERNOON).time().hour() == AFTERNOON.hour


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "fr_FR", "fr_CA", "de_DE", "es_ES", "C"], indirect=True)
def test_what_is_left_out_takes_its_signs_with_it(locale: str) -> None:
    texts = [moments.write_date(DAY), moments.write_day(DAY), moments.write_time(AFTERNOON, seconds=True)]

    assert all(text == text.strip(" ,()") for text in texts)
    assert "  " not in "".join(texts)
    assert "2026" in texts[0]
    assert "2026" not in texts[1]


@given(moment=st.integers(86_400, 7_258_118_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_python_and_qt_agree_on_the_clock_of_this_machine(moment: datetime) -> None:
    here, qt = moments.here(moment), moments.here_qt(moment)

    assert (here.year, here.month, here.day, here.hour, here.minute) == (
        qt.date().year(),
        qt.date().month(),
        qt.date().day(),
        qt.time().hour(),
        qt.time().minute(),
    )
    assert isinstance(qt, QDateTime)


def test_the_choice_of_utc_is_shown_at_once_and_remembered(tokyo: None, qtbot: QtBot, qapp: QApplication) -> None:
    looks: list[Look] = []
    appearance = Appearance(Theme(qapp, ThemePreference.LIGHT), Look("light"), MemoryStore(), looks.append)
    label = RelativeTimeLabel(datetime(2025, 11, 15, 20, tzinfo=UTC))
    qtbot.addWidget(label)
    here = label.text()

    with qtbot.waitSignal(appearance.times_changed):
        appearance.set_utc(utc=True)

    assert (here, label.text()) == (date_words(16), date_words(15))
    assert looks == [Look("light", utc=True)]
    assert isinstance(label, PlainLabel)


def date_words(day: int) -> str:
    return moments.write_date(date(2025, 11, day))
