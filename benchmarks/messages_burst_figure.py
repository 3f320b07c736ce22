"""Figure *messages_burst*: how long the window does not react while another process writes 1,000 messages a second."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.message_world import message_world
from benchmarks.message_writer import ROWS
from benchmarks.messages_trial import open_messages
from benchmarks.stall_figure import Ticks
from benchmarks.trial_profile import TrialProfile
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_SECONDS = 30
_PER_SECOND = 1000
_PERCENT = 99
_SENDER = "burst@sender.example"


def main() -> None:
    """Measure and tell the figure."""
    idle: list[float] = []
    busy: list[float] = []
    written: list[str] = []
    with message_world() as world:

        def script(app: WindowApp, domains: DomainsView) -> Script:
            _delete_written(world)  # in case that a run was broken off
            yield from open_messages(app)
            ticks = Ticks()
            ticks.start()
            begun = time.monotonic()
            yield lambda: time.monotonic() - begun > _SECONDS
            idle.extend(ticks.stop())
            writer = _start_writer(world)
            ticks.start()
            yield lambda: writer.poll() is not None
            busy.extend(ticks.stop())
            written.append(writer.communicate()[0])
            _delete_written(world)
            yield until_calm(app)

        run_in_window(world, script)
    tell(_figure(busy, idle, written[0]))


def _delete_written(world: TrialProfile) -> None:
    with world.connect() as connection:
        connection.execute("DELETE FROM messages WHERE sender_email = %s", [_SENDER])


def _start_writer(world: TrialProfile) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.message_writer", world.url, str(_PER_SECOND), str(_SECONDS), _SENDER]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _figure(busy: list[float], idle: list[float], written: str) -> Figure:
    note = (
        f"p{_PERCENT} of the gaps of a 5 ms timer while another process writes {written.strip()}, {ROWS} in a "
        f"transaction, with the page of the messages open ({len(busy):,} gaps, the longest {max(busy):.0f} ms), "
        "against the idle window"
    )
    return Figure(
        "messages: insert burst, stall p99",
        percentile(busy, _PERCENT),
        percentile(idle, _PERCENT),
        "ms",
        limit=16,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
