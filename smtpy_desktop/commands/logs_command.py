"""``smtpy-desktop logs``."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, note, pass_invocation
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.core.log_lines import log_shape, log_text
from smtpy_desktop.schemas.log_lines import LogLevel, LogLine, LogQuery

if TYPE_CHECKING:
    from smtpy_desktop.controllers import logs_controller
else:
    logs_controller = lazy_module("smtpy_desktop.controllers.logs_controller")

_LEVELS = tuple(level.name.lower() for level in LogLevel)


@click.command()
@click.option("--level", type=click.Choice(_LEVELS), default="debug", help="Only lines that are at least as serious.")
@click.option("--text", "words", default="", metavar="WORDS", help="Only lines that hold each of these words.")
@click.option("--source", default="", metavar="NAME", help="Only of one log: window, command, forwarder, database …")
@click.option("--lines", "most", type=click.IntRange(0), default=200, help="How many lines at most (200).")
@click.option("--follow", is_flag=True, help="Go on with what is being written, until Ctrl+C.")
@pass_invocation
def logs(invocation: Invocation, level: str, words: str, source: str, most: int, follow: bool) -> None:
    """Print the newest lines of all logs, the database server's included; secrets are left out.

    With --json it is a list of objects; with --follow, one object a line.
    """
    query = LogQuery(LogLevel[level.upper()], words, source)
    reader = invocation.find_logs(invocation.options)

    async def told() -> None:
        lines = await logs_controller.newest_lines(reader, query, most)
        if not lines and not invocation.options.as_json:
            note("Nothing that matches has been written down yet.")
        if not follow:
            answer(invocation, {"lines": [log_shape(line) for line in lines]}, "\n".join(map(log_text, lines)))
            return
        for line in lines:
            _tell(invocation, line)
        async for line in logs_controller.follow(reader, query):
            _tell(invocation, line)

    with suppress(KeyboardInterrupt):
        invocation.run_loop(told())


def _tell(invocation: Invocation, line: LogLine) -> None:
    click.echo(json.dumps(log_shape(line), ensure_ascii=False) if invocation.options.as_json else log_text(line))
