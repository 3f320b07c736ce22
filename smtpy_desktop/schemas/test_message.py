"""A test message on its way through the real chain."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text


class TestMessageWay(enum.StrEnum):
    """How a test message was handed over: to a running forwarder, or into the queue for whichever one comes."""

    __test__ = False  # for pytest: no test in spite of the name

    SMTP = "smtp"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class SentTestMessage:
    """What became of handing a test message over.

    ``message_id`` is the one by which its time line is found; ``forwarder`` where it was taken (empty: the queue),
    ``reply`` what was said to it. ``notes`` say what is worth knowing, such as that nobody delivers at present.
    """

    recipient: str
    message_id: str
    way: TestMessageWay
    is_accepted: bool
    reply: str
    forwarder: str = ""
    notes: tuple[Text, ...] = ()
