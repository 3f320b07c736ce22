"""Refuses every connection of a test that leaves this machine."""

from __future__ import annotations

import ipaddress
import socket
import sys

LOCAL_NAMES = {"", "localhost", "<broadcast>"}
UNRESOLVABLE = (".invalid", ".test", ".example")
"""Names that no DNS knows (RFC 6761): they fail at once, as they would anywhere, without anybody being asked."""


class NetworkForbidden(RuntimeError):
    """A test tried to reach the world; it is no OSError, so that no error handling swallows it."""


def install_network_guard() -> None:
    """Watch this process's sockets from now on (libpq resolves and connects in C and is not seen)."""
    sys.addaudithook(_watch)


def is_local(host: object) -> bool:
    """Tell whether a host stands for this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            _refuse(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not is_local(arguments[0]):
        _look_up(arguments[0])


def _look_up(host: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if name.rstrip(".").endswith(UNRESOLVABLE):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        _refuse(name)


def _refuse(host: object) -> None:
    message = f"a test may reach 127.0.0.0/8 and ::1 only, and this one wanted {host}"
    raise NetworkForbidden(message)
