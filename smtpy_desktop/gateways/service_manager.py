"""Telling systemd how a service stands (sd_notify(3)); nothing happens where none asks for it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)

READY = "READY=1"
STOPPING = "STOPPING=1"


def tell_service_manager(environment: Mapping[str, str], *words: str) -> bool:
    """Send assignments such as ``READY=1`` to the socket that NOTIFY_SOCKET names; return whether they went there."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX") or address[0] not in "/@":
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(f"\0{address[1:]}" if address[0] == "@" else address)
            channel.sendall("\n".join(words).encode())
    except OSError as error:
        _log.warning("the service manager could not be told %s: %s", words, error)
        return False
    return True
