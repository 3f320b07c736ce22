"""What a client sends between DATA and the final dot: its bytes are restored exactly, or it is refused as a whole."""

from __future__ import annotations

import enum

LONGEST_LINE = 998
"""Octets of a line without its CRLF and without the dot that stuffing adds (RFC 5321 section 4.5.3.1.6)."""

_END = b"\r\n.\r\n"


class DataFault(enum.Enum):
    """Why a message is refused while it comes in."""

    BARE = "a CR or LF that stands alone, or a NUL"
    LONG_LINE = "a line is too long"
    TOO_BIG = "the message is too big"
    NO_ROOM = "too much is being received at this moment"


class MessageRoom:
    """How many bytes all messages that are being received may hold together; belongs to one event loop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def take(self, count: int) -> bool:
        """Take room, if there is any."""
        if self.taken + count > self.size:
            return False
        self.taken += count
        return True

    def give_back(self, count: int) -> None:
        """Give room back."""
        self.taken -= count


class MessageData:
    """One message while it comes in.

    Only CRLF.CRLF ends it (RFC 5321 section 4.1.1.4). After the first fault nothing is kept any more, but it goes on to
    its end: what follows a refused message must not be taken for commands.
    """

    __slots__ = ("_carry", "_chunks", "_longest_line", "_room", "_taken", "fault", "largest", "received", "size")

    def __init__(self, largest: int, room: MessageRoom, longest_line: int = LONGEST_LINE) -> None:
        self.largest = largest
        self.size = 0
        self.received = 0
        self.fault: DataFault | None = None
        self._longest_line, self._room, self._taken = longest_line, room, 0
        self._chunks: list[bytes] = []
        # Whole lines are taken from it together with the CRLF before them, so that a dot at the beginning of a line
        # is always seen as one; the first line gets a CRLF of ours, which is no part of the message.
        self._carry = b"\r\n"

    def feed(self, data: bytes) -> bytes | None:
        """Take what came; return None to go on, or what is left behind the final dot."""
        self.received += len(data)
        block = self._carry + data
        end = block.find(_END)
        if end >= 0:
            self._take(block[:end])
            self._carry = b""
            return block[end + len(_END) :]
        cut = -1 if self.fault else block.rfind(b"\r\n")
        if cut > 0:
            self._take(block[:cut])
            block = block[cut:]
        if not self.fault and len(block) > self._longest_line + 4:  # CRLF before, a stuffed dot, CR of the next
            self._refuse(DataFault.LONG_LINE)
        self._carry = block[-4:] if self.fault else block
        return None

    def content(self) -> bytes:
        """Return the message as the client meant it, every line with its CRLF; it is not kept here any longer."""
        chunks, self._chunks = self._chunks, []
        if not chunks:
            return b""
        chunks[0] = chunks[0][2:]
        chunks.append(b"\r\n")
        return b"".join(chunks)

    def close(self) -> None:
        """Forget everything and give the room back, that of a content that was returned, too."""
        self._chunks = []
        self._room.give_back(self._taken)
        self._taken = 0

    def _take(self, lines: bytes) -> None:
        """Keep lines that begin with CRLF and end without one."""
        if self.fault or not lines:
            return
        line_ends = lines.count(b"\r\n")
        if lines.count(b"\n") != line_ends or lines.count(b"\r") != line_ends or b"\0" in lines:
            self._refuse(DataFault.BARE)
            return
        text = lines.replace(b"\r\n.", b"\r\n")
        if _has_long_line(text, self._longest_line):
            self._refuse(DataFault.LONG_LINE)
        elif self.size + len(text) > self.largest:
            self._refuse(DataFault.TOO_BIG)
        elif not self._room.take(len(text)):
            self._refuse(DataFault.NO_ROOM)
        else:
            self._taken += len(text)
            self.size += len(text)
            self._chunks.append(text)

    def _refuse(self, fault: DataFault) -> None:
        self.fault = fault
        self.close()


def _has_long_line(text: bytes, longest: int) -> bool:
    """Tell whether a line is too long, going from one end of a line to the last one that is near enough."""
    start = 0  # of a CRLF
    while len(text) - start - 2 > longest:
        start = text.rfind(b"\r\n", start + 2, start + longest + 4)
        if start < 0:
            return True
    return False
