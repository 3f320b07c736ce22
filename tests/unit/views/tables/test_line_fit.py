"""A line is fitted into its cell as Qt would do it, without Qt being asked for plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.tables.line_fit import LineFit
from smtpy_desktop.views.theme import text_font

_KERNING = 3.0  # pixels; the space between two columns is more


@pytest.fixture
def lines(qapp: QApplication) -> LineFit:
    return LineFit(text_font())


def test_a_line_that_fits_stays_as_it_is(lines: LineFit) -> None:
    assert lines.fitted("anna@sender.example", 400)[0] == "anna@sender.example"


@pytest.mark.parametrize(
    "text", ["a rather long subject of a message", "Grüße aus Österreich – viele davon", "件名" * 30]
)
def test_a_line_that_does_not_fit_is_cut_at_its_end(lines: LineFit, text: str) -> None:
    shown, taken = lines.fitted(text, 90)

    assert shown.endswith("…")
    assert text.startswith(shown[:-1])
    assert taken <= 90


@pytest.mark.parametrize("path", ["/srv/mail/installations/production", "/srv/Büro/Installationen/Produktion"])
def test_a_path_is_cut_in_its_middle_where_it_is_told_to_be(qapp: QApplication, path: str) -> None:
    shown, taken = LineFit(text_font(), in_middle=True).fitted(path, 130)

    beginning, end = shown.split("…")
    assert path.startswith(beginning)
    assert len(beginning) > 3
    assert path.endswith(end)
    assert len(end) > 3
    assert taken <= 130


def test_where_there_is_no_room_nothing_is_shown(lines: LineFit) -> None:
    assert lines.fitted("subject", 2)[0] in ("", "…")


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80), width=st.integers(20, 500))
def test_what_is_shown_takes_no_more_than_its_room(qapp: QApplication, text: str, width: int) -> None:
    shown, _ = LineFit(text_font()).fitted(text, width)

    assert QFontMetricsF(text_font()).horizontalAdvance(shown) <= width + _KERNING
