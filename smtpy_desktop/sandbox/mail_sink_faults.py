"""What can be made to go wrong at the sandbox's mail server."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field


class SinkVerb(enum.StrEnum):
    """Where in a session something goes wrong; CONTENT is the answer to the final dot."""

    CONNECT = "connect"
    HELO = "helo"
    STARTTLS = "starttls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    RSET = "rset"
    QUIT = "quit"


class SinkFault(enum.StrEnum):
    """What happens instead of the usual answer; the two that end in *stored* keep the message of CONTENT first."""

    NONE = "none"
    TEMPORARY = "temporary"  # 4xx
    PERMANENT = "permanent"  # 5xx
    CLOSING = "closing"  # 421, and the connection is closed
    HANG = "hang"  # nothing is said any more, and the connection stays open
    HANG_STORED = "hang_stored"
    HALF_CLOSE = "half_close"  # our side is closed without an answer, and theirs is read on
    CUT = "cut"  # the connection is reset
    CUT_STORED = "cut_stored"


STORING_FAULTS = frozenset({SinkFault.HANG_STORED, SinkFault.CUT_STORED})
"""Faults after which the message is there although nobody was told so."""


@dataclass(slots=True)
class SinkFaults:
    """The faults switched on now, by verb; ``times`` is for how many answers they last (None: until switched off).

    ``delay_seconds`` holds for every answer. ``only_for`` is a domain or an address: recipients elsewhere are spared,
    and so is all that comes before the first recipient is known. ``reply`` replaces the words of 4xx, 5xx and 421.
    """

    verbs: dict[SinkVerb, SinkFault] = field(default_factory=dict)
    delay_seconds: float = 0.0
    times: int | None = None
    only_for: str = ""
    reply: str = ""

    def take(self, verb: SinkVerb, recipients: Sequence[str]) -> SinkFault:
        """Return what happens at a verb, which counts; ``recipients`` are those named so far."""
        fault = self.verbs.get(verb, SinkFault.NONE)
        if fault is SinkFault.NONE or not self._concerns(recipients):
            return SinkFault.NONE
        if self.times is not None:
            if self.times <= 0:
                return SinkFault.NONE
            self.times -= 1
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        self.verbs.clear()
        self.delay_seconds, self.times, self.only_for, self.reply = 0.0, None, "", ""

    def _concerns(self, recipients: Sequence[str]) -> bool:
        wanted = self.only_for.lower()
        return not wanted or any(wanted in (name.lower(), name.lower().rpartition("@")[2]) for name in recipients)
