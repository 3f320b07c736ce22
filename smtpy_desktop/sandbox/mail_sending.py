"""Hands a message to a mail server of this machine, as the outside world would."""

from __future__ import annotations

import asyncio
import contextlib

LOOPBACK = "127.0.0.1"
_SECONDS = 30.0


async def hand_over(port: int, sender: str, recipient: str, raw: bytes) -> str:
    """Return the server's last reply: its answer to the message, or the first refusal; raise OSError.

    ``raw`` ends every line in CR LF.
    """
    async with asyncio.timeout(_SECONDS):  # TimeoutError is an OSError
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        with contextlib.closing(writer):
            reply = await _reply(reader)
            for command in ("EHLO sandbox.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
                if reply[:1] != "2":
                    return reply
                writer.write(f"{command}\r\n".encode())
                reply = await _reply(reader)
            if reply[:3] != "354":
                return reply
            dotted = raw.replace(b"\r\n.", b"\r\n..")
            writer.write((b"." if raw.startswith(b".") else b"") + dotted + b".\r\n")
            reply = await _reply(reader)
            writer.write(b"QUIT\r\n")
            return reply


async def _reply(reader: asyncio.StreamReader) -> str:
    while True:
        line = (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            raise ConnectionResetError("the mail server has ended the connection")
        if line[3:4] != "-":
            return line
