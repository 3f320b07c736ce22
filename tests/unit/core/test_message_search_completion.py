"""What the search box offers while somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.message_search_completion import complete, value_wanted
from smtpy_desktop.schemas.message_search import SearchKey
from tests.unit.core.test_message_search import typed_texts


def applied(text, completion):
    return text[: completion.start] + completion.insert + text[completion.end :]


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("st", ["status:"]),
        ("a -la", ["a -larger:"]),
        ("status:de", ["status:delivered"]),
        ("status:failed,b", ["status:failed,bounced"]),
        ("x has:", ["x has:attachment", "x has:error"]),
        ("xyz", []),
        ("from:a", []),
    ],
)
def test_keys_and_fixed_values_go_on_from_the_cursor(text, results):
    assert [applied(text, completion) for completion in complete(text, len(text))] == results


def test_every_key_is_offered_with_a_hint_where_a_term_begins():
    offered = complete("a ", 2)

    assert len(offered) == len(SearchKey) - 1
    assert all(completion.hint for completion in offered)


def test_stored_values_are_wanted_after_their_keys():
    wanted = value_wanted("x -domain:exa status:failed", 13)

    assert (wanted.key, wanted.typed) == (SearchKey.DOMAIN, "exa")
    assert applied("x -domain:exa", wanted.complete_with("example.com")) == "x -domain:example.com"
    assert value_wanted("word", 4) is None


@given(text=typed_texts, cursor=st.integers(-5, 80))
def test_completions_replace_a_part_of_the_text(text, cursor):
    for completion in complete(text, cursor):
        assert 0 <= completion.start <= completion.end <= len(text)
