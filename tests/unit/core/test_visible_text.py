"""Foreign texts are shown as one line in which nothing is hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.visible_text import (
    LINE_BREAK,
    visible_line,
    visible_text,
    with_line_breaks,
    with_visible_overrides,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Invoice 12", "Invoice 12"),
        ("<img src=x>", "<img src=x>"),
        ("a\r\nb\nc", "a⏎b⏎c"),
        ("a\tb\x00\x7f", "a␉b␀␡"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
        ("naïve 你好 👩\u200d💻", "naïve 你好 👩\u200d💻"),
        ("a\xa0b", "a b"),
    ],
)
def test_controls_are_made_visible_and_everything_else_stays(text: str, shown: str) -> None:
    assert visible_line(text) == shown


def test_a_long_text_is_cut() -> None:
    assert visible_line("x" * 10_000, 10) == "xxxxxxxxx…"


@given(st.text())
def test_nothing_shown_can_break_or_turn_the_line(text: str) -> None:
    shown = visible_line(text)

    assert len(shown) <= 400
    assert not any(character in "\n\r\t\u2028\u2029\u202e\u2066" or character < " " for character in shown)


def test_many_lines_stay_lines() -> None:
    assert visible_text("a\r\nb\tc\x01\n") == "a\nb\tc␁\n"


@given(st.text())
def test_what_would_reorder_a_text_is_seen_and_all_else_stays(text: str) -> None:
    shown = with_visible_overrides(text)

    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert not set(shown) & set(overrides)
    if not set(text) & set(overrides):
        assert shown == text


@given(st.text(st.characters(exclude_characters=LINE_BREAK)), st.integers(33, 400))
def test_a_line_may_end_in_a_long_word_and_what_is_written_stays(text: str, length: int) -> None:
    shown = with_line_breaks(f"{text} {'W' * length}")

    assert shown.replace(LINE_BREAK, "") == f"{text} {'W' * length}"
    assert max(map(len, shown.rpartition(" ")[2].split(LINE_BREAK))) <= 16


def test_usual_words_and_addresses_are_broken_where_they_always_were() -> None:
    words = "Newsletter-subscriptions for https://www.harbour-books.example/2026/autumn and info@harbour-books.example"

    assert with_line_breaks(words) == words
