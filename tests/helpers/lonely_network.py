"""A network of its own with nothing in it but this machine, and a name server that knows the root: run as a program.

``unshare --net python -m tests.helpers.lonely_network`` says ``ready`` and lives until its standard input is closed.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys

from dnslib import NS, QTYPE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSServer

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


class RootResolver(BaseResolver):  # type: ignore[misc]
    """Knows the name servers of the root, and that nothing else exists."""

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        reply = request.reply()
        if request.q.qtype == QTYPE.NS and str(request.q.qname) == ".":
            reply.add_answer(RR(".", QTYPE.NS, rdata=NS("a.root-servers.net."), ttl=60))
        else:
            reply.header.rcode = 3
        return reply


def main() -> None:
    """Bring up the loopback interface, answer questions, and end with whoever started this."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    for is_tcp in (False, True):
        DNSServer(RootResolver(), address="127.0.0.1", port=53, tcp=is_tcp).start_thread()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
