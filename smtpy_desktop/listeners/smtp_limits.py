"""How many mail connections there may be, and how long a client may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Times in seconds (RFC 5321 section 4.5.3.2), sizes in bytes.

    A command has to be there as a whole after ``command_seconds``, however slowly its bytes come. A message may pause
    for ``data_pause_seconds``; after ``data_seconds`` it must have come at ``data_rate`` bytes a second on average.
    After ``session_seconds`` no further mail is begun. ``answer_seconds`` bounds the program's own answers: a client
    waits ten minutes for that to the final dot. ``per_client`` connections come from one address (one /64 in IPv6).
    ``receiving`` bounds what all messages that are being received hold.
    """

    connections: int = 1000
    per_client: int = 50
    command_seconds: float = 300.0
    data_pause_seconds: float = 180.0
    data_seconds: float = 600.0
    data_rate: float = 1024.0
    session_seconds: float = 3600.0
    answer_seconds: float = 540.0
    handshake_seconds: float = 30.0
    farewell_seconds: float = 2.0
    receiving: int = 256 * 1024 * 1024
