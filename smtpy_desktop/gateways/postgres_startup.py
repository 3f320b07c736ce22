"""Signing in to a PostgreSQL server over an open connection, only to learn the reason when it refuses.

libpq gives a failed sign-in as a text in the server's language alone. The protocol carries the SQLSTATE, by which the
reason can be told reliably (PostgreSQL documentation, "Message Flow: Start-up").
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import struct
from dataclasses import dataclass

from smtpy_desktop.core.scram import MECHANISM, ScramError, ScramProof, client_final, client_first, is_signed

_PROTOCOL_3_0 = 196608
_LONGEST_MESSAGE = 1_000_000
_APPLICATION_NAME = "SMTPy Desktop (connection test)"


class ServerRefusal(Exception):
    """The server answered with an error. ``routine`` names the place in its source (the same in every language)."""

    def __init__(self, sqlstate: str, message: str, routine: str) -> None:
        self.sqlstate = sqlstate
        self.message = message
        self.routine = routine
        super().__init__(f"{sqlstate} {message}")


class SignInNotSpoken(Exception):
    """The server wants a way of signing in that is not spoken here (Kerberos, a certificate …), or speaks oddly."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in to what."""

    user: str
    database: str
    password: str


class SignIn:
    """One sign-in over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, credentials: Credentials) -> None:
        self._reader = reader
        self._writer = writer
        self._credentials = credentials
        self._nonce = secrets.token_urlsafe(18)
        self._proof: ScramProof | None = None

    async def run(self) -> None:
        """Sign in, and leave at once; raise ServerRefusal, SignInNotSpoken, or the connection's own errors."""
        parameters = {
            "user": self._credentials.user,
            "database": self._credentials.database,
            "application_name": _APPLICATION_NAME,
            "client_encoding": "UTF8",
        }
        content = b"".join(f"{key}\0{value}\0".encode() for key, value in parameters.items()) + b"\0"
        await self._send(b"", struct.pack("!I", _PROTOCOL_3_0) + content)
        while True:
            kind, body = await self._receive()
            if kind == b"E":
                raise _refusal(body)
            if kind == b"R":
                await self._authenticate(body)
            elif kind == b"Z":
                await self._send(b"X", b"")
                return

    async def _authenticate(self, body: bytes) -> None:
        (code,), rest = struct.unpack("!I", body[:4]), body[4:]
        password = self._credentials.password
        try:
            match code:
                case 0:
                    return
                case 3:
                    await self._send(b"p", password.encode() + b"\0")
                case 5:
                    await self._send(b"p", _md5_answer(self._credentials, rest).encode() + b"\0")
                case 10 if MECHANISM.encode() in rest.split(b"\0"):
                    first = client_first(self._nonce).encode()
                    await self._send(b"p", MECHANISM.encode() + b"\0" + struct.pack("!I", len(first)) + first)
                case 11:
                    self._proof = client_final(password, self._nonce, rest.decode("ascii", "replace"))
                    await self._send(b"p", self._proof.message.encode())
                case 12 if self._proof is not None and is_signed(rest.decode("ascii", "replace"), self._proof):
                    return
                case _:
                    raise SignInNotSpoken(f"authentication request {code}")
        except ScramError as error:
            raise SignInNotSpoken(str(error)) from error

    async def _send(self, kind: bytes, body: bytes) -> None:
        self._writer.write(kind + struct.pack("!I", len(body) + 4) + body)
        await self._writer.drain()

    async def _receive(self) -> tuple[bytes, bytes]:
        kind = await self._reader.readexactly(1)
        (length,) = struct.unpack("!I", await self._reader.readexactly(4))
        if not 4 <= length <= _LONGEST_MESSAGE:
            raise SignInNotSpoken("the server does not speak PostgreSQL's protocol")
        return kind, await self._reader.readexactly(length - 4)


def _md5_answer(credentials: Credentials, salt: bytes) -> str:
    """Return the answer to the (old) MD5 request; the algorithm is the protocol's."""
    inner = hashlib.md5((credentials.password + credentials.user).encode(), usedforsecurity=False).hexdigest()
    return "md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()


def _refusal(body: bytes) -> ServerRefusal:
    """Read an ErrorResponse: fields of one letter and a text, each ended by NUL."""
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return ServerRefusal(fields.get(b"C", ""), fields.get(b"M", ""), fields.get(b"R", ""))
