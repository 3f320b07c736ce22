"""Begin to listen so that whoever gives up meanwhile leaves no port taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def open_server(make: Callable[[], asyncio.BaseProtocol], host: str, port: int, **options: Any) -> asyncio.Server:
    """Listen at an address; ``make`` gives the protocol of each connection, ``options`` are those of ``create_server``.

    ``create_server`` itself waits for a moment after it has opened the sockets, and forgets them when it is cancelled
    then. Raises OSError, OverflowError or ValueError.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, host, port, start_serving=False, **options)
    try:
        await server.start_serving()
    except BaseException:
        server.close()
        raise
    return server
