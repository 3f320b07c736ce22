"""What the webhook listener is doing."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.text import Text


class ListenerPhase(enum.StrEnum):
    """How far the listener is."""

    OFF = "off"
    STARTING = "starting"
    LISTENING = "listening"
    PORT_IN_USE = "port_in_use"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ListenerState:
    """``address`` (http://127.0.0.1:port) is there while it listens, ``reason`` and ``next_try`` while it cannot.

    ``free_port`` could be had instead of one that is in use.
    """

    phase: ListenerPhase
    port: int
    address: str | None = None
    reason: Text | None = None
    next_try: datetime | None = None
    free_port: int | None = None
