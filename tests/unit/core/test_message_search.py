"""The search language: what people type, what it means, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.message_search import LONGEST_TEXT, MOST_TERMS, format_search, parse_search
from smtpy_desktop.schemas.message_search import (
    AddressParts,
    DomainName,
    Feature,
    Has,
    Identity,
    Reason,
    SearchKey,
    SizeSpan,
    Statuses,
    Thread,
    Words,
)
from smtpy_desktop.schemas.messages import MessageStatus

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")

PARTS = [
    *(f"{key.value}:" for key in SearchKey if key),
    *("frm:", "foo:", "http://x", "OR", "AND", "NOT", "-", '"', "“", "\\", " ", " ", " ", "\t", "a", "Ünï", "%_\\"),
    *("failed,bounced", "2026-01-31", "7d", "yesterday", "10k", "user@example", "@example.com", "user@", "<>", "\0"),
]
typed_texts = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=14).map("".join) | st.text(max_size=60)


def parse(text):
    return parse_search(text, now=NOW, zone=ZONE)


def only_term(text):
    search = parse(text)
    assert not search.problems
    ((term,),) = search.groups
    return term


@pytest.mark.parametrize(
    ("text", "key", "meaning"),
    [
        ("Invoice", SearchKey.WORD, Words(("invoice",), is_open=True)),
        ("example.com", SearchKey.WORD, Words(("example", "com"), is_open=True)),
        ("user@example", SearchKey.WORD, Words(("user", "example"), is_open=True)),
        ("user@", SearchKey.WORD, Words(("user",), is_open=False)),
        ('"hello world"', SearchKey.WORD, Words(("hello", "world"), is_open=False)),
        ("“hello world”", SearchKey.WORD, Words(("hello", "world"), is_open=False)),
        ("http://example.com/x", SearchKey.WORD, Words(("http", "example", "com", "x"), is_open=True)),
        ("10:30", SearchKey.WORD, Words(("10", "30"), is_open=True)),
        ("Re:", SearchKey.WORD, Words(("re",), is_open=False)),
        ("subject:été", SearchKey.SUBJECT, Words(("été",), is_open=True)),
        ("from:example.com", SearchKey.FROM, Words(("example", "com"), is_open=True)),
        ("FROM:User@Example", SearchKey.FROM, AddressParts("user", "example", is_open=True)),
        ("sender:@example.com", SearchKey.FROM, AddressParts("", "example.com", is_open=True)),
        ("to:user@", SearchKey.TO, AddressParts("user", "", is_open=False)),
        ('to:"user@example.com"', SearchKey.TO, AddressParts("user", "example.com", is_open=False)),
        ("from:<>", SearchKey.FROM, AddressParts("", "", is_open=False)),
        ("domain:Example.COM.", SearchKey.DOMAIN, DomainName("example.com", is_open=False)),
        ("domain:exam", SearchKey.DOMAIN, DomainName("exam", is_open=True)),
        ("status:failed,Bounced", SearchKey.STATUS, Statuses(frozenset({MessageStatus.FAILED, MessageStatus.BOUNCED}))),
        ("larger:10k", SearchKey.LARGER, SizeSpan(10_240, None)),
        ("smaller:1.5MB", SearchKey.SMALLER, SizeSpan(None, 1_572_864)),
        ("smaller:500", SearchKey.SMALLER, SizeSpan(None, 500)),
        ("has:attachment", SearchKey.HAS, Has(Feature.ATTACHMENT)),
        ("thread:<a@b>", SearchKey.THREAD, Thread("a@b")),
        ("id:42", SearchKey.ID, Identity("42", 42)),
        ("id:<a@b>", SearchKey.ID, Identity("a@b", None)),
        ("reason:Mailbox_full", SearchKey.REASON, Reason("mailbox_full")),
        ('reason:"Of a later version"', SearchKey.REASON, Reason("Of a later version")),
        ("error:5.1.1", SearchKey.ERROR, Words(("5", "1", "1"), is_open=True)),
    ],
)
def test_a_term_means_what_people_expect(text, key, meaning):
    term = only_term(text)

    assert (term.key, term.meaning) == (key, meaning)
    assert (term.start, term.end) == (0, len(text))


@pytest.mark.parametrize("text", ["-invoice", "NOT invoice", "NOT -invoice"])
def test_a_minus_or_not_excludes(text):
    assert only_term(text).is_excluded


def shape(text):
    return [[("-" if term.is_excluded else "") + term.value for term in group] for group in parse(text).groups]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("a b", [["a"], ["b"]]),
        ("a AND b", [["a"], ["b"]]),
        ("a OR b c", [["a", "b"], ["c"]]),
        ("a b OR c OR -d", [["a"], ["b", "c", "-d"]]),
        ("a or b", [["a"], ["or"], ["b"]]),
        ('a "OR" b', [["a"], ["OR"], ["b"]]),
        ("status:failed a status:bounced", [["failed", "bounced"], ["a"]]),
        ("-status:failed -status:bounced", [["-failed"], ["-bounced"]]),
        ("from:a from:b", [["a"], ["b"]]),
        ("after:nonsense OR b", [["b"]]),
        ("a after:nonsense OR b", [["a"], ["b"]]),
        ("a OR after:nonsense b", [["a"], ["b"]]),
    ],
)
def test_terms_stand_together_and_or_binds_closer(text, groups):
    assert shape(text) == groups


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("from:", (0, 5), "Write what to look for right after “from:”."),
        ("x from: y", (2, 7), "Write what to look for right after “from:”."),
        ('""', (0, 2), "There is nothing between the quotes."),
        ("frm:x", (0, 4), "did you mean “from:”?"),
        ("sttaus:failed", (0, 7), "did you mean “status:”?"),
        ("colour:red", (0, 7), "There is no key “colour:”"),
        ("status:deliverd", (0, 15), "“delivered” is."),
        ("status:gone", (0, 11), "these are: pending, processing, delivered, failed, bounced, rejected."),
        ("has:attachmnt", (0, 13), "“attachment” is."),
        ("reason:polcy", (0, 12), "“policy” is."),
        ("larger:big", (0, 10), "“big” is no size."),
        ("after:someday", (0, 13), "“someday” is no date"),
        ('"hello', (0, 6), "The closing quote is missing"),
        ("a OR", (2, 4), "“OR” joins two terms"),
        ("OR a", (0, 2), "“OR” joins two terms"),
        ("!!!", (0, 3), "There is nothing to search for in “!!!”"),
        ("from:@", (0, 6), "There is nothing to search for in “@”"),
        ("x" * 201, (0, 201), "This is too long"),
    ],
)
def test_a_mistake_is_underlined_with_a_sentence(text, place, said):
    (problem,) = parse(text).problems

    assert (problem.start, problem.end) == place
    assert said in str(problem.message)


def test_what_is_understood_is_searched_for_beside_a_mistake():
    assert shape('status:deliverd frm:x "hello') == [["frm:x"], ["hello"]]


def test_a_search_has_an_end():
    search = parse("word " * (MOST_TERMS + 1))
    cut = parse('"' + "a " * LONGEST_TEXT)

    assert len(search.groups) == MOST_TERMS
    assert "first 50 terms" in str(search.problems[0].message)
    assert cut.problems


@given(text=typed_texts)
def test_any_text_gives_terms_or_sentences_in_its_bounds(text):
    search = parse(text)

    assert search.groups or search.problems or not text.replace("\0", " ").strip() or "AND" in text or "NOT" in text
    for place in (*search.problems, *(term for group in search.groups for term in group)):
        assert 0 <= place.start < place.end <= len(text)


@given(text=typed_texts)
def test_the_way_back_to_text_means_the_same(text):
    search = parse(text)

    assert parse(format_search(search)) == search
