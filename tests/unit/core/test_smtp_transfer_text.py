"""What goes over the wire after DATA: CRLF alone, dots doubled, one final dot."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from smtpy_desktop.core.smtp_transfer_text import transfer_text

CONTENTS = st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\xff", b"MAIL FROM:<x@y>"])).map(b"".join)


@given(CONTENTS)
@example(b"x\n.\nMAIL FROM:<a@b>\n")
@example(b"x\r.\rx")
@example(b"x\r\n.\nx")
@example(b"x\n.\r\nx")
@example(b"x\r\r\n.\r\r\nx")
@example(b"x\r\n.\rx\r\n.\r\n")
def test_no_content_can_end_the_message_or_bring_a_lone_line_end(content: bytes) -> None:
    wire = transfer_text(content)

    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", wire) is None
    lines = wire.split(b"\r\n")[:-1]
    assert [number for number, line in enumerate(lines) if line == b"."] == [len(lines) - 1]


@given(CONTENTS)
def test_the_receiver_reads_the_same_lines_again(content: bytes) -> None:
    lines = transfer_text(content).split(b"\r\n")[:-2]
    received = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)

    wanted = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    assert received == (wanted if not wanted or wanted.endswith(b"\r\n") else wanted + b"\r\n")


@given(st.lists(st.binary(max_size=30).map(lambda line: line.translate(None, b"\r\n")), min_size=1))
def test_content_with_proper_lines_arrives_byte_for_byte(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)

    wire = transfer_text(content)

    assert b"".join(line.removeprefix(b".") + b"\r\n" for line in wire.split(b"\r\n")[:-2]) == content
