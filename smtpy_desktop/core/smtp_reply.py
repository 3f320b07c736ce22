"""Reads the replies of a mail server out of the bytes as they come (RFC 5321 section 4.2).

What can only mean one thing is taken for it, however it is written: a final yes that is not understood would have the
message sent again and again to a server that has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n\x00]*))?")
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")
_LONGEST_LINE = 2048  # RFC 5321 section 4.5.3.1.5 allows 512; some servers write whole sentences with links
_KEPT_LINES = 128
_LONGEST_REPLY = 2 * 1024 * 1024
_MOST_UNFINISHED = 64 * 1024  # what is held of a line that does not end
_LONGEST_WORDS = 1000


class ReplyError(Exception):
    """What a server has sent is no reply."""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One reply: its code and the texts of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 2034) in front of its first line, where it fits the code."""
        found = _ENHANCED.match(self.lines[0])
        return found[1] if found and found[1][0] == str(self.code)[0] else None

    @property
    def words(self) -> str:
        """The texts of all lines as one, without the enhanced codes; no control characters, 1,000 characters."""
        enhanced = self.enhanced
        lines = self.lines
        if enhanced is not None:
            lines = tuple(line.removeprefix(enhanced).lstrip() for line in lines)
        return readable(" ".join(lines))

    @property
    def is_accepted(self) -> bool:
        """Whether it is a 2xx."""
        return self.code // 100 == 2

    @property
    def is_permanent(self) -> bool:
        """Whether it is a 5xx."""
        return self.code // 100 == 5


class ReplyReader:
    """Collects bytes and gives the replies in them, one by one."""

    __slots__ = ("_buffer", "_code", "_lines", "_size")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[str] = []
        self._code = self._size = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come that was not given yet."""
        return not self._buffer and not self._lines

    def feed(self, data: bytes) -> None:
        """Take more bytes."""
        self._buffer += data

    def forget(self) -> None:
        """Drop what has come: after STARTTLS it counts for nothing (RFC 3207 section 4.2)."""
        self._buffer.clear()
        self._lines.clear()
        self._size = 0

    def next_reply(self) -> ServerReply | None:
        """Return the next whole reply, None while it is not whole; raise ReplyError for what is none.

        Of a long one the beginning is kept.
        """
        start = 0
        try:
            while (end := self._buffer.find(b"\n", start)) >= 0:
                line = bytes(self._buffer[start : min(end, start + _LONGEST_LINE)])
                self._size += end + 1 - start
                start = end + 1
                reply = self._take(line.removesuffix(b"\r"))
                if reply is not None:
                    self._size = 0
                    return reply
        finally:
            del self._buffer[:start]
        if len(self._buffer) > _MOST_UNFINISHED or self._size > _LONGEST_REPLY:
            raise ReplyError("a reply that does not end")
        return None

    def _take(self, line: bytes) -> ServerReply | None:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ReplyError(f"“{readable(line.decode('utf-8', 'replace'))[:80]}”")
        code = int(found[1])
        if self._lines and code != self._code:
            raise ReplyError(f"the codes {self._code} and {code} in one reply")
        self._code = code
        if len(self._lines) < _KEPT_LINES:
            self._lines.append((found[3] or b"").decode("utf-8", "replace"))
        if found[2] == b"-":
            return None
        reply = ServerReply(code, tuple(self._lines))
        self._lines.clear()
        return reply


def readable(text: str) -> str:
    """Return foreign text on one line: without control characters, blanks in a row as one, 1,000 characters at most."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text[:_LONGEST_WORDS].strip()
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * _LONGEST_WORDS])
    return " ".join(printable.split())[:_LONGEST_WORDS].strip()
