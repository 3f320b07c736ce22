"""The plain part of a mail session: lines come in, replies go out, and a client that leads nowhere is sent away."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from smtpy_desktop.core import smtp_replies
from smtpy_desktop.core.smtp_message_data import MessageData
from smtpy_desktop.core.smtp_session_parts import Question, SessionRules
from smtpy_desktop.schemas.smtp_session import SmtpReply

_LONGEST_REPLY = 512
"""Octets of a reply with its CRLF (RFC 5321 section 4.5.3.1.5)."""


class SmtpDialogue:
    """Reads command lines and the message, one after the other, for as long as nothing is asked.

    ``steps`` grows with every line and answer, ``is_over``: close once the output is sent. What a line means is said
    by the class that builds upon it.
    """

    def __init__(self, rules: SessionRules, counters: dict[str, int], *, is_patient: bool) -> None:
        self._rules, self._counters, self._is_patient = rules, counters, is_patient
        self.asked: Question | None = None
        self.is_over = False
        self.is_closing = False
        self.steps = 0
        self._input, self._at = b"", 0
        self._is_skipping = False
        self._output: list[bytes] = []
        self._mistakes = self._idle_commands = 0
        self._data: MessageData | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no mail is begun and nothing is asked."""
        raise NotImplementedError

    @property
    def pending(self) -> int:
        """How many bytes have come that were not looked at."""
        return len(self._input) - self._at

    @property
    def data_received(self) -> int | None:
        """How many bytes of a message have come; None: none is awaited."""
        return None if self._data is None else self._data.received

    def receive(self, data: bytes) -> None:
        """Take bytes and obey them as far as that goes without an answer."""
        self._input = self._input[self._at :] + data if self._at < len(self._input) else data
        self._at = 0
        self._advance()

    def take_output(self) -> bytes:
        """Return what is to be sent, once."""
        output, self._output = self._output, []
        return b"".join(output)

    def end(self, reply: SmtpReply) -> None:
        """Say a last word."""
        if not self.is_over:
            self._say(reply)
            self.is_over = True

    def shut_down(self) -> None:
        """End as soon as no mail is begun any more."""
        self.is_closing = True
        self._end_if_closing()

    def _obey(self, line: bytes) -> None:
        """Obey a line, which comes without its end."""
        raise NotImplementedError

    def _finish_data(self, data: MessageData) -> None:
        """Deal with a message that has come to its end."""
        raise NotImplementedError

    def _advance(self) -> None:
        while self.asked is None and not self.is_over and self._at < len(self._input):
            if self._data is not None:
                self._take_data(self._data)
            elif not self._obey_next():
                break
        self._end_if_closing()

    def _take_data(self, data: MessageData) -> None:
        left = data.feed(self._input[self._at :] if self._at else self._input)
        self._input, self._at = left or b"", 0
        if left is not None:
            self.steps += 1
            self._data = None
            self._finish_data(data)
        elif data.received > 2 * data.largest + self._rules.command_line:
            # Refused long ago, and still it does not end.
            self.end(smtp_replies.TOO_BIG)

    def _obey_next(self) -> bool:
        """Obey the next line; False when it has not come as a whole."""
        end = self._input.find(b"\n", self._at) + 1
        if not end:
            if self.pending > self._rules.command_line:
                self._is_skipping, self._input, self._at = True, b"", 0
            return False
        line = self._input[self._at : end]
        self._at = end
        self.steps += 1
        self._counters["commands"] += 1
        if self._is_skipping or len(line) > self._rules.command_line:
            self._is_skipping = False
            self._mistake(smtp_replies.LONG_LINE)
        elif line.find(b"\r") != len(line) - 2 or b"\0" in line:
            self._mistake(smtp_replies.BARE_LINE)
        else:
            self._obey(line[:-2])
        return True

    def _forget_input(self) -> None:
        self._input, self._at = b"", 0

    def _say(self, *replies: SmtpReply) -> None:
        for reply in replies:
            self._output.append(_reply_line(reply))
            if reply.code == 421:
                self.is_over = True

    def _say_lines(self, code: int, lines: Sequence[str]) -> None:
        self._output += [f"{code}-{line}\r\n".encode() for line in lines[:-1]]
        self._output.append(f"{code} {lines[-1]}\r\n".encode())

    def _mistake(self, reply: SmtpReply) -> None:
        """Answer what breaks the rules; too much of that ends the session."""
        self._counters["mistakes"] += 1
        self._mistakes += 1
        self._say(reply)
        if self._mistakes > self._rules.mistakes:
            self.end(smtp_replies.TOO_BAD)

    def _pass_time(self, reply: SmtpReply) -> None:
        """Answer what is allowed and brings no mail nearer; too much of that ends the session."""
        self._say(reply)
        self._lose_patience()

    def _lose_patience(self) -> None:
        self._idle_commands += 1
        if self._idle_commands > self._rules.idle_commands and not self._is_patient:
            self.end(smtp_replies.TOO_BAD)

    def _end_if_closing(self) -> None:
        if self.is_closing and self.is_idle:
            self.end(smtp_replies.CLOSING)


@functools.lru_cache(maxsize=128)
def _reply_line(reply: SmtpReply) -> bytes:
    """Return a reply as one line, whatever is in its words."""
    line = reply.encoded()
    if len(line) > _LONGEST_REPLY or line.find(b"\r") != len(line) - 2 or line.find(b"\n") != len(line) - 1:
        line = b" ".join(line.split())[: _LONGEST_REPLY - 2] + b"\r\n"
    return line
