"""HTTP written by hand over a real socket, for requests that no library would send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back; the names of header lines in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def connected(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to ``http://host:port``."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def exchange(address: str, request: bytes, seconds: float = 5.0) -> RawAnswer | None:
    """Send bytes and return the answer; None when the connection ends without one."""
    reader, writer = await connected(address)
    try:
        async with asyncio.timeout(seconds):
            try:
                writer.write(request)
                await writer.drain()
            except ConnectionError:
                pass  # it may have been refused before the end; the answer is what counts
            return await read_answer(reader, has_body=not request.startswith(b"HEAD"))
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader, *, has_body: bool = True) -> RawAnswer | None:
    """Read one answer with a Content-Length; None when the connection ends before."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")) if has_body else 0)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return RawAnswer(int(first.split(" ")[1]), headers, body)


def request(
    address: str, method: str = "POST", path: str = "/webhooks/stripe", body: bytes = b"", **lines: str | None
) -> bytes:
    """Return a request in the form that Stripe sends; ``Content_Type="text/plain"`` changes a line, None omits it."""
    headers: dict[str, str | None] = {
        "Host": address.removeprefix("http://"),
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
    }
    headers |= {name.replace("_", "-"): value for name, value in lines.items()}
    written = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{written}\r\n".encode("latin-1") + body
