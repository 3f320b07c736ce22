"""TLS in front of a PostgreSQL server that was built without it: the SSLRequest answered, the rest passed on."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

from tests.integration.certificates import Certificate

_STARTED_BY = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # SSLRequest


class TlsFront:
    """Listens on a loopback port. Without ``target`` it says nothing more once the connection is encrypted.

    ``client_authority`` makes it ask clients for a certificate of that authority.
    """

    def __init__(
        self,
        certificate: Certificate,
        directory: Path,
        *,
        target: int | None = None,
        client_authority: bytes | None = None,
    ) -> None:
        chain = directory / "chain.pem"
        chain.write_bytes(certificate.certificate + certificate.key)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain)
        if client_authority is not None:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(cadata=client_authority.decode())
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, *args: object) -> None:
        for opened in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if client.recv(8, socket.MSG_PEEK) != _STARTED_BY:
                self._pass_on(client)
                return
            client.recv(8)
            client.sendall(b"S")
            encrypted = self._context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            self._open.append(encrypted)
            try:
                encrypted.do_handshake()
            except ssl.SSLError:
                encrypted.shutdown(socket.SHUT_WR)  # after the alert, and without a reset that would overtake it
                while encrypted.recv(4096):
                    pass
                return
            self._pass_on(encrypted)

    def _pass_on(self, client: socket.socket) -> None:
        if self._target is None:
            while client.recv(4096):
                pass
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        self._open.append(server)
        self._spawn(self._pump, server, client)
        self._pump(client, server)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()
