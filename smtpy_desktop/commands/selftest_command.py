"""``smtpy-desktop selftest``."""

from __future__ import annotations

import click

from smtpy_desktop.commands.frame import EXIT_REFUSED, Invocation, answer, pass_invocation
from smtpy_desktop.schemas.health import HealthState, PartHealth

_MARKS = {HealthState.OK: "ok", HealthState.WARNING: "note", HealthState.PROBLEM: "PROBLEM"}


@click.command()
@pass_invocation
def selftest(invocation: Invocation) -> int:
    """Check every part and say what to do about problems; the exit status is 1 when there is one."""

    async def check() -> list[PartHealth]:
        return [part async for part in invocation.check_health(invocation.options)]

    parts: list[PartHealth] = invocation.run_loop(check())
    is_fine = all(part.state is not HealthState.PROBLEM for part in parts)
    data = {
        "status": "ok" if is_fine else "problem",
        "parts": [
            {
                "part": part.part,
                "state": part.state.value,
                "message": str(part.message),
                "hint": str(part.hint) if part.hint else None,
            }
            for part in parts
        ],
    }
    answer(invocation, data, "\n".join(_lines(part) for part in parts))
    return 0 if is_fine else EXIT_REFUSED


def _lines(part: PartHealth) -> str:
    line = f"{_MARKS[part.state]:8} {part.part:12} {part.message}"
    return f"{line}\n{'':22}{part.hint}" if part.hint else line
