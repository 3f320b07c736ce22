"""What the forwarding in this process is doing."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text

Endpoint = tuple[str, int]
"""An IP address and a port; port 0: any that is free."""


class ForwardingPhase(enum.StrEnum):
    """How far it is. *failed*: it could not start, or ended by itself."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ForwardingState:
    """``smtp`` and ``lmtp`` are the addresses it listens at, ``health`` where its health is told (http://…).

    ``reason`` says why it failed, ``detail`` more exactly, ``hint`` what to do. ``has_database``: the database
    answered last time.
    """

    phase: ForwardingPhase
    name: str = ""
    smtp: tuple[Endpoint, ...] = ()
    lmtp: tuple[Endpoint, ...] = ()
    health: str | None = None
    has_database: bool = True
    reason: Text | None = None
    detail: Text | None = None
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How many deliveries wait, are being sent, and are held; ``overdue_seconds``: how late the latest one is."""

    waiting: int = 0
    sending: int = 0
    held: int = 0
    leased_here: int = 0
    overdue_seconds: float = 0.0
