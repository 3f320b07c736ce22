"""Trying out a server before it is chosen; nothing is saved by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from smtpy_desktop.schemas.connection import ServerAddress, StepResult, StepState

Probe = Callable[[ServerAddress, str], AsyncIterator[StepResult]]
"""Tries out a server with a password and yields one result per step as it ends."""


async def run_connection_test(
    probe: Probe, address: ServerAddress, password: str, *, tell: Callable[[StepResult], object]
) -> bool:
    """Try out a server, tell each step's result as it comes, and return whether the server can be used.

    Cancelling ends the step that is under way together with its connection.
    """
    is_usable = True
    # Cancellation reaches the probe inside its own await, so that it closes its connections by itself.
    async for result in probe(address, password):
        is_usable = is_usable and result.state in (StepState.OK, StepState.WARNING)
        tell(result)
    return is_usable
