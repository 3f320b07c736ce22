"""Puts a message into the form in which it goes over the wire after DATA (RFC 5321 sections 2.3.8 and 4.5.2)."""

from __future__ import annotations


def transfer_text(content: bytes) -> bytes:
    """Return content with CRLF as its only line ends, dots doubled at the start of lines, and the final dot.

    A lone CR or LF becomes CRLF, so that no server can take what follows for anything but a line of this message.
    """
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    start = b"." if content.startswith(b".") else b""
    end = b".\r\n" if not content or content.endswith(b"\r\n") else b"\r\n.\r\n"
    return b"".join((start, content, end))
