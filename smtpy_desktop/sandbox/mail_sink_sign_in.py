"""Signing in at the sandbox's mail server (RFC 4954): PLAIN and LOGIN, over TLS alone, and what everybody tried."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

NEEDED = "530 5.7.0 Authentication required"
_WRONG = "535 5.7.8 Authentication credentials invalid"
_UNREADABLE = "501 5.5.2 This is no base64"

SinkDialogue = Generator[str, bytes, str]
"""Yields what is asked, is sent each line, and returns the final answer."""


@dataclass(slots=True)
class SinkSignIn:
    """Who may send here: ``accounts`` are passwords by user name; nobody sends without signing in.

    ``reply`` is answered instead of looking at a password. ``tried`` holds each user name and password that was given,
    ``lines`` every command and response as it came.
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    reply: str = ""
    tried: list[tuple[str, str]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    def begin(self, argument: bytes, *, is_encrypted: bool) -> SinkDialogue:
        """Answer AUTH with its argument."""
        self.lines.append(b"AUTH " + argument)
        name, _, initial = argument.partition(b" ")
        mechanism = name.upper().decode("ascii", "replace")
        if not is_encrypted:
            return "538 5.7.11 Encryption required for requested authentication mechanism"
        if mechanism not in self.mechanisms:
            return "504 5.5.4 This mechanism is not known"
        try:
            user, password = yield from (self._plain(initial) if mechanism == "PLAIN" else self._login())
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return _UNREADABLE
        self.tried.append((user, password))
        if self.reply:
            return self.reply
        return "235 2.7.0 Welcome" if self.accounts.get(user) == password else _WRONG

    def _plain(self, initial: bytes) -> Generator[str, bytes, tuple[str, str]]:
        response = initial or (yield from self._ask(""))
        _, user, password = _decoded(response).split("\0")
        return user, password

    def _login(self) -> Generator[str, bytes, tuple[str, str]]:
        user = _decoded((yield from self._ask("Username:")))
        return user, _decoded((yield from self._ask("Password:")))

    def _ask(self, question: str) -> Generator[str, bytes, bytes]:
        response = yield f"334 {base64.b64encode(question.encode()).decode()}"
        self.lines.append(response)
        return response


def _decoded(response: bytes) -> str:
    return base64.b64decode(response, validate=True).decode()
