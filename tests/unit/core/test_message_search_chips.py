"""Chips mirror the search box both ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.core.message_search_chips import chips, with_only, with_term, without
from smtpy_desktop.schemas.message_search import SearchKey
from tests.unit.core.test_message_search import typed_texts

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)


def parse(text):
    return parse_search(text, now=NOW, zone=UTC)


def labels(text):
    return [chip.label for chip in chips(parse(text))]


def test_every_term_has_a_chip_in_the_order_of_the_text():
    text = 'status:failed from:"a b" status:bounced -invoice OR x'

    assert labels(text) == ["status: failed", "from: a b", "status: bounced", "-invoice", "x"]
    assert [chip.is_alternative for chip in chips(parse(text))] == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("text", "number", "left"),
    [
        ("a b c", 1, "a c"),
        ("a OR b c", 0, "b c"),
        ("a OR b c", 1, "a c"),
        ("a OR b OR c", 1, "a OR c"),
        ("x AND NOT b OR c", 1, "x c"),
        ('from:"a b" x', 0, "x"),
        ("a", 0, ""),
    ],
)
def test_taking_a_chip_away_takes_the_words_that_joined_it(text, number, left):
    assert without(text, chips(parse(text))[number]) == left


@given(text=typed_texts, data=st.data())
def test_without_a_chip_everything_else_is_still_asked(text, data):
    search = parse(text)
    if not search.groups:
        return
    chip = data.draw(st.sampled_from(chips(search)))

    left = parse(without(text, chip))

    kept = [tuple(term for term in group if term is not chip.term) for group in search.groups]
    assert left.groups == tuple(group for group in kept if group)


@given(text=typed_texts, value=st.text(min_size=1, max_size=12), exact=st.booleans())
def test_a_term_added_is_asked_beside_everything_else(text, value, exact):
    before = parse(text)
    alone = parse(with_term("", SearchKey.FROM, value, is_exact=exact))

    after = parse(with_term(text, SearchKey.FROM, value, is_exact=exact))

    if len(before.groups) < 10 and all(term.key is SearchKey.FROM for group in alone.groups for term in group):
        assert after.groups == before.groups + alone.groups


def test_a_choice_replaces_the_terms_of_its_key_but_not_what_is_excluded():
    text = "status:failed x status:bounced -status:pending"

    assert with_only(text, parse(text), SearchKey.STATUS, "delivered") == "x -status:pending status:delivered"
    assert with_only(text, parse(text), SearchKey.STATUS, None) == "x -status:pending"


def test_a_choice_by_mouse_means_exactly_what_was_chosen():
    assert with_term("x OR", SearchKey.FROM, "a@example.com", is_exact=True) == 'x from:"a@example.com"'
    assert with_term('"open', SearchKey.DOMAIN, "example.com") == '"open" domain:example.com'
