"""The bytes between DATA and the final dot: restored exactly, and refused where they could be read in two ways."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpy_desktop.core.smtp_message_data import DataFault, MessageData, MessageRoom

LINES = st.lists(
    st.binary(max_size=20)
    .map(lambda line: bytes(byte for byte in line if byte not in b"\r\n\0"))
    .flatmap(lambda line: st.sampled_from([line, b"." + line, b".." + line, b".", b"", line + b"."])),
    max_size=12,
)


def stuffed(content: bytes) -> bytes:
    """Return a message as a client has to send it (RFC 5321 section 4.5.2)."""
    lines = content.split(b"\r\n")[:-1]
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def received(sent: bytes, cuts: list[int] | None = None, *, largest: int = 10_000) -> tuple[MessageData, bytes | None]:
    """Feed bytes cut at certain places; return the message and what is left behind its end (None: it has none)."""
    data = MessageData(largest, MessageRoom(100_000))
    places = [0, *sorted(cut % (len(sent) + 1) for cut in cuts or []), len(sent)]
    for start, end in itertools.pairwise(places):
        left = data.feed(sent[start:end])
        if left is not None:
            return data, left + sent[end:]
    return data, None


@given(LINES, st.binary(max_size=20), st.lists(st.integers(0, 10_000), max_size=6))
@example([], b"", [])
@example([b"."], b"QUIT\r\n", [1, 2, 3, 4, 5])
@example([b"", b"..", b"."], b"", [])
def test_the_content_is_what_the_client_meant_wherever_its_bytes_are_cut(lines, behind, cuts):
    content = b"".join(line + b"\r\n" for line in lines)

    data, left = received(stuffed(content) + behind, cuts)

    assert (data.fault, data.size, left) == (None, len(content), behind)
    assert data.content() == content


@given(st.binary(max_size=60), st.lists(st.integers(0, 1000), max_size=5))
def test_any_bytes_give_the_same_wherever_they_are_cut(sent, cuts):
    whole, behind_whole = received(sent + b"\r\n.\r\n")
    data, behind = received(sent + b"\r\n.\r\n", cuts)

    assert (data.fault, behind) == (whole.fault, behind_whole)
    if data.fault is None:
        assert data.content() == whole.content()


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\n.\r", b"\r.\r\n", b"\r.\n", b"\r\r\n.\r\r\n"]
)
def test_only_a_dot_between_two_crlf_ends_a_message(end):
    data, left = received(b"body" + end + b"MAIL FROM:<a@example.org>\r\n.\r\n")

    assert (data.fault, left) == (DataFault.BARE, b"")


@pytest.mark.parametrize("bad", [b"a\nb", b"a\rb", b"a\0b", b"\n", b"\r", b"a\r\r\nb", b"a\n\r\nb"])
def test_bare_cr_lf_and_nul_are_refused(bad):
    data, left = received(b"one\r\n" + bad + b"\r\ntwo\r\n.\r\nQUIT\r\n")

    assert (data.fault, left) == (DataFault.BARE, b"QUIT\r\n")


@pytest.mark.parametrize("line", [b"x" * 998, b"." + b"x" * 997, b"\xff" * 998])
def test_a_line_has_998_octets_without_its_stuffed_dot(line):
    content = line + b"\r\n"

    data, _ = received(stuffed(content))

    assert data.content() == content


@pytest.mark.parametrize("cuts", [[], [500], list(range(1, 1000))])
def test_a_line_of_999_octets_is_refused(cuts):
    data, left = received(b"one\r\n" + b"x" * 999 + b"\r\n.\r\n", cuts)

    assert (data.fault, left) == (DataFault.LONG_LINE, b"")


@given(st.lists(st.sampled_from([0, 1, 500, 997, 998, 999]), max_size=8))
def test_one_line_too_long_is_found_among_others(lengths):
    data, _ = received(b"".join(b"x" * length + b"\r\n" for length in lengths) + b".\r\n")

    assert data.fault is (DataFault.LONG_LINE if 999 in lengths else None)


def test_a_line_without_end_is_refused_before_it_ends_and_not_kept():
    data = MessageData(10_000_000, MessageRoom(10_000_000))

    for _ in range(1000):
        assert data.feed(b"x" * 1000) is None

    assert data.fault is DataFault.LONG_LINE
    assert data.feed(b"\r\n.\r\n") == b""


def test_a_message_that_is_too_big_is_not_kept_to_its_end():
    room = MessageRoom(1_000_000)
    data = MessageData(10_000, room)

    for _ in range(100):
        assert data.feed(b"x" * 98 + b"\r\n" + b"y" * 98 + b"\r\n") is None
        assert room.taken <= 10_000

    assert (data.fault, room.taken) == (DataFault.TOO_BIG, 0)
    assert data.feed(b".\r\nRSET\r\n") == b"RSET\r\n"


@pytest.mark.parametrize(("size", "fault"), [(1000, None), (1001, DataFault.TOO_BIG)])
def test_stuffed_dots_do_not_count_for_the_size(size, fault):
    content = (b"." + b"x" * 97 + b"\r\n") * 9 + b"." * (size - 902) + b"\r\n"

    data, _ = received(stuffed(content), largest=1000)

    assert data.fault is fault


def test_all_messages_together_hold_no_more_than_there_is_room_for():
    room = MessageRoom(250)
    first, second, third = (MessageData(200, room) for _ in range(3))

    for data in (first, second):
        data.feed(b"x" * 98 + b"\r\n" + b"x" * 98 + b"\r\n.\r\n")
    assert (first.fault, second.fault) == (None, DataFault.NO_ROOM)
    first.close()
    third.feed(b"x" * 98 + b"\r\n" + b"x" * 98 + b"\r\n.\r\n")

    assert (third.fault, room.taken) == (None, 200)
