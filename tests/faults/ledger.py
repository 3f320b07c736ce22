"""The ledger of a load client: every message that it tried to hand over, and what it was told."""

from __future__ import annotations

import enum
import random
import time
from dataclasses import dataclass, field

LINE = "X-Ledger"


class Fate(enum.StrEnum):
    """What the client knows of a message; UNKNOWN: the final dot was sent, and no answer came."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


@dataclass(slots=True)
class Entry:
    """One message; ``at`` is when the answer came (time.time), ``reply`` what it was."""

    id: str
    recipient: str
    size: int
    fate: Fate = Fate.UNSENT
    reply: str = ""
    at: float = 0.0


@dataclass(slots=True)
class Ledger:
    """All messages of one run by their ids, which are random so that two runs never meet."""

    entries: dict[str, Entry] = field(default_factory=dict)
    run: str = field(default_factory=lambda: f"{random.getrandbits(48):012x}")

    def begin(self, recipient: str, size: int) -> Entry:
        """Write a message down before it is handed over."""
        entry = Entry(f"{self.run}-{len(self.entries) + 1:07d}", recipient, size)
        self.entries[entry.id] = entry
        return entry

    def end(self, entry: Entry, fate: Fate, reply: str = "") -> None:
        """Write down what the client was told."""
        entry.fate, entry.reply, entry.at = fate, reply, time.time()

    def count(self, fate: Fate) -> int:
        """Return how many messages have this fate."""
        return sum(entry.fate is fate for entry in self.entries.values())

    def replies(self) -> set[str]:
        """Return the different codes of refusals."""
        return {entry.reply[:3] for entry in self.entries.values() if entry.fate is Fate.REFUSED}


def message_bytes(entry: Entry) -> bytes:
    """Return a message as the client sends it: awkward lines in it, so that a changed byte would be seen."""
    head = (
        f"Message-ID: <{entry.id}@ledger.example>\r\n{LINE}: {entry.id}\r\nFrom: Load <load@sender.example>\r\n"
        f"To: <{entry.recipient}>\r\nSubject: Message {entry.id}\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
        "X-Folded: one\r\n\ttwo   three \r\n\r\n"
    ).encode()
    body = b".\r\n..two dots\r\nFrom here\r\n \r\n\t\r\n" + entry.id.encode() * 3 + b"\r\n"
    filling = b"0123456789abcdef" * 4 + b"\r\n"
    missing = max(0, entry.size - len(head) - len(body))
    return head + body + filling * (missing // len(filling))
