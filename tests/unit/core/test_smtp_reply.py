"""Replies of mail servers: taken whole, in whatever pieces they come, and nothing else taken for one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.smtp_reply import ReplyError, ReplyReader, ServerReply, readable

TEXTS = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), max_size=40)
REPLIES = st.builds(
    ServerReply,
    st.sampled_from([220, 250, 354, 421, 450, 550, 554]),
    st.lists(TEXTS, min_size=1, max_size=5).map(tuple),
)


def written(reply: ServerReply) -> bytes:
    lines = [f"{reply.code}-{line}\r\n" for line in reply.lines[:-1]] + [f"{reply.code} {reply.lines[-1]}\r\n"]
    return "".join(lines).encode()


@given(st.lists(REPLIES, max_size=4), st.integers(1, 7))
def test_replies_are_the_same_in_whatever_pieces_they_come(replies: list[ServerReply], size: int) -> None:
    wire = b"".join(map(written, replies))
    reader, found = ReplyReader(), []

    for start in range(0, len(wire), size):
        reader.feed(wire[start : start + size])
        while (reply := reader.next_reply()) is not None:
            found.append(reply)

    assert found == replies
    assert reader.is_empty


@pytest.mark.parametrize(
    "wire",
    [
        b"250 o\rk\r\n",
        b"250\tok\r\n",
        b"25 ok\r\n",
        b"2500 ok\r\n",
        b"199 ok\r\n",
        b"650 ok\r\n",
        b"OK\r\n",
        b"\r\n",
        b"250-a\r\n251 b\r\n",
        b"250-a\r\nhello\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"x" * 100_000,
        b"250-a\r\n" * 300_000,
        b"250 a\0b\r\n",
    ],
)
def test_what_is_no_reply_is_refused(wire: bytes) -> None:
    reader = ReplyReader()
    reader.feed(wire)

    with pytest.raises(ReplyError):
        reader.next_reply()


@pytest.mark.parametrize(
    ("wire", "code", "words"),
    [
        (b"250 ok\n", 250, "ok"),
        (b"250-a\n250 b\r\n", 250, "a b"),
        (b"571 not authorized\r\n", 571, "not authorized"),
        (b"250 " + b"x" * 5000 + b"\r\n", 250, "x" * 1000),
        (b"250-" + b"x" * 70 + b"\r\n" + b"250-y\r\n" * 14_000 + b"250 end\r\n", 250, "x" * 70 + " y" * 127),
    ],
    ids=["bare LF", "both line ends", "unusual code", "long line", "many lines"],
)
@pytest.mark.parametrize("size", [7, 4_000_000])
def test_a_reply_that_means_one_thing_is_taken_however_it_is_written(
    wire: bytes, code: int, words: str, size: int
) -> None:
    reader, found = ReplyReader(), []

    for start in range(0, len(wire), size):
        reader.feed(wire[start : start + size])
        found.append(reader.next_reply())

    assert (found[-1].code, found[-1].words) == (code, words)
    assert not any(found[:-1])
    assert reader.is_empty


@given(st.binary(max_size=300))
def test_any_bytes_give_replies_or_the_refusal_of_them(wire: bytes) -> None:
    reader = ReplyReader()
    reader.feed(wire)

    with contextlib.suppress(ReplyError):
        while (reply := reader.next_reply()) is not None:
            assert 200 <= reply.code < 600
            assert reply.words.isprintable()


@pytest.mark.parametrize(
    ("lines", "enhanced", "words"),
    [
        (("5.1.1 No such user", "5.1.1 really"), "5.1.1", "No such user really"),
        (("4.2.1 Wait",), None, "4.2.1 Wait"),
        (("No such user",), None, "No such user"),
        (("5.1.1",), "5.1.1", ""),
        (("5.1.1x y",), None, "5.1.1x y"),
    ],
)
def test_the_enhanced_code_counts_where_it_fits_the_code(
    lines: tuple[str, ...], enhanced: str | None, words: str
) -> None:
    reply = ServerReply(550, lines)

    assert (reply.enhanced, reply.words) == (enhanced, words)


@given(st.text(max_size=3000))
def test_foreign_text_becomes_one_short_printable_line(text: str) -> None:
    line = readable(text)

    assert len(line) <= 1000
    assert line.isprintable()
    assert line == line.strip()
