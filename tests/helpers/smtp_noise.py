"""What clients of a mail server say: mostly what comes next, sometimes something else, sometimes noise."""

from __future__ import annotations

import random
from collections.abc import Iterator

ADDRESSES = [
    b"a@example.org", b"", b"no@example.org", b"@x,@y:b@example.com", b'"q @"@example.com', b"b@[192.0.2.1]",
    b"b%c@example.com", b"\xc3\xbc@example.com", b"\xff@x", b"b@example.com", b"x" * 300, b"postmaster", b"a b@c",
]  # fmt: skip
PARAMETERS = [b"", b"", b" SIZE=10", b" SIZE=99999999", b" BODY=8BITMIME", b" SMTPUTF8", b" FOO=1", b" SIZE=x SIZE=1"]
VERBS = [
    b"EHLO c.example", b"HELO c.example", b"LHLO c.example", b"EHLO", b"RSET", b"NOOP", b"QUIT", b"DATA", b"STARTTLS",
    b"VRFY x", b"EXPN x", b"HELP", b"AUTH PLAIN", b"BDAT 3 LAST", b"XCLIENT ADDR=192.0.2.9 HELO=h", b"XCLIENT =",
    b"XFORWARD ADDR=[UNAVAILABLE]", b"XFORWARD NAME=n ADDR=IPV6:::1", b"GET / HTTP/1.0", b"", b"\x16\x03\x01",
    b"x" * 5000, b"MAIL", b"RCPT TO:", b"mail from:<a@example.org>", b".",
]  # fmt: skip
ENDS = [b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n", b"", b"\0\r\n"]
LINES = [b"text", b"..", b".x", b"", b"\xe4", b"Subject: x", b"y" * 998, b"z" * 999, b"a\nb", b"\0", b"MAIL FROM:<x@y>"]
FINISHES = [b"\r\n.\r\n"] * 10 + [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n..\r\n", b".\r\n", b""]
LINE_WEIGHTS = [9, 9, 9, 9, 9, 9, 9, 1, 1, 1, 9]


def some_bytes(dice: random.Random, course: Iterator[bytes]) -> bytes:
    """Return a piece of a session: mostly what comes next, sometimes something else, sometimes noise."""
    roll = dice.random()
    if roll < 0.7:
        return next(course)
    if roll < 0.8:
        verb = dice.choice([b"MAIL FROM:<", b"RCPT TO:<", b"mail FROM: <"])
        return verb + dice.choice(ADDRESSES) + b">" + dice.choice(PARAMETERS) + dice.choice(ENDS)
    if roll < 0.97:
        return dice.choice(VERBS) + dice.choice(ENDS)
    return dice.randbytes(dice.randrange(40))


def course_of(dice: random.Random) -> Iterator[bytes]:
    """Yield what a client says that gets one mail after the other through, if nothing comes in between."""
    yield dice.choice([b"EHLO c.example\r\n", b"EHLO c.example\r\n", b"LHLO c.example\r\n"])
    while True:
        yield b"MAIL FROM:<" + dice.choice(ADDRESSES[:2]) + b">" + dice.choice(PARAMETERS[:5]) + b"\r\n"
        for _ in range(dice.randrange(1, 3)):
            yield b"RCPT TO:<" + dice.choice(ADDRESSES[:5]) + b">\r\n"
        yield b"DATA\r\n"
        yield b"\r\n".join(dice.choices(LINES, LINE_WEIGHTS, k=dice.randrange(4))) + dice.choice(FINISHES)
